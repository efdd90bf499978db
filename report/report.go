// Package report makes of a run folder one page of HTML that needs nothing else: no other file, no network, no JavaScript.
package report

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/lince-ml/lince/internal/atomicfile"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/plot"
)

// File is the name of the page in the run folder.
const File = "report.html"

//go:embed report.html
var page string

var pageTemplate = template.Must(template.New(File).Funcs(template.FuncMap{
	"percent":   metric.Percent,
	"thousands": metric.Thousands[int],
	"round":     func(v float64) int { return int(math.Round(v)) },
}).Parse(page))

// Write writes report.html into the folder dir of a run that has finished, from what else is there. The pictures that need the
// images themselves, and those of tasks other than classification, are taken from the folder of plots.
func Write(dir string) error {
	r, err := read(dir)
	if err != nil {
		return err
	}
	c, err := r.content()
	if err != nil {
		return fmt.Errorf("report on %s: %w", dir, err)
	}
	return atomicfile.Write(filepath.Join(dir, File), func(w io.Writer) error { return pageTemplate.Execute(w, c) })
}

// A picture is one of the page. Its width is that on the screen, at most.
type picture struct {
	Title  string
	Source template.URL
	Width  int
}

// pictures draws what can be drawn without the images, and takes the mistakes from the folder of plots.
func (r *run) pictures() (list []picture, err error) {
	add := func(title string, m image.Image, failure error) {
		if err = cmp.Or(err, failure); err != nil || m == nil {
			return
		}
		var p picture
		p, err = encode(title, m)
		list = append(list, p)
	}
	m, failure := plot.History(r.history)
	add("What was measured after each epoch", m, failure)
	if p := r.predictions; p != nil {
		if p.Report.Confusion != nil {
			title := fmt.Sprintf("%d of %d images right", p.Report.Correct, p.Report.N)
			m, failure = plot.Confusion(title, p.Report.Confusion, p.Classes)
			add("Confusion matrix", m, failure)
			add("Calibration", plot.Reliability(p.Report.Reliability()), nil)
		}
		m, failure = plot.Areas(p.Report, p.Classes)
		add("Precision, recall and ROC", m, failure)
	}
	for _, f := range plot.Files {
		if r.predictions != nil && f.Name != plot.MistakesFile { // drawn above
			continue
		}
		text, failure := os.ReadFile(filepath.Join(r.dir, "plots", f.Name))
		if failure != nil {
			continue
		}
		m, failure := png.Decode(bytes.NewReader(text))
		add(f.Title, m, failure)
	}
	m, failure = plot.FirstFilters(r.model)
	add("Filters of the first layer", m, failure)
	return list, err
}

// encode puts a picture into the page itself. Pictures have two pixels for one of a usual screen.
func encode(title string, m image.Image) (picture, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return picture{}, err
	}
	source := "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
	return picture{title, template.URL(source), m.Bounds().Dx() * 2 / 3}, nil
}
