package segment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/op"
)

// An Objective is what training makes small: the sum of those losses that are asked for, the cross-entropy if none is. Pixels whose class is not known are part of
// none of them.
type Objective struct {
	CrossEntropy bool
	Focal        bool // cross-entropy that cares less for what is nearly right
	Dice         bool // what the areas of each class and of what is said to be of it do not share
	Gamma        float32
	Weights      []float32 // how much each class counts in cross-entropy and focal loss; nil: all the same
}

// losses are the names that ParseLoss knows.
var losses = []string{"ce", "dice", "focal"}

// ParseLoss returns the loss that text describes: one of these, or several with + between them. What is not given has the value shown.
//
//	ce            cross-entropy of the softmax
//	focal:gamma=2 the focal loss
//	dice          the Dice loss
//
// No text is ce.
func ParseLoss(text string) (Objective, error) {
	var o Objective
	if text == "" {
		return Objective{CrossEntropy: true}, nil
	}
	for _, part := range strings.Split(text, "+") {
		name, settings, given := strings.Cut(part, ":")
		switch name {
		case "ce":
			o.CrossEntropy = true
		case "dice":
			o.Dice = true
		case "focal":
			o.Focal, o.Gamma = true, 2
		default:
			return o, nearest.Error("loss", name, losses)
		}
		if !given {
			continue
		}
		key, value, _ := strings.Cut(settings, "=")
		gamma, err := strconv.ParseFloat(value, 32)
		if name != "focal" || key != "gamma" || err != nil || !(gamma >= 0 && gamma <= 100) {
			return o, fmt.Errorf("loss %s: %q, expected only focal:gamma=N to have a setting, a number from 0 to 100", name, settings)
		}
		o.Gamma = float32(gamma)
	}
	return o, nil
}

// loss emits the mean loss of logits [N, classes, H, W], where planes of the same shape say which class a pixel has (none: not known), and weights [N, H, W]
// how much it counts.
func (o Objective) loss(logits, planes, weights *graph.Node) *graph.Node {
	log := op.LogSoftmax(logits, 1)
	var sum []*graph.Node
	if o.CrossEntropy || !o.Focal && !o.Dice {
		sum = append(sum, crossEntropy(log, planes, weights))
	}
	if o.Focal {
		sum = append(sum, focal(log, planes, weights, o.Gamma))
	}
	if o.Dice {
		sum = append(sum, dice(log, planes))
	}
	total := sum[0]
	for _, loss := range sum[1:] {
		total = op.Add(total, loss)
	}
	return total
}

// truthLog returns the logarithm of the probability of each pixel's own class, [N, H, W]; 0 where that is not known.
func truthLog(log, planes *graph.Node) *graph.Node {
	return op.ReduceSum(op.Mul(log, planes), false, 1)
}

// crossEntropy is the weighted mean of -log p of the pixels' classes.
func crossEntropy(log, planes, weights *graph.Node) *graph.Node {
	return weightedMean(op.Neg(truthLog(log, planes)), weights)
}

// focal is the weighted mean of -(1-p)^gamma log p (Lin et al., "Focal loss for dense object detection", ICCV 2017, equation 4).
func focal(log, planes, weights *graph.Node, gamma float32) *graph.Node {
	g := log.Graph()
	own := truthLog(log, planes)
	miss := op.Clip(op.Sub(g.Scalar(1), op.Exp(own)), 1e-12, 1) // 0 to a power less than 1 has no gradient
	return weightedMean(op.Neg(op.Mul(op.Pow(miss, g.Scalar(float64(gamma))), own)), weights)
}

// weightedMean of nothing is 0.
func weightedMean(x, weights *graph.Node) *graph.Node {
	least := x.Graph().Scalar(1e-6)
	return op.Div(op.ReduceSum(op.Mul(x, weights), false), op.Max(op.ReduceSum(weights, false), least))
}

// dice is 1 minus the mean over the classes of (2 Σ p t + 1) / (Σ p + Σ t + 1), with sums over all known pixels of the batch, where p is the probability of the
// class and t says whether the pixel has it (Milletari, Navab & Ahmadi, "V-Net", 3DV 2016, section 3, without squares below; the ones are for classes that the batch lacks).
func dice(log, planes *graph.Node) *graph.Node {
	g := log.Graph()
	known := op.ReduceSum(planes, true, 1)
	p := op.Mul(op.Exp(log), known)
	sum := func(x *graph.Node) *graph.Node { return op.ReduceSum(x, false, 0, 2, 3) }
	one := g.Scalar(1)
	shared := op.Add(op.Mul(sum(op.Mul(p, planes)), g.Scalar(2)), one)
	both := op.Add(op.Add(sum(p), sum(planes)), one)
	return op.Sub(one, op.ReduceMean(op.Div(shared, both), false))
}

// pixelWeights writes to dst how much each pixel counts.
func (o Objective) pixelWeights(pixels []int32, dst []float32) {
	for i, class := range pixels {
		switch {
		case class < 0:
			dst[i] = 0
		case o.Weights != nil:
			dst[i] = o.Weights[class]
		default:
			dst[i] = 1
		}
	}
}

// MedianFrequency returns a weight for each class by median frequency balancing (Eigen & Fergus, ICCV 2015, section 4.3.2): the median of the classes'
// frequencies by that of the class, which is its share of the pixels of those images that have it. A class without pixels has weight 0.
//
// counts[i] and areas[i] are, of class i, its pixels, and all known pixels of the images that have it.
func MedianFrequency(counts, areas []int64) []float32 {
	frequencies := make([]float64, len(counts))
	var there []float64
	for i, n := range counts {
		if n > 0 {
			frequencies[i] = float64(n) / float64(areas[i])
			there = append(there, frequencies[i])
		}
	}
	weights := make([]float32, len(counts))
	if there == nil {
		return weights
	}
	slices.Sort(there)
	median := (there[(len(there)-1)/2] + there[len(there)/2]) / 2
	for i, f := range frequencies {
		if f > 0 {
			weights[i] = float32(median / f)
		}
	}
	return weights
}
