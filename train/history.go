package train

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"path/filepath"
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
	w.Write([]string{"epoch", "step", "lr", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "best", "images_per_second", "seconds"})
	for _, e := range r.progress.History {
		w.Write(e.row())
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

// row returns the line of e in metrics.csv.
func (e *Epoch) row() []string {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	var loss, accuracy string
	if v := e.Validation; v != nil {
		loss, accuracy = number(v.Loss), number(v.Accuracy)
	}
	return []string{
		strconv.Itoa(e.Epoch), strconv.Itoa(e.Step), number(e.Rate), number(e.Train.Loss), number(e.Train.Accuracy), loss, accuracy,
		strconv.FormatBool(e.Best), number(e.ImagesPerSecond), number(e.Seconds),
	}
}

// loss returns what a schedule goes by: the loss of the validation images, or else of the training images.
func (e *Epoch) loss() float64 {
	if e.Validation != nil {
		return e.Validation.Loss
	}
	return e.Train.Loss
}
