package plot

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/tensor"
	"github.com/lince-ml/lince/train"
	"golang.org/x/image/draw"
)

// mistakes is how many wrongly classified images are shown.
const mistakes = 24

// Training writes the pictures of a training to the folder dir, which it makes: curves.png, filters.png if the network begins with
// a convolution, and those of Report if there are test images.
func Training(dir string, o *train.Outcome) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	m, err := Curves(panels(o.History)...)
	if err != nil {
		return err
	}
	if err := WritePNG(filepath.Join(dir, "curves.png"), m); err != nil {
		return err
	}
	if err := firstFilters(filepath.Join(dir, "filters.png"), o.Model); err != nil {
		return err
	}
	if o.Report == nil {
		return nil
	}
	return Report(dir, o.Report, o.Test, o.Model.Classes)
}

func panels(history []train.Epoch) []Panel {
	var epochs, validated []int
	var loss, accuracy, validLoss, validAccuracy []float64
	for _, e := range history {
		epochs = append(epochs, e.Epoch)
		loss, accuracy = append(loss, e.Train.Loss), append(accuracy, 100*e.Train.Accuracy)
		if v := e.Validation; v != nil {
			validated = append(validated, e.Epoch)
			validLoss, validAccuracy = append(validLoss, v.Loss), append(validAccuracy, 100*v.Accuracy)
		}
	}
	return []Panel{
		{"Loss (cross-entropy)", "", []Curve{{"training", epochs, loss}, {"validation", validated, validLoss}}},
		{"Accuracy (%)", "", []Curve{{"training", epochs, accuracy}, {"validation", validated, validAccuracy}}},
	}
}

// firstFilters writes the filters of the network's first layer, if it is a convolution.
func firstFilters(path string, m *modelfile.Model) error {
	vars, err := m.Variables()
	if err != nil {
		return err
	}
	var w *tensor.Tensor
	if len(vars) > 0 {
		w = m.Weights[vars[0].Name]
	}
	if w == nil || w.Shape().Rank() != 4 {
		return nil
	}
	im, err := Filters(fmt.Sprintf("Filters of the first layer (%s)", vars[0].Name), w)
	if err != nil {
		return err
	}
	return WritePNG(path, im)
}

// Report writes the pictures of a measurement on the dataset d to the folder dir, which it makes: confusion.png and, if anything
// was wrong, mistakes.png with those made most confidently.
func Report(dir string, r *classify.Report, d data.Dataset, classes []string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	m, err := Confusion(fmt.Sprintf("%.2f %% right: %d of %d images", 100*r.Accuracy(), r.Correct, r.N), r.Confusion, classes)
	if err != nil {
		return err
	}
	if err := WritePNG(filepath.Join(dir, "confusion.png"), m); err != nil {
		return err
	}
	var cells []Cell
	for _, s := range r.Worst(mistakes) {
		sample, err := d.Sample(s.Index)
		if err != nil {
			return err
		}
		cells = append(cells, Cell{
			Image:   Picture(sample.Image),
			Title:   classes[s.Label],
			Details: []string{fmt.Sprintf("%s  %.1f %%", classes[s.Predicted], 100*s.Probability), shortName(d.Name(s.Index))},
			Mark:    Wrong,
		})
	}
	if len(cells) == 0 {
		return nil
	}
	return WritePNG(filepath.Join(dir, "mistakes.png"), Grid("Most confidently wrong: what it is, what it was taken for, which image", cells, 6))
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
