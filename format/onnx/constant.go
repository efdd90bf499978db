package onnx

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	register("Constant", 1, constant)
	register("ConstantOfShape", 9, constantOfShape)
	register("Range", 11, rangeOf)
	register("EyeLike", 9, eyeLike)
	register("NonZero", 9, nonZero)
	register("Trilu", 14, trilu)
	register("Dropout", 1, dropout)
}

func constant(c *call) []value {
	if len(c.node.attributes) != 1 {
		c.fail("%d attributes, one expected", len(c.node.attributes))
	}
	a := c.resolve(c.node.attributes[0])
	if a == nil {
		c.fail("its attribute is not given")
	}
	switch c.node.attributes[0].name {
	case "value":
		if a.tensor != nil {
			return []value{c.literal(a.tensor)}
		}
	case "value_float":
		return []value{{n: c.constant(tensor.Of(tensor.Shape{}, a.f)), t: Float}}
	case "value_floats":
		t := c.tensor(tensor.F32, len(a.floats))
		copy(t.F32(), a.floats)
		return []value{{n: c.constant(t), t: Float}}
	case "value_int":
		return []value{{n: c.constant(tensor.Of(tensor.Shape{}, a.i)), t: Int64}}
	case "value_ints":
		t := c.tensor(tensor.I64, len(a.ints))
		copy(t.I64(), a.ints)
		return []value{{n: c.constant(t), t: Int64}}
	}
	c.refuse("attribute %s", c.node.attributes[0].name)
	return nil
}

// literal returns a tensor that is part of a node.
func (c *call) literal(p *tensorProto) value {
	if p.typ.carrier() == tensor.Invalid {
		c.refuse("values of type %v", p.typ)
	}
	t, err := c.decoded(p)
	c.check(err)
	return value{n: c.constant(t), t: p.typ}
}

func constantOfShape(c *call) []value {
	v := value{n: c.scalar(0), t: Float}
	if a := c.attribute("value", kindTensor); a != nil && a.tensor != nil {
		v = c.literal(a.tensor)
	}
	if v.shape().Size() != 1 {
		c.fail("the value has %d elements, one expected", v.shape().Size())
	}
	s := c.shapeOf(c.ints(0, "the shape"))
	n := v.arithmetic()
	if v.t == Bool {
		n = v.n
	}
	t := c.folder.value(n)
	if t == nil {
		c.fail("too much to compute before the graph runs")
	}
	switch n.DType() {
	case tensor.F32:
		return []value{{n: c.g.Fill(graph.Type{DType: n.DType(), Shape: s}, float64(t.F32()[0])), t: v.t}}
	case tensor.I64:
		if i := t.I64()[0]; i > 1<<53 || i < -1<<53 {
			return []value{{n: graph.Expand(op.Reshape(n), s), t: v.t}}
		}
	}
	return []value{{n: c.g.Fill(graph.Type{DType: n.DType(), Shape: s}, float64(integerAt(t, 0))), t: v.t}}
}

// rangeOf counts from start to limit by delta, all of which must be known since they decide about the shape.
func rangeOf(c *call) []value {
	c.check(sameType(c.x(0), c.x(1), c.x(2)))
	typ := c.x(0).t
	if typ.isFloat() {
		start, limit, delta := c.number(0), c.number(1), c.number(2)
		n := c.countTo(math.Ceil((limit - start) / delta))
		t := c.tensor(tensor.F32, n)
		for i := range t.F32() {
			t.F32()[i] = float32(start + float64(i)*delta)
		}
		return []value{{n: c.constant(t), t: typ}}
	}
	start, limit, delta := c.int(0, "the start"), c.int(1, "the limit"), c.int(2, "the step")
	n := c.countTo(math.Ceil((float64(limit) - float64(start)) / float64(delta)))
	t := c.tensor(tensor.I64, n)
	for i := range t.I64() {
		t.I64()[i] = int64(start + i*delta)
	}
	return []value{wrap(c.constant(t), typ)}
}

// number returns the one number in input i, which must be known.
func (c *call) number(i int) float64 {
	list := c.floats(i, "the range")
	if len(list) != 1 {
		c.fail("input %d has %d elements, one expected", i, len(list))
	}
	return float64(list[0])
}

func (c *call) countTo(n float64) int {
	if n != n || n > maxMade {
		c.fail("%v elements, at most %d expected", n, maxMade)
	}
	return max(0, int(n))
}

func eyeLike(c *call) []value {
	x := c.x(0)
	if x.rank() != 2 {
		c.fail("shape %v, a matrix expected", x.shape())
	}
	typ := DataType(c.attrInt("dtype", int(x.t)))
	if typ.carrier() == tensor.Invalid {
		c.refuse("values of type %v", typ)
	}
	rows, columns := c.count(x.dim(0), 1), c.count(x.dim(1), 0)
	diagonal := op.Equal(op.Add(rows, c.integer(c.attrInt("k", 0))), columns)
	return []value{castTo(value{n: diagonal, t: Bool}, typ)}
}

// trilu keeps the upper or lower triangle of matrices, from the k-th diagonal on.
func trilu(c *call) []value {
	x := c.x(0)
	if x.rank() < 2 {
		c.fail("shape %v, matrices expected", x.shape())
	}
	k := c.integer(0)
	if c.has(1) {
		k = op.Reshape(op.Cast(c.x(1).whole(), tensor.I64))
	}
	rows, columns := c.count(x.dim(-2), 1), c.count(x.dim(-1), 0)
	diagonal := op.Add(rows, k)
	kept := op.LessOrEqual(columns, diagonal)
	if c.attrInt("upper", 1) != 0 {
		kept = op.LessOrEqual(diagonal, columns)
	}
	return c.one(op.Where(kept, x.n, fill(x.n, 0)))
}

// nonZero lists the coordinates of what is not 0. It must be known since it decides about the shape.
func nonZero(c *call) []value {
	x := c.x(0)
	t := c.known(0, "its input")
	is := func(i int) bool {
		if t.DType() == tensor.F32 {
			return t.F32()[i] != 0
		}
		return integerAt(t, i) != 0
	}
	n := 0
	for i := range t.Size() {
		if is(i) {
			n++
		}
	}
	list := c.tensor(tensor.I64, x.rank(), n)
	next := 0
	graph.Walk(t.Shape(), func(i int, at *[tensor.MaxRank]int) {
		if !is(i) {
			return
		}
		for d := range x.rank() {
			list.I64()[d*n+next] = int64(at[d])
		}
		next++
	})
	return []value{{n: c.constant(list), t: Int64}}
}

// dropout drops nothing at inference. With training_mode it would need random numbers, unless it drops nothing then either.
func dropout(c *call) []value {
	if c.has(2) && c.truthAt(2, "training_mode") && (!c.has(1) || c.number(1) != 0) {
		c.refuse("training")
	}
	return []value{c.x(0), {n: c.g.Fill(graph.Type{DType: tensor.Bool, Shape: c.x(0).shape()}, 1), t: Bool}}
}
