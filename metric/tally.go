package metric

import "math"

// A Tally counts, for each class, the images that have it, those that are said to have it, and those for which both is true.
type Tally struct {
	N       int   // images
	Support []int // that have the class
	Called  []int // that are said to have it
	Hits    []int // that have it and are said to: true positives
}

// NewTally returns a Tally without images.
func NewTally(classes int) Tally {
	return Tally{Support: make([]int, classes), Called: make([]int, classes), Hits: make([]int, classes)}
}

// Add counts an image with one label and one prediction.
func (t *Tally) Add(label, predicted int) {
	t.N++
	t.Support[label]++
	t.Called[predicted]++
	if label == predicted {
		t.Hits[label]++
	}
}

// Clear forgets all images.
func (t *Tally) Clear() {
	t.N = 0
	clear(t.Support)
	clear(t.Called)
	clear(t.Hits)
}

// Scores are precision, recall and their harmonic mean.
type Scores struct {
	Precision float64 `json:"precision"` // share of what is said to be of the class that is; 0 if nothing is said to be
	Recall    float64 `json:"recall"`    // share of what is of the class that is found; 0 if nothing is
	F1        float64 `json:"f1"`        // 2 precision recall / (precision + recall); 0 if both are
}

// Class returns the scores of class c.
func (t Tally) Class(c int) Scores { return scores(t.Hits[c], t.Called[c], t.Support[c]) }

func scores(hits, called, support int) Scores {
	h := float64(hits)
	return Scores{h / math.Max(1, float64(called)), h / math.Max(1, float64(support)), 2 * h / math.Max(1, float64(called+support))}
}

// occurs reports whether class c has images, or is said to have. Others are no part of any mean, as in scikit-learn.
func (t Tally) occurs(c int) bool { return t.Support[c]+t.Called[c] > 0 }

// Macro returns the mean of the classes' scores: each class counts the same.
func (t Tally) Macro() Scores {
	return t.mean(func(c int) float64 {
		if t.occurs(c) {
			return 1
		}
		return 0
	})
}

// Weighted returns the mean of the classes' scores, each class with the number of its images.
func (t Tally) Weighted() Scores { return t.mean(func(c int) float64 { return float64(t.Support[c]) }) }

func (t Tally) mean(weight func(c int) float64) Scores {
	var sum Scores
	total := 0.0
	for c := range t.Support {
		w, s := weight(c), t.Class(c)
		total += w
		sum.Precision += w * s.Precision
		sum.Recall += w * s.Recall
		sum.F1 += w * s.F1
	}
	total = math.Max(total, 1)
	return Scores{sum.Precision / total, sum.Recall / total, sum.F1 / total}
}

// Micro returns the scores over all classes taken together. Where each image has one label and one prediction, all three are the accuracy.
func (t Tally) Micro() Scores { return scores(sum(t.Hits), sum(t.Called), sum(t.Support)) }

// Accuracy returns the share of the images whose one prediction is their one label.
func (t Tally) Accuracy() float64 { return float64(sum(t.Hits)) / float64(t.N) }

// BalancedAccuracy returns the mean recall of the classes that have images: the accuracy if all had as many (Brodersen et al., "The
// balanced accuracy and its posterior distribution", ICPR 2010).
func (t Tally) BalancedAccuracy() float64 {
	recall, n := 0.0, 0
	for c, s := range t.Support {
		if s > 0 {
			recall += t.Class(c).Recall
			n++
		}
	}
	return recall / float64(n)
}

// Kappa returns Cohen's kappa, the agreement beyond that by chance: (p - e) / (1 - e) for the accuracy p and e = Σ support called / n²
// (Cohen, "A coefficient of agreement for nominal scales", 1960).
func (t Tally) Kappa() float64 {
	chance := dot(t.Support, t.Called) / (float64(t.N) * float64(t.N))
	return (t.Accuracy() - chance) / (1 - chance)
}

// MCC returns the correlation of labels and predictions, for any number of classes (Gorodkin, "Comparing two K-category assignments
// by a K-category correlation coefficient", 2004): (n hits - Σ support called) / sqrt((n² - Σ called²)(n² - Σ support²)). It is 0
// where all images have one label or one prediction.
func (t Tally) MCC() float64 {
	n := float64(t.N)
	scale := math.Sqrt(n*n-dot(t.Called, t.Called)) * math.Sqrt(n*n-dot(t.Support, t.Support))
	if scale == 0 {
		return 0
	}
	return (n*float64(sum(t.Hits)) - dot(t.Support, t.Called)) / scale
}

func sum(v []int) int {
	s := 0
	for _, x := range v {
		s += x
	}
	return s
}

func dot(a, b []int) float64 {
	s := 0.0
	for i := range a {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}
