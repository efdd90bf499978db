package plot

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"math"
	"path/filepath"
	"slices"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/metric/detection"
	"golang.org/x/image/draw"
	"golang.org/x/image/font"
)

const (
	large      = 420 // the tile of images with boxes in them
	mostWrong  = 6   // detections of an image that are drawn to show what is wrong
	mostFound  = 12  // and of one that shows what was found
	mostLabels = 12  // that an image has room for
)

// missedColour is that of things that nothing has found.
var missedColour = color.RGBA{0xa0, 0x3c, 0x78, 0xff}

// WorstDetections draws the n images with the most mistakes by detections that are at least as sure as score, each beside what is there: right detections green, wrong ones orange
// with what is wrong, and things that were missed purple and dashed. Of many wrong ones in an image, only the surest are drawn. Masks are tinted. The pictures that picture returns
// are of the size in which boxes and masks are. Without mistakes it returns nil.
func WorstDetections(s *detection.Set, a *detection.Analysis, n int, score float64, picture func(i int) (image.Image, error)) (image.Image, error) {
	worst := a.Worst(n, score)
	if len(worst) == 0 {
		return nil, nil
	}
	var cells []Cell
	for _, w := range worst {
		src, err := picture(w.Image)
		if err != nil {
			return nil, err
		}
		counts := fmt.Sprintf("%d found, %d missed, %d wrong", w.Found, w.Missed, w.Wrong)
		if w.Wrong > mostWrong {
			counts += fmt.Sprintf(" (the %d surest drawn)", mostWrong)
		}
		name := shortName(filepath.ToSlash(s.Images[w.Image]))
		cells = append(cells, Cell{Image: truth(s, w.Image, src), Title: name, Details: []string{"what is there"}},
			Cell{Image: judged(s, a, w.Image, score, src), Title: "found", Details: []string{counts}, Mark: Wrong})
	}
	return GridOf(fmt.Sprintf("Most mistakes, with a score from %.3g", score), cells, min(4, len(cells)), large), nil
}

// judged returns the picture of image i, enlarged, with what was found and missed in it.
func judged(s *detection.Set, a *detection.Analysis, i int, score float64, src image.Image) image.Image {
	c := enlarged(src, large)
	type note struct {
		text   string
		colour color.RGBA
		box    detection.Box
		mask   detection.Mask
	}
	var wrong, missed, right []note
	for _, k := range surest(s, i, score) {
		d, o := s.Detections[k], a.Outcomes[k]
		n := note{fmt.Sprintf("%s %.2f", s.Classes[d.Class], d.Score), green, d.Box, d.Mask}
		switch {
		case o.Kind == detection.Right:
			right = append(right, n)
		case o.Kind != detection.Ignored && len(wrong) < mostWrong:
			n.text, n.colour = n.text+": "+o.Kind.String(), orange
			wrong = append(wrong, n)
		}
	}
	for k, t := range s.Things {
		if f := a.Finder[k]; t.Image != i || t.Crowd || t.Ignore || f >= 0 && s.Detections[f].Score >= score {
			continue
		}
		missed = append(missed, note{"missed: " + s.Classes[t.Class], missedColour, t.Box, t.Mask})
	}
	notes := slices.Concat(wrong, missed, right) // the last is uppermost
	tinted := make([]bool, len(c.m.Pix)/4)       // once is enough, or the picture disappears
	for _, n := range slices.Backward(notes) {
		c.tint(n.mask, n.colour, tinted)
	}
	for _, n := range notes {
		c.frame(n.box, n.colour, n.colour == missedColour)
	}
	notes = notes[:min(mostLabels, len(notes))] // what is right needs words least
	var labels []image.Rectangle
	for _, n := range notes { // above all boxes
		labels = append(labels, c.label(n.text, n.colour, n.box, labels))
	}
	return c.m
}

// surest returns which detections of image i are at least as sure as score, the surest first.
func surest(s *detection.Set, i int, score float64) (list []int) {
	for k, d := range s.Detections {
		if d.Image == i && d.Score >= score {
			list = append(list, k)
		}
	}
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(s.Detections[b].Score, s.Detections[a].Score) })
	return list
}

// truth returns the picture of image i, enlarged, with the things that are in it.
func truth(s *detection.Set, i int, src image.Image) image.Image {
	var things []Thing
	for _, t := range s.Things {
		if t.Image == i && !t.Crowd && !t.Ignore {
			things = append(things, thing(t.Box, t.Mask, t.Class, s.Classes[t.Class]))
		}
	}
	return Annotate(src, things, AnnotateOptions{Side: large})
}

