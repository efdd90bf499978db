package main

import (
	"flag"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/plot"
)

// The drawings in testdata/drawings are digits as people draw them with an image program, none from MNIST: strokes with soft
// edges, other sizes and colours, dark on light. `go test ./cmd/lince -run Drawings -args -draw` makes them anew.
var drawAnew = flag.Bool("draw", false, "write the drawings in testdata anew")

func TestDrawings(t *testing.T) {
	for _, p := range papers {
		for digit := range 10 {
			path := fmt.Sprintf("testdata/drawings/%s-%d.png", p.name, digit)
			want := p.draw(digit)
			if *drawAnew {
				if err := plot.WritePNG(path, want); err != nil {
					t.Fatal(err)
				}
			}
			got, err := data.DecodeFile(path, 0)
			if err != nil {
				t.Fatal(err)
			}
			if n := differences(got, want); n > 0 {
				t.Errorf("%s: %d pixels differ from what the code draws", path, n)
			}
		}
	}
}

// differences counts the pixels that differ visibly; processors round the last bit differently.
func differences(a, b image.Image) int {
	if a.Bounds() != b.Bounds() {
		return a.Bounds().Dx() * a.Bounds().Dy()
	}
	n := 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r0, g0, b0, a0 := a.At(x, y).RGBA()
			r1, g1, b1, a1 := b.At(x, y).RGBA()
			for _, d := range []int{int(r0) - int(r1), int(g0) - int(g1), int(b0) - int(b1), int(a0) - int(a1)} {
				if d < -0x300 || d > 0x300 {
					n++
					break
				}
			}
		}
	}
	return n
}

type point struct{ x, y float64 }

// A stroke is a curve through its points (a Catmull-Rom spline), or straight from one to the next.
type stroke struct {
	straight bool
	points   []point
}

func curve(points ...point) stroke    { return stroke{false, points} }
func straight(points ...point) stroke { return stroke{true, points} }

// strokes are the ten digits in the unit square, y downwards.
var strokes = [10][]stroke{
	{curve(point{.52, .07}, point{.3, .2}, point{.2, .5}, point{.3, .82}, point{.52, .93}, point{.72, .8}, point{.8, .5}, point{.7, .18}, point{.52, .07})},
	{straight(point{.36, .28}, point{.55, .08}, point{.53, .93})},
	{curve(point{.24, .27}, point{.36, .11}, point{.6, .1}, point{.73, .28}, point{.6, .52}, point{.38, .74}, point{.2, .91}), straight(point{.2, .91}, point{.82, .9})},
	{curve(point{.25, .16}, point{.5, .08}, point{.7, .22}, point{.62, .4}, point{.42, .48}), curve(point{.42, .48}, point{.68, .53}, point{.76, .72}, point{.56, .91}, point{.22, .85})},
	{straight(point{.56, .08}, point{.2, .6}, point{.84, .6}), straight(point{.65, .36}, point{.62, .95})},
	{straight(point{.76, .1}, point{.34, .1}, point{.3, .46}), curve(point{.3, .46}, point{.52, .4}, point{.74, .55}, point{.7, .8}, point{.46, .92}, point{.22, .85})},
	{curve(point{.66, .07}, point{.42, .25}, point{.26, .6}, point{.34, .87}, point{.58, .92}, point{.74, .73}, point{.6, .53}, point{.4, .57}, point{.28, .72})},
	{straight(point{.2, .12}, point{.8, .1}, point{.44, .93})},
	{curve(point{.52, .49}, point{.28, .29}, point{.5, .08}, point{.71, .27}, point{.5, .5}, point{.26, .73}, point{.5, .93}, point{.74, .71}, point{.52, .49})},
	{curve(point{.7, .3}, point{.52, .1}, point{.28, .24}, point{.36, .48}, point{.6, .47}, point{.71, .27}), straight(point{.71, .27}, point{.63, .94})},
}

// A paper is what is drawn on, and with.
type paper struct {
	name        string
	w, h        int
	ground, ink color.RGBA // a transparent ground is left out
	pen         float64    // width of the line, as a share of the digit's height
	size        float64    // of the digit, as a share of the smaller side
	slant       float64    // rightwards, as a share of the height
	seed        uint64     // of the tremble of the hand
	shadow      float64    // how much darker the lower right corner is than the upper left, as a share
}

