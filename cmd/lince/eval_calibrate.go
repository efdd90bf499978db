package main

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/train"
)

// calibration is what fitting on the validation images has found, and what it changes on the test images.
type calibration struct {
	N           int                `json:"n"` // validation images
	Temperature float64            `json:"temperature"`
	Thresholds  map[string]float32 `json:"thresholds,omitempty"` // of several labels, by class
	LossAfter   float64            `json:"loss_after"`
	ECEAfter    *float64           `json:"ece_after,omitempty"`
	Written     bool               `json:"written"` // into the model

	lossBefore float64
	eceBefore  *float64
}

// fit measures the validation images of the run that m comes from, and finds the temperature and thresholds that fit them best. The model is then
// as it was before it was ever calibrated, so that one sees the difference; with --write the file at path gets them.
func (f *evalFlags) fit(ctx context.Context, c *console, path string, m *modelfile.Model, views []data.View) (*calibration, error) {
	if m.Data.Name == "" {
		return nil, usagef("--calibrate: %s does not say what it was trained on, and so not which images to fit with", path)
	}
	m.Temperature, m.Thresholds = 0, nil
	d, err := c.validationData(path, m)
	if err != nil {
		return nil, err
	}
	report, err := f.measure(ctx, m, d, views)
	if err != nil {
		return nil, err
	}
	temperature, thresholds := report.Calibrate()
	if temperature == 0 {
		return nil, errors.New("no temperature was found")
	}
	k := &calibration{N: d.Len(), Temperature: temperature}
	if thresholds != nil {
		thresholds = metric.SigmoidScale(thresholds, temperature) // they were found at temperature 1
		k.Thresholds = map[string]float32{}
		for i, name := range m.Classes {
			k.Thresholds[name] = thresholds[i]
		}
	}
	if !f.write {
		return k, nil
	}
	calibrated := *m
	calibrated.Temperature, calibrated.Thresholds = temperature, thresholds
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, modelfile.Best)
	}
	k.Written = true
	return k, modelfile.Write(path, &calibrated)
}

// validationData returns the images that the run has chosen its best epoch with.
func (c *console) validationData(path string, m *modelfile.Model) (data.Dataset, error) {
	in := m.Input
	d, err := c.openData(m.Data.Name, m.Task, m.Architecture, folder.Options{C: in.Channels, H: in.Height, W: in.Width, Resize: in.Resize})
	if err != nil || d.Validation != nil {
		return d.Validation, err
	}
	dir := path
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		dir = filepath.Dir(path)
	}
	cfg, err := train.ReadConfig(filepath.Join(dir, train.ConfigFile), train.Config{})
	if err != nil {
		return nil, usagef("--calibrate: %s is no run folder, which would tell the validation images", path)
	}
	if d, err = train.Divide(d, &cfg); err == nil && d.Validation == nil {
		return nil, usagef("--calibrate: the run %s has set no validation images aside", path)
	}
	return d.Validation, err
}

// after adds what the temperature changes on the test images.
func (k *calibration) after(r *classify.Report) *calibration {
	before, after := r.Metrics(), r.Scaled(k.Temperature).Metrics()
	k.lossBefore, k.eceBefore = before.Loss, before.ECE
	k.LossAfter, k.ECEAfter = after.Loss, after.ECE
	return k
}

func (k *calibration) print(c *console) {
	if k == nil {
		return
	}
	c.printf("temperature %.3f, fitted on %s validation images: loss %.4f to %.4f", k.Temperature, metric.Thousands(k.N), k.lossBefore, k.LossAfter)
	if k.ECEAfter != nil {
		c.printf(", calibration error %s to %s", metric.Percent(*k.eceBefore), metric.Percent(*k.ECEAfter))
	}
	c.printf("\n")
	if k.Temperature > 99.9 { // as far as the search goes
		c.printf("no temperature is high enough: on the validation images, even odds would be better than what the model says\n")
	}
	for _, name := range slices.Sorted(maps.Keys(k.Thresholds)) {
		c.printf("threshold of %s: %.3g\n", name, k.Thresholds[name])
	}
	switch {
	case k.Written:
		c.printf("written into the model: from now on its probabilities are these\n\n")
	default:
		c.printf("the model is as it was; --write writes this into it\n\n")
	}
}
