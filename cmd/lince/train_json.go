package main

import (
	"context"
	"encoding/json"

	"github.com/lince-ml/lince/train"
)

// trainForPrograms trains and prints a line of JSON for each event: start, epoch, warning, end.
func trainForPrograms(ctx context.Context, c *console, run *train.Run) error {
	line := json.NewEncoder(c.out)
	line.SetEscapeHTML(false)
	cfg, d := run.Config(), run.Data()
	start := struct {
		Event      string `json:"event"`
		Run        string `json:"run"`
		Model      string `json:"model"`
		Data       string `json:"data"`
		Epochs     int    `json:"epochs"`
		Train      int    `json:"train"`
		Validation int    `json:"validation"`
		Test       int    `json:"test"`
	}{"start", run.Dir(), cfg.Model, cfg.Data, cfg.Epochs, d.Train.Len(), 0, 0}
	if d.Validation != nil {
		start.Validation = d.Validation.Len()
	}
	if d.Test != nil {
		start.Test = d.Test.Len()
	}
	line.Encode(start)
	o, err := run.Train(ctx, train.Hooks{
		Epoch: func(e train.Epoch) {
			line.Encode(struct {
				Event string `json:"event"`
				train.Epoch
			}{"epoch", e})
		},
		Warning: func(text string) {
			line.Encode(struct {
				Event string `json:"event"`
				Text  string `json:"text"`
			}{"warning", oneLine(text)})
		},
	})
	if err != nil {
		return err
	}
	if err := draw(run, o); err != nil {
		return err
	}
	return line.Encode(struct {
		Event string `json:"event"`
		train.Result
	}{"end", o.Result})
}
