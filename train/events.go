package train

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lince-ml/lince/format/tfevents"
)

// eventFiles are the names of the run's files for TensorBoard, which asks for "tfevents" in a name. There is one, except while a process replaces that of another.
const eventFiles = "events.out.tfevents.*.lince"

// logEpoch adds the last epoch to the event file. A new process writes a new file with all epochs: the old one may end in half a record.
func (r *Run) logEpoch() error {
	history := r.progress.History
	if r.events != "" {
		err := r.appendEvents(tfevents.Append(nil, event(history[len(history)-1], time.Now())))
		if err != nil {
			r.events = "" // to be written anew
		}
		return err
	}
	old, _ := filepath.Glob(filepath.Join(r.dir, eventFiles))
	now := time.Now()
	at := now // of each epoch; the last ends now
	for _, e := range history {
		at = at.Add(-time.Duration(e.Seconds * float64(time.Second)))
	}
	b := tfevents.AppendHeader(nil, at)
	for _, e := range history {
		at = at.Add(time.Duration(e.Seconds * float64(time.Second)))
		b = tfevents.Append(b, event(e, at))
	}
	path := filepath.Join(r.dir, strings.Replace(eventFiles, "*", fmt.Sprint(now.Unix()), 1))
	if err := writeFile(path, b); err != nil {
		return err
	}
	r.events = path
	for _, name := range old {
		if name != path {
			os.Remove(name)
		}
	}
	return nil
}

func event(e Epoch, at time.Time) tfevents.Event {
	var values []tfevents.Value
	add := func(s Score, of string) {
		for _, v := range s.list() {
			if !math.IsNaN(v.Value) {
				values = append(values, tfevents.Value{Tag: v.Name + of, Scalar: float32(v.Value)})
			}
		}
	}
	add(e.Train, "/train")
	values = append(values, tfevents.Value{Tag: "learning_rate", Scalar: float32(e.Rate)})
	if e.Validation != nil {
		add(*e.Validation, "/validation")
	}
	return tfevents.Event{Time: at, Step: int64(e.Step), Values: values}
}

// appendEvents appends whole records. Readers wait for the rest of one that has not arrived.
func (r *Run) appendEvents(b []byte) error {
	f, err := os.OpenFile(r.events, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(b); err != nil {
		return err
	}
	return f.Close()
}

// LogPictures adds the PNG files of a folder to the event file, for TensorBoard, at the last step.
func (r *Run) LogPictures(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil {
		return err
	}
	e := tfevents.Event{Time: time.Now(), Step: int64(r.trainer.steps)}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		size, err := png.DecodeConfig(bytes.NewReader(b))
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		tag := filepath.Base(dir) + "/" + strings.TrimSuffix(filepath.Base(name), ".png")
		e.Values = append(e.Values, tfevents.Value{Tag: tag, PNG: b, Width: size.Width, Height: size.Height})
	}
	record := tfevents.Append(nil, e)
	if r.events != "" && r.appendEvents(record) == nil {
		return nil
	}
	r.events = "" // the run was resumed after its last epoch, or somebody has removed the file
	if err := r.logEpoch(); err != nil {
		return err
	}
	return r.appendEvents(record)
}
