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

var _ Labeler = (*subset)(nil)

func (s *subset) Len() int                     { return len(s.indices) }
func (s *subset) Sample(i int) (Sample, error) { return s.Dataset.Sample(s.indices[i]) }
func (s *subset) Name(i int) string            { return s.Dataset.Name(s.indices[i]) }

func (s *subset) Label(i int) (int, error) { return label(s.Dataset, s.indices[i]) }

func label(d Dataset, i int) (int, error) {
	if l, ok := d.(Labeler); ok {
		return l.Label(i)
	}
	s, err := d.Sample(i)
	return s.Label, err
}

// Split divides d by chance in two: train, and validation, which gets the given fraction of each class, rounded, so
// that rare classes are in both. Samples keep their order. The same seed always gives the same division.
func Split(d Dataset, fraction float64, seed uint64) (train, validation Dataset, err error) {
	if !(fraction >= 0 && fraction <= 1) {
		return nil, nil, fmt.Errorf("split: fraction %v, expected 0 to 1", fraction)
	}
	classes := make([][]int, len(d.Classes()))
	for i := range d.Len() {
		c, err := label(d, i)
		if err != nil {
			return nil, nil, err
		}
		if c < 0 || c >= len(classes) {
			return nil, nil, fmt.Errorf("%s: label %d, expected 0 to %d", d.Name(i), c, len(classes)-1)
		}
		classes[c] = append(classes[c], i)
	}
	var left, right []int
	for c, indices := range classes {
		r := rand.New(philox.NewSource(seed, uint64(c)))
		r.Shuffle(len(indices), func(i, j int) { indices[i], indices[j] = indices[j], indices[i] })
		n := int(math.Round(fraction * float64(len(indices))))
		right = append(right, indices[:n]...)
		left = append(left, indices[n:]...)
	}
	slices.Sort(left)
	slices.Sort(right)
	return Subset(d, left), Subset(d, right), nil
}
