package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"math"

	"github.com/lince-ml/lince/metric/coco"
	"github.com/lince-ml/lince/metric/detection"
	"github.com/lince-ml/lince/metric/segmentation"
)

// A Section is a table with a title, for the page and for the terminal. All columns but the first are numbers.
type Section struct {
	Title, Note string
	Header      []string
	Rows        [][]string
}

// worstImages is how many images with the most mistakes are listed.
const worstImages = 10

// Detection returns the tables on a measurement of detections.
func Detection(s *detection.Set, r *coco.Report, a *detection.Analysis) []Section {
	at := a.BestF1()
	return []Section{cocoMetrics(r), detectionClasses(r), detectionMistakes(a), detectionWorst(s, a, at)}
}

func cocoMetrics(r *coco.Report) Section {
	t := Section{Title: "Metrics", Header: []string{"metric", "value"}}
	for _, q := range r.Quantities() {
		t.Rows = append(t.Rows, []string{q.Title, share(q.Value)})
	}
	return t
}

func detectionClasses(r *coco.Report) Section {
	t := Section{Title: "Classes", Header: []string{"class", "things", "detections", "AP", "AP50", "AP75", "recall"}}
	for i := range r.Classes {
		if c := &r.Classes[i]; c.Things+c.Detections > 0 {
			t.Rows = append(t.Rows, []string{c.Name, thousands(c.Things), thousands(c.Detections), share(c.AP), share(c.AP50), share(c.AP75), share(c.AR100)})
		}
	}
	if hidden := len(r.Classes) - len(t.Rows); hidden > 0 {
		t.Note = fmt.Sprintf("%d classes have neither things nor detections.", hidden)
	}
	return t
}

func detectionMistakes(a *detection.Analysis) Section {
	t := Section{
		Title: "Mistakes", Header: []string{"mistake", "number", "costs AP50"},
		Note: "What AP at IoU 0.50 would gain if there were no mistakes of the kind (TIDE, Bolya et al. 2020). A detection is badly placed from IoU 0.10 to 0.50.",
	}
	for _, k := range detection.Kinds {
		t.Rows = append(t.Rows, []string{k.String(), thousands(a.Count[k]), share(a.Cost[k])})
	}
	return t
}

func detectionWorst(s *detection.Set, a *detection.Analysis, at detection.Operating) Section {
	t := Section{
		Title: "Images with the most mistakes", Header: []string{"image", "found", "missed", "wrong"},
		Note: fmt.Sprintf("By detections with a score from %.3g, which is best for F1: precision %s, recall %s.", at.Score, share(at.Precision), share(at.Recall)),
	}
	for _, w := range a.Worst(worstImages, at.Score) {
		t.Rows = append(t.Rows, []string{s.Images[w.Image], thousands(w.Found), thousands(w.Missed), thousands(w.Wrong)})
	}
	return t
}

// Segmentation returns the tables on a measurement of the classes of pixels.
func Segmentation(c *segmentation.Confusion, classes []string) []Section {
	metrics := Section{Title: "Metrics", Header: []string{"metric", "value"}}
	for _, q := range []struct {
		title string
		value float64
	}{
		{"mean IoU", c.MeanIoU()}, {"pixel accuracy", c.PixelAccuracy()}, {"mean accuracy", c.MeanAccuracy()}, {"mean Dice", c.MeanDice()},
		{"frequency-weighted IoU", c.FrequencyWeightedIoU()},
	} {
		metrics.Rows = append(metrics.Rows, []string{q.title, share(q.value)})
	}
	table := Section{Title: "Classes", Header: []string{"class", "pixels", "IoU", "accuracy", "Dice"}}
	for i, name := range classes {
		table.Rows = append(table.Rows, []string{name, thousands(int(c.Truth(i))), share(c.IoU(i)), share(c.Accuracy(i)), share(c.Dice(i))})
	}
	return []Section{metrics, table}
}

// share writes a share in percent, or that it is not defined.
func share(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	return fmt.Sprintf("%.2f %%", 100*v)
}

//go:embed section.html
var section string

var sectionTemplate = template.Must(template.New("section.html").Parse(section))

// HTML returns the section as a part of the page.
func (s Section) HTML() (template.HTML, error) {
	var b bytes.Buffer
	err := sectionTemplate.Execute(&b, s)
	return template.HTML(b.String()), err
}
