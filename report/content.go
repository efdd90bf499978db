package report

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/train"
)

// How much of long lists the page shows.
const (
	mostConfusions = 15
	mostMistakes   = 24
)

// content is what the template shows.
type content struct {
	Name, Dir   string
	Result      train.Result
	Config      train.Config
	Model       *modelfile.Model
	Epochs      []train.Epoch
	Metrics     []row
	Intervals   bool         // some of the metrics have one
	Tested      int          // images
	Tables      []task.Table // of other tasks than classification
	Columns     []string     // of the table of epochs
	Rows        [][]string   // likewise
	Pictures    []picture
	Classes     []class
	Several     bool // images may have several labels
	Confusions  []confusion
	Mistakes    []mistake
	What        string // such as "multiclass classification"
	Chosen      row    // the validation result of the best epoch
	Settings    []train.Setting
	Layers      []models.LayerSummary
	MultiplyAdd string
	Options     string
}

// row is a metric, ready to be read.
type row struct{ Title, Value, Interval string }

type class struct {
	classify.ClassMetrics
	AP, AUC, Taken string
}

type confusion struct {
	Label, Predicted string
	N                int
	Share            float64 // of the images of the label
}

type mistake struct {
	Image, Label, Predicted string
	Probability             float64
	Loss                    float32
}

func (r *run) content() (*content, error) {
	c := &content{
		Name: filepath.Base(filepath.Clean(r.dir)), Dir: filepath.ToSlash(r.dir), Result: r.result, Config: r.config, Model: r.model, Epochs: r.history,
	}
	var err error
	c.Columns, c.Rows = epochs(r.history)
	if c.Settings, err = r.config.Settings(); err != nil {
		return nil, err
	}
	if c.Pictures, err = r.pictures(); err != nil {
		return nil, err
	}
	if t := r.result.Test; t != nil {
		c.Metrics, c.Tested = rows(t), t.Images()
		c.Intervals = slices.ContainsFunc(c.Metrics, func(m row) bool { return m.Interval != "" })
		if t, ok := t.(task.Tabler); ok {
			c.Tables = t.Tables()
		}
	}
	c.What = "the task " + r.model.Task
	if r.model.Task == classify.Name {
		c.What = r.model.Kind.String() + " classification"
	}
	if v := r.result.Validation; v != nil && len(v.Values) > 0 {
		c.Chosen = row{Title: train.Title(v.Values[0].Name), Value: v.Values[0].String()}
	}
	if p := r.predictions; p != nil {
		c.Several = p.Report.Targets != nil
		c.Classes, c.Confusions, c.Mistakes = classes(p), confusions(p), mistakes(p)
	}
	return c, c.summarize(r.model)
}

// summarize lists the layers.
func (c *content) summarize(m *modelfile.Model) error {
	net, err := m.Network()
	if err != nil {
		return err
	}
	s, err := models.Summarize(net, graph.F32(1, m.Input.Channels, m.Input.Height, m.Input.Width))
	if err != nil {
		return err
	}
	c.Layers, c.MultiplyAdd = s.Layers, metric.Thousands(s.MultiplyAdds)
	var options []string
	for k, v := range m.Options {
		options = append(options, k+"="+v)
	}
	slices.Sort(options)
	c.Options = strings.Join(options, ", ")
	return nil
}

func rows(m task.Summary) (list []row) {
	for _, q := range m.Quantities() {
		number := func(v float64) string { return fmt.Sprintf("%.4f", v) }
		if q.Share {
			number = metric.Percent
		}
		l := row{Title: q.Title, Value: number(q.Value)}
		if i := q.Interval; i != nil {
			l.Interval = number(i[0]) + " to " + number(i[1])
		}
		list = append(list, l)
	}
	return list
}

func classes(p *classify.Predictions) (list []class) {
	for i, m := range p.Report.ByClass(p.Classes) {
		c := class{ClassMetrics: m, AP: optional(m.AveragePrecision), AUC: optional(m.ROCAUC)}
		if p.Report.Confusion != nil {
			worst := -1
			for j, n := range p.Report.Confusion[i] {
				if j != i && n > 0 && (worst < 0 || n > p.Report.Confusion[i][worst]) {
					worst = j
				}
			}
			if worst >= 0 {
				c.Taken = fmt.Sprintf("%s (%d)", p.Classes[worst], p.Report.Confusion[i][worst])
			}
		}
		list = append(list, c)
	}
	return list
}

func optional(v *float64) string {
	if v == nil {
		return ""
	}
	return fmt.Sprintf("%.4f", *v)
}

// confusions returns the classes that are taken for another most often.
func confusions(p *classify.Predictions) (list []confusion) {
	for i, counts := range p.Report.Confusion {
		for j, n := range counts {
			if i != j && n > 0 {
				list = append(list, confusion{p.Classes[i], p.Classes[j], n, float64(n) / float64(p.Report.Tally.Support[i])})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b confusion) int { return cmp.Compare(b.N, a.N) })
	return list[:min(mostConfusions, len(list))]
}

func mistakes(p *classify.Predictions) (list []mistake) {
	for _, s := range p.Report.Worst(mostMistakes) {
		m := mistake{Image: p.Images[s.Index], Probability: float64(s.Probability), Loss: s.Loss, Predicted: p.Classes[s.Predicted]}
		if s.Label >= 0 {
			m.Label = p.Classes[s.Label]
		} else {
			var has []string
			for c, name := range p.Classes {
				if p.Report.Has(s.Index, c) {
					has = append(has, name)
				}
			}
			m.Label = strings.Join(has, ", ")
		}
		list = append(list, m)
	}
	return list
}
