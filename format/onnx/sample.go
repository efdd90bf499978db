package onnx

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	register("GridSample", 16, gridSample)
	register("AffineGrid", 20, affineGrid)
}

// A tap is an element that contributes to a sample along one dimension: its index, a whole number in float32, and its weight. Both are nodes of one
// shape; a nil weight is 1.
type tap struct{ index, weight *graph.Node }

// An interpolation reads a tensor [N C ...] between its elements.
type interpolation struct {
	mode    string // nearest, linear or cubic
	padding string // zeros, border or reflection
	corners bool   // the outermost coordinates are those of the centres of the corner pixels, not of their edges
}

// gridSample reads x [N C D1 ... Dk] at the points of grid [N O1 ... Ok k], whose coordinates go from -1 to 1, that of the last dimension first.
func gridSample(c *call) []value {
	x, grid := c.float(0), c.float(1)
	k := x.Shape().Rank() - 2
	if k < 1 || grid.Shape().Rank() != x.Shape().Rank() || grid.Shape().Dim(-1) != k || grid.Shape().Dim(0) != x.Shape().Dim(0) {
		c.fail("x has shape %v, the grid %v: [N C D1 ... Dk] and [N O1 ... Ok k] expected", x.Shape(), grid.Shape())
	}
	p := interpolation{c.attrString("mode", "linear"), c.attrString("padding_mode", "zeros"), c.attrBool("align_corners")}
	switch p.mode {
	case "bilinear":
		p.mode = "linear"
	case "bicubic":
		p.mode = "cubic"
	case "nearest", "linear", "cubic":
	default:
		c.fail("attribute mode is %q, nearest, linear or cubic expected", p.mode)
	}
	switch p.padding {
	case "zeros", "border", "reflection":
	default:
		c.fail("attribute padding_mode is %q, zeros, border or reflection expected", p.padding)
	}
	points := grid.Shape().Dims()[:k+1]
	axes := make([][]tap, k)
	for i := range k {
		size := x.Shape().Dim(2 + i)
		at := op.Reshape(op.Slice(grid, k+1, k-1-i, k-i, 1), points...)
		axes[i] = p.taps(p.place(at, size), size)
	}
	return c.one(c.sampled(x, axes, c.count(x.Shape().Dim(0), k)))
}

// place returns the coordinates -1 to 1 in units of pixels.
func (p interpolation) place(at *graph.Node, size int) *graph.Node {
	g := at.Graph()
	scale, shift := float64(size)/2, float64(size-1)/2
	if p.corners {
		scale = shift
	}
	at = op.Add(op.Mul(at, g.Scalar(scale)), g.Scalar(shift))
	if p.mode == "cubic" { // whose taps are moved one by one
		return at
	}
	return p.inside(at, size)
}

// inside moves coordinates, or whole numbers, that lie outside of the image to where the padding has them from.
func (p interpolation) inside(at *graph.Node, size int) *graph.Node {
	last := float32(size - 1)
	switch p.padding {
	case "border":
		return op.Clip(at, 0, last)
	case "reflection":
		low, high := -0.5, float64(size)-0.5
		if p.corners {
			low, high = 0, float64(size-1)
		}
		return op.Clip(reflected(at, low, high), 0, last)
	}
	return at
}

// reflected mirrors coordinates at low and high as often as it takes.
func reflected(at *graph.Node, low, high float64) *graph.Node {
	g := at.Graph()
	span := high - low
	if span == 0 {
		return op.Mul(at, g.Scalar(0))
	}
	// The distance from low, in steps of two spans; its second half counts back.
	d := op.Mod(op.Abs(op.Sub(at, g.Scalar(low))), g.Scalar(2*span))
	return op.Add(op.Min(d, op.Sub(g.Scalar(2*span), d)), g.Scalar(low))
}

// taps returns the elements around coordinates in units of pixels, along a dimension of the given size.
func (p interpolation) taps(at *graph.Node, size int) []tap {
	g := at.Graph()
	if p.mode == "nearest" {
		return []tap{p.bounded(tap{index: op.Round(at)}, size)}
	}
	floor := op.Floor(at)
	part := op.Sub(at, floor)
	first, last := 0, 1
	if p.mode == "cubic" {
		first, last = -1, 2
	}
	var list []tap
	for i := first; i <= last; i++ {
		distance := op.Abs(op.Sub(part, g.Scalar(float64(i))))
		weight := op.Sub(g.Scalar(1), distance)
		if p.mode == "cubic" {
			weight = cubicWeight(distance, i == 0 || i == 1)
		}
		index := op.Add(floor, g.Scalar(float64(i)))
		if p.mode == "cubic" {
			index = p.inside(index, size)
		}
		list = append(list, p.bounded(tap{index, weight}, size))
	}
	return list
}

