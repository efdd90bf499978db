package train

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"path/filepath"
	"slices"
	"strconv"
)

// writeHistory writes metrics.jsonl and metrics.csv anew. They are short, and so never have a line twice or in part.
func (r *Run) writeHistory() error {
	if len(r.progress.History) == r.written {
		return nil
	}
	var lines, table bytes.Buffer
	enc := json.NewEncoder(&lines)
	for _, e := range r.progress.History {
		if err := enc.Encode(e); err != nil {
			return err
		}
	}
	w := csv.NewWriter(&table)
	train, validation := r.columns()
	w.Write(slices.Concat([]string{"epoch", "step", "lr"}, prefixed("train_", train), prefixed("validation_", validation), []string{"best", "images_per_second", "seconds"}))
	for _, e := range r.progress.History {
		w.Write(e.row(train, validation))
	}
	w.Flush()
	if err := writeFile(filepath.Join(r.dir, MetricsFile), lines.Bytes()); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(r.dir, TableFile), table.Bytes()); err != nil {
		return err
	}
	r.written = len(r.progress.History)
	return nil
}

// columns returns the names of the numbers of metrics.csv. Without validation images, those columns are empty.
func (r *Run) columns() (train, validation []string) {
	first := r.progress.History[0]
	for _, v := range first.Train.list() {
		train = append(train, v.Name)
	}
	if first.Validation == nil {
		return train, train
	}
	for _, v := range first.Validation.list() {
		validation = append(validation, v.Name)
	}
	return train, validation
}

// row returns the line of e in metrics.csv, with the numbers of these names.
func (e *Epoch) row(train, validation []string) []string {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	row := []string{strconv.Itoa(e.Epoch), strconv.Itoa(e.Step), number(e.Rate)}
	add := func(s *Score, names []string) {
		for _, name := range names {
			text := ""
			if s != nil {
				if v := s.Get(name); !math.IsNaN(v) {
					text = number(v)
				}
			}
			row = append(row, text)
		}
	}
	add(&e.Train, train)
	add(e.Validation, validation)
	return append(row, strconv.FormatBool(e.Best), number(e.ImagesPerSecond), number(e.Seconds))
}

// loss returns what a schedule goes by: the loss of the validation images, or else of the training images.
func (e *Epoch) loss() float64 {
	if v := e.Validation; v != nil && !math.IsNaN(v.Loss) {
		return v.Loss
	}
	return e.Train.Loss
}
