package kernel

import "unsafe"

// A winograd is a 3x3 convolution of stride 1 by Winograd's minimal filtering: Lavin & Gray, "Fast Algorithms for Convolutional Neural
// Networks" (2016), algorithm 1. The output is cut into tiles. A tile of the input, with an overlap of two, and the weights are
// transformed to as many values as the tile of the input has, which are multiplied and summed over the channels: a matrix product of
// tiles by output channels for each. The results are transformed back.
//
// Tiles of 4x4 take 36 multiplications where the direct sum takes 144, and the error, relative to the size of the whole output, is about
// twice as large; see TestWinogradError. Tiles of 2x2 take 16 for 36.
type winograd struct {
	set          *Set
	images       int
	in, out      featureMap
	k, m         int  // channels of the input and of the result
	grad         bool // the input gradient: weights are [k,m,3,3] and turned around
	width        int  // channels of a panel, whole vectors
	tiles        tileGrid
	filter       filtering
	vstep, mstep int // values from one of the matrices of transformed input, or products, to the next

	inputWalk, outputWalk gridWalk
	placeWalk             gridWalk    // of outputs that go to their places
	packWalks             [2]gridWalk // of a panel of one and of two vectors
}

// A filtering is F(out x out, 3x3): edge and size of the input's tiles, and the transforms.
type filtering struct {
	out, in, terms         int
	input, output, weights gridFunc
}

const (
	winogradTaps = 3 // edge of the weights
	// winogradTiles is about the number of tiles of a block: enough to use the weights well that the cache must bring, few enough to stay
	// in it themselves.
	winogradTiles = 32
	// maxWinogradWeights is how many values the transformed weights may have, 32 MiB.
	maxWinogradWeights = 8 << 20
)

func (s *Set) filterings() []filtering {
	return []filtering{
		{4, 6, 36, s.winogradInput, s.winogradOutput, s.winogradWeights},
		{2, 4, 16, s.winograd2Input, s.winograd2Output, s.winograd2Weights},
	}
}

// A tileGrid cuts h x w planes with a border into tiles of the output.
type tileGrid struct {
	h, w, top, left int // the input and its border
	ho, wo          int // the output
	edge            int // of a tile of the output
	rows, cols      int // tiles
}

// cut returns g cut into tiles of edge x edge.
func (g tileGrid) cut(edge int) tileGrid {
	g.edge, g.rows, g.cols = edge, ceilDiv(g.ho, edge), ceilDiv(g.wo, edge)
	return g
}

// winogradKind reports whether s is a convolution of 3x3 and stride 1.
func (s ConvShape) winogradKind() bool {
	return s.KH == winogradTaps && s.KW == winogradTaps && s.StrideH*s.StrideW*s.DilH*s.DilW == 1
}

// newWinograd plans the forward direction or the input gradient of shape, or returns nil if that is of another kind or no plan is
// expected to win.
func newWinograd(s *Set, shape ConvShape, grad bool) *winograd {
	w := winogradOf(s, shape, grad)
	if w == nil {
		return nil
	}
	f := w.choose(shape.Constant)
	if f == nil {
		return nil
	}
	w.plan(*f)
	return w
}

// winogradOf returns the plan for shape without a filtering, or nil if shape is of another kind.
func winogradOf(s *Set, shape ConvShape, grad bool) *winograd {
	if !shape.winogradKind() {
		return nil
	}
	ho, wo := shape.OutH(), shape.OutW()
	w := &winograd{set: s, images: shape.N, in: shape.input(), out: shape.output(), k: shape.C, m: shape.O, grad: grad, width: s.nr(),
		tiles: tileGrid{h: shape.H, w: shape.W, top: shape.PadT, left: shape.PadL, ho: ho, wo: wo}}
	if grad {
		if max(shape.PadT, shape.PadL, shape.PadB, shape.PadR) >= winogradTaps {
			return nil
		}
		w.k, w.m = shape.O, shape.C
		w.in, w.out = w.out, w.in
		w.tiles = tileGrid{h: ho, w: wo, top: winogradTaps - 1 - shape.PadT, left: winogradTaps - 1 - shape.PadL, ho: shape.H, wo: shape.W}
	}
	return w
}

// choose returns the filtering of least cost, or nil if the direct sum costs less. Constant weights are packed beforehand.
func (w *winograd) choose(constant bool) (best *filtering) {
	costs := w.set.costs()
	least := costs.direct.of(w.directWork(), constant)
	for i, f := range w.set.filterings() {
		cost := []pathCosts{costs.winograd4, costs.winograd2}[i].of(w.work(f), constant)
		if cost < least && f.terms*w.k*w.m <= maxWinogradWeights {
			least, best = cost, &f
		}
	}
	return best
}

