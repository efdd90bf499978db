package plot

import (
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/tensor"
	"github.com/lince-ml/lince/train"
	"golang.org/x/image/draw"
)

// mistakes is how many wrongly classified images are shown.
const mistakes = 24

// Training writes the pictures of a training to the folder dir, which it makes: curves.png, filters.png if the network begins with
// a convolution, and those of Report if there are test images of a classifier.
func Training(dir string, o *train.Outcome) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("make folder %s: %w", dir, errors.Unwrap(err))
	}
	m, err := History(o.History)
	if err != nil {
		return err
	}
	if err := WritePNG(filepath.Join(dir, "curves.png"), m); err != nil {
		return err
	}
	if m, err = FirstFilters(o.Model); err != nil {
		return err
	}
	if m != nil {
		if err := WritePNG(filepath.Join(dir, "filters.png"), m); err != nil {
			return err
		}
	}
	return Measurement(dir, o.Report, o.Test, o.Model.Classes)
}

// History draws the curves of a training.
func History(history []train.Epoch) (image.Image, error) { return Curves(panels(history)...) }

// mostPanels bounds how wide the curves become.
const mostPanels = 5

// panels returns that of the loss, and one for each share that is measured.
func panels(history []train.Epoch) []Panel {
	list := []Panel{{"Loss", "", curves(history, "loss", 1)}}
	seen := map[string]bool{}
	add := func(s *train.Score) {
		if s == nil {
			return
		}
		for _, v := range s.Values {
			if v.Name != "" && !seen[v.Name] && !v.IsLoss() {
				seen[v.Name] = true
				list = append(list, Panel{heading(v.Name) + " (%)", "", curves(history, v.Name, 100)})
			}
		}
	}
	for i := range history {
		add(history[i].Validation)
		add(&history[i].Train)
	}
	return list[:min(len(list), mostPanels)]
}

// curves returns those of the number called name, times factor.
func curves(history []train.Epoch, name string, factor float64) []Curve {
	learned, validated := Curve{Name: "training"}, Curve{Name: "validation"}
	add := func(c *Curve, epoch int, s *train.Score) {
		if s != nil {
			c.Epochs, c.Values = append(c.Epochs, epoch), append(c.Values, factor*s.Get(name).Value)
		}
	}
	for i := range history {
		e := &history[i]
		add(&learned, e.Epoch, &e.Train)
		add(&validated, e.Epoch, e.Validation)
	}
	return []Curve{learned, validated}
}

// heading makes "Mean IoU" of mean_iou.
func heading(name string) string {
	title := train.Title(name)
	return strings.ToUpper(title[:1]) + title[1:]
}

// FirstFilters draws the filters of the network's first layer; nil if it is no convolution.
func FirstFilters(m *modelfile.Model) (image.Image, error) {
	vars, err := m.Variables()
	if err != nil {
		return nil, err
	}
	var w *tensor.Tensor
	if len(vars) > 0 {
		w = m.Weights[vars[0].Name]
	}
	if w == nil || w.Shape().Rank() != 4 {
		return nil, nil
	}
	return Filters(fmt.Sprintf("Filters of the first layer (%s)", vars[0].Name), w)
}

// Report writes the pictures of a measurement on the dataset d to the folder dir, which it makes: areas.png; if images have one label, confusion.png and
// reliability.png; and, if anything was wrong, mistakes.png with those made most confidently.
func Report(dir string, r *classify.Report, d data.Dataset, classes []string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("make folder %s: %w", dir, errors.Unwrap(err))
	}
	save := func(name string, m image.Image, err error) error {
		if err != nil {
			return err
		}
		return WritePNG(filepath.Join(dir, name), m)
	}
	m, err := Areas(r, classes)
	if err := save("areas.png", m, err); err != nil {
		return err
	}
	if r.Confusion != nil {
		m, err := Confusion(fmt.Sprintf("%s right: %d of %d images", metric.Percent(r.Accuracy()), r.Correct, r.N), r.Confusion, classes)
		if err := save("confusion.png", m, err); err != nil {
			return err
		}
		if err := save("reliability.png", Reliability(r.Reliability()), nil); err != nil {
			return err
		}
	}
	cells, err := worst(r, d, classes)
	if err != nil || len(cells) == 0 {
		return err
	}
	title := "Most confidently wrong: what it is, what it was taken for, which image"
	if r.Targets != nil {
		title = "Largest losses: the labels, which were missed, which were too much, which image"
	}
	return WritePNG(filepath.Join(dir, "mistakes.png"), Grid(title, cells, 6))
}

// worst returns the images that are wrong most confidently.
func worst(r *classify.Report, d data.Dataset, classes []string) (cells []Cell, err error) {
	for _, s := range r.Worst(mistakes) {
		sample, err := d.Sample(s.Index)
		if err != nil {
			return nil, err
		}
		c := Cell{Image: Picture(sample.Image), Mark: Wrong}
		if r.Targets == nil {
			c.Title = classes[s.Label]
			c.Details = []string{fmt.Sprintf("%s  %.1f %%", classes[s.Predicted], 100*s.Probability), shortName(d.Name(s.Index))}
		} else {
			c.Title, c.Details = several(r, sample.Labels, s.Index, classes)
			c.Details = append(c.Details, shortName(d.Name(s.Index)))
		}
		cells = append(cells, c)
	}
	return cells, nil
}

// several says which labels image i has, which were missed and which were said without being there.
func several(r *classify.Report, labels []float32, i int, classes []string) (title string, details []string) {
	var has, missed, extra []string
	for c, p := range r.Row(i) {
		said := p >= r.Thresholds[c]
		if labels[c] == 1 {
			has = append(has, classes[c])
			if !said {
				missed = append(missed, classes[c])
			}
		} else if said {
			extra = append(extra, classes[c])
		}
	}
	return orNone(has), []string{"missed: " + orNone(missed), "too much: " + orNone(extra)}
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// shortName returns what distinguishes a sample within its dataset: #17 of mnist/test#17, tom.jpg of pets/cat/tom.jpg.
func shortName(name string) string {
	if i := strings.LastIndex(name, "#"); i >= 0 {
		return name[i:]
	}
	return filepath.Base(name)
}

// Picture returns the pixels of a dataset as an image, grey for one plane, in colour for three.
func Picture(im data.Image) image.Image { return im.Picture() }

// Thumbnail returns a copy of m that is no larger than Grid shows it, so that the picture itself need not be kept.
func Thumbnail(m image.Image) image.Image {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	scale := min(1, float64(tile)/float64(max(w, h, 1)))
	t := image.NewNRGBA(image.Rect(0, 0, max(1, int(scale*float64(w)+0.5)), max(1, int(scale*float64(h)+0.5))))
	draw.CatmullRom.Scale(t, t.Bounds(), m, m.Bounds(), draw.Src, nil)
	return t
}
