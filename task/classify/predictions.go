package classify

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/internal/atomicfile"
	"github.com/lince-ml/lince/modelfile"
)

// Predictions are what a model says of the images of a dataset, and what is right: the content of a file of predictions. As CSV it has a line of names
// and then a line per image,
//
//	image,label,predicted,p:cat,p:dog
//	pets/tom.jpg,cat,cat,0.9,0.1
//
// or, where images may have several labels,
//
//	image,label:cat,label:dog,p:cat,p:dog
//	pets/both.jpg,1,1,0.8,0.7
//
// and as JSON lines an object per image, with "label" and "predicted", or "labels", a list:
//
//	{"image":"pets/tom.jpg","label":"cat","predicted":"cat","probabilities":{"cat":0.9,"dog":0.1}}
type Predictions struct {
	Classes []string
	Images  []string // the name of each image of the report
	Report  *Report
}

// NewPredictions returns the predictions of r, which is a measurement on d.
func NewPredictions(r *Report, d data.Dataset) *Predictions {
	p := &Predictions{Classes: d.Classes(), Report: r}
	for _, s := range r.Samples {
		p.Images = append(p.Images, d.Name(s.Index))
	}
	return p
}

// maxPredictions is the size of a file of predictions, after unpacking, that is read at most.
const maxPredictions = 4 << 30

// IsPredictions reports whether a file of this name is one of predictions.
func IsPredictions(name string) bool {
	base := strings.TrimSuffix(name, ".gz")
	return strings.HasSuffix(base, ".csv") || strings.HasSuffix(base, ".jsonl")
}

// Write writes the file at path, whole or not at all. Its format is that of the name: .csv or .jsonl, with .gz if it is to be packed.
func (p *Predictions) Write(path string) error {
	base, packed := strings.CutSuffix(path, ".gz")
	encode, err := p.encoder(base)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		if !packed {
			return encode(w)
		}
		z := gzip.NewWriter(w)
		return errors.Join(encode(z), z.Close())
	})
}

func (p *Predictions) encoder(base string) (func(io.Writer) error, error) {
	switch {
	case strings.HasSuffix(base, ".csv"):
		return p.writeCSV, nil
	case strings.HasSuffix(base, ".jsonl"):
		return p.writeJSON, nil
	}
	return nil, errors.New("expected a name that ends in .csv, .jsonl, .csv.gz or .jsonl.gz")
}

func (p *Predictions) writeCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	line := []string{"image"}
	several := p.Report.Targets != nil
	if several {
		line = appendPrefixed(line, "label:", p.Classes)
	} else {
		line = append(line, "label", "predicted")
	}
	c.Write(appendPrefixed(line, "p:", p.Classes)) // the error stays, for Error
	for i, s := range p.Report.Samples {
		line = append(line[:0], p.Images[i])
		if several {
			for k := range p.Classes {
				line = append(line, strconv.Itoa(int(row(p.Report.Targets, i, len(p.Classes))[k])))
			}
		} else {
			line = append(line, p.Classes[s.Label], p.Classes[s.Predicted])
		}
		for _, v := range p.Report.Row(i) {
			line = append(line, number(v))
		}
		c.Write(line)
	}
	c.Flush()
	return c.Error()
}

func appendPrefixed(list []string, prefix string, names []string) []string {
	for _, n := range names {
		list = append(list, prefix+n)
	}
	return list
}

// number writes v with as few digits as tell it from other float32 numbers.
func number(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }

// line is an image in JSON.
type line struct {
	Image         string             `json:"image"`
	Label         string             `json:"label,omitempty"`
	Predicted     string             `json:"predicted,omitempty"`
	Labels        *[]string          `json:"labels,omitempty"`
	Probabilities map[string]float32 `json:"probabilities"`
}

func (p *Predictions) writeJSON(w io.Writer) error {
	b := bufio.NewWriter(w)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	for i, s := range p.Report.Samples {
		l := line{Image: p.Images[i], Probabilities: map[string]float32{}}
		for c, v := range p.Report.Row(i) {
			l.Probabilities[p.Classes[c]] = v
		}
		if p.Report.Targets != nil {
			labels := []string{}
			for c, name := range p.Classes {
				if p.Report.Has(i, c) {
					labels = append(labels, name)
				}
			}
			l.Labels = &labels
		} else {
			l.Label, l.Predicted = p.Classes[s.Label], p.Classes[s.Predicted]
		}
		if err := e.Encode(l); err != nil {
			return err
		}
	}
	return b.Flush()
}

// ReadPredictions reads a file that Write has written, or another program in the same form. Errors name the file and the line.
func ReadPredictions(path string) (*Predictions, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
	}
	defer f.Close()
	p, err := decodePredictions(path, f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return p, nil
}

func decodePredictions(name string, r io.Reader) (*Predictions, error) {
	base, packed := strings.CutSuffix(name, ".gz")
	if packed {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		r = z
	}
	limited := &io.LimitedReader{R: r, N: maxPredictions}
	t := &table{}
	var err error
	switch {
	case strings.HasSuffix(base, ".csv"):
		err = t.readCSV(limited)
	case strings.HasSuffix(base, ".jsonl"):
		err = t.readJSON(limited)
	default:
		err = errors.New("not a file of predictions: expected a name that ends in .csv, .jsonl, .csv.gz or .jsonl.gz")
	}
	switch {
	case err != nil:
		return nil, err
	case limited.N == 0:
		return nil, fmt.Errorf("more than %d GiB, expected less", maxPredictions>>30)
	case len(t.images) == 0:
		return nil, errors.New("no images")
	}
	return t.predictions(), nil
}

