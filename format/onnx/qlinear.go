package onnx

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// The operators on quantised tensors compute with the numbers that these stand for, scale by scale, in float32. Sums of products of whole numbers are exact
// in it below 2^24. Where the result is quantised again, larger ones are rounded, to one part in 2^24, which is a 2^16th of the steps of the result; where it is an integer, they are added up in int32.

func init() {
	register("QLinearConv", 10, qLinearConv)
	register("QLinearMatMul", 10, qLinearMatMul)
	register("ConvInteger", 10, convInteger)
	register("MatMulInteger", 10, matMulInteger)
	registerMicrosoft("QLinearAdd", func(c *call) []value { return c.requantise(op.Add(c.meant(0), c.meant(3)), 6) })
	registerMicrosoft("QLinearMul", func(c *call) []value { return c.requantise(op.Mul(c.meant(0), c.meant(3)), 6) })
	registerMicrosoft("QLinearSigmoid", func(c *call) []value { return c.requantise(op.Sigmoid(c.meant(0)), 3) })
	registerMicrosoft("QLinearLeakyRelu", func(c *call) []value {
		return c.requantise(op.LeakyRelu(c.meant(0), c.attrFloat("alpha", 0.01)), 3)
	})
	registerMicrosoft("QLinearSoftmax", qLinearSoftmax)
	registerMicrosoft("QLinearAveragePool", func(c *call) []value {
		c.planesOnly()
		return c.requantise(c.averages(c.meant(0)), 3)
	})
	registerMicrosoft("QLinearGlobalAveragePool", func(c *call) []value {
		c.planesOnly()
		return c.requantise(globalMean(c.meant(0)), 3)
	})
	registerMicrosoft("QLinearConcat", qLinearConcat)
	registerMicrosoft("QGemm", qGemm)
}

// registerMicrosoft adds an operator of ONNX Runtime's own domain.
func registerMicrosoft(name string, build func(c *call) []value) {
	operators[operatorKey{microsoft, name}] = operator{since: 1, build: build}
}

func (c *call) planesOnly() {
	if c.attrBool("channels_last") {
		c.refuse("channels_last")
	}
}

// steps returns input i less its zero point, input zero if that is given.
func (c *call) steps(i, zero int, shape func(n *graph.Node) *graph.Node) *graph.Node {
	x := c.real(i)
	if !c.has(zero) {
		return x
	}
	z := c.real(zero)
	if isZero(z) {
		return x
	}
	return op.Sub(x, shape(z))
}

// single returns the one number in n as a scalar.
func (c *call) single(n *graph.Node) *graph.Node {
	if n.Shape().Size() != 1 {
		c.refuse("scales or zero points of shape %v", n.Shape())
	}
	return op.Reshape(n)
}

// perRow returns a number as a scalar, and numbers for each of the first dimension of a tensor of the given rank in a shape that broadcasts to it.
func perRow(n *graph.Node, rank int) *graph.Node {
	if n.Shape().Size() == 1 {
		return op.Reshape(n)
	}
	return op.Reshape(n, append([]int{n.Shape().Size()}, ones(max(rank-1, 0))...)...)
}

// meant returns what the quantised input i stands for; its scale and zero point follow it.
func (c *call) meant(i int) *graph.Node {
	return op.Mul(c.steps(i, i+2, c.single), c.single(c.real(i+1)))
}

// requantise returns y with the scale in input i and the zero point behind it, whose type is the result's.
func (c *call) requantise(y *graph.Node, i int) []value {
	return c.rescaled(op.Div(y, c.single(c.real(i))), i+1)
}

// rescaled rounds q and adds the zero point in input i.
func (c *call) rescaled(q *graph.Node, i int) []value {
	if !c.has(i) {
		return []value{quantised(q, nil, Uint8)}
	}
	zero := c.x(i)
	if !zero.t.isNarrow() {
		c.refuse("results of type %v", zero.t)
	}
	return []value{quantised(q, c.single(zero.real()), zero.t)}
}

// qLinearConv has a scale, and a zero point, for each filter or for all.
func qLinearConv(c *call) []value {
	rank := c.x(0).rank()
	weights := c.steps(3, 5, func(z *graph.Node) *graph.Node { return perRow(z, rank) })
	sum := c.convolve(c.steps(0, 2, c.single), weights)
	if c.has(8) {
		sum = op.Add(sum, perChannel(c.real(8), rank))
	}
	scale := op.Div(op.Mul(c.single(c.real(1)), c.real(4)), c.single(c.real(6)))
	return c.rescaled(op.Mul(sum, perRow(scale, rank-1)), 7)
}

// qLinearMatMul has scales for the matrices, or for each row of the first and each column of the second.
func qLinearMatMul(c *call) []value {
	rows := func(n *graph.Node) *graph.Node { return factors(n, true) }
	columns := func(n *graph.Node) *graph.Node { return factors(n, false) }
	sum := matMul(c.steps(0, 2, rows), c.steps(3, 5, columns))
	scale := op.Div(op.Mul(rows(c.real(1)), columns(c.real(4))), c.single(c.real(6)))
	return c.rescaled(op.Mul(sum, scale), 7)
}

// factors returns the numbers of rows or columns in a shape that broadcasts to the matrix.
func factors(n *graph.Node, rows bool) *graph.Node {
	switch size := n.Shape().Size(); {
	case size == 1:
		return op.Reshape(n)
	case n.Shape().Rank() == 1 && rows:
		return op.Reshape(n, size, 1)
	}
	return n
}

// exactSum is the largest whole number up to which float32 has all.
const exactSum = 1 << 24