// found returns it with what was found in it, at least as sure as score; of much, the surest.
func found(s *detection.Set, i int, score float64, src image.Image) image.Image {
	var things []Thing
	all := surest(s, i, score)
	for _, k := range all[:min(mostFound, len(all))] {
		d := s.Detections[k]
		things = append(things, thing(d.Box, d.Mask, d.Class, fmt.Sprintf("%s %.2f", s.Classes[d.Class], d.Score)))
	}
	return Annotate(src, things, AnnotateOptions{Side: large})
}

func thing(b detection.Box, mask detection.Mask, class int, label string) Thing {
	t := Thing{Box: [4]float32{float32(b.X), float32(b.Y), float32(b.X + b.W), float32(b.Y + b.H)}, Label: label, Color: class}
	if mask.Counts == nil {
		return t
	}
	t.Mask = &data.Mask{H: mask.H, W: mask.W, Pix: make([]uint16, mask.H*mask.W)}
	at := 0 // column by column
	for k, n := range mask.Counts {
		for range n {
			t.Mask.Pix[at%mask.H*mask.W+at/mask.H] = uint16(k % 2)
			at++
		}
	}
	return t
}

// enlarged returns the picture enlarged to draw on, its longer side as given.
func enlarged(src image.Image, longer float64) canvas {
	scale := longer / float64(max(1, src.Bounds().Dx(), src.Bounds().Dy()))
	side := func(v int) int { return max(1, int(math.Round(float64(v)*scale))) }
	c := canvas{image.NewRGBA(image.Rect(0, 0, side(src.Bounds().Dx()), side(src.Bounds().Dy()))), scale}
	draw.CatmullRom.Scale(c.m, c.m.Bounds(), src, src.Bounds(), draw.Src, nil)
	return c
}

// A canvas is a picture that is scale times as large as what is drawn on it.
type canvas struct {
	m     *image.RGBA
	scale float64
}

func (c canvas) rectangle(b detection.Box) image.Rectangle {
	at := func(v float64) int { return int(math.Round(min(max(v*c.scale, -1e6), 1e6))) }
	return image.Rect(at(b.X), at(b.Y), at(b.X+b.W), at(b.Y+b.H))
}

// frame draws the border of a box, dashed if asked.
func (c canvas) frame(b detection.Box, colour color.RGBA, dashed bool) {
	const width, dash = 2, 8
	r := c.rectangle(b)
	in := c.m.Bounds().Inset(-width)
	for y := max(r.Min.Y, in.Min.Y); y < min(r.Max.Y, in.Max.Y); y++ {
		for x := max(r.Min.X, in.Min.X); x < min(r.Max.X, in.Max.X); x++ {
			edge := x-r.Min.X < width || r.Max.X-x <= width || y-r.Min.Y < width || r.Max.Y-y <= width
			if edge && !(dashed && (x+y)/dash%2 == 1) {
				c.m.SetRGBA(x, y, colour)
			}
		}
	}
}

// tint colours the pixels of a mask, if there is one, but for those that are tinted already, and notes them.
func (c canvas) tint(mask detection.Mask, colour color.RGBA, tinted []bool) {
	if mask.Counts == nil {
		return
	}
	inside := make([]bool, mask.H*mask.W) // column by column
	at := 0
	for k, n := range mask.Counts {
		for i := range int(n) {
			inside[at+i] = k%2 == 1
		}
		at += int(n)
	}
	size := c.m.Bounds()
	for y := range size.Dy() {
		for x := range size.Dx() {
			my, mx := min(int(float64(y)/c.scale), mask.H-1), min(int(float64(x)/c.scale), mask.W-1)
			if done := &tinted[y*size.Dx()+x]; inside[mx*mask.H+my] && !*done {
				*done = true
				tint(c.m, x, y, colour, shade)
			}
		}
	}
}

// label writes in white on the colour, at the left of a box, within the picture: above it, or else where no other label is. It returns where.
func (c canvas) label(text string, colour color.RGBA, b detection.Box, others []image.Rectangle) image.Rectangle {
	f := face(5.5, true)
	const height = 15
	r, size := c.rectangle(b), c.m.Bounds()
	width := min(font.MeasureString(f, text).Ceil()+6, size.Dx())
	x := max(0, min(r.Min.X, size.Dx()-width))
	at := func(y int) image.Rectangle {
		y = max(0, min(y, size.Dy()-height))
		return image.Rect(x, y, x+width, y+height)
	}
	place := at(r.Min.Y - height)
	for _, y := range []int{r.Min.Y - height, r.Max.Y, r.Min.Y, r.Max.Y - height, r.Min.Y + height} {
		free := at(y)
		if !slices.ContainsFunc(others, free.Overlaps) {
			place = free
			break
		}
	}
	draw.Draw(c.m, place, image.NewUniform(colour), image.Point{}, draw.Src)
	write(c.m, f, color.White, text, x+3, place.Max.Y-4, width-6, false)
	return place
}
