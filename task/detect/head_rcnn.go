package detect

import (
	"errors"
	"fmt"
	"math"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
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

// candidates are the surest of each map, which is their class: boxes of different maps do not suppress each other.
func (rcnnHead) candidates(out []float32, a *anchors, _ int, s Settings) []data.Detection {
	var all, level []data.Detection
	k := 0
	a.eachLevel(func(first, end int) {
		level = level[:0]
		for i := first; i < end; i++ {
			level = append(level, data.Detection{Box: data.Box{X0: float32(i)}, Score: out[5*i]})
		}
		surest(level)
		for _, d := range level[:min(len(level), s.Candidates)] {
			i := int(d.X0)
			all = append(all, found(k, sigmoid(d.Score), proposalDeltas.decode(a.boxes[i], out[5*i+1:])))
		}
		k++
	})
	return all
}

// propose returns the boxes of an image that are worth a second look, by its rows.
func (t Task) propose(rows []float32) []data.Detection {
	all := t.head.candidates(rows, t.anchors, 0, Settings{Candidates: proposalCandidates})
	kept := all[:0]
	for _, d := range all {
		r := rectOf(d.Box).clip(t.Input.Height, t.Input.Width)
		if r.width() >= proposalSide && r.height() >= proposalSide { // false of what is no number
			kept = append(kept, found(d.Class, d.Score, r))
		}
	}
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