var papers = []paper{
	{"pen", 200, 300, color.RGBA{255, 255, 255, 255}, color.RGBA{20, 20, 30, 255}, .1, .8, .08, 1, 0},
	{"marker", 240, 240, color.RGBA{255, 240, 150, 255}, color.RGBA{30, 60, 190, 255}, .13, .7, -.04, 2, .05},
	{"chalk", 160, 120, color.RGBA{25, 60, 45, 255}, color.RGBA{235, 235, 225, 255}, .09, .75, .02, 3, .1},
	{"pencil", 300, 300, color.RGBA{236, 232, 224, 255}, color.RGBA{80, 80, 84, 255}, .06, .6, .12, 4, .15},
	{"brush", 128, 128, color.RGBA{}, color.RGBA{0, 0, 0, 255}, .15, .75, 0, 5, 0},
}

func (p paper) draw(digit int) image.Image {
	r := rand.New(rand.NewPCG(p.seed, uint64(digit)))
	side := p.size * float64(min(p.w, p.h))
	left, top := (float64(p.w)-side)/2, (float64(p.h)-side)/2
	var lines [][]point
	for _, s := range strokes[digit] {
		line := s.flatten(r)
		for i, q := range line {
			line[i] = point{left + side*(q.x+p.slant*(0.5-q.y)), top + side*q.y}
		}
		lines = append(lines, line)
	}
	m := image.NewNRGBA(image.Rect(0, 0, p.w, p.h))
	for y := range p.h {
		for x := range p.w {
			d := math.Inf(1)
			for _, line := range lines {
				d = min(d, distance(line, point{float64(x) + 0.5, float64(y) + 0.5}))
			}
			cover := min(max(p.pen*side/2-d+0.5, 0), 1) // how much of the pixel is under the line
			light := 1 - p.shadow*float64(x+y)/float64(p.w+p.h)
			m.Set(x, y, p.mix(cover, light))
		}
	}
	return m
}

func (p paper) mix(cover, light float64) color.Color {
	if p.ground.A == 0 {
		return color.NRGBA{p.ink.R, p.ink.G, p.ink.B, uint8(math.Round(255 * cover))}
	}
	f := func(ground, ink uint8) uint8 {
		return uint8(math.Round(light * ((1-cover)*float64(ground) + cover*float64(ink))))
	}
	return color.NRGBA{f(p.ground.R, p.ink.R), f(p.ground.G, p.ink.G), f(p.ground.B, p.ink.B), 255}
}

// flatten returns the stroke as short straight pieces, its points moved a little by a hand that is never still.
func (s stroke) flatten(r *rand.Rand) []point {
	q := make([]point, len(s.points))
	for i, a := range s.points {
		q[i] = point{a.x + 0.012*r.NormFloat64(), a.y + 0.012*r.NormFloat64()}
	}
	if s.straight {
		return q
	}
	var line []point
	at := func(i int) point { return q[min(max(i, 0), len(q)-1)] }
	for i := range len(q) - 1 {
		a, b, c, d := at(i-1), at(i), at(i+1), at(i+2)
		for k := range 12 {
			t := float64(k) / 12
			line = append(line, point{spline(a.x, b.x, c.x, d.x, t), spline(a.y, b.y, c.y, d.y, t)})
		}
	}
	return append(line, q[len(q)-1])
}

// spline is the Catmull-Rom spline between b and c at t.
func spline(a, b, c, d, t float64) float64 {
	return b + t/2*(c-a+t*(2*a-5*b+4*c-d+t*(3*(b-c)+d-a)))
}

// distance returns how far p is from the line.
func distance(line []point, p point) float64 {
	best := math.Inf(1)
	for i := range len(line) - 1 {
		a, b := line[i], line[i+1]
		dx, dy := b.x-a.x, b.y-a.y
		t := 0.0
		if l := dx*dx + dy*dy; l > 0 {
			t = min(max(((p.x-a.x)*dx+(p.y-a.y)*dy)/l, 0), 1)
		}
		ex, ey := p.x-a.x-t*dx, p.y-a.y-t*dy
		best = min(best, ex*ex+ey*ey)
	}
	return math.Sqrt(best)
}

// What people draw is read, whatever they draw with: the drawings are bigger than MNIST's digits, of other colours and contrast,
// and mostly dark on light.
func TestDrawingsAreRead(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	dir := filepath.Join(t.TempDir(), "run")
	mustRun(t, "train", "--epochs", "2", "--out", dir)
	wrong := 0
	for _, p := range decode[[]filePrediction](t, mustRun(t, "predict", dir, "testdata/drawings", "--json")) {
		if got := p.Predictions[0].Label; !strings.HasSuffix(p.File, "-"+got+".png") {
			t.Logf("%s is read as %s", p.File, got)
			wrong++
		}
	}
	if wrong > 3 { // none, after a whole training
		t.Errorf("%d of 50 drawings are misread", wrong)
	}
}
