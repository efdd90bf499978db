package check

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	goimage "image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"strings"

	"github.com/lince-ml/lince/data"
)

const (
	shownGroups = 30  // of a finding
	shownItems  = 8   // of a group
	thumbSide   = 112 // pixels of the longer side of a picture
)

//go:embed report.html
var page string

var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"percent": func(n, of int) string { return fmt.Sprintf("%.1f%%", 100*float64(n)/float64(max(1, of))) },
	"largest": func(counts []int) int { return slices.Max(append([]int{1}, counts...)) },
	"first":   func(groups [][]Item) [][]Item { return groups[:min(len(groups), shownGroups)] },
	"few":     func(items []Item) []Item { return items[:min(len(items), shownItems)] },
	"sub":     func(a, b int) int { return a - b },
	"base":    func(name string) string { return name[strings.LastIndexAny(name, `/\`)+1:] },
	"join":    func(v []float64) string { return strings.Trim(fmt.Sprintf("%.4f", v), "[]") },
	"picture": (*Checker)(nil).picture,
}).Parse(page))

// WriteHTML writes the report as one page that needs nothing else: small pictures are part of it, and it has no scripts.
func (c *Checker) WriteHTML(w io.Writer, r *Report) error {
	t := template.Must(pageTemplate.Clone()).Funcs(template.FuncMap{"picture": c.picture})
	return t.Execute(w, r)
}

// picture returns an image as a data: URI, "" if it cannot be read or was left out.
func (c *Checker) picture(it Item) template.URL {
	if it.image < 0 {
		return ""
	}
	im := c.images[it.image]
	if im.err != nil {
		return ""
	}
	full, err := im.read(c.sets[im.set])
	if err != nil {
		return ""
	}
	small := small(full.Image)
	var b bytes.Buffer
	kind := "jpeg"
	if full.Image.W*full.Image.H <= 64*64 {
		kind = "png"
		err = png.Encode(&b, small)
	} else {
		err = jpeg.Encode(&b, small, &jpeg.Options{Quality: 80})
	}
	if err != nil {
		return ""
	}
	return template.URL("data:image/" + kind + ";base64," + base64.StdEncoding.EncodeToString(b.Bytes()))
}

// small returns im with its longer side at most thumbSide, each pixel the mean of those that it covers, more or less.
func small(im data.Image) goimage.Image {
	scale := min(1, float64(thumbSide)/float64(max(im.W, im.H)))
	w, h := max(1, int(float64(im.W)*scale+0.5)), max(1, int(float64(im.H)*scale+0.5))
	out := goimage.NewRGBA(goimage.Rect(0, 0, w, h))
	for y := range h {
		y0, y1 := y*im.H/h, (y+1)*im.H/h
		for x := range w {
			x0, x1 := x*im.W/w, (x+1)*im.W/w
			var v [3]uint8
			for c := range im.C {
				sum := 0
				for row := y0; row < y1; row++ {
					for _, p := range im.Pix[(c*im.H+row)*im.W+x0 : (c*im.H+row)*im.W+x1] {
						sum += int(p)
					}
				}
				v[c] = uint8(sum / ((y1 - y0) * (x1 - x0)))
			}
			if im.C == 1 {
				v[1], v[2] = v[0], v[0]
			}
			out.SetRGBA(x, y, color.RGBA{v[0], v[1], v[2], 255})
		}
	}
	return out
}
