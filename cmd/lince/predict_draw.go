package main

import (
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/internal/atomicfile"
	"github.com/lince-ml/lince/plot"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/task/segment"
)

// drawings are the files of `lince predict --out`. A nil one draws nothing.
type drawings struct{ paths []string } // one for each file

// pictureFormats are those that pictures are written in.
var pictureFormats = []string{".png", ".jpg", ".jpeg"}

// newDrawings returns where to draw what is found in each of files: out is the file for a single one, or a folder for them, which is made.
func newDrawings(out string, files []string) (*drawings, error) {
	if out == "" {
		return nil, nil
	}
	p := &drawings{}
	if slices.Contains(pictureFormats, strings.ToLower(filepath.Ext(out))) {
		if len(files) > 1 {
			return nil, usagef("--out %s: a single file for %d pictures, expected a folder, such as %s/", out, len(files), strings.TrimSuffix(out, filepath.Ext(out)))
		}
		p.paths = []string{out}
	} else {
		if err := os.MkdirAll(out, 0o777); err != nil {
			return nil, err
		}
		used := map[string]bool{}
		for _, f := range files {
			p.paths = append(p.paths, filepath.Join(out, pictureName(f, used)))
		}
	}
	for _, path := range p.paths {
		if slices.ContainsFunc(files, func(f string) bool { return sameFile(f, path) }) {
			return nil, usagef("--out %s: would write over the picture %s, expected another name", out, path)
		}
	}
	return p, nil
}

// pictureName returns a name for the drawing of a file: its own, with a number if that is used, and .png if pictures are not written in its format.
func pictureName(file string, used map[string]bool) string {
	ext := filepath.Ext(file)
	stem := strings.TrimSuffix(filepath.Base(file), ext)
	if !slices.Contains(pictureFormats, strings.ToLower(ext)) {
		ext = ".png"
	}
	name := stem + ext
	for n := 2; used[strings.ToLower(name)]; n++ { // some systems do not tell upper from lower case
		name = fmt.Sprintf("%s-%d%s", stem, n, ext)
	}
	used[strings.ToLower(name)] = true
	return name
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// write draws what was found in file i.
func (d *drawings) write(i int, picture image.Image, p filePrediction, classes []string) error {
	if d == nil {
		return nil
	}
	drawn, err := p.draw(picture, classes, plot.AnnotateOptions{Side: enlarged(picture.Bounds().Size()), Legend: true})
	if err != nil {
		return fmt.Errorf("%s: %w", p.File, err)
	}
	return atomicfile.Write(d.paths[i], func(w io.Writer) error {
		if strings.EqualFold(filepath.Ext(d.paths[i]), ".png") {
			return png.Encode(w, drawn)
		}
		return jpeg.Encode(w, drawn, &jpeg.Options{Quality: 92})
	})
}

// enlarged returns the longer side of a drawing: that of the picture, but many times as large if labels would cover it.
func enlarged(size image.Point) int {
	const least = 480
	side := max(size.X, size.Y)
	return side * max(1, (least+side-1)/side)
}

// draw draws what was found on a picture.
func (p *filePrediction) draw(picture image.Image, classes []string, opt plot.AnnotateOptions) (image.Image, error) {
	if p.Segments != nil {
		mask, err := p.mask()
		if err != nil {
			return nil, err
		}
		return plot.Segments(picture, mask, classes, opt), nil
	}
	boxes, err := p.boxes()
	if err != nil {
		return nil, err
	}
	var things []plot.Thing
	for i, b := range boxes {
		label, score := classes[b.Class], float32(0)
		if p.Box != nil {
			score = p.Predictions[0].Probability
		} else {
			score = p.Things[i].Score
		}
		t := plot.Thing{Box: [4]float32{b.X0, b.Y0, b.X1, b.Y1}, Label: fmt.Sprintf("%s %.0f %%", label, 100*score), Color: b.Class}
		if b.Shape != nil {
			t.Mask = b.Shape.Mask
		}
		things = append(things, t)
	}
	return plot.Annotate(picture, things, opt), nil
}

// writeGrid writes the pictures in one, with a legend where colours are all that tells classes.
func (f *predictFlags) writeGrid(task string, classes []string, cells []plot.Cell) error {
	side := annotatedSide // as boxes and masks need
	switch task {
	case classify.Name:
		side = 160
	case segment.Name:
		cells = append(cells, plot.Cell{Image: plot.Legend(classes, side), Title: "classes"})
	}
	return plot.WritePNG(f.grid, plot.GridOf("", cells, 0, side))
}

// appendCell appends what was found in a picture to a grid.
func appendCell(cells []plot.Cell, picture image.Image, p filePrediction, classes []string) ([]plot.Cell, error) {
	name := filepath.Base(p.File)
	if p.Height == 0 {
		best := p.Predictions[0]
		return append(cells, plot.Cell{Image: plot.Thumbnail(picture), Title: best.Label, Details: []string{fmt.Sprintf("%.1f %%", 100*best.Probability), name}}), nil
	}
	drawn, err := p.draw(picture, classes, plot.AnnotateOptions{Side: annotatedSide})
	if err != nil {
		return cells, fmt.Errorf("%s: %w", p.File, err)
	}
	return append(cells, plot.Cell{Image: drawn, Title: name, Details: []string{p.summary()}}), nil
}

// summary says in few words what was found.
func (p *filePrediction) summary() string {
	switch {
	case p.Box != nil:
		return p.Predictions[0].Label
	case p.Segments != nil:
		return fmt.Sprintf("%d classes", len(p.Segments))
	case len(p.Things) == 1:
		return "1 thing"
	}
	return fmt.Sprintf("%d things", len(p.Things))
}
