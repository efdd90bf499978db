package detect

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
)

// linceHead reads lince-det: a row has the logits of the classes, each of which says how well the box overlaps a thing of the class, and what
// softplus makes the distances of the box's sides from the middle of the place, in strides.
type linceHead struct{}

var linceStrides = []int{8, 16, 32}

// linceAnchor is the side of an anchor in strides. It decides only which map has which boxes.
const linceAnchor = 4

func (linceHead) anchors(h, w int) *anchors {
	a := &anchors{}
	for i, stride := range linceStrides {
		a.add(points(halved(h, 3+i), halved(w, 3+i), stride, float32(linceAnchor*stride)))
	}
	return a
}

func (linceHead) columns(classes int) int { return classes + 4 }

func (linceHead) match(a *anchors, boxes []rect, to []int32) { matchATSS(a, boxes, 9, to) }

func (linceHead) target(_, b rect) [4]float32 { return b }

func (linceHead) losses(out, labels, targets *graph.Node, a *anchors, classes int) task.Losses {
	g, n := out.Graph(), len(a.boxes)
	logits := op.Slice(out, 2, 0, classes, 1)
	is := atLeast(labels, 0)
	count := orOne(op.ReduceSum(is, false))
	o := overlapOf(distances(columns(out, classes), a, op.Softplus, 1./linceAnchor), columns(targets, 0))
	quality := op.Mul(op.OneHot(labels, classes), op.Reshape(op.StopGradient(o.ratio), -1, n, 1))
	class := op.Div(op.ReduceSum(qualityFocal(logits, quality), false), count)
	box := op.Div(sumOf(o.ciou(), is), count)
	return task.Losses{
		Total: op.Add(class, op.Mul(box, g.Scalar(2))),
		Parts: []task.Part{{Name: "class", Node: class}, {Name: "box", Node: box}},
	}
}

// distances emits the boxes whose sides are f(d) times unit sides of the anchor away from its middle.
func distances(d quad, a *anchors, f func(*graph.Node) *graph.Node, unit float64) quad {
	g := d[0].Graph()
	x := constant(g, a, func(r rect) float32 { x, _ := r.center(); return x })
	y := constant(g, a, func(r rect) float32 { _, y := r.center(); return y })
	w := constant(g, a, func(r rect) float32 { return r.width() * float32(unit) })
	h := constant(g, a, func(r rect) float32 { return r.height() * float32(unit) })
	return quad{
		op.Sub(x, op.Mul(f(d[0]), w)), op.Sub(y, op.Mul(f(d[1]), h)),
		op.Add(x, op.Mul(f(d[2]), w)), op.Add(y, op.Mul(f(d[3]), h)),
	}
}

func (linceHead) read(out *graph.Node, a *anchors, classes int) (quad, *graph.Node) {
	return distances(columns(out, classes), a, op.Softplus, 1./linceAnchor), op.Sigmoid(op.Slice(out, 2, 0, classes, 1))
}

func (linceHead) settings() Settings {
	return Settings{Score: 0.05, Overlap: 0.6, Candidates: 1000, Most: 100}
}
