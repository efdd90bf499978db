package detect

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
)

// fcosHead reads torchvision's FCOS: a row has the logits of the classes, the distances of the box's sides from the middle of the anchor in
// strides, and the logit of the centre-ness.
type fcosHead struct{}

func (fcosHead) anchors(h, w int) *anchors {
	a := &anchors{}
	for i := range 5 {
		a.add(gridAnchors(h, w, halved(h, 3+i), halved(w, 3+i), []int{8 << i}, []float64{1}))
	}
	return a
}

func (fcosHead) columns(classes int) int { return classes + 5 }

func (fcosHead) match(a *anchors, boxes []rect, to []int32) { matchFCOS(a, boxes, 1.5, to) }

func (fcosHead) target(_, b rect) [4]float32 { return b }

// losses are sums over all images, divided by the number of anchors that find something.
func (fcosHead) losses(out, labels, targets *graph.Node, a *anchors, classes int) task.Losses {
	is := atLeast(labels, 0)
	count := orOne(op.ReduceSum(is, false))
	mean := func(x, mask *graph.Node) *graph.Node { return op.Div(sumOf(x, mask), count) }
	each := focal(op.Slice(out, 2, 0, classes, 1), op.OneHot(labels, classes))
	class := op.Div(op.ReduceSum(each, false), count)
	box := mean(op.Sub(out.Graph().Scalar(1), nn.GIoU(fcosBoxes(out, a, classes).joined(), targets)), is)
	said := op.Reshape(op.Slice(out, 2, classes+4, classes+5, 1), is.Shape().Dims()...)
	center := mean(op.BCEWithLogits(said, centerness(columns(targets, 0), is, a)), is)
	return task.Losses{
		Total: op.Add(op.Add(class, box), center),
		Parts: []task.Part{{Name: "class", Node: class}, {Name: "box", Node: box}, {Name: "center", Node: center}},
	}
}

// centerness is 1 in the middle of the box t and 0 at its sides (FCOS, equation 3); it is 0 where is is 0.
func centerness(t quad, is *graph.Node, a *anchors) *graph.Node {
	g := is.Graph()
	x := constant(g, a, func(r rect) float32 { x, _ := r.center(); return x })
	y := constant(g, a, func(r rect) float32 { _, y := r.center(); return y })
	part := func(one, other *graph.Node) *graph.Node { // the nearer side's distance as a part of the farther one's
		return op.Div(op.Min(one, other), op.Add(op.Mul(op.Max(one, other), is), op.Sub(g.Scalar(1), is)))
	}
	both := op.Mul(part(op.Sub(x, t[0]), op.Sub(t[2], x)), part(op.Sub(y, t[1]), op.Sub(t[3], y)))
	return op.Sqrt(op.Max(op.Mul(both, is), g.Scalar(0)))
}

func (fcosHead) read(out *graph.Node, a *anchors, classes int) (quad, *graph.Node) {
	class, center := op.Sigmoid(op.Slice(out, 2, 0, classes, 1)), op.Sigmoid(op.Slice(out, 2, classes+4, classes+5, 1))
	return fcosBoxes(out, a, classes), op.Sqrt(op.Mul(class, center))
}

// fcosBoxes are those of the distances in out.
func fcosBoxes(out *graph.Node, a *anchors, classes int) quad {
	return distances(columns(out, classes), a, func(x *graph.Node) *graph.Node { return x }, 1)
}

func (fcosHead) settings() Settings {
	return Settings{Score: 0.2, Overlap: 0.6, Candidates: 1000, Most: 100}
}