// vectors returns how many vectors the channels of the input and of the result fill.
func (w *winograd) vectors() (vk, vm int) {
	return ceilDiv(w.k, w.set.lanes), ceilDiv(w.m, w.set.lanes)
}

// directWork returns the work of the direct sum.
func (w *winograd) directWork() pathWork {
	_, vm := w.vectors()
	taps := winogradTaps * winogradTaps * w.k
	work := pathWork{products: w.images * w.tiles.ho * w.tiles.wo * taps * vm, weights: taps * vm}
	if w.set.inPlanes(w.m, w.in.last || w.out.last) { // no lanes are empty then
		work.products = w.images * w.tiles.ho * w.tiles.wo * taps * w.m / w.set.lanes
	}
	return work
}

// work returns the work with f.
func (w *winograd) work(f filtering) pathWork {
	vk, vm := w.vectors()
	g := w.tiles.cut(f.out)
	values := f.terms * w.images * g.rows * g.cols // of transformed tiles of a channel
	return pathWork{values * w.k * vm, values * vk, values * vm, f.terms * w.k * vm}
}

func (w *winograd) plan(f filtering) {
	g, lanes := w.tiles.cut(f.out), w.set.lanes
	w.filter, w.tiles = f, g
	room := g.cols * w.blockRows()
	w.vstep = room*w.set.roundUp(w.k) + alignment
	w.mstep = room*w.width + alignment
	w.inputWalk = walkOf(g.inputPitch()*lanes, lanes, f.out*lanes, f.in*w.vstep, w.vstep, w.set.roundUp(w.k))
	w.outputWalk = walkOf(f.in*w.mstep, w.mstep, -w.width, g.wo*w.width, w.width, -f.out*w.width) // from the last tile of a row to the first
	w.placeWalk = walkOf(f.in*w.mstep, w.mstep, w.width, g.wo*w.m, w.m, f.out*w.m)
	turn := 1
	if w.grad {
		turn = -1
	}
	for i := range w.packWalks {
		width := (i + 1) * lanes
		w.packWalks[i] = walkOf(turn*winogradTaps*w.width, turn*w.width, winogradTaps*winogradTaps*w.width, f.in*w.k*width, w.k*width, width)
	}
}

// walkOf returns the walk with the distances of rows, columns and grids of the source and the destination, in values.
func walkOf(srcRow, srcCol, srcNext, dstRow, dstCol, dstNext int) gridWalk {
	return gridWalk{int64(4 * srcRow), int64(4 * srcCol), int64(4 * srcNext), int64(4 * dstRow), int64(4 * dstCol), int64(4 * dstNext)}
}

// blockRows returns the rows of tiles of a block, of one image or several.
func (w *winograd) blockRows() int { return w.tiles.blockRows(w.images, winogradTiles) }

// blockRows cuts the rows of tiles of all images into equal blocks of about so many tiles, and returns the rows of one.
func (g tileGrid) blockRows(images, tiles int) int {
	rows := images * g.rows
	return ceilDiv(rows, max(1, rows*g.cols/tiles))
}

// roundUp returns n channels, filled up to whole vectors.
func (s *Set) roundUp(n int) int { return ceilDiv(n, s.lanes) * s.lanes }

func (w *winograd) PackedSize() int { return w.filter.terms * w.k * w.set.roundUp(w.m) }

func (w *winograd) Panels() int { return ceilDiv(w.m, w.width) }

func (w *winograd) Channel(p int) int { return min(p*w.width, w.m) }

func (w *winograd) Bands() int { return w.images * w.tiles.rows }

func (w *winograd) Row(b int) int { return rowOf(b, w.tiles.rows, w.tiles.edge, w.tiles.ho) }

func (w *winograd) Step() int { return w.blockRows() }

// panelWidth returns the values in a row of panel p, whole vectors.
func (w *winograd) panelWidth(p int) int { return w.set.roundUp(w.Channel(p+1) - w.Channel(p)) }

func (w *winograd) Scratch() int {
	pack := winogradChunk * winogradTaps * winogradTaps * w.width
	b := w.buffers()
	return max(pack, b.input+b.v+b.m+b.output) + w.filter.terms*w.set.lanes + alignment
}

// buffers returns the lengths of the parts of Run's scratch: some rows of a vector of channels of the input, with their border; the
// transformed input; the products of one panel; and rows of the output, beyond which the last tile may reach.
func (w *winograd) buffers() (b struct{ input, v, m, output int }) {
	g, rows := w.tiles, min(w.blockRows(), w.tiles.rows)
	b.input = g.inputRoom(rows) * w.set.lanes
	b.v, b.m = w.filter.terms*w.vstep, w.filter.terms*w.mstep
	b.output = (g.edge*rows*g.wo + g.edge*g.cols) * w.width
	return b
}

