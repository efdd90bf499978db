package data

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

// Centered returns d with the samples cut to h x w around their middle. It is a Wholer, which has them as in d.
func Centered(d Dataset, h, w int) Dataset { return &centered{d, h, w} }

type centered struct {
	Dataset
	h, w int
}

var (
	_ Wholer       = (*centered)(nil)
	_ Labeler      = (*centered)(nil)
	_ MultiLabeler = (*centered)(nil)
)

func (c *centered) Whole(i int) (Sample, error)     { return c.Dataset.Sample(i) }
func (c *centered) Label(i int) (int, error)        { return label(c.Dataset, i) }
func (c *centered) Labels(i int) ([]float32, error) { return labels(c.Dataset, i) }

func (c *centered) Sample(i int) (Sample, error) {
	s, err := c.Dataset.Sample(i)
	if err != nil {
		return s, err
	}
	return CenterCrop(c.h, c.w)(nil, s), nil
}
