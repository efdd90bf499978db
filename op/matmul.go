package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// MatMulAttrs say which inputs of a MatMul are stored transposed.
type MatMulAttrs struct {
	TransA bool // a is [... K M] instead of [... M K]
	TransB bool // b is [... N K] instead of [... K N]
}

// Sizes returns the sizes of the product, m x k times k x n, of matrices in tensors of shapes a and b.
func (o MatMulAttrs) Sizes(a, b tensor.Shape) (m, k, n int) {
	m, k, n = a.Dim(-2), a.Dim(-1), b.Dim(-1)
	if o.TransA {
		m, k = k, m
	}
	if o.TransB {
		n = b.Dim(-2)
	}
	return m, k, n
}

// MatMulOp is the matrix product of the last two dimensions, for each of the leading ones, which broadcast.
type MatMulOp struct{ MatMulAttrs }

// MatMul returns the product of the matrices in the last two dimensions: [... M K] times [... K N] gives [... M N].
// The leading dimensions are a batch and broadcast. A transposed input has its last two dimensions swapped.
func MatMul(a, b *graph.Node, attrs MatMulAttrs) *graph.Node {
	return graph.Apply(MatMulOp{attrs}, a, b)
}

// Name returns "MatMul".
func (MatMulOp) Name() string { return "MatMul" }

// Infer checks that the inner sizes agree and the batches broadcast.
func (o MatMulOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, tensor.F32, tensor.F32); err != nil {
		return graph.Type{}, err
	}
	for i, t := range in {
		if t.Shape.Rank() < 2 {
			return t, fmt.Errorf("%c is %v, two dimensions or more expected", "ab"[i], t)
		}
	}
	a, b := in[0].Shape, in[1].Shape
	m, k, n := o.Sizes(a, b)
	inner := b.Dim(-2)
	if o.TransB {
		inner = b.Dim(-1)
	}
	if k != inner {
		return in[0], fmt.Errorf("a%s is %d x %d, b%s is %d x %d: the inner sizes %d and %d differ",
			transposed(o.TransA), m, k, transposed(o.TransB), inner, n, k, inner)
	}
	batch, err := graph.Broadcast(batchOf(a), batchOf(b))
	if err != nil {
		return in[0], fmt.Errorf("batch %w", err)
	}
	return graph.F32(append(batch.Dims(), m, n)...), nil
}

func transposed(t bool) string {
	if t {
		return " transposed"
	}
	return ""
}

// batchOf returns all but the last two dimensions.
func batchOf(s tensor.Shape) tensor.Shape { return tensor.ShapeOf(s.Dims()[:s.Rank()-2]...) }

// Eval sums in float64.
func (o MatMulOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	m, k, n := o.Sizes(in[0].Shape(), in[1].Shape())
	rowA, colA, rowB, colB := k, 1, n, 1
	if o.TransA {
		rowA, colA = 1, m
	}
	if o.TransB {
		rowB, colB = 1, k
	}
	batch := batchOf(out.Shape())
	stepA, stepB := graph.BroadcastIndex(batchOf(in[0].Shape()), batch), graph.BroadcastIndex(batchOf(in[1].Shape()), batch)
	graph.Walk(batch, func(nth int, at *[tensor.MaxRank]int) {
		a, b := in[0].F32()[graph.Offset(at, &stepA)*m*k:], in[1].F32()[graph.Offset(at, &stepB)*k*n:]
		y := out.F32()[nth*m*n:]
		for i := range m {
			for j := range n {
				sum := 0.0
				for l := range k {
					sum += float64(a[i*rowA+l*colA]) * float64(b[l*rowB+j*colB])
				}
				y[i*n+j] = float32(sum)
			}
		}
	})
}

// Grad: for Y = AB, dA = dY Bᵀ and dB = Aᵀ dY, each transposed as its input is and summed over the batch dimensions that
// were broadcast.
func (o MatMulOp) Grad(n, dy *graph.Node) []*graph.Node {
	a, b := n.In(0), n.In(1)
	var da, db *graph.Node
	if o.TransA {
		da = MatMul(b, dy, MatMulAttrs{TransA: o.TransB, TransB: true})
	} else {
		da = MatMul(dy, b, MatMulAttrs{TransB: !o.TransB})
	}
	if o.TransB {
		db = MatMul(dy, a, MatMulAttrs{TransA: true, TransB: o.TransA})
	} else {
		db = MatMul(a, dy, MatMulAttrs{TransA: !o.TransA})
	}
	return []*graph.Node{graph.SumTo(da, a.Shape()), graph.SumTo(db, b.Shape())}
}

// FLOPs returns 2 k for each element of the result.
func (o MatMulOp) FLOPs(in []graph.Type, out graph.Type) int64 {
	_, k, _ := o.Sizes(in[0].Shape, in[1].Shape)
	return 2 * int64(k) * int64(out.Size())
}
