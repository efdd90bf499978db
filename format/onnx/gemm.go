package onnx

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() {
	register("Gemm", 1, gemm)
	register("MatMul", 1, func(c *call) []value {
		c.check(sameType(c.x(0), c.x(1)))
		return []value{fromReal(matMul(c.real(0), c.real(1)), c.x(0).t)}
	})
}

// gemm is alpha A B + beta C, where C broadcasts.
func gemm(c *call) []value {
	a, b := c.real(0), c.real(1)
	if a.Shape().Rank() != 2 || b.Shape().Rank() != 2 {
		c.fail("shapes %v and %v, matrices expected", a.Shape(), b.Shape())
	}
	y := op.MatMul(a, b, op.MatMulAttrs{TransA: c.attrBool("transA"), TransB: c.attrBool("transB")})
	y = scaled(y, c.attrFloat("alpha", 1))
	if c.has(2) {
		y = op.Add(y, scaled(c.real(2), c.attrFloat("beta", 1)))
	}
	return []value{fromReal(y, c.x(0).t)}
}

func scaled(x *graph.Node, factor float32) *graph.Node {
	if factor == 1 {
		return x
	}
	return op.Mul(x, x.Graph().Scalar(float64(factor)))
}

// matMul multiplies as NumPy does: a vector on the left is a row, on the right a column, and the result lacks that dimension.
func matMul(a, b *graph.Node) *graph.Node {
	row, column := a.Shape().Rank() == 1, b.Shape().Rank() == 1
	if row {
		a = op.Reshape(a, 1, a.Shape().Dim(0))
	}
	if column {
		b = op.Reshape(b, b.Shape().Dim(0), 1)
	}
	y := op.MatMul(a, b, op.MatMulAttrs{})
	dims := y.Shape().Dims()
	if column {
		dims = dims[:len(dims)-1]
	}
	if row {
		last := len(dims) - 1
		if !column {
			dims[last-1] = dims[last]
		}
		dims = dims[:last]
	}
	return op.Reshape(y, dims...)
}
