package plot

import (
	"cmp"
	"fmt"
	"image"
	"slices"

	"golang.org/x/image/draw"
)

// An Explanation is a picture and how much each place of it, or of a coarser grid, counts.
type Explanation struct {
	Picture image.Image
	Title   string // what the numbers speak for
	Detail  string
	Values  []float32 // 0 or more, H rows of W
	H, W    int
}

const panelSide = 320 // pixels of a picture's box in an explanation

// Explanations draws a row for each explanation: the picture, the numbers over it, and the numbers alone. The scale on the right, of the
// quantity, says which colour is nothing and which is the row's largest number.
func Explanations(title, quantity string, list []Explanation) image.Image {
	const top, row = 3 * gap, panelSide + 4*gap
	m := image.NewRGBA(image.Rect(0, 0, 4*gap+3*panelSide+160, top+len(list)*row))
	draw.Draw(m, m.Bounds(), image.White, image.Point{}, draw.Src)
	write(m, face(12, true), ink, title, gap, 2*gap-4, m.Bounds().Dx()-2*gap, false)
	for i, e := range list {
		y, largest := top+i*row, max(0, slices.Max(e.Values))
		for k, p := range []image.Image{e.Picture, Overlay(e.Picture, e.Values, e.H, e.W), HeatMap(e.Values, e.H, e.W, 0, largest)} {
			x := gap + k*(panelSide+gap)
			place(m, image.Rect(x, y, x+panelSide, y+panelSide), p)
		}
		scale(m, gap+3*(panelSide+gap), y, largest, quantity)
		write(m, face(10, true), ink, e.Title, gap, y+panelSide+gap+4, 3*panelSide, false)
		write(m, face(8.5, false), pale, e.Detail, gap, y+panelSide+2*gap+4, 3*panelSide, false)
	}
	return m
}

// scale draws the colours from 0, at the bottom, to largest.
func scale(m *image.RGBA, x, y int, largest float32, quantity string) {
	const width, top = 16, 2 * gap
	plain := face(8.5, false)
	write(m, plain, pale, quantity, x, y+gap/2+4, 150, false)
	for i := top; i < panelSide; i++ {
		c := Heat(float64(panelSide-1-i) / (panelSide - 1 - top))
		draw.Draw(m, image.Rect(x, y+i, x+width, y+i+1), image.NewUniform(c), image.Point{}, draw.Src)
	}
	write(m, plain, ink, fmt.Sprintf("%.2g", largest), x+width+6, y+top+10, 90, false)
	write(m, plain, ink, "0", x+width+6, y+panelSide, 90, false)
}

// FeatureMaps draws maps of h rows of w numbers, at most most of them, those that vary most. Each has a scale of its own, which stands
// below it; dark is the least.
func FeatureMaps(title string, picture image.Image, maps [][]float32, h, w, most int) image.Image {
	order := make([]int, len(maps))
	spread := make([]float32, len(maps))
	for i, v := range maps {
		order[i], spread[i] = i, slices.Max(v)-slices.Min(v)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(spread[b], spread[a]) })
	order = order[:min(most, len(order))]
	slices.Sort(order)
	cells := []Cell{{Image: picture, Title: "the image"}}
	for _, i := range order {
		low, high := slices.Min(maps[i]), slices.Max(maps[i])
		cells = append(cells, Cell{
			Image: HeatMap(maps[i], h, w, low, high), Title: fmt.Sprint(i), Details: []string{fmt.Sprintf("%.2g to %.2g", low, high)},
		})
	}
	return Grid(title, cells, 0)
}
