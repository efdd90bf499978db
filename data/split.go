package data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lince-ml/lince/internal/philox"
)

// Subset returns the dataset of the samples of d at indices, in this order. It panics if there is no such sample.
func Subset(d Dataset, indices []int) Dataset {
	for _, i := range indices {
		if i < 0 || i >= d.Len() {
			panic(fmt.Sprintf("data: sample %d of a dataset of %d", i, d.Len()))
		}
	}
	return &subset{d, slices.Clone(indices)}
}

type subset struct {
	Dataset
	indices []int
}

var (
	_ Labeler      = (*subset)(nil)
	_ MultiLabeler = (*subset)(nil)
	_ Wholer       = (*subset)(nil)
)

func (s *subset) Len() int                        { return len(s.indices) }
func (s *subset) Sample(i int) (Sample, error)    { return s.Dataset.Sample(s.indices[i]) }
func (s *subset) Whole(i int) (Sample, error)     { return whole(s.Dataset, s.indices[i]) }
func (s *subset) Name(i int) string               { return s.Dataset.Name(s.indices[i]) }
func (s *subset) Label(i int) (int, error)        { return label(s.Dataset, s.indices[i]) }
func (s *subset) Labels(i int) ([]float32, error) { return labels(s.Dataset, s.indices[i]) }

func label(d Dataset, i int) (int, error) {
	if l, ok := d.(Labeler); ok {
		return l.Label(i)
	}
	s, err := d.Sample(i)
	return s.Label, err
}

func labels(d Dataset, i int) ([]float32, error) {
	if l, ok := d.(MultiLabeler); ok {
		return l.Labels(i)
	}
	s, err := d.Sample(i)
	return s.Labels, err
}

// allClasses returns the classes of each sample of d: its label, those of its list of labels, or else those of its boxes.
func allClasses(d Dataset) ([][]int, error) {
	classes := make([][]int, d.Len())
	for i := range classes {
		var err error
		if classes[i], err = classesOf(d, i); err != nil {
			return nil, err
		}
		for _, c := range classes[i] {
			if n := len(d.Classes()); c < 0 || c >= n {
				return nil, fmt.Errorf("%s: label %d, expected 0 to %d", d.Name(i), c, n-1)
			}
		}
	}
	return classes, nil
}

func classesOf(d Dataset, i int) ([]int, error) {
	c, err := label(d, i)
	if err != nil || c != -1 {
		return []int{c}, err
	}
	list, err := labels(d, i)
	if err != nil {
		return nil, err
	}
	var classes []int
	for c, v := range list {
		if v != 0 {
			classes = append(classes, c)
		}
	}
	if list != nil {
		return classes, nil
	}
	s, _, _, err := Annotations(d, i)
	for _, b := range s.Boxes {
		if !slices.Contains(classes, b.Class) {
			classes = append(classes, b.Class)
		}
	}
	return classes, err
}

// Split divides d by chance in two: train, and validation, which gets the given fraction of each class, rounded, so
// that rare classes are in both. Samples of a group, see Grouper, stay together. Samples keep their order. The same seed always gives the same division. Samples of several classes, or with boxes
// of several, are divided as stratify says.
func Split(d Dataset, fraction float64, seed uint64) (train, validation Dataset, err error) {
	if !(fraction >= 0 && fraction <= 1) {
		return nil, nil, fmt.Errorf("split: fraction %v, expected 0 to 1", fraction)
	}
	classes, unit, err := unitClasses(d)
	if err != nil {
		return nil, nil, err
	}
	if !oneEach(classes) {
		part := stratify(classes, len(d.Classes()), []float64{1 - fraction, fraction}, seed)
		train, validation = divide(d, part, unit, 1)
		return train, validation, nil
	}
	part := make([]int, len(classes))
	for _, indices := range byClass(classes, len(d.Classes()), seed) {
		for _, i := range indices[:int(math.Round(fraction*float64(len(indices))))] {
			part[i] = 1
		}
	}
	train, validation = divide(d, part, unit, 1)
	return train, validation, nil
}

// KFold divides d by chance in k parts of equal size, up to one sample, which all have the same share of each class. validation is part fold, 0 to
// k-1, and train all others, for k trainings in which each sample is used once to validate. Samples of a group stay together. Samples keep their order.
func KFold(d Dataset, k, fold int, seed uint64) (train, validation Dataset, err error) {
	if k < 2 || k > d.Len() {
		return nil, nil, fmt.Errorf("%d folds of %d images, expected 2 to %d", k, d.Len(), d.Len())
	}
	if fold < 0 || fold >= k {
		return nil, nil, fmt.Errorf("fold %d of %d, expected 0 to %d", fold, k, k-1)
	}
	classes, unit, err := unitClasses(d)
	if err != nil {
		return nil, nil, err
	}
	var part []int
	if oneEach(classes) {
		part = make([]int, len(classes))
		next := 0
		for _, indices := range byClass(classes, len(d.Classes()), seed) {
			for _, i := range indices {
				part[i] = next % k
				next++
			}
		}
	} else {
		shares := make([]float64, k)
		fillAll(shares, 1/float64(k))
		part = stratify(classes, len(d.Classes()), shares, seed)
	}
	train, validation = divide(d, part, unit, fold)
	return train, validation, nil
}

// divide returns the samples whose units are not in the given part, and those whose are.
func divide(d Dataset, part, unit []int, which int) (others, chosen Dataset) {
	var left, right []int
	for i, u := range unit {
		if part[u] == which {
			right = append(right, i)
		} else {
			left = append(left, i)
		}
	}
	return Subset(d, left), Subset(d, right)
}

// oneEach reports whether each sample has exactly one class.
func oneEach(classes [][]int) bool {
	return !slices.ContainsFunc(classes, func(list []int) bool { return len(list) != 1 })
}

// byClass returns the samples of each of n classes, shuffled.
func byClass(classes [][]int, n int, seed uint64) [][]int {
	lists := make([][]int, n)
	for i, list := range classes {
		lists[list[0]] = append(lists[list[0]], i)
	}
	for c, indices := range lists {
		r := rand.New(philox.NewSource(seed, uint64(c)))
		r.Shuffle(len(indices), func(i, j int) { indices[i], indices[j] = indices[j], indices[i] })
	}
	return lists
}
