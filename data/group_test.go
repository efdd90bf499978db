package data

import (
	"fmt"
	"testing"
)

// things is a Dataset of 20 things of two classes, thing i with i%3+1 pictures.
type things struct{ of []int }

func newThings() (t things) {
	for i := range 20 {
		for range i%3 + 1 {
			t.of = append(t.of, i)
		}
	}
	return t
}

func (t things) Len() int                 { return len(t.of) }
func (t things) Classes() []string        { return []string{"a", "b"} }
func (t things) Name(i int) string        { return fmt.Sprint(i) }
func (t things) Label(i int) (int, error) { return t.of[i] % 2, nil }
func (t things) Sample(i int) (Sample, error) {
	return Sample{Image: NewImage(1, 1, 1), Label: t.of[i] % 2}, nil
}
func (t *things) Group(i int) int { return t.of[i] }

// TestGroupsStayTogether divides pictures of things, and parts of them again.
func TestGroupsStayTogether(t *testing.T) {
	d := newThings()
	for name, divide := range map[string]func(d Dataset) (Dataset, Dataset, error){
		"Split": func(d Dataset) (Dataset, Dataset, error) { return Split(d, 0.3, 1) },
		"KFold": func(d Dataset) (Dataset, Dataset, error) { return KFold(d, 3, 1, 1) },
		"twice": func(d Dataset) (Dataset, Dataset, error) {
			rest, _, err := Split(d, 0.3, 1)
			if err != nil {
				return nil, nil, err
			}
			if rest, err = WithWhole(rest, rest); err != nil {
				return nil, nil, err
			}
			return Split(rest, 0.3, 2)
		},
	} {
		train, validation, err := divide(&d)
		if err != nil {
			t.Fatal(err)
		}
		side := map[int]int{}
		for k, part := range []Dataset{train, validation} {
			for i := range part.Len() {
				from, at := origin(part, i)
				g := from.(Grouper).Group(at)
				if other, ok := side[g]; ok && other != k {
					t.Errorf("%s: thing %d is on both sides", name, g)
				}
				side[g] = k
			}
		}
		if n := len(side); name != "twice" && n != 20 {
			t.Errorf("%s: %d things", name, n)
		}
		if validation.Len() < 5 {
			t.Errorf("%s: %d of %d pictures to validate", name, validation.Len(), d.Len())
		}
	}
}
