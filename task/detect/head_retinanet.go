package detect

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
)

// retinaHead reads torchvision's RetinaNet: a row has the logits of the classes and the box's deltas from its anchor (Lin et al., "Focal loss
// for dense object detection", ICCV 2017).
type retinaHead struct{}

var retinaDeltas = deltas{center: 1, size: 1}

func (retinaHead) anchors(h, w int) *anchors {
	a := &anchors{}
	for i := range 5 {
		size := 32 << i
		sizes := []int{size, int(float64(size) * math.Pow(2, 1./3)), int(float64(size) * math.Pow(2, 2./3))}
		a.add(gridAnchors(h, w, halved(h, 3+i), halved(w, 3+i), sizes, []float64{0.5, 1, 2}))
	}
	return a
}

func (retinaHead) columns(classes int) int { return classes + 4 }

func (retinaHead) match(a *anchors, boxes []rect, to []int32) {
	matchThresholds(a, boxes, 0.5, 0.4, true, to)
}

func (retinaHead) target(anchor, b rect) [4]float32 { return retinaDeltas.encode(anchor, b) }

// losses are sums over an image, divided by the number of its anchors that find something, and the mean of that over the images.
func (retinaHead) losses(out, labels, targets *graph.Node, _ *anchors, classes int) task.Losses {
	n, rows := out.Shape().Dim(0), out.Shape().Dim(1)
	is, counts := atLeast(labels, 0), atLeast(labels, background)
	mean := func(each *graph.Node) *graph.Node { // of [N, A]
		return op.ReduceMean(op.Div(op.ReduceSum(each, false, 1), orOne(op.ReduceSum(is, false, 1))), false)
	}
	each := focal(op.Slice(out, 2, 0, classes, 1), op.OneHot(labels, classes))
	class := mean(op.Mul(op.ReduceSum(each, false, 2), counts))
	off := op.SmoothL1(op.Slice(out, 2, classes, classes+4, 1), targets, 0)
	box := mean(op.Mul(op.ReduceSum(off, false, 2), op.Reshape(is, n, rows)))
	return task.Losses{Total: op.Add(class, box), Parts: []task.Part{{Name: "class", Node: class}, {Name: "box", Node: box}}}
}

func (retinaHead) read(out *graph.Node, a *anchors, classes int) (quad, *graph.Node) {
	return retinaDeltas.boxes(columns(out, classes), a), op.Sigmoid(op.Slice(out, 2, 0, classes, 1))
}

func (retinaHead) settings() Settings {
	return Settings{Score: 0.05, Overlap: 0.5, Candidates: 1000, Most: 300}
}