// inputPitch returns the positions of a row of the input with its border.
func (g tileGrid) inputPitch() int { return g.edge*g.cols + winogradTaps - 1 }

// inputRoom returns the positions of the input that so many rows of tiles read.
func (g tileGrid) inputRoom(rows int) int { return (g.edge*rows + winogradTaps - 1) * g.inputPitch() }

// winogradRun is one call of Run.
type winogradRun struct {
	*winograd
	dst, x, packed              []float32
	input, v, sums, output, tmp []float32
	fetch                       fetcher
}

// Run makes each of the products of a tile a sum over the channels in order.
func (w *winograd) Run(dst, x, packed []float32, p0, p1, b0, b1 int, ahead Ahead, scratch []float32) {
	g := w.tiles
	mustHold("dst", dst, w.images*w.m*g.ho*g.wo)
	mustHold("x", x, w.images*w.k*g.h*g.w)
	mustHold("packed weights", packed, w.PackedSize())
	r := winogradRun{winograd: w, dst: dst, x: x, packed: packed}
	b, take := w.buffers(), taker(aligned(scratch))
	r.v, r.sums, r.tmp, r.input, r.output = take.next(b.v), take.next(b.m), take.next(w.filter.terms*w.set.lanes), take.next(b.input), take.next(b.output)
	r.rows(b0, b1, p0, p1, ahead)
}

// rows computes the rows of tiles from to end of all images.
func (r *winogradRun) rows(from, end, p0, p1 int, ahead Ahead) {
	g := r.tiles
	for row := from; row < end; row += r.blockRows() {
		last := min(row+r.blockRows(), end)
		g.eachImage(row, last, r.transformInput)
		r.fetchNext(row, last, ahead)
		for p := p0; p < p1; p++ {
			r.products(p, (last-row)*g.cols)
			g.eachImage(row, last, func(image, y0, y1, tile int) { r.transformOutput(p, image, y0, y1, tile) })
		}
	}
}

// fetchNext has the places of the outputs of rows of tiles row to last fetched, then what is ahead, then the input of those that follow.
func (r *winogradRun) fetchNext(row, last int, ahead Ahead) {
	r.fetch = fetcher{none: unsafe.SliceData(r.packed)}
	r.fetch.add(r.in.rows(r.x, r.inputRow(last), r.inputRow(min(2*last-row, r.Bands()))))
	r.fetch.addAll(ahead)
	r.fetch.add(r.out.rows(r.dst, r.Row(row), r.Row(last)))
}

// inputRow returns about the first row of the input, those of all images, that band b reads.
func (w *winograd) inputRow(b int) int { return rowOf(b, w.tiles.rows, w.tiles.edge, w.tiles.h) }

// A taker is scratch of which parts are taken.
type taker []float32

func (t *taker) next(n int) []float32 {
	part := (*t)[:n:n]
	*t = (*t)[n:]
	return part
}

// eachImage calls f for the rows of tiles y0 to y1 of each image among rows from to end of all images; tile is the first one's
// number.
func (g tileGrid) eachImage(from, end int, f func(image, y0, y1, tile int)) {
	for row := from; row < end; {
		image, y0 := row/g.rows, row%g.rows
		y1 := min(g.rows, y0+end-row)
		f(image, y0, y1, (row-from)*g.cols)
		row += y1 - y0
	}
}

// transformInput writes the transformed tiles, one vector of channels after the other.
func (r *winogradRun) transformInput(image, y0, y1, tile int) {
	s, g, kp := r.set, r.tiles, r.set.roundUp(r.k)
	clear(r.input[:g.inputRoom(y1-y0)*s.lanes])
	for c := 0; c < r.k; c += s.lanes {
		g.copyIn(s, r.input, &r.in, r.x, image, c, min(s.lanes, r.k-c), y0, y1)
		for y := range y1 - y0 {
			src := r.input[g.edge*y*g.inputPitch()*s.lanes:]
			r.filter.input(&r.v[(tile+y*g.cols)*kp+c], &src[0], &r.tmp[0], &r.inputWalk, g.cols)
		}
	}
}

// copyIn copies the input of rows of tiles y0 to y1 of an image, some channels from c on, into dst, channels side by side; dst holds zeros
// where there is no input.
func (g tileGrid) copyIn(s *Set, dst []float32, m *featureMap, x []float32, image, c, channels, y0, y1 int) {
	first := g.edge*y0 - g.top
	for i := max(first, 0); i < min(g.edge*y1+winogradTaps-1-g.top, g.h); i++ {
		m.row(s, dst[((i-first)*g.inputPitch()+g.left)*s.lanes:], s.lanes, x, image, c, channels, i, g.w, 1)
	}
}

