package detect

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// ssdHead reads torchvision's SSD and SSDLite: a row has the logits of background and the classes, and the box's deltas from its anchor.
type ssdHead struct {
	boxes defaultBoxes
	sides func(n int) []int // places along a side of n pixels, of each map
	usual Settings
}

var ssdDeltas = deltas{center: 10, size: 5}

// ssd300 has three ratios on the maps in the middle and two on the others.
var ssd300 = ssdHead{
	boxes: defaultBoxes{
		scales: []float64{0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05},
		ratios: [][]float64{{2}, {2, 3}, {2, 3}, {2, 3}, {2}, {2}},
		steps:  []int{8, 16, 32, 64, 100, 300},
	},
	sides: func(n int) []int {
		n = (n/2/2 + 1) / 2 // the third pooling rounds up
		sides := []int{n, n / 2, halved(n/2, 1), halved(n/2, 2)}
		return append(sides, max(0, sides[3]-2), max(0, sides[3]-4))
	},
	usual: Settings{Score: 0.01, Overlap: 0.45, Candidates: 400, Most: 200},
}

var ssdlite320 = ssdHead{
	boxes: defaultBoxes{
		scales: []float64{0.2, 0.2 + 0.75*1/5, 0.2 + 0.75*2/5, 0.2 + 0.75*3/5, 0.2 + 0.75*4/5, 0.2 + 0.75*5/5, 1},
		ratios: [][]float64{{2, 3}, {2, 3}, {2, 3}, {2, 3}, {2, 3}, {2, 3}},
	},
	sides: func(n int) (sides []int) {
		for i := range 6 {
			sides = append(sides, halved(n, 4+i))
		}
		return sides
	},
	usual: Settings{Score: 0.001, Overlap: 0.55, Candidates: 300, Most: 300},
}

func (s ssdHead) anchors(h, w int) *anchors {
	a := &anchors{}
	down, across := s.sides(h), s.sides(w)
	for k := range s.boxes.ratios {
		a.add(s.boxes.level(k, h, w, down[k], across[k]))
	}
	return a
}

func (ssdHead) columns(classes int) int { return classes + 1 + 4 }

func (ssdHead) match(a *anchors, boxes []rect, to []int32) { matchSSD(a, boxes, 0.5, to) }

func (ssdHead) target(anchor, b rect) [4]float32 { return ssdDeltas.encode(anchor, b) }

// losses are the multibox loss (SSD, equations 1 to 3): sums divided by the number of anchors that find something. Of the background of an
// image, the three times as many anchors with the largest losses count.
func (ssdHead) losses(out, labels, targets *graph.Node, a *anchors, classes int) task.Losses {
	g, n, rows := out.Graph(), out.Shape().Dim(0), len(a.boxes)
	is := atLeast(labels, 0)
	count := orOne(op.ReduceSum(is, false))
	class := op.Add(labels, g.Fill(graph.TypeOf(tensor.I32, n, rows), 1)) // background is 0
	logits := op.Reshape(op.Slice(out, 2, 0, classes+1, 1), n*rows, classes+1)
	each := op.Reshape(op.SoftmaxCrossEntropy(logits, op.Reshape(class, n*rows), 0), n, rows)
	off := op.ReduceSum(op.SmoothL1(op.Slice(out, 2, classes+1, classes+5, 1), targets, 1), false, 2)
	boxLoss := op.Div(sumOf(off, is), count)
	classLoss := op.Div(sumOf(each, op.Add(is, hardest(each, is, 3))), count)
	return task.Losses{
		Total: op.Add(classLoss, boxLoss),
		Parts: []task.Part{{Name: "class", Node: classLoss}, {Name: "box", Node: boxLoss}},
	}
}

// hardest is 1 for those of the elements of each row of x [N, A] with is 0 that are the largest, times as many as have is 1; 0 for the others.
func hardest(x, is *graph.Node, times float64) *graph.Node {
	g, rows := x.Graph(), x.Shape().Dim(1)
	others := op.Where(op.Greater(is, g.Scalar(0.5)), g.Scalar(math.Inf(-1)), x)
	order := op.TopK(others, 1, rows, false)
	place := op.Cast(op.TopK(order, 1, rows, true), tensor.F32) // of each element in the order
	wanted := op.Mul(op.ReduceSum(is, true, 1), g.Scalar(times))
	return op.Mul(op.Cast(op.Less(place, wanted), tensor.F32), op.Sub(g.Scalar(1), is))
}

func (ssdHead) read(out *graph.Node, a *anchors, classes int) (quad, *graph.Node) {
	p := op.Softmax(op.Slice(out, 2, 0, classes+1, 1), 2)
	return ssdDeltas.boxes(columns(out, classes+1), a), op.Slice(p, 2, 1, classes+1, 1)
}

func (s ssdHead) settings() Settings { return s.usual }
