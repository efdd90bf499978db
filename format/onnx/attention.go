package onnx

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	register("Attention", 23, attention)
	register("RotaryEmbedding", 23, rotaryEmbedding)
}

// attention is softmax(scale Q K^T + mask) V for each head (Vaswani et al. 2017, section 3.2.1). Caches of past keys, and heads that share keys, of which ONNX's releases
// disagree, are for language models and refused.
func attention(c *call) []value {
	flat := c.x(0).rank() == 3
	q, k, v := c.heads(0, "q_num_heads"), c.heads(1, "kv_num_heads"), c.heads(2, "kv_num_heads")
	switch {
	case c.has(4) || c.has(5):
		c.refuse("past keys and values")
	case q.Shape().Dim(1) != k.Shape().Dim(1):
		c.refuse("heads that share keys")
	case c.attrFloat("softcap", 0) != 0 && (c.has(3) || c.attrBool("is_causal")):
		c.refuse("softcap with a mask")
	}
	root := math.Sqrt(float64(c.attrFloat("scale", float32(1/math.Sqrt(float64(q.Shape().Dim(3)))))))
	product := op.MatMul(op.Mul(q, c.scalar(root)), op.Mul(k, c.scalar(root)), op.MatMulAttrs{TransB: true})
	masked := c.masked(product)
	if limit := c.attrFloat("softcap", 0); limit != 0 {
		cap := c.scalar(float64(limit))
		masked = op.Mul(op.Tanh(op.Div(masked, cap)), cap)
	}
	weights := op.Softmax(masked, 3)
	if c.has(3) { // a row without any key counts nothing
		none := op.Equal(op.ReduceMax(masked, true, 3), c.scalar(math.Inf(-1)))
		weights = op.Where(none, c.scalar(0), weights)
	}
	y := op.MatMul(weights, v, op.MatMulAttrs{})
	if flat {
		s := y.Shape()
		y = op.Reshape(op.Transpose(y, 0, 2, 1, 3), s.Dim(0), s.Dim(2), s.Dim(1)*s.Dim(3))
	}
	mode := c.attrInt("qk_matmul_output_mode", 0)
	if mode < 0 || mode > 3 {
		c.fail("attribute qk_matmul_output_mode is %d, 0 to 3 expected", mode)
	}
	scores := []*graph.Node{product, masked, masked, weights}[mode]
	t := c.x(0)
	return []value{t.with(y), c.x(1).with(k), c.x(2).with(v), t.with(scores)}
}

// heads returns input i as [N heads length size]; [N length heads*size] if it has three dimensions.
func (c *call) heads(i int, attribute string) *graph.Node {
	x := c.float(i)
	s := x.Shape()
	switch s.Rank() {
	case 4:
		return x
	case 3:
		n := c.attrInt(attribute, 0)
		if n < 1 || s.Dim(2)%n != 0 {
			c.fail("%d heads of shape %v", n, s)
		}
		return op.Transpose(op.Reshape(x, s.Dim(0), s.Dim(1), n, s.Dim(2)/n), 0, 2, 1, 3)
	}
	c.fail("input %d has shape %v, three or four dimensions expected", i, s)
	return nil
}

// masked adds the mask, or minus infinity where it is false, and with is_causal what lies above the diagonal.
func (c *call) masked(scores *graph.Node) *graph.Node {
	never := c.scalar(math.Inf(-1))
	if c.attrBool("is_causal") {
		rows, columns := c.count(scores.Shape().Dim(2), 1), c.count(scores.Shape().Dim(3), 0)
		scores = op.Where(op.LessOrEqual(columns, rows), scores, never)
	}
	if !c.has(3) {
		return scores
	}
	if mask := c.x(3); mask.t != Bool {
		return op.Add(scores, mask.real())
	}
	return op.Where(c.bool(3), scores, never)
}

// rotaryEmbedding turns pairs of numbers by angles whose cosines and sines are given (Su et al. 2021, "RoFormer").
func rotaryEmbedding(c *call) []value {
	flat := c.float(0).Shape().Rank() == 3
	x := c.heads(0, "num_heads")
	size := x.Shape().Dim(3)
	turned := c.attrInt("rotary_embedding_dim", 0)
	if turned == 0 {
		turned = size
	}
	if turned < 0 || turned > size || turned%2 != 0 {
		c.fail("%d of %d numbers, an even part expected", turned, size)
	}
	cos, sin := c.angles(1, turned/2), c.angles(2, turned/2)
	part := func(first, step, n int) *graph.Node { return op.Slice(x, 3, first, min(first+n*step, turned), step) }
	step, second := 1, turned/2
	if c.attrBool("interleaved") {
		step, second = 2, 1
	}
	a, b := part(0, step, turned/2), part(second, step, turned/2)
	real := op.Sub(op.Mul(cos, a), op.Mul(sin, b))
	imaginary := op.Add(op.Mul(sin, a), op.Mul(cos, b))
	y := op.Concat(3, real, imaginary)
	if step == 2 {
		dims := real.Shape().Dims()
		y = op.Concat(4, op.Reshape(real, append(dims, 1)...), op.Reshape(imaginary, append(dims, 1)...))
		dims[3] = turned
		y = op.Reshape(y, dims...)
	}
	y = op.Concat(3, y, op.Slice(x, 3, turned, size, 1))
	if flat {
		s := y.Shape()
		y = op.Reshape(op.Transpose(y, 0, 2, 1, 3), s.Dim(0), s.Dim(2), s.Dim(1)*s.Dim(3))
	}
	return c.one(y)
}

// angles returns the numbers in input i, picked by the positions in input 3 if there are any, as [N 1 length n].
func (c *call) angles(i, n int) *graph.Node {
	t := c.float(i)
	if c.has(3) {
		t = op.Gather(t, op.Cast(c.x(3).whole(), tensor.I64), 0)
	}
	s := t.Shape()
	if s.Rank() != 3 || s.Dim(2) < n {
		c.fail("cosines or sines of shape %v, [N length %d] expected", s, n)
	}
	return op.Reshape(op.Slice(t, 2, 0, n, 1), s.Dim(0), 1, s.Dim(1), n)
}
