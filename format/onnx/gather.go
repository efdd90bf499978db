package onnx

import (
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	register("Gather", 1, gather)
	register("GatherElements", 11, gatherElements)
	register("GatherND", 11, gatherND)
	register("Scatter", 9, scatterElements)
	register("ScatterElements", 11, scatterElements)
	register("ScatterND", 11, scatterND)
	register("OneHot", 9, oneHot)
	register("Compress", 9, compress)
	register("ReverseSequence", 10, reverseSequence)
}

// fromStart returns indices, i64, of n elements in which negative ones, which count from the end, are replaced.
func (c *call) fromStart(indices value, n int) *graph.Node {
	i := op.Cast(indices.whole(), tensor.I64)
	return op.Where(op.Less(i, c.integer(0)), op.Add(i, c.integer(n)), i)
}

// integer returns a scalar of type i64.
func (c *call) integer(v int) *graph.Node { return c.constant(tensor.Of(tensor.Shape{}, int64(v))) }

// gather selects slices. One known slice is cut out.
func gather(c *call) []value {
	x := c.x(0)
	axis := c.axis(c.attrInt("axis", 0), x.rank())
	n := x.dim(axis)
	indices := c.fromStart(c.x(1), n)
	if t := c.folder.value(indices); t != nil && t.Size() == 1 && 0 <= t.I64()[0] && t.I64()[0] < int64(n) {
		i := int(t.I64()[0])
		dims := slices.Concat(x.shape().Dims()[:axis], t.Shape().Dims(), x.shape().Dims()[axis+1:])
		if len(dims) <= tensor.MaxRank {
			return c.one(op.Reshape(op.Slice(x.n, axis, i, i+1, 1), dims...))
		}
	}
	return c.one(op.Gather(x.n, indices, axis))
}

func gatherElements(c *call) []value {
	x := c.x(0)
	axis := c.axis(c.attrInt("axis", 0), x.rank())
	return c.one(c.gatherElements(x.n, c.fromStart(c.x(1), x.dim(axis)), axis))
}

// rowsND returns, for indices [... K] into the first K of dims, the position of each row among all rows that these dimensions have, as a vector, and the
// number of all rows.
func (c *call) rowsND(indices value, dims []int) (rows *graph.Node, total int) {
	k := indices.dim(-1)
	list := op.Reshape(op.Cast(indices.whole(), tensor.I64), -1, k)
	count := list.Shape().Dim(0)
	total = 1
	rows = c.g.Fill(graph.TypeOf(tensor.I64, count), 0)
	for i := k - 1; i >= 0; i-- {
		index := op.Reshape(op.Slice(list, 1, i, i+1, 1), count)
		index = op.Where(op.Less(index, c.integer(0)), op.Add(index, c.integer(dims[i])), index)
		rows = op.Add(rows, op.Mul(index, c.integer(total)))
		total *= dims[i]
	}
	return rows, total
}

// gatherND is Gather of rows; the rows of each batch follow those of the one before.
func gatherND(c *call) []value {
	x, indices := c.x(0), c.x(1)
	batch := c.attrInt("batch_dims", 0)
	if batch < 0 || indices.rank() < 1 || batch >= min(x.rank(), indices.rank()) || indices.dim(-1) > x.rank()-batch ||
		!equal(x.shape().Dims()[:batch], indices.shape().Dims()[:batch]) {
		c.fail("indices of shape %v into shape %v with %d batch dimensions", indices.shape(), x.shape(), batch)
	}
	k := indices.dim(-1)
	dims := x.shape().Dims()
	rows, total := c.rowsND(indices, dims[batch:])
	batches := 1
	for _, d := range dims[:batch] {
		batches *= d
	}
	if batches > 1 {
		per := rows.Shape().Size() / batches
		first := c.tensor(tensor.I64, rows.Shape().Size())
		for i := range first.I64() {
			first.I64()[i] = int64(i / per * total)
		}
		rows = op.Add(rows, c.constant(first))
	}
	rest := dims[batch+k:]
	y := op.Gather(op.Reshape(x.n, append([]int{batches * total}, rest...)...), rows, 0)
	return c.one(op.Reshape(y, c.shapeOf(slices.Concat(indices.shape().Dims()[:indices.rank()-1], rest)).Dims()...))
}

// reduction returns the attribute of that name.
func (c *call) reduction() op.Reduction {
	switch name := c.attrString("reduction", "none"); name {
	case "none":
		return op.Replace
	case "add":
		return op.AddUp
	case "mul":
		return op.Multiply
	case "max":
		return op.Largest
	case "min":
		return op.Smallest
	default:
		c.fail("attribute reduction is %q, none, add, mul, max or min expected", name)
	}
	return 0
}

// scatterTypes returns x and updates in one type, which has arithmetic if the reduction needs it.
func (c *call) scatterTypes(r op.Reduction) (x, updates *graph.Node) {
	a, b := c.x(0), c.x(2)
	c.check(sameType(a, b))
	if r != op.Replace {
		return a.arithmetic(), b.arithmetic()
	}
	nodes := alike([]value{a, b})
	return nodes[0], nodes[1]
}