// parts returns into how many parts of about equal size n products of an 8-bit number and one of those in w must be divided, so that the sums of each are
// exact: by the largest sum that one of the filters can make, if they are known, else by the largest product. filter returns the filter that element i of w belongs to.
func (c *call) parts(w *graph.Node, n, filters int, filter func(i int) int) int {
	const largest = 255
	bound := largest * largest * float64(n)
	if t := c.folder.value(w); t != nil {
		sums := make([]float64, filters)
		for i, v := range t.F32() {
			sums[filter(i)] += largest * math.Abs(float64(v))
		}
		bound = 0
		for _, s := range sums {
			bound = max(bound, s)
		}
	}
	if bound <= exactSum {
		return 1
	}
	count := bound/(exactSum/4) + 1 // weights are not spread evenly over the parts
	if !(count <= maxTaps) {
		c.refuse("sums of so many products, or of such large ones, that they are exact only in more than %d parts", maxTaps)
	}
	return min(n, int(count))
}

// added returns the sum of parts, an int32: exact float32 numbers if there is one, else added in I32.
func added(parts []*graph.Node) value {
	if len(parts) == 1 {
		return value{n: parts[0], t: Int32}
	}
	sum := op.Cast(parts[0], tensor.I32)
	for _, p := range parts[1:] {
		sum = op.Add(sum, op.Cast(p, tensor.I32))
	}
	return value{n: sum, t: Int32}
}

// convInteger divides the input channels, if it must. Grouped filters, which see few of them, have the others set to 0.
func convInteger(c *call) []value {
	rank := c.x(0).rank()
	x, w := c.steps(0, 2, c.single), c.steps(1, 3, func(z *graph.Node) *graph.Node { return perRow(z, rank) })
	s := w.Shape()
	if s.Rank() != rank || rank < 2 || s.Size() == 0 {
		c.fail("x has shape %v, the weights %v", x.Shape(), s)
	}
	per, channels := s.Size()/s.Dim(0), s.Dim(1)
	n := min(channels, c.parts(w, per, s.Dim(0), func(i int) int { return i / per }))
	if n == 1 {
		return []value{added([]*graph.Node{c.convolve(x, w)})}
	}
	grouped := c.attrInt("group", 1) > 1
	var parts []*graph.Node
	for i := range n {
		first, end := channels*i/n, channels*(i+1)/n
		part := op.Slice(w, 1, first, end, 1)
		if grouped {
			low, high := make([]int, rank), make([]int, rank)
			low[1], high[1] = first, channels-end
			parts = append(parts, c.convolve(x, op.Pad(part, low, high, 0)))
			continue
		}
		parts = append(parts, c.convolve(op.Slice(x, 1, first, end, 1), part))
	}
	return []value{added(parts)}
}

// matMulInteger divides the inner dimension, if it must.
func matMulInteger(c *call) []value {
	a := c.steps(0, 2, func(z *graph.Node) *graph.Node { return factors(z, true) })
	b := c.steps(1, 3, func(z *graph.Node) *graph.Node { return factors(z, false) })
	if a.Shape().Rank() == 0 || b.Shape().Rank() == 0 {
		c.fail("shapes %v and %v, matrices expected", a.Shape(), b.Shape())
	}
	inner, axis, columns := a.Shape().Dim(-1), max(b.Shape().Rank()-2, 0), 1
	if b.Shape().Dim(axis) != inner {
		c.fail("shapes %v and %v, which have no product", a.Shape(), b.Shape())
	}
	if b.Shape().Rank() > 1 {
		columns = b.Shape().Dim(-1)
	}
	matrix := max(1, inner*columns)
	n := c.parts(b, inner, max(1, b.Shape().Size()/max(1, inner)), func(i int) int { return i/matrix*columns + i%columns })
	var parts []*graph.Node
	for i := range max(n, 1) {
		first, end := inner*i/max(n, 1), inner*(i+1)/max(n, 1)
		parts = append(parts, matMul(op.Slice(a, a.Shape().Rank()-1, first, end, 1), op.Slice(b, axis, first, end, 1)))
	}
	return []value{added(parts)}
}

func qLinearSoftmax(c *call) []value {
	x := c.meant(0)
	axis, rank := c.attrInt("axis", -1), x.Shape().Rank()
	if c.attrInt("opset", 13) < 13 {
		y := op.Softmax(op.Flatten(x, c.axis(axis, rank)), 1)
		return c.requantise(op.Reshape(y, x.Shape().Dims()...), 3)
	}
	return c.requantise(op.Softmax(x, c.axis(axis, rank)), 3)
}

// qLinearConcat has the result's scale and zero point first, then the tensors with theirs.
func qLinearConcat(c *call) []value {
	var parts []*graph.Node
	for i := 2; i < len(c.in); i += 3 {
		parts = append(parts, c.meant(i))
	}
	if len(parts) == 0 {
		c.fail("no tensors to join")
	}
	y := op.Concat(c.axis(c.attrInt("axis", 0), parts[0].Shape().Rank()), parts...)
	return c.requantise(y, 0)
}

// qGemm is alpha A B + C, where C has the scale of alpha A B. Without a scale for it the result is float32.
func qGemm(c *call) []value {
	a := c.steps(0, 2, c.single)
	transB := c.attrBool("transB")
	filters := func(n *graph.Node) *graph.Node {
		if transB {
			return factors(n, true)
		}
		return factors(n, false)
	}
	sum := op.MatMul(a, c.steps(3, 5, filters), op.MatMulAttrs{TransA: c.attrBool("transA"), TransB: transB})
	scale := op.Mul(op.Mul(c.single(c.real(1)), factors(c.real(4), false)), c.scalar(float64(c.attrFloat("alpha", 1))))
	if c.has(6) {
		sum = op.Add(sum, c.real(6))
	}
	y := op.Mul(sum, scale)
	if !c.has(7) {
		return []value{{n: y, t: Float}}
	}
	return c.requantise(y, 7)
}
