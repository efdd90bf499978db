package detect

import (
	"errors"
	"fmt"
	"math"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
)

// rcnnHead reads torchvision's Faster R-CNN and Mask R-CNN (Ren, He, Girshick & Sun, "Faster R-CNN", NeurIPS 2015). The rows of the images propose
// boxes: each has the logit of there being a thing, and the box's deltas from its anchor. See readRow for what is said of a proposal.
type rcnnHead struct{}

var (
	proposalDeltas = deltas{1, 1}
	secondDeltas   = deltas{10, 5}
)

// Settings of the proposals.
const (
	proposalCandidates = 1000 // of each map, the surest
	proposalOverlap    = 0.7
	proposals          = 1000 // of an image
	proposalSide       = 1e-3 // the least, in pixels
	secondSide         = 1e-2
)

func (rcnnHead) anchors(h, w int) *anchors {
	a := new(anchors)
	for i := range 5 {
		a.add(gridAnchors(h, w, halved(h, 2+i), halved(w, 2+i), []int{32 << i}, []float64{0.5, 1, 2}))
	}
	return a
}

func (rcnnHead) columns(int) int { return 5 }

func (rcnnHead) settings() Settings { return Settings{Score: 0.05, Overlap: 0.5, Most: 100} }

// errPredictsOnly says that a network cannot be trained.
var errPredictsOnly = errors.New("the network only predicts, with weights that were trained elsewhere: lince-det and retinanet_resnet50_fpn learn boxes, " +
	"and lince-mask learns masks")

// CanLearn returns an error that says so if the architecture is for prediction only.
func CanLearn(architecture string) error {
	if _, is := heads[architecture].(rcnnHead); is {
		return fmt.Errorf("%s: %w", architecture, errPredictsOnly)
	}
	return nil
}

// The proposals could learn by themselves; there are no losses, and so no answers.
func (rcnnHead) match(a *anchors, boxes []rect, to []int32) {
	matchThresholds(a, boxes, 0.7, 0.3, true, to)
}

func (rcnnHead) target(anchor, b rect) [4]float32 { return proposalDeltas.encode(anchor, b) }

func (rcnnHead) losses(out, _, _ *graph.Node, _ *anchors, _ int) task.Losses {
	graph.Fail(Name, errPredictsOnly, out)
	return task.Losses{}
}

// read has one class: that there is a thing.
func (rcnnHead) read(out *graph.Node, a *anchors, _ int) (quad, *graph.Node) {
	return proposalDeltas.boxes(columns(out, 1), a), op.Sigmoid(op.Slice(out, 2, 0, 1, 1))
}

// propose returns the boxes of an image that are worth a second look: of each map the surest, but for those that overlap a surer one of the map.
func (t Task) propose(r reading) []data.Detection {
	var kept []data.Detection
	level := 0
	t.anchors.eachLevel(func(first, end int) {
		for _, d := range r.surest(first, end, 0, 1, Settings{Candidates: proposalCandidates}) {
			b := rectOf(d.Box).clip(t.Input.Height, t.Input.Width)
			if b.width() >= proposalSide && b.height() >= proposalSide { // false of what is no number
				kept = append(kept, found(level, d.Score, b))
			}
		}
		level++
	})
	kept = Suppress(kept, proposalOverlap, false)
	return kept[:min(len(kept), proposals)]
}

// readRow returns what the second look says of a proposal: a row has the logits of the background and of the classes, then for each of them four deltas.
func readRow(row []float32, proposal rect, classes int, in modelfile.Input, s Settings) (list []data.Detection) {
	p := make([]float32, classes+1)
	softmax(p, row)
	for c, score := range p[1:] {
		if !(score > s.Score) {
			continue
		}
		at := classes + 1 + 4*(c+1)
		r := secondDeltas.decode(proposal, row[at:at+4]).clip(in.Height, in.Width)
		if r.width() >= secondSide && r.height() >= secondSide {
			list = append(list, found(c, score, r))
		}
	}
	return list
}

// mapOf returns on which of the maps of an R-CNN a box is looked at: the larger it is, the smaller the map (Lin et al., "Feature pyramid networks",
// CVPR 2017, equation 1).
func mapOf(r rect, maps int) int {
	k := math.Floor(4 + math.Log2(math.Sqrt(float64(r.area()))/224) + 1e-6)
	if !(k >= 2) {
		return 0
	}
	return min(int(min(k, 100))-2, maps-1)
}

func softmax(p, logits []float32) {
	most, sum := logits[0], 0.0
	for _, v := range logits[:len(p)] {
		most = max(most, v)
	}
	for i := range p {
		sum += math.Exp(float64(logits[i] - most))
	}
	for i := range p {
		p[i] = float32(math.Exp(float64(logits[i]-most)) / sum)
	}
}
