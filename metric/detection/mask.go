package detection

import "github.com/lince-ml/lince/rle"

// A Mask says which pixels of an image are a thing's.
type Mask struct{ rle.Runs }

// NewMask returns the mask of h x w whose pixel (y, x) is inside where inside says so.
func NewMask(h, w int, inside func(y, x int) bool) Mask { return Mask{rle.New(h, w, inside)} }

// MaskOfCounts returns the mask of h x w with the runs counts, or says why that is none.
func MaskOfCounts(h, w int, counts []int64) (Mask, error) {
	r, err := rle.OfCounts(counts, h, w)
	return Mask{r}, err
}

// MaskOfPolygons returns the pixels of an image of h x w that are inside of any of the polygons, each of which is x0, y0, x1, y1, ...
func MaskOfPolygons(h, w int, polygons [][]float64) (Mask, error) {
	r, err := rle.OfPolygons(polygons, h, w)
	return Mask{r}, err
}

// ParseMask returns the mask of h x w whose runs are text, COCO's compressed form.
func ParseMask(h, w int, text string) (Mask, error) {
	r, err := rle.Parse(text, h, w)
	return Mask{r}, err
}

// Compressed returns the runs in COCO's compressed form, which ParseMask reads.
func (m Mask) Compressed() string { return m.String() }

// Area returns the number of pixels inside.
func (m Mask) Area() int64 { return int64(m.Runs.Area()) }

// Box returns the smallest box around the pixels inside; without any, an empty one.
func (m Mask) Box() Box {
	x0, y0, x1, y1 := m.Bounds()
	return Box{float64(x0), float64(y0), float64(x1 - x0), float64(y1 - y0)}
}
