package kernel

// A WeightGrad is the gradient of a convolution's weights over a whole batch, cut into parts of the weights and, where these are few,
// into chunks of the images, all of which are computed independently of each other.
type WeightGrad interface {
	Parts() int
	Chunks() int
	// Scratch returns the length of the scratch that Run needs.
	Scratch() int
	// Run computes one part of the share dw [O,C,KH,KW] that a chunk of x [N,C,H,W] and dy [N,O,OutH,OutW] has in the gradient.
	Run(dw, x, dy []float32, part, chunk int, scratch []float32)
}

// A winogradGrad is the weight gradient of a 3x3 convolution of stride 1 in the terms of [winograd]: with the tiles of the input
// and of the output gradient transformed, it is 36 products, input channels by output channels, summed over the tiles.
type winogradGrad struct {
	ConvShape
	set     *Set
	in, out featureMap
	tiles   tileGrid
	c, o    int // channels of a part
	cut     int // chunks
	rows    int // rows of tiles of a block
	// Values from one of the 36 matrices to the next: transformed input [tile][c], transformed output gradient [tile][o], products [c][o].
	vstep, dstep, ustep int

	inputWalk, gradWalk, weightWalk gridWalk
}

// The weight gradient takes tiles of 4x4 alone.
const (
	winogradOut   = 4
	winogradIn    = winogradOut + winogradTaps - 1
	winogradTerms = winogradIn * winogradIn
	// winogradPart is how many input and output channels a part has at most: the more, the less often is each tile transformed.
	winogradPart = 64
	// winogradGradTiles is about the number of tiles of a block, many enough to hide the load and store of a register tile's sums.
	winogradGradTiles = 48
)

// NewWinogradGrad plans the weight gradient of a convolution of all its images, or returns nil if it is of another kind or the plan is
// not expected to win.
func (s *Set) NewWinogradGrad(shape ConvShape) WeightGrad {
	if !shape.winogradKind() {
		return nil
	}
	g := &winogradGrad{ConvShape: shape, set: s, in: shape.input(), out: shape.output(), tiles: tileGrid{
		h: shape.H, w: shape.W, top: shape.PadT, left: shape.PadL, ho: shape.OutH(), wo: shape.OutW()}.cut(winogradOut)}
	g.c, g.o = min(s.roundUp(shape.C), winogradPart), min(s.roundUp(shape.O), winogradPart)
	g.cut = EvenCut(shape.N, shape.GradChunks(g.Parts()))
	if !g.wins() {
		return nil
	}
	g.rows = g.tiles.blockRows(ceilDiv(shape.N, g.cut), winogradGradTiles)
	room := g.rows * g.tiles.cols
	g.vstep, g.dstep, g.ustep = room*g.c+alignment, room*g.o+alignment, g.c*g.o+alignment
	t, lanes := g.tiles, s.lanes
	g.inputWalk = walkOf(t.inputPitch()*lanes, lanes, winogradOut*lanes, winogradIn*g.vstep, g.vstep, g.c)
	g.gradWalk = walkOf(winogradOut*t.cols*lanes, lanes, winogradOut*lanes, winogradIn*g.dstep, g.dstep, g.o)
	g.weightWalk = walkOf(winogradIn*g.ustep, g.ustep, g.o, winogradTaps*lanes, lanes, winogradTaps*winogradTaps*lanes)
	return g
}

const (
	gradTasks     = 8  // parts of chunks that a weight gradient is cut into at least, if it can
	mostGradTasks = 64 // that it is worth to be cut into for as many cores
	// chunkPositions is how many positions a chunk has where there are more than gradTasks: writing and adding its sums takes
	// a hundredth of the time then.
	chunkPositions = 4096
)

// GradChunks returns into how many chunks the images are to be cut for a weight gradient that is cut into so many parts.
func (s ConvShape) GradChunks(parts int) int {
	return max(ceilDiv(gradTasks, parts), min(ceilDiv(mostGradTasks, parts), s.N*s.positions()/chunkPositions))
}

// EvenCut returns into how many parts n things are cut that are to be some number of parts, or a bit more if those can be equal then.
func EvenCut(n, parts int) int {
	for k := parts; k < 2*parts && k <= n; k++ {
		if n%k == 0 {
			return k
		}
	}
	return min(n, parts)
}

// wins compares the multiply-adds of vectors with those of the direct sum, with 200 for transforming a tile. Costs fitted to measurements, as those of
// [costs], chose no better: on the layers of costs_test.go their choice took 1.0 % longer than the faster way, this one 0.4 %.
func (g *winogradGrad) wins() bool {
	lanes := g.set.lanes
	tiles, channels := g.N*g.tiles.rows*g.tiles.cols, g.C*ceilDiv(g.O, lanes)
	transforms := ceilDiv(g.C, lanes)*ceilDiv(g.O, g.o) + ceilDiv(g.O, lanes)*ceilDiv(g.C, g.c)
	return tiles*(winogradTerms*channels+200*transforms)+200*channels*g.cut < g.N*g.positions()*winogradTaps*winogradTaps*channels
}

func (g *winogradGrad) Parts() int { return ceilDiv(g.C, g.c) * ceilDiv(g.O, g.o) }

func (g *winogradGrad) Chunks() int { return g.cut }

func (g *winogradGrad) Scratch() int {
	b := g.buffers()
	return b.v + b.d + b.u + b.plane + winogradTerms*g.set.lanes + walkRoom + alignment
}