// atOnce are the offsets of the only tap of a product.
var atOnce = make([]int64, 1)

// products multiplies the transformed tiles by panel p of the weights.
func (r *winogradRun) products(p, tiles int) {
	s, kp, width := r.set, r.set.roundUp(r.k), r.panelWidth(p)
	u := r.packed[r.filter.terms*r.k*r.Channel(p):]
	rows := s.rows[width/s.lanes]
	panels, _ := s.Panels(tiles, 0)
	for t := range r.filter.terms {
		for q := range panels {
			i, end := s.RowPanel(q, tiles), s.RowPanel(q+1, tiles)
			ahead, pace := r.fetch.next(r.k)
			rows[end-i-1](&r.v[t*r.vstep+i*kp], &u[t*r.k*width], &r.sums[t*r.mstep+i*r.width], &atOnce[0], 1, r.k, 4*kp, 4*r.width, 0, ahead, pace)
		}
	}
}

// transformOutput transforms the products of panel p back and writes the result. Whole tiles of whole vectors with the channels side by
// side go to their places. Others go to a buffer, in which the positions of the rows follow each other without a gap: a tile that
// reaches beyond the end of a row writes where a later one will.
func (r *winogradRun) transformOutput(p, image, y0, y1, tile int) {
	s, g, c, width := r.set, r.tiles, r.Channel(p), r.panelWidth(p)
	end := min(g.edge*y1, g.ho)
	if r.out.last && r.Channel(p+1)-c == width && g.wo%g.edge == 0 && g.edge*y1 <= g.ho {
		r.outputTiles(r.dst[image*r.out.size()+g.edge*y0*g.wo*r.m+c:], r.m, y1-y0, tile, 0, width, &r.placeWalk)
		return
	}
	r.outputTiles(r.output, r.width, y1-y0, tile, g.cols-1, width, &r.outputWalk)
	r.out.store(s, r.dst, image, c, r.Channel(p+1), g.edge*y0, end, r.output, r.width)
}

// outputTiles transforms rows of tiles, in each from tile first on, into dst, in which positions are ld values apart.
func (r *winogradRun) outputTiles(dst []float32, ld, rows, tile, first, width int, walk *gridWalk) {
	g := r.tiles
	for y := range rows {
		for v := 0; v < width; v += r.set.lanes {
			src := r.sums[(tile+y*g.cols+first)*r.width+v:]
			to := dst[g.edge*(y*g.wo+first)*ld+v:]
			r.filter.output(&to[0], &src[0], &r.tmp[0], walk, g.cols)
		}
	}
}

// winogradChunk is the number of input channels whose weights are transposed at a time.
const winogradChunk = 16

// Pack transforms the weights: each panel holds a matrix for each term, k rows of the panel's channels.
func (w *winograd) Pack(dst, weights []float32, p0, p1 int, scratch []float32) {
	s, taps := w.set, winogradTaps*winogradTaps
	take := taker(aligned(scratch))
	tmp, chunk := take.next(w.filter.terms*s.lanes), take.next(winogradChunk*taps*w.width)
	for p := p0; p < p1; p++ {
		width, c, first := w.panelWidth(p), w.Channel(p), 0
		if w.grad { // the last tap first
			first = (taps - 1) * w.width
		}
		for k := 0; k < w.k; k += winogradChunk {
			n := min(winogradChunk, w.k-k)
			w.transposeWeights(chunk, weights, c, w.Channel(p+1)-c, k, n)
			for v := 0; v < width; v += s.lanes {
				u := dst[w.filter.terms*w.k*c+k*width+v:]
				w.filter.weights(&u[0], &chunk[first+v], &tmp[0], &w.packWalks[width/s.lanes-1], n)
			}
		}
	}
}

// transposeWeights writes the weights of input channels k to k+n as rows of the channels c to c+channels of the result, one for each
// tap.
func (w *winograd) transposeWeights(dst, weights []float32, c, channels, k, n int) {
	const taps = winogradTaps * winogradTaps
	if channels%w.set.lanes != 0 {
		clear(dst[:n*taps*w.width])
	}
	if !w.grad {
		w.set.Transpose(dst, w.width, weights[(c*w.k+k)*taps:], w.k*taps, channels, n*taps)
		return
	}
	for i := range n {
		w.set.Transpose(dst[i*taps*w.width:], w.width, weights[((k+i)*w.m+c)*taps:], taps, channels, taps)
	}
}
