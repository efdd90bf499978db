package metric

import (
	"cmp"
	"math"
	"slices"
)

// A Ranking is what is found when all images with a score of at least a threshold are taken, for each threshold that makes a
// difference, the highest first.
type Ranking struct {
	Threshold            []float32
	TruePositives        []int // of the images taken, those that are of the class
	FalsePositives       []int // and the others
	Positives, Negatives int   // of all images
}

// Rank orders images by their scores. Equal scores make one threshold.
func Rank(scores []float32, positive []bool) Ranking {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	var r Ranking
	for at, i := range order {
		if positive[i] {
			r.Positives++
		} else {
			r.Negatives++
		}
		if at+1 < len(order) && scores[order[at+1]] == scores[i] {
			continue
		}
		r.Threshold = append(r.Threshold, scores[i])
		r.TruePositives, r.FalsePositives = append(r.TruePositives, r.Positives), append(r.FalsePositives, r.Negatives)
	}
	return r
}

// RankClass orders the images by the probability of class c; positive says which are of it.
func RankClass(probabilities []float32, classes, c int, positive func(image int) bool) Ranking {
	n := len(probabilities) / classes
	scores, is := make([]float32, n), make([]bool, n)
	for i := range n {
		scores[i], is[i] = probabilities[i*classes+c], positive(i)
	}
	return Rank(scores, is)
}

// A Point is a place on a curve.
type Point struct{ X, Y float64 }

// ROC returns the receiver operating characteristic, from (0, 0) to (1, 1): false positive rate and true positive rate.
func (r Ranking) ROC() []Point {
	points := []Point{{0, 0}}
	for i, tp := range r.TruePositives {
		points = append(points, Point{ratio(r.FalsePositives[i], r.Negatives), ratio(tp, r.Positives)})
	}
	return points
}

// AUC returns the area under ROC: the chance that an image of the class has a higher score than one that is not of it, where equal scores
// count a half (Hanley & McNeil, "The meaning and use of the area under a ROC curve", 1982).
func (r Ranking) AUC() float64 {
	area := 0.0
	points := r.ROC()
	for i, p := range points[1:] {
		area += (p.X - points[i].X) * (p.Y + points[i].Y) / 2
	}
	return area
}

// PR returns recall and precision at each threshold, after the point (0, 1), where nothing is taken.
func (r Ranking) PR() []Point {
	points := []Point{{0, 1}}
	for i, tp := range r.TruePositives {
		points = append(points, Point{ratio(tp, r.Positives), ratio(tp, tp+r.FalsePositives[i])})
	}
	return points
}

// AveragePrecision returns the sum over the thresholds of the precision times the recall that each adds, without interpolation, as
// scikit-learn defines it.
func (r Ranking) AveragePrecision() float64 {
	points, sum := r.PR(), 0.0
	for i, p := range points[1:] {
		sum += (p.X - points[i].X) * p.Y
	}
	return sum
}

// BestF1 returns the threshold with the highest F1, the highest of several, and that F1.
func (r Ranking) BestF1() (threshold float32, f1 float64) {
	for i, tp := range r.TruePositives {
		if s := scores(tp, tp+r.FalsePositives[i], r.Positives); s.F1 > f1 {
			threshold, f1 = r.Threshold[i], s.F1
		}
	}
	return threshold, f1
}

func ratio(a, b int) float64 {
	if b == 0 {
		return math.NaN()
	}
	return float64(a) / float64(b)
}

// Mean returns the mean of those of values that are defined, NaN if none is.
func Mean(values []float64) float64 {
	sum, n := 0.0, 0
	for _, v := range values {
		if !math.IsNaN(v) {
			sum += v
			n++
		}
	}
	return sum / float64(n)
}
