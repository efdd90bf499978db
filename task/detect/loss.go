package detect

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// A quad is a box for each anchor of each image: x0, y0, x1, y1, each [N, A].
type quad [4]*graph.Node

// columns returns columns from..from+3 of x [N, A, C].
func columns(x *graph.Node, from int) quad {
	var q quad
	for i := range q {
		q[i] = op.Reshape(op.Slice(x, 2, from+i, from+i+1, 1), x.Shape().Dim(0), x.Shape().Dim(1))
	}
	return q
}

// joined returns the boxes as f32 [N, A, 4].
func (q quad) joined() *graph.Node {
	n, a := q[0].Shape().Dim(0), q[0].Shape().Dim(1)
	var list [4]*graph.Node
	for i, x := range q {
		list[i] = op.Reshape(x, n, 1, a)
	}
	return op.Transpose(op.Concat(1, list[:]...), 0, 2, 1)
}

// constant returns the column f of anchors as f32 [1, A].
func constant(g *graph.Graph, a *anchors, f func(rect) float32) *graph.Node {
	values := make([]float32, len(a.boxes))
	for i, r := range a.boxes {
		values[i] = f(r)
	}
	return g.Const(tensor.Of(tensor.ShapeOf(1, len(values)), values...))
}

// eps keeps divisions by the area of nothing finite; it is torchvision's.
const eps = 1e-7

// An overlap is what the losses of boxes are made of.
type overlap struct {
	p, t  quad        // what is said, and what is right
	ratio *graph.Node // the intersection over union
	w, h  *graph.Node // sides of the smallest box around both
}

func overlapOf(p, t quad) overlap {
	g := p[0].Graph()
	zero, e := g.Scalar(0), g.Scalar(eps)
	w := op.Max(op.Sub(op.Min(p[2], t[2]), op.Max(p[0], t[0])), zero)
	h := op.Max(op.Sub(op.Min(p[3], t[3]), op.Max(p[1], t[1])), zero)
	inter := op.Mul(w, h)
	union := op.Sub(op.Add(area(p), area(t)), inter)
	return overlap{
		p: p, t: t, ratio: op.Div(inter, op.Add(union, e)),
		w: op.Sub(op.Max(p[2], t[2]), op.Min(p[0], t[0])), h: op.Sub(op.Max(p[3], t[3]), op.Min(p[1], t[1])),
	}
}

func area(q quad) *graph.Node { return op.Mul(op.Sub(q[2], q[0]), op.Sub(q[3], q[1])) }

// ciou returns 1 - CIoU of each pair (Zheng et al., "Distance-IoU loss", AAAI 2020, equations 7 to 11): it also counts the distance of the
// middles as a part of the diagonal of the box around both, and how much the angles of the diagonals differ.
func (o overlap) ciou() *graph.Node {
	g := o.w.Graph()
	square := func(x *graph.Node) *graph.Node { return op.Mul(x, x) }
	e := g.Scalar(eps)
	diagonal := op.Add(op.Add(square(o.w), square(o.h)), e)
	dx := op.Sub(op.Add(o.p[0], o.p[2]), op.Add(o.t[0], o.t[2]))
	dy := op.Sub(op.Add(o.p[1], o.p[3]), op.Add(o.t[1], o.t[3]))
	apart := op.Div(op.Mul(op.Add(square(dx), square(dy)), g.Scalar(0.25)), diagonal)
	angle := func(q quad) *graph.Node {
		return op.Atan(op.Div(op.Sub(q[2], q[0]), op.Add(op.Sub(q[3], q[1]), e)))
	}
	v := op.Mul(square(op.Sub(angle(o.t), angle(o.p))), g.Scalar(4/(math.Pi*math.Pi)))
	weight := op.StopGradient(op.Div(v, op.Add(op.Add(op.Sub(g.Scalar(1), o.ratio), v), e)))
	return op.Add(op.Add(op.Sub(g.Scalar(1), o.ratio), apart), op.Mul(weight, v))
}

// focal returns the loss of each element of logits (Lin, Goyal, Girshick, He & Dollár, "Focal loss for dense object detection", ICCV 2017,
// equation 5, with gamma 2 and alpha 0.25).
func focal(logits, target *graph.Node) *graph.Node {
	g := logits.Graph()
	one := g.Scalar(1)
	p := op.Sigmoid(logits)
	hit := op.Add(op.Mul(p, target), op.Mul(op.Sub(one, p), op.Sub(one, target)))
	miss := op.Sub(one, hit)
	share := op.Add(op.Mul(target, g.Scalar(0.25)), op.Mul(op.Sub(one, target), g.Scalar(0.75)))
	return op.Mul(share, op.Mul(op.Mul(miss, miss), op.BCEWithLogits(logits, target)))
}

// qualityFocal returns the loss of each element of logits for targets from 0 to 1 (Li et al., "Generalized focal loss", NeurIPS 2020, equation 3,
// with beta 2).
func qualityFocal(logits, target *graph.Node) *graph.Node {
	miss := op.Sub(op.Sigmoid(logits), target)
	return op.Mul(op.Mul(miss, miss), op.BCEWithLogits(logits, target))
}

// sumOf returns the sum of mask times x, for x and mask of one shape.
func sumOf(x, mask *graph.Node) *graph.Node { return op.ReduceSum(op.Mul(x, mask), false) }

// atLeast returns 1 where labels, i32, is from or more, else 0.
func atLeast(labels *graph.Node, from int) *graph.Node {
	g := labels.Graph()
	return op.Cast(op.GreaterOrEqual(labels, g.Fill(graph.TypeOf(tensor.I32), float64(from))), tensor.F32)
}

// orOne returns x, or 1 if it is less.
func orOne(x *graph.Node) *graph.Node { return op.Max(x, x.Graph().Scalar(1)) }
