package kernel

// A winograd is a 3x3 convolution of stride 1 by Winograd's minimal filtering F(4x4, 3x3): Lavin & Gray, "Fast Algorithms for
// Convolutional Neural Networks" (2016), algorithm 1. The output is cut into tiles of 4x4. A tile of the input, 6x6 with an overlap
// of two, and the weights are transformed to 6x6 values, which are multiplied and summed over the channels: 36 matrix products of
// tiles by output channels. Their results are transformed back. That takes 36 multiplications for 144.
//
// Its error is about twice that of the direct sum, relative to the size of the whole output; see TestWinogradError.
type winograd struct {
	set          *Set
	images       int
	k, m         int  // channels of the input and of the result
	grad         bool // the input gradient: weights are [k,m,3,3] and turned around
	tiling       tileGrid
	room         int // tiles of a block
	vstep, mstep int // values from one of the 36 matrices of transformed input, or products, to the next

	inputWalk, outputWalk gridWalk
	packWalks             [2]gridWalk // of a panel of one and of two vectors
}

const (
	winogradOut   = 4                       // edge of a tile of the output
	winogradIn    = 6                       // edge of a tile of the input
	winogradTaps  = 3                       // edge of the weights
	winogradTerms = winogradIn * winogradIn // matrix products
)

// winogradTiles is about the number of tiles of a block: enough to use the weights well that the cache must bring, few enough to stay
// in it themselves.
const winogradTiles = 32

// A tileGrid cuts h x w planes with a border into tiles of the output.
type tileGrid struct {
	h, w, top, left int // the input and its border
	ho, wo          int // the output
	rows, cols      int // tiles
}

func newTileGrid(h, w, top, left, ho, wo int) tileGrid {
	return tileGrid{h, w, top, left, ho, wo, ceilDiv(ho, winogradOut), ceilDiv(wo, winogradOut)}
}

// newWinograd plans the forward direction or the input gradient of shape, if it is of the right kind and the plan is expected to win.
func newWinograd(s *Set, shape ConvShape, grad bool) *winograd {
	if !shape.winogradKind() {
		return nil
	}
	ho, wo := shape.OutH(), shape.OutW()
	w := &winograd{set: s, images: shape.N, k: shape.C, m: shape.O, grad: grad,
		tiling: newTileGrid(shape.H, shape.W, shape.PadT, shape.PadL, ho, wo)}
	if grad {
		if max(shape.PadT, shape.PadL, shape.PadB, shape.PadR) >= winogradTaps {
			return nil
		}
		w.k, w.m = shape.O, shape.C
		w.tiling = newTileGrid(ho, wo, winogradTaps-1-shape.PadT, winogradTaps-1-shape.PadL, shape.H, shape.W)
	}
	if !w.wins() {
		return nil
	}
	w.room = w.tiling.cols * w.blockRows()
	w.vstep = w.room*s.roundUp(w.k) + alignment
	w.mstep = w.room*s.nr() + alignment
	w.planWalks()
	return w
}

func (w *winograd) planWalks() {
	g, lanes, nr := w.tiling, w.set.lanes, w.set.nr()
	w.inputWalk = walkOf(g.inputPitch()*lanes, lanes, winogradOut*lanes, winogradIn*w.vstep, w.vstep, w.set.roundUp(w.k))
	w.outputWalk = walkOf(winogradIn*w.mstep, w.mstep, -nr, g.wo*nr, nr, -winogradOut*nr) // from the last tile of a row to the first
	turn := 1
	if w.grad {
		turn = -1
	}
	for i := range w.packWalks {
		width := (i + 1) * lanes
		w.packWalks[i] = walkOf(turn*winogradTaps*nr, turn*nr, winogradTaps*winogradTaps*nr, winogradIn*w.k*width, w.k*width, width)
	}
}

// walkOf returns the walk with the distances of rows, columns and grids of the source and the destination, in values.
func walkOf(srcRow, srcCol, srcNext, dstRow, dstCol, dstNext int) gridWalk {
	return gridWalk{int64(4 * srcRow), int64(4 * srcCol), int64(4 * srcNext), int64(4 * dstRow), int64(4 * dstCol), int64(4 * dstNext)}
}

// winogradKind reports whether s is a convolution of 3x3 and stride 1.
func (s ConvShape) winogradKind() bool {
	return s.KH == winogradTaps && s.KW == winogradTaps && s.StrideH*s.StrideW*s.DilH*s.DilW == 1
}