// buffers returns the lengths of the parts of Run's scratch. plane holds some rows of a vector of channels of the input or the output
// gradient, and in the end the weights' gradients of some input channels.
func (g *winogradGrad) buffers() (b struct{ v, d, u, plane int }) {
	b.v, b.d, b.u = winogradTerms*g.vstep, winogradTerms*g.dstep, winogradTerms*g.ustep
	rows := min(g.rows, g.tiles.rows)
	b.plane = max(g.tiles.inputRoom(rows)*g.set.lanes, winogradChunk*winogradTaps*winogradTaps*g.set.lanes)
	return b
}

// winogradGradRun is one call of Run: the channels c and o on, nc and no of them.
type winogradGradRun struct {
	*winogradGrad
	x, dy               []float32
	c, nc, o, no        int
	v, d, u, plane, tmp []float32
	walk                *outerWalk
}

func (g *winogradGrad) Run(dw, x, dy []float32, part, chunk int, scratch []float32) {
	mustHold("dw", dw, g.O*g.K())
	mustHold("x", x, g.N*g.C*g.H*g.W)
	mustHold("dy", dy, g.N*g.O*g.positions())
	across := ceilDiv(g.O, g.o)
	r := winogradGradRun{winogradGrad: g, x: x, dy: dy, c: part / across * g.c, o: part % across * g.o}
	r.nc, r.no = min(g.c, g.C-r.c), min(g.o, g.O-r.o)
	b := g.buffers()
	take := taker(aligned(scratch))
	r.walk = take.walk()
	r.v, r.d, r.u, r.tmp, r.plane = take.next(b.v), take.next(b.d), take.next(b.u), take.next(winogradTerms*g.set.lanes), take.next(b.plane)
	first, all := g.N*chunk/g.cut*g.tiles.rows, g.N*(chunk+1)/g.cut*g.tiles.rows
	for row := first; row < all; row += g.rows {
		end := min(row+g.rows, all)
		g.tiles.eachImage(row, end, func(image, y0, y1, tile int) {
			r.transformInput(image, y0, y1, tile)
			r.transformGrad(image, y0, y1, tile)
		})
		r.products((end-row)*g.tiles.cols, row > first)
	}
	r.store(dw)
}

func (r *winogradGradRun) transformInput(image, y0, y1, tile int) {
	s, t := r.set, r.tiles
	clear(r.plane[:t.inputRoom(y1-y0)*s.lanes])
	for c := 0; c < r.nc; c += s.lanes {
		t.copyIn(s, r.plane, &r.in, r.x, image, r.c+c, min(s.lanes, r.nc-c), y0, y1)
		for y := range y1 - y0 {
			src := r.plane[winogradOut*y*t.inputPitch()*s.lanes:]
			s.winogradInput(&r.v[(tile+y*t.cols)*r.winogradGrad.c+c], &src[0], &r.tmp[0], &r.inputWalk, t.cols)
		}
	}
}

func (r *winogradGradRun) transformGrad(image, y0, y1, tile int) {
	s, t := r.set, r.tiles
	pitch := winogradOut * t.cols
	clear(r.plane[:winogradOut*(y1-y0)*pitch*s.lanes])
	for o := 0; o < r.no; o += s.lanes {
		for i := winogradOut * y0; i < min(winogradOut*y1, t.ho); i++ {
			r.out.row(s, r.plane[(i-winogradOut*y0)*pitch*s.lanes:], s.lanes, r.dy, image, r.o+o, min(s.lanes, r.no-o), i, t.wo, 1)
		}
		for y := range y1 - y0 {
			src := r.plane[winogradOut*y*pitch*s.lanes:]
			s.winogradGrad(&r.d[(tile+y*t.cols)*r.winogradGrad.o+o], &src[0], &r.tmp[0], &r.gradWalk, t.cols)
		}
	}
}

// products multiplies the transformed tiles of a block, and adds the products to those of earlier blocks.
func (r *winogradGradRun) products(tiles int, add bool) {
	flags := 0
	if add {
		flags = flagAccumulate
	}
	s, c, o := r.set, r.winogradGrad.c, r.winogradGrad.o
	panels, _ := s.Panels(r.nc, 0)
	*r.walk = outerWalk{images: 1, rows: 1, cols: int64(tiles), a: outerSide{step: int64(4 * c)}, b: outerSide{step: int64(4 * o)}}
	for t := range winogradTerms {
		for j := 0; j < r.no; j += s.nr() {
			outers := s.outers[min(s.nr(), o-j)/s.lanes]
			for q := range panels {
				i, end := s.RowPanel(q, r.nc), s.RowPanel(q+1, r.nc)
				outers[end-i-1](r.walk, &r.v[t*r.vstep+i], &r.d[t*r.dstep+j], &r.u[t*r.ustep+i*o+j], 4*o, flags)
			}
		}
	}
}

// store transforms the sums to the gradients of the weights, some input channels at a time.
func (r *winogradGradRun) store(dw []float32) {
	const taps = winogradTaps * winogradTaps
	s, width := r.set, r.winogradGrad.o
	for c := 0; c < r.nc; c += winogradChunk {
		n := min(winogradChunk, r.nc-c)
		for v := 0; v < r.no; v += s.lanes {
			s.winogradWeightGrad(&r.plane[0], &r.u[c*width+v], &r.tmp[0], &r.weightWalk, n)
			s.Transpose(dw[((r.o+v)*r.C+r.c+c)*taps:], r.K(), r.plane, s.lanes, n*taps, min(s.lanes, r.no-v))
		}
	}
}
