package kernel

// A lanesConv is a direct convolution, or the input gradient of one of stride 1, of as many images as a vector has lanes, one in each. Any
// place of an image is then a vector of its own: however short the rows are, no lane is idle, and a tap that reaches beyond the image
// need not be multiplied. The images are transposed before, and the results after.
type lanesConv struct {
	set     *Set
	in, out featureMap
	grad    bool // weights are [in,out,kh,kw]
	rows    int  // of taps
	above   int  // rows of zeros before each plane of the input
	plane   int  // vectors from one plane of the input, with its zeros, to the next
	classes []laneClass
	columns []laneColumn
	packed  int // values of one row of packed weights
}

// A laneClass is what columns of the result share that read the same columns of the window: the taps in the order of the window's rows,
// in each the channels, in each the columns.
type laneClass struct {
	first, end int     // columns of the window
	off        []int64 // bytes from the place of a result to its taps
	index      []int   // of the taps in a window
	at         int     // where its weights begin in a packed row
}

// A laneColumn is a column of the result, cut into tiles of neighbouring rows.
type laneColumn struct {
	class int
	tiles []laneTile
}

// A laneTile reads taps k0 to k1 of its class: of a row of the window all or none.
type laneTile struct {
	tile
	nv, k0, k1 int
}

const (
	// lanesRoom is how many values the images and results may have, to stay in the second-level cache.
	lanesRoom = 5 << 15
	// lanesTaps is how many taps may be summed without a break.
	lanesTaps = 2 * blockK
	// turnCost is the cost of transposing a vector, in multiply-adds of vectors.
	turnCost = 7
)

// ImagesInLanes reports whether it pays to convolve as many images of s, or their gradients, at a time as a vector has lanes, and returns
// that number.
func (s *Set) ImagesInLanes(shape ConvShape, grad bool) (int, bool) {
	shape.N = s.lanes
	return s.lanes, newWinograd(s, shape, grad) == nil && newLanesConv(s, shape, grad) != nil
}

// newLanesConv plans the forward direction or the input gradient of shape, or returns nil if that is of another kind or another way is
// expected to win.
func newLanesConv(s *Set, shape ConvShape, grad bool) *lanesConv {
	in, out, p := shape.input(), shape.output(), shape.forwardPhase()
	step := [2]int{shape.StrideH, shape.StrideW}
	if grad {
		in, out, p = out, in, shape.gradPhases()[0]
	}
	switch {
	case shape.N != s.lanes, shape.XLast, shape.YLast, grad && shape.StrideH*shape.StrideW > 1, shape.DilH*shape.DilW > 1:
		return nil
	case max(shape.PadT, shape.PadB) >= shape.KH, max(shape.PadL, shape.PadR) >= shape.KW: // a result without taps
		return nil
	case in.channels*shape.KH*shape.KW > lanesTaps, s.lanes*(in.size()+out.size()) > lanesRoom:
		return nil
	}
	c := &lanesConv{set: s, in: in, out: out, grad: grad, rows: shape.KH}
	if c.plan(p.taps, step) >= c.otherCost(in.channels*shape.KH*shape.KW) {
		return nil
	}
	return c
}

// otherCost returns about what the direct sum of so many taps costs otherwise, in multiply-adds of vectors.
func (c *lanesConv) otherCost(taps int) int {
	lanes, m := c.set.lanes, c.out.channels
	if 2*m > lanes {
		return c.out.h*c.out.w*ceilDiv(m, lanes)*lanes*taps + turnCost*(c.in.size()+c.out.size())
	}
	return c.out.h * ceilDiv(c.out.w, lanes) * m * lanes * taps
}

// plan lays out the copy of the input and the tiles, and returns the cost.
func (c *lanesConv) plan(taps []convTap, step [2]int) (cost int) {
	panels, _ := c.set.Panels(c.out.channels, 0)
	nv := c.set.widest(ceilDiv(c.out.channels, panels))
	cuts := ceilDiv(c.out.h, nv)
	cols := len(taps) / c.rows
	// As many rows of zeros as a tile may have where some of its rows read nothing.
	c.above = (nv - 1) * step[0]
	c.plane = (c.in.h + c.above) * c.in.w
	if c.plane%64 == 0 { // the planes' places would meet in one set of the first-level cache
		c.plane++
	}
	cost = turnCost * (c.in.size() + c.out.size())
	for x := range c.out.w {
		col := laneColumn{class: c.classOf(taps, x*step[1])}
		n := c.in.channels * (c.classes[col.class].end - c.classes[col.class].first)
		for i := range cuts {
			t := laneTile{nv: c.out.h*(i+1)/cuts - c.out.h*i/cuts}
			t.full = 1
			first, end := c.rows, 0
			for v := range t.nv {
				y := c.out.h*i/cuts + v
				t.src[v] = int64(4 * c.set.lanes * ((y*step[0]+c.above)*c.in.w + x*step[1]))
				t.dst[v] = int64(4 * c.set.lanes * (y*c.out.w + x))
				t.n[v] = int64(c.set.lanes)
				for r := range c.rows {
					if at := y*step[0] + taps[r*cols].dy; at >= 0 && at < c.in.h {
						first, end = min(first, r), max(end, r+1)
					}
				}
			}
			t.k0, t.k1 = first*n, end*n
			cost += (t.k1 - t.k0) * t.nv * c.out.channels
			col.tiles = append(col.tiles, t)
		}
		c.columns = append(c.columns, col)
	}
	return cost
}