// wins compares the work with that of the direct sum, in multiply-adds of vectors: a transform takes as long as 200, and the weights,
// four times as large, may come from memory.
func (w *winograd) wins() bool {
	tiles, channels := w.images*w.tiling.rows*w.tiling.cols, w.k*ceilDiv(w.m, w.set.lanes)
	direct := w.images * w.tiling.ho * w.tiling.wo * winogradTaps * winogradTaps * channels
	cost := tiles*(winogradTerms*channels+200*ceilDiv(w.k, w.set.lanes)+200*ceilDiv(w.m, w.set.lanes)) + winogradTerms*w.k*w.m
	return cost < direct
}

// blockRows returns the rows of tiles of a block, of one image or several.
func (w *winograd) blockRows() int {
	all := w.images * w.tiling.rows
	blocks := max(1, all*w.tiling.cols/winogradTiles)
	return ceilDiv(all, blocks)
}

// roundUp returns n channels, filled up to whole vectors.
func (s *Set) roundUp(n int) int { return ceilDiv(n, s.lanes) * s.lanes }

func (w *winograd) PackedSize() int { return winogradTerms * w.k * w.set.roundUp(w.m) }

func (w *winograd) Panels() int { return ceilDiv(w.m, w.set.nr()) }

func (w *winograd) Channel(p int) int { return min(p*w.set.nr(), w.m) }

// width returns the values in a row of panel p, whole vectors.
func (w *winograd) width(p int) int { return w.set.roundUp(w.Channel(p+1) - w.Channel(p)) }

func (w *winograd) Scratch() int {
	pack := winogradChunk*winogradTaps*winogradTaps*w.set.nr() + winogradTerms*w.set.lanes
	b := w.buffers()
	return max(pack, b.input+b.v+b.m+b.output+winogradTerms*w.set.lanes) + alignment
}

// buffers returns the lengths of the parts of Run's scratch: some rows of a vector of channels of the input, with their border; the
// transformed input; the products of one panel; and rows of the output, beyond which the last tile may reach.
func (w *winograd) buffers() (b struct{ input, v, m, output int }) {
	g, rows := w.tiling, min(w.blockRows(), w.tiling.rows)
	b.input = (winogradOut*rows + 2) * g.inputPitch() * w.set.lanes
	b.v, b.m = winogradTerms*w.vstep, winogradTerms*w.mstep
	b.output = (winogradOut*rows*g.wo + winogradOut*g.cols) * w.set.nr()
	return b
}

// inputPitch returns the positions of a row of the input with its border.
func (g tileGrid) inputPitch() int { return winogradOut*g.cols + 2 }

// winogradRun is one call of Run.
type winogradRun struct {
	*winograd
	dst, x, packed              []float32
	input, v, sums, output, tmp []float32
}

// Run makes each of the 36 products of a tile a sum over the channels in order.
func (w *winograd) Run(dst, x, packed []float32, p0, p1 int, scratch []float32) {
	g := w.tiling
	mustHold("dst", dst, w.images*w.m*g.ho*g.wo)
	mustHold("x", x, w.images*w.k*g.h*g.w)
	mustHold("packed weights", packed, w.PackedSize())
	r := winogradRun{winograd: w, dst: dst, x: x, packed: packed}
	b, take := w.buffers(), taker(aligned(scratch))
	r.v, r.sums, r.tmp, r.input, r.output = take.next(b.v), take.next(b.m), take.next(winogradTerms*w.set.lanes), take.next(b.input), take.next(b.output)
	all, step := w.images*g.rows, w.blockRows()
	for row := 0; row < all; row += step {
		end := min(row+step, all)
		g.eachImage(row, end, r.transformInput)
		for p := p0; p < p1; p++ {
			r.products(p, (end-row)*g.cols)
			g.eachImage(row, end, func(image, y0, y1, tile int) { r.transformOutput(p, image, y0, y1, tile) })
		}
	}
}

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
	s, g, kp := r.set, r.tiling, r.set.roundUp(r.k)
	clear(r.input[:(winogradOut*(y1-y0)+2)*g.inputPitch()*s.lanes])
	for c := 0; c < r.k; c += s.lanes {
		g.copyIn(s, r.input, r.x[(image*r.k+c)*g.h*g.w:], min(s.lanes, r.k-c), y0, y1)
		for y := range y1 - y0 {
			src := r.input[winogradOut*y*g.inputPitch()*s.lanes:]
			s.winogradInput(&r.v[(tile+y*g.cols)*kp+c], &src[0], &r.tmp[0], &r.inputWalk, g.cols)
		}
	}
}