// table is what has been read so far.
type table struct {
	images, classes []string
	index           map[string]int // of the classes
	several         bool
	outcome         outcome
}

func (t *table) setClasses(names []string) error {
	t.classes, t.index = names, map[string]int{}
	for i, n := range names {
		if _, twice := t.index[n]; twice {
			return fmt.Errorf("two classes called %q", n)
		}
		t.index[n] = i
	}
	if len(names) == 0 {
		return errors.New("no probabilities")
	}
	return nil
}

func (t *table) readCSV(r io.Reader) error {
	c := csv.NewReader(r)
	c.ReuseRecord = true
	head, err := c.Read()
	if err == io.EOF {
		return nil
	} else if err != nil {
		return err
	}
	labels, err := t.readHead(slices.Clone(head))
	if err != nil {
		return err
	}
	for {
		record, err := c.Read()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err // which names the line
		}
		if err := t.addRecord(record, labels); err != nil {
			at, _ := c.FieldPos(0)
			return fmt.Errorf("line %d: %w", at, err)
		}
	}
}

// readHead reads the names of the columns, and returns how many have labels.
func (t *table) readHead(head []string) (labels int, err error) {
	single := len(head) > 3 && head[1] == "label" && head[2] == "predicted"
	n := len(head) - 3
	labels = 1
	if !single {
		n = (len(head) - 1) / 2
		labels, t.several = n, true
	}
	var want, names []string
	if n > 0 {
		for _, h := range head[len(head)-n:] {
			names = append(names, strings.TrimPrefix(h, "p:"))
		}
		want = []string{"image"}
		if single {
			want = append(want, "label", "predicted")
		} else {
			want = appendPrefixed(want, "label:", names)
		}
		want = appendPrefixed(want, "p:", names)
	}
	if n <= 0 || !slices.Equal(head, want) {
		return 0, errors.New("line 1: expected the columns image, label, predicted and p:CLASS of each class, or image, label:CLASS of each and p:CLASS of each")
	}
	return labels, t.setClasses(names)
}

func (t *table) addRecord(record []string, labels int) error {
	t.images = append(t.images, strings.Clone(record[0]))
	if !t.several {
		if err := t.addLabel(record[1]); err != nil {
			return err
		}
	} else {
		for _, text := range record[1 : 1+labels] {
			if text != "0" && text != "1" {
				return fmt.Errorf("label %q, expected 0 or 1", text)
			}
			t.outcome.targets = append(t.outcome.targets, float32(text[0]-'0'))
		}
	}
	for _, text := range record[len(record)-len(t.classes):] {
		v, err := strconv.ParseFloat(text, 32)
		if err != nil {
			return fmt.Errorf("probability %q, expected a number from 0 to 1", text)
		}
		if err := t.addProbability(float32(v)); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) addLabel(name string) error {
	i, ok := t.index[name]
	if !ok {
		return fmt.Errorf("label %q, which has no probability", name)
	}
	t.outcome.labels = append(t.outcome.labels, i)
	return nil
}

func (t *table) addProbability(v float32) error {
	if !(v >= 0 && v <= 1.0001) { // sums of rounded numbers
		return fmt.Errorf("probability %v, expected a number from 0 to 1", v)
	}
	t.outcome.probabilities = append(t.outcome.probabilities, v)
	return nil
}

func (t *table) readJSON(r io.Reader) error {
	d := json.NewDecoder(r)
	for n := 1; ; n++ {
		var l line
		err := d.Decode(&l)
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = t.addLine(&l)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
}

func (t *table) addLine(l *line) error {
	if t.classes == nil {
		t.several = l.Labels != nil
		if err := t.setClasses(slices.Sorted(maps.Keys(l.Probabilities))); err != nil {
			return err
		}
	}
	if t.several != (l.Labels != nil) {
		return errors.New(`expected "label" in all lines or "labels" in all`)
	}
	t.images = append(t.images, l.Image)
	if !t.several {
		if err := t.addLabel(l.Label); err != nil {
			return err
		}
	} else {
		at := len(t.outcome.targets)
		t.outcome.targets = append(t.outcome.targets, make([]float32, len(t.classes))...)
		for _, name := range *l.Labels {
			i, ok := t.index[name]
			if !ok {
				return fmt.Errorf("label %q, which has no probability", name)
			}
			t.outcome.targets[at+i] = 1
		}
	}
	for _, name := range t.classes {
		v, ok := l.Probabilities[name]
		if !ok || len(l.Probabilities) != len(t.classes) {
			return fmt.Errorf("probabilities of %d classes, expected those of the %d classes of the first line", len(l.Probabilities), len(t.classes))
		}
		if err := t.addProbability(v); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) predictions() *Predictions {
	kind := modelfile.Multiclass
	var thresholds []float32
	if t.several {
		kind = modelfile.Multilabel
		thresholds = Task{Kind: kind, Classes: len(t.classes)}.LabelThresholds()
	}
	for i := range t.images {
		t.outcome.index = append(t.outcome.index, i)
		if t.several {
			t.outcome.labels = append(t.outcome.labels, -1)
		}
	}
	return &Predictions{Classes: t.classes, Images: t.images, Report: t.outcome.report(kind, len(t.classes), thresholds)}
}