func scatterElements(c *call) []value {
	r := c.reduction()
	x, updates := c.scatterTypes(r)
	axis := c.axis(c.attrInt("axis", 0), x.Shape().Rank())
	indices := c.fromStart(c.x(1), x.Shape().Dim(axis))
	if indices.Shape() != updates.Shape() {
		c.fail("indices of shape %v and updates of shape %v, the same expected", indices.Shape(), updates.Shape())
	}
	c.takes(indices.Shape().Size())
	return []value{wrap(op.ScatterElements(x, indices, updates, axis, r), c.x(0).t)}
}

func scatterND(c *call) []value {
	r := c.reduction()
	x, updates := c.scatterTypes(r)
	indices, dims := c.x(1), x.Shape().Dims()
	if indices.rank() < 1 || indices.dim(-1) > len(dims) {
		c.fail("indices of shape %v into shape %v", indices.shape(), x.Shape())
	}
	rows, total := c.rowsND(indices, dims)
	rest := dims[indices.dim(-1):]
	count := rows.Shape().Size()
	y := op.Scatter(op.Reshape(x, append([]int{total}, rest...)...), rows, op.Reshape(updates, append([]int{count}, rest...)...), r)
	return []value{wrap(op.Reshape(y, dims...), c.x(0).t)}
}

// oneHot puts the second of two values where the index is, and the first elsewhere, along a new dimension.
func oneHot(c *call) []value {
	depth := c.depth()
	if depth < 0 || depth > MaxElements {
		c.fail("depth %d, 0 to %d expected", depth, MaxElements)
	}
	indices, values := c.x(0), c.x(2)
	rank := indices.rank() + 1
	if rank > tensor.MaxRank {
		c.refuse("results of more than %d dimensions", tensor.MaxRank)
	}
	axis := c.axis(c.attrInt("axis", -1), rank)
	whole := indices.n
	if indices.t.isFloat() {
		whole = op.Cast(whole, tensor.I64)
	}
	i := c.fromStart(value{n: whole, t: Int64}, depth)
	dims := slices.Insert(i.Shape().Dims(), axis, 1)
	chosen := op.Equal(op.Reshape(i, dims...), c.count(depth, rank-1-axis))
	part := func(k int) *graph.Node { return op.Reshape(op.Slice(values.n, 0, k, k+1, 1)) }
	return []value{values.with(op.Where(chosen, part(1), part(0)))}
}

// depth returns the number in input 1, which may be of any type.
func (c *call) depth() int {
	list := c.floats(1, "the depth")
	if len(list) != 1 {
		c.fail("the depth has %d elements, one expected", len(list))
	}
	return int(list[0])
}

// count returns 0 to n-1, i64, along a dimension that is followed by more of size 1.
func (c *call) count(n, more int) *graph.Node {
	t := c.tensor(tensor.I64, append([]int{n}, ones(more)...)...)
	for i := range t.I64() {
		t.I64()[i] = int64(i)
	}
	return c.constant(t)
}

// compress selects slices, or without an axis elements, by truth values, which must be known since they decide about the shape.
func compress(c *call) []value {
	x := c.x(0)
	n, axis := op.Reshape(x.n, x.shape().Size()), 0
	if a := c.attribute("axis", kindInt); a != nil {
		n, axis = x.n, c.axis(int(a.i), x.rank())
	}
	c.bool(1)
	var list []int64
	for i, chosen := range c.known(1, "the condition").Bool() {
		if chosen && i < n.Shape().Dim(axis) {
			list = append(list, int64(i))
		}
	}
	c.takes(len(list))
	return c.one(op.Gather(n, c.constant(tensor.Of(tensor.ShapeOf(len(list)), list...)), axis))
}

// reverseSequence turns round the first elements of each sequence of a batch, as many as its length says.
func reverseSequence(c *call) []value {
	x := c.x(0)
	batch, time := c.attrInt("batch_axis", 1), c.attrInt("time_axis", 0)
	if x.rank() < 2 || batch+time != 1 || batch*time != 0 {
		c.fail("batch axis %d and time axis %d of shape %v, 0 and 1 or 1 and 0 expected", batch, time, x.shape())
	}
	n := x.n
	if time == 0 {
		n = swapFirst(n)
	}
	s := n.Shape()
	steps := c.count(s.Dim(1), 0)
	lengths := op.Reshape(op.Cast(c.x(1).whole(), tensor.I64), s.Dim(0), 1)
	inside := op.Less(steps, lengths)
	from := op.Where(inside, op.Sub(op.Sub(lengths, c.integer(1)), steps), steps)
	first := op.Mul(c.count(s.Dim(0), 1), c.integer(s.Dim(1)))
	rows := op.Gather(mergeFirst(n), op.Add(from, first), 0)
	if time == 0 {
		rows = swapFirst(rows)
	}
	return c.one(rows)
}

// swapFirst returns x with its first two dimensions exchanged.
func swapFirst(x *graph.Node) *graph.Node {
	perm := identity(x.Shape().Rank())
	perm[0], perm[1] = 1, 0
	return op.Transpose(x, perm...)
}