// copyIn copies the input of rows of tiles y0 to y1 of some channels into dst, channels side by side; dst holds zeros where there is no
// input.
func (g tileGrid) copyIn(s *Set, dst, x []float32, channels, y0, y1 int) {
	first := winogradOut*y0 - g.top
	for i := max(first, 0); i < min(winogradOut*y1+2-g.top, g.h); i++ {
		s.Transpose(dst[((i-first)*g.inputPitch()+g.left)*s.lanes:], s.lanes, x[i*g.w:], g.h*g.w, channels, g.w)
	}
}

// atOnce are the offsets of the only tap of a product.
var atOnce = make([]int64, 1)

// products multiplies the transformed tiles by panel p of the weights.
func (r *winogradRun) products(p, tiles int) {
	s, kp, width := r.set, r.set.roundUp(r.k), r.width(p)
	u := r.packed[winogradTerms*r.k*r.Channel(p):]
	rows := s.rows[width/s.lanes]
	panels, _ := s.Panels(tiles, 0)
	for t := range winogradTerms {
		for q := range panels {
			i, end := s.RowPanel(q, tiles), s.RowPanel(q+1, tiles)
			rows[end-i-1](&r.v[t*r.vstep+i*kp], &u[t*r.k*width], &r.sums[t*r.mstep+i*s.nr()], &atOnce[0], 1, r.k, 4*kp, 4*s.nr(), 0)
		}
	}
}

// transformOutput transforms the products of panel p back and writes the planes of the result. The positions of the rows follow each
// other without a gap: a tile that reaches beyond the end of a row writes where a later one will.
func (r *winogradRun) transformOutput(p, image, y0, y1, tile int) {
	s, g := r.set, r.tiling
	nr := s.nr()
	last := g.cols - 1
	for y := range y1 - y0 {
		for v := 0; v < r.width(p); v += s.lanes {
			src := r.sums[(tile+y*g.cols+last)*nr+v:]
			dst := r.output[winogradOut*(y*g.wo+last)*nr+v:]
			s.winogradOutput(&dst[0], &src[0], &r.tmp[0], &r.outputWalk, g.cols)
		}
	}
	from, end := winogradOut*y0, min(winogradOut*y1, g.ho)
	plane, c := g.ho*g.wo, r.Channel(p)
	dst := r.dst[(image*r.m+c)*plane+from*g.wo:]
	s.Transpose(dst, plane, r.output, nr, (end-from)*g.wo, r.Channel(p+1)-c)
}

// winogradChunk is the number of input channels whose weights are transposed at a time.
const winogradChunk = 16

// Pack transforms the weights: each panel holds 36 matrices, k rows of its channels.
func (w *winograd) Pack(dst, weights []float32, p0, p1 int, scratch []float32) {
	s, nr, taps := w.set, w.set.nr(), winogradTaps*winogradTaps
	tmp, chunk := aligned(scratch)[:winogradTerms*s.lanes], aligned(scratch)[winogradTerms*s.lanes:]
	for p := p0; p < p1; p++ {
		width, c := w.width(p), w.Channel(p)
		first := 0
		if w.grad { // the last tap first
			first = (taps - 1) * nr
		}
		for k := 0; k < w.k; k += winogradChunk {
			n := min(winogradChunk, w.k-k)
			w.transposeWeights(chunk, weights, c, w.Channel(p+1)-c, k, n)
			for v := 0; v < width; v += s.lanes {
				u := dst[winogradTerms*w.k*c+k*width+v:]
				s.winogradWeights(&u[0], &chunk[first+v], &tmp[0], &w.packWalks[width/s.lanes-1], n)
			}
		}
	}
}

// transposeWeights writes the weights of input channels k to k+n as rows of the channels c to c+channels of the result, one for each
// tap.
func (w *winograd) transposeWeights(dst, weights []float32, c, channels, k, n int) {
	const taps = winogradTaps * winogradTaps
	nr := w.set.nr()
	if channels%w.set.lanes != 0 {
		clear(dst[:n*taps*nr])
	}
	if !w.grad {
		w.set.Transpose(dst, nr, weights[(c*w.k+k)*taps:], w.k*taps, channels, n*taps)
		return
	}
	for i := range n {
		w.set.Transpose(dst[i*taps*nr:], nr, weights[((k+i)*w.m+c)*taps:], taps, channels, taps)
	}
}