// classOf returns the class of the results whose taps begin at column x of the input.
func (c *lanesConv) classOf(taps []convTap, x int) int {
	cols := len(taps) / c.rows
	first, end := cols, 0
	for i, t := range taps[:cols] {
		if x+t.dx >= 0 && x+t.dx < c.in.w {
			first, end = min(first, i), max(end, i+1)
		}
	}
	for i := range c.classes {
		if c.classes[i].first == first && c.classes[i].end == end {
			return i
		}
	}
	n := laneClass{first: first, end: end, at: c.packed}
	for r := range c.rows {
		for ch := range c.in.channels {
			for _, t := range taps[r*cols+first : r*cols+end] {
				n.off = append(n.off, int64(4*c.set.lanes*(ch*c.plane+t.dy*c.in.w+t.dx)))
				n.index = append(n.index, c.weight(ch, t.index, len(taps)))
			}
		}
	}
	c.packed += len(n.off)
	c.classes = append(c.classes, n)
	return len(c.classes) - 1
}

// weight returns the place of a tap of a channel in the weights of the first channel of the result.
func (c *lanesConv) weight(channel, tap, window int) int {
	if c.grad {
		channel *= c.out.channels
	}
	return channel*window + tap
}

func (c *lanesConv) PackedSize() int { return c.packed * c.out.channels }

func (c *lanesConv) Panels() int {
	panels, _ := c.set.Panels(c.out.channels, 0)
	return panels
}

func (c *lanesConv) Channel(p int) int { return c.set.RowPanel(p, c.out.channels) }

func (c *lanesConv) Bands() int { return 1 }

func (c *lanesConv) Row(b int) int { return b * c.set.lanes * c.out.h }

func (c *lanesConv) Step() int { return 1 }

// Pack writes, for each panel and class, the weights of the panel's channels for each tap.
func (c *lanesConv) Pack(dst, w []float32, p0, p1 int, _ []float32) {
	next := len(w) / c.out.channels // from one channel of the result to the next
	if c.grad {
		next /= c.in.channels
	}
	for p := p0; p < p1; p++ {
		first, end := c.Channel(p), c.Channel(p+1)
		to := dst[c.packed*first : c.packed*end]
		for i := range c.classes {
			for _, k := range c.classes[i].index {
				for r := range end - first {
					to[r] = w[(first+r)*next+k]
				}
				to = to[end-first:]
			}
		}
	}
}

// buffers returns the lengths of the images and results, a place of all images being a vector.
func (c *lanesConv) buffers() (in, out int) {
	return (c.in.channels*c.plane + c.above*c.in.w) * c.set.lanes, c.out.size() * c.set.lanes
}

func (c *lanesConv) Scratch() int {
	in, out := c.buffers()
	return in + out + alignment
}

// Run makes each value a sum over (kh, c, kw) in that order, of the taps within the image.
func (c *lanesConv) Run(dst, x, packed []float32, p0, p1, b0, b1 int, _ Ahead, scratch []float32) {
	s, plane := c.set, c.out.h*c.out.w
	mustHold("dst", dst, s.lanes*c.out.size())
	mustHold("x", x, s.lanes*c.in.size())
	mustHold("packed weights", packed, c.PackedSize())
	if b0 == b1 {
		return
	}
	in, out := c.buffers()
	take := taker(aligned(scratch))
	turned, sums := take.next(in), take.next(out)
	c.copyIn(turned, x)
	for p := p0; p < p1; p++ {
		first, end := c.Channel(p), c.Channel(p+1)
		for i := range c.columns {
			c.column(&c.columns[i], sums[first*plane*s.lanes:], turned, packed[c.packed*first:], end-first)
		}
	}
	first, end := c.Channel(p0), c.Channel(p1)
	s.Transpose(dst[first*plane:], c.out.size(), sums[first*plane*s.lanes:], s.lanes, (end-first)*plane, s.lanes)
}

// column computes rows channels of a column of the result.
func (c *lanesConv) column(col *laneColumn, sums, x, packed []float32, rows int) {
	s, class, ldc := c.set, &c.classes[col.class], 4*c.set.lanes*c.out.h*c.out.w
	for i := range col.tiles {
		t := &col.tiles[i]
		s.convs[t.nv][rows-1](&t.tile, &packed[(class.at+t.k0)*rows], &x[0], &sums[0], nil, &class.off[t.k0], t.k1-t.k0, ldc, 0)
	}
}

// copyIn transposes the images, with zeros between the planes.
func (c *lanesConv) copyIn(turned, x []float32) {
	lanes, size := c.set.lanes, c.in.h*c.in.w
	before := c.above * c.in.w
	for ch := range c.in.channels {
		at := turned[ch*c.plane*lanes:]
		clear(at[:before*lanes])
		c.set.Transpose(at[before*lanes:], lanes, x[ch*size:], c.in.size(), lanes, size)
		clear(at[(before+size)*lanes : c.plane*lanes])
	}
	clear(turned[c.in.channels*c.plane*lanes:])
}
