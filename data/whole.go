package data

import "fmt"

// A Wholer is a Dataset whose samples are parts of larger images: Whole returns sample i uncut, with what is known about all of it.
// A Transform that chooses a part itself has more to choose from there; see Loader.Whole.
type Wholer interface {
	Whole(i int) (Sample, error)
}

// whole returns sample i of d, uncut if d is a Wholer.
func whole(d Dataset, i int) (Sample, error) {
	if w, ok := d.(Wholer); ok {
		return w.Whole(i)
	}
	return d.Sample(i)
}

// WithWhole returns d as a Wholer, whose whole samples are those of uncut: the same dataset, opened in another way.
func WithWhole(d, uncut Dataset) (Dataset, error) {
	if d.Len() != uncut.Len() {
		return nil, fmt.Errorf("%d whole images of %d samples", uncut.Len(), d.Len())
	}
	return &withWhole{d, uncut}, nil
}

type withWhole struct {
	Dataset
	uncut Dataset
}

var (
	_ Wholer       = (*withWhole)(nil)
	_ Labeler      = (*withWhole)(nil)
	_ MultiLabeler = (*withWhole)(nil)
)

func (w *withWhole) Whole(i int) (Sample, error)     { return w.uncut.Sample(i) }
func (w *withWhole) Label(i int) (int, error)        { return label(w.Dataset, i) }
func (w *withWhole) Labels(i int) ([]float32, error) { return labels(w.Dataset, i) }