// cubicWeight is the kernel of Keys 1981 with a = -3/4, at a distance of at most 1 or else of 1 to 2.
func cubicWeight(x *graph.Node, near bool) *graph.Node {
	const a = -0.75
	g := x.Graph()
	polynomial := func(list ...float64) *graph.Node { // Horner's scheme
		y := g.Scalar(list[0])
		for _, v := range list[1:] {
			y = op.Add(op.Mul(y, x), g.Scalar(v))
		}
		return y
	}
	if near {
		return polynomial(a+2, -(a + 3), 0, 1)
	}
	return polynomial(a, -5*a, 8*a, -4*a)
}

// bounded gives taps outside of the image, which may have any finite index or none, the weight 0 and an index inside.
func (p interpolation) bounded(t tap, size int) tap {
	g := t.index.Graph()
	last := g.Scalar(float64(size - 1))
	inside := op.Mul(op.Cast(op.LessOrEqual(g.Scalar(0), t.index), tensor.F32), op.Cast(op.LessOrEqual(t.index, last), tensor.F32))
	if t.weight != nil {
		inside = op.Mul(inside, t.weight)
	}
	return tap{op.Clip(t.index, 0, float32(size-1)), inside}
}

// sampled returns the sums over all combinations of taps, one for each dimension after the first two of x [N C ...], with the product of their weights: [N' C O...]
// for taps of shape [N' O...], where image says from which image each comes, i64, in a shape that broadcasts to it.
func (c *call) sampled(x *graph.Node, axes [][]tap, image *graph.Node) *graph.Node {
	indices, weights := c.combine(x, axes, image)
	s := weights.Shape()
	points, channels := s.Dims()[:s.Rank()-1], x.Shape().Dim(1)
	rows := op.Resample(pixelRows(x), op.Reshape(indices, -1, s.Dim(-1)), op.Reshape(weights, -1, s.Dim(-1)), 0)
	return channelsSecond(op.Reshape(rows, append(points, channels)...))
}

// combine returns the positions among all pixels of x, and the weights, of all combinations of taps, along a new last dimension.
func (c *call) combine(x *graph.Node, axes [][]tap, image *graph.Node) (indices, weights *graph.Node) {
	s := x.Shape()
	all := []tap{{index: op.Mul(image, c.integer(s.Strides()[1])), weight: c.scalar(1)}}
	for i, taps := range axes {
		stride := c.integer(s.Strides()[2+i])
		var next []tap
		for _, a := range all {
			for _, b := range taps {
				at := op.Add(a.index, op.Mul(op.Cast(b.index, tensor.I64), stride))
				next = append(next, tap{at, op.Mul(a.weight, b.weight)})
			}
		}
		all = next
	}
	var at, w []*graph.Node
	for _, t := range all {
		dims := append(t.weight.Shape().Dims(), 1)
		at, w = append(at, op.Reshape(graph.Expand(t.index, t.weight.Shape()), dims...)), append(w, op.Reshape(t.weight, dims...))
	}
	last := len(w[0].Shape().Dims()) - 1
	return op.Concat(last, at...), op.Concat(last, w...)
}

// pixelRows returns x [N C ...] as [pixels C].
func pixelRows(x *graph.Node) *graph.Node {
	rank := x.Shape().Rank()
	perm := append([]int{0}, identity(rank)[2:]...)
	return op.Reshape(op.Transpose(x, append(perm, 1)...), -1, x.Shape().Dim(1))
}

// channelsSecond returns x [N ... C] as [N C ...].
func channelsSecond(x *graph.Node) *graph.Node {
	rank := x.Shape().Rank()
	perm := append([]int{0, rank - 1}, identity(rank)[1:rank-1]...)
	return op.Transpose(x, perm...)
}

// affineGrid returns the points of a grid, as gridSample takes them, moved by the matrices theta [N k k+1].
func affineGrid(c *call) []value {
	theta, size := c.float(0), c.ints(1, "the size")
	k := len(size) - 2
	if k < 1 || theta.Shape() != c.shapeOf([]int{size[0], k, k + 1}) {
		c.fail("matrices of shape %v for an image of size %v", theta.Shape(), size)
	}
	dims := c.shapeOf(append([]int{1}, size[2:]...))
	points := c.tensor(tensor.F32, dims.Size(), k+1)
	graph.Walk(dims, func(i int, at *[tensor.MaxRank]int) {
		for d := range k { // the last dimension first
			n := size[2+k-1-d]
			points.F32()[i*(k+1)+d] = float32(c.corner(at[k-d], n))
		}
		points.F32()[i*(k+1)+k] = 1
	})
	grid := op.MatMul(c.constant(points), theta, op.MatMulAttrs{TransB: true})
	return c.one(op.Reshape(grid, append(append([]int{size[0]}, size[2:]...), k)...))
}

// corner returns the coordinate of pixel i of n, from -1 to 1.
func (c *call) corner(i, n int) float64 {
	if !c.attrBool("align_corners") {
		return (2*float64(i)+1)/float64(n) - 1
	}
	if n == 1 {
		return 0
	}
	return 2*float64(i)/math.Max(1, float64(n-1)) - 1
}
