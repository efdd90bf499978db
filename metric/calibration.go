package metric

import "math"

// least bounds probabilities from below where their logarithm is taken, as scikit-learn does: one certain mistake would make all infinite.
const least = 2.220446049250313e-16 // the machine epsilon of float64

// LogLoss returns the mean of -log of the probability of the label.
func LogLoss(probabilities []float32, classes int, labels []int) float64 {
	sum := 0.0
	for i, label := range labels {
		sum -= math.Log(math.Max(float64(probabilities[i*classes+label]), least))
	}
	return sum / float64(len(labels))
}

// SigmoidLogLoss returns the mean of -log of the probability of what is true, for probabilities that each have a target of 0 or 1.
func SigmoidLogLoss(probabilities, targets []float32) float64 {
	sum := 0.0
	for i, p := range probabilities {
		q := float64(p)
		if targets[i] == 0 {
			q = 1 - q
		}
		sum -= math.Log(math.Max(q, least))
	}
	return sum / float64(len(targets))
}

// Brier returns the mean over the images of Σ (p - t)², where t is 1 for the label and 0 for the other classes: 0 is best, 2 is worst
// (Brier, "Verification of forecasts expressed in terms of probability", 1950).
func Brier(probabilities []float32, classes int, labels []int) float64 {
	sum := 0.0
	for i, label := range labels {
		for c, p := range probabilities[i*classes : (i+1)*classes] {
			d := float64(p)
			if c == label {
				d--
			}
			sum += d * d
		}
	}
	return sum / float64(len(labels))
}

// A Bin holds the images whose confidence is in one part of 0 to 1.
type Bin struct {
	N          int     `json:"n"`
	Confidence float64 `json:"confidence"` // mean; 0 for none
	Accuracy   float64 `json:"accuracy"`   // share that is right; 0 for none
}

// Reliability divides images by their confidence into as many equal parts of 0 to 1; a bound belongs to the part below it.
func Reliability(confidence []float32, right []bool, parts int) []Bin {
	bins := make([]Bin, parts)
	for i, p := range confidence {
		b := &bins[min(max(int(math.Ceil(float64(p)*float64(parts)))-1, 0), parts-1)]
		b.N++
		b.Confidence += float64(p)
		if right[i] {
			b.Accuracy++
		}
	}
	for i := range bins {
		n := math.Max(1, float64(bins[i].N))
		bins[i].Confidence /= n
		bins[i].Accuracy /= n
	}
	return bins
}

// ECE returns the expected calibration error, the mean distance of confidence and accuracy over all images (Guo et al., "On calibration of
// modern neural networks", ICML 2017, equation 3).
func ECE(bins []Bin) float64 {
	sum, n := 0.0, 0
	for _, b := range bins {
		sum += float64(b.N) * math.Abs(b.Confidence-b.Accuracy)
		n += b.N
	}
	return sum / float64(n)
}

// Temperature returns the T that makes the log loss of softmax(logits / T) least (Guo et al. 2017, section 4.2). The logits are taken to be the
// logarithms of the probabilities, which differ from them by a constant for each image. T is 0.01 to 100.
func Temperature(probabilities []float32, classes int, labels []int) float64 {
	logits := logarithms(probabilities)
	return 1 / flat(func(beta float64) (slope, curvature float64) {
		for i, label := range labels {
			s, c := softmaxSlope(logits[i*classes:(i+1)*classes], label, beta)
			slope, curvature = slope+s, curvature+c
		}
		return slope, curvature
	})
}

// softmaxSlope returns the first and second derivative of -log softmax(beta z)[label] by beta: mean of z less z[label], and variance of z,
// under the softmax.
func softmaxSlope(z []float64, label int, beta float64) (slope, curvature float64) {
	top := math.Inf(-1)
	for _, v := range z {
		top = math.Max(top, beta*v)
	}
	var sum, mean, square float64
	for _, v := range z {
		e := math.Exp(beta*v - top)
		sum += e
		mean += e * v
		square += e * v * v
	}
	mean /= sum
	return mean - z[label], square/sum - mean*mean
}

// SigmoidTemperature is Temperature for probabilities that are sigmoid(logits), each with a target of 0 or 1.
func SigmoidTemperature(probabilities, targets []float32) float64 {
	logits := sigmoidLogits(probabilities)
	return 1 / flat(func(beta float64) (slope, curvature float64) {
		for i, z := range logits {
			p := 1 / (1 + math.Exp(-beta*z))
			slope += (p - float64(targets[i])) * z
			curvature += p * (1 - p) * z * z
		}
		return slope, curvature
	})
}

// sigmoidLogits returns the x of which the probabilities are sigmoid(x).
func sigmoidLogits(probabilities []float32) []float64 {
	logits := make([]float64, len(probabilities))
	for i, p := range probabilities {
		q := math.Min(math.Max(float64(p), tiny), 1-least)
		logits[i] = math.Log(q) - math.Log1p(-q)
	}
	return logits
}

// SigmoidScale returns the probabilities that sigmoid(logits / temperature) has, of those at temperature 1.
func SigmoidScale(probabilities []float32, temperature float64) []float32 {
	out := make([]float32, len(probabilities))
	for i, z := range sigmoidLogits(probabilities) {
		out[i] = float32(1 / (1 + math.Exp(-z/temperature)))
	}
	return out
}

// tiny is the least normal float32: what a smaller probability was is not known.
const tiny = 0x1p-126

func logarithms(probabilities []float32) []float64 {
	logs := make([]float64, len(probabilities))
	for i, p := range probabilities {
		logs[i] = math.Log(math.Max(float64(p), tiny))
	}
	return logs
}

// flat returns where the slope of a convex function is 0, between 0.01 and 100: Newton's steps, or halves of the interval where they would
// leave it.
func flat(derivatives func(x float64) (slope, curvature float64)) float64 {
	lo, hi, x := 0.01, 100.0, 1.0
	for range 100 {
		slope, curvature := derivatives(x)
		if slope > 0 {
			hi = x
		} else {
			lo = x
		}
		next := x - slope/curvature
		if !(next > lo && next < hi) {
			next = math.Sqrt(lo * hi)
		}
		if math.Abs(next-x) <= 1e-12*x {
			break
		}
		x = next
	}
	return x
}

// Scale returns the probabilities that softmax(logits / temperature) has, of a row of those at temperature 1.
func Scale(row []float32, temperature float64) []float32 {
	out, logits := make([]float32, len(row)), logarithms(row)
	top := logits[Largest(row)]
	sum := 0.0
	for _, z := range logits {
		sum += math.Exp((z - top) / temperature)
	}
	for i, z := range logits {
		out[i] = float32(math.Exp((z-top)/temperature) / sum)
	}
	return out
}
