package main

import (
	"fmt"
	"unicode/utf8"

	"github.com/lince-ml/lince"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/task/detect"
	"github.com/lince-ml/lince/task/instances"
	"github.com/lince-ml/lince/task/localize"
)

// An answer is a line of what is printed of a file.
type answer struct {
	label  string
	value  float32 // 0 to 1
	chosen bool
	where  string
}

// answers returns the lines of a file.
func (p *filePrediction) answers() (list []answer) {
	for i, q := range p.Predictions {
		if i > 0 && q.Probability < 0.0005 {
			break // would print as 0.0 %
		}
		a := answer{q.Label, q.Probability, q.Chosen, ""}
		if i == 0 && p.Box != nil {
			a.where = corners(*p.Box)
		}
		list = append(list, a)
	}
	for _, t := range p.Things {
		list = append(list, answer{t.Label, t.Score, true, corners(t.Box)})
	}
	for _, s := range p.Segments {
		if s.Share >= 0.0005 { // likewise
			list = append(list, answer{s.Label, s.Share, true, ""})
		}
	}
	return list
}

func corners(b [4]float32) string {
	return fmt.Sprintf("  from (%.0f, %.0f) to (%.0f, %.0f)", b[0], b[1], b[2], b[3])
}

// values says what the numbers of a task are.
var values = map[string]string{classify.Name: "probability", localize.Name: "probability", detect.Name: "score", instances.Name: "score"}

func (f *predictFlags) print(c *console, m *lince.Model, list []filePrediction) error {
	if f.json {
		if list == nil {
			list = []filePrediction{}
		}
		return c.json(list)
	}
	if len(list) == 0 {
		return nil
	}
	value, ok := values[m.Task()]
	if !ok {
		value = "share of the pixels"
	}
	file, label, inverted, empty, several := len("file"), len("label"), 0, 0, false
	for _, p := range list {
		file = max(file, utf8.RuneCountInString(p.File))
		for i, a := range p.answers() {
			label = max(label, utf8.RuneCountInString(a.label))
			several = several || p.Predictions != nil && a.chosen != (i == 0)
		}
		if p.Inverted {
			inverted++
		}
		if p.Things != nil && len(p.Things) == 0 {
			empty++
		}
	}
	c.printf("%-*s  %-*s  %s\n", file, "file", label, "label", value)
	for _, p := range list {
		name := p.File
		for _, a := range p.answers() {
			paint, mark := c.faint, ""
			if a.chosen {
				paint = c.bold
				if several {
					mark = " *"
				}
			}
			c.printf("%-*s  %s  %s %5.1f %%%s%s\n", file, name, paint(fmt.Sprintf("%-*s", label, a.label)), bar(float64(a.value), 20), 100*a.value, mark, a.where)
			name = ""
		}
		if name != "" {
			c.printf("%-*s  %s\n", file, name, c.faint("nothing"))
		}
	}
	if several {
		c.printf("\n* what the model says: the probability reaches the threshold of the class.\n")
	}
	if inverted > 0 {
		c.printf("\n%d of %d are dark on light; the model has learned light on dark and was shown the negative.\n", inverted, len(list))
	}
	if empty > 0 {
		c.printf("\nIn %d of %d there is nothing with a score above %.3g; a lower --threshold shows what the model is less sure of.\n", empty, len(list), m.Threshold())
	}
	return nil
}
