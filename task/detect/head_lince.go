package detect

import (
	"math"

	"github.com/lince-ml/lince/data"
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

// decodeDistances is distances for one box.
func decodeDistances(anchor rect, v []float32, f func(float32) float32, unit float32) rect {
	x, y := anchor.center()
	w, h := anchor.width()*unit, anchor.height()*unit
	return rect{x - f(v[0])*w, y - f(v[1])*h, x + f(v[2])*w, y + f(v[3])*h}
}

func (h linceHead) candidates(out []float32, a *anchors, classes int, s Settings) []data.Detection {
	return byMap(out, a, h.columns(classes), classes, s, logit(s.Score),
		func(row []float32, class int) float32 { return sigmoid(row[class]) },
		func(anchor rect, row []float32) rect {
			return decodeDistances(anchor, row[classes:], softplus, 1./linceAnchor)
		})
}

func (linceHead) settings() Settings {
	return Settings{Score: 0.05, Overlap: 0.6, Candidates: 1000, Most: 100}
}

func softplus(x float32) float32 {
	v := float64(x)
	return float32(max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))))
}

// logit returns a little less than what sigmoid makes p of.
func logit(p float32) float32 {
	v := float64(p)
	return float32(math.Log(v/(1-v))) - 1e-3
}
