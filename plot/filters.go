package plot

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"github.com/lince-ml/lince/tensor"
)

// Filters draws the weights [O C KH KW] of a convolution, one picture for each of the O filters. Those of colour images (C = 3)
// are shown in colour, grey being zero; others one picture per channel, negative weights orange, positive ones blue and zero
// white. Each filter has a scale of its own, from minus to plus its largest weight, which stands below it.
func Filters(title string, w *tensor.Tensor) (image.Image, error) {
	if w.Shape().Rank() != 4 || w.DType() != tensor.F32 {
		return nil, fmt.Errorf("plot filters: weights %v, expected f32[O C KH KW]", w)
	}
	o, c, kh, kw := w.Shape().Dim(0), w.Shape().Dim(1), w.Shape().Dim(2), w.Shape().Dim(3)
	planes := c // pictures to a filter
	if c == 3 {
		planes = 1
	}
	var cells []Cell
	for i := range o {
		filter := w.F32()[i*c*kh*kw : (i+1)*c*kh*kw]
		largest := float32(0)
		for _, v := range filter {
			largest = max(largest, float32(math.Abs(float64(v))))
		}
		for j := range planes {
			cell := Cell{Title: fmt.Sprint(i), Details: []string{fmt.Sprintf("±%.2g", largest)}}
			if planes > 1 {
				cell.Title = fmt.Sprintf("%d, channel %d", i, j)
			}
			if c == 3 {
				cell.Image = colourFilter(filter, kh, kw, largest)
			} else {
				cell.Image = signedFilter(filter[j*kh*kw:(j+1)*kh*kw], kh, kw, largest)
			}
			cells = append(cells, cell)
		}
	}
	columns := 0
	if planes > 1 && planes <= 8 {
		columns = planes
	}
	return Grid(title, cells, columns), nil
}

func colourFilter(v []float32, h, w int, largest float32) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	shade := func(x float32) uint8 { return uint8(math.Round(float64(127.5 + 127.5*x/nonzero(largest)))) }
	for i := range h * w {
		m.SetRGBA(i%w, i/w, color.RGBA{shade(v[i]), shade(v[h*w+i]), shade(v[2*h*w+i]), 255})
	}
	return m
}

func signedFilter(v []float32, h, w int, largest float32) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i, x := range v {
		c := blue
		if x < 0 {
			c = orange
		}
		m.Set(i%w, i/w, mix(c, math.Abs(float64(x/nonzero(largest)))))
	}
	return m
}

// nonzero returns x, or 1 for 0: a filter of zeros has no scale.
func nonzero(x float32) float32 {
	if x == 0 {
		return 1
	}
	return x
}
