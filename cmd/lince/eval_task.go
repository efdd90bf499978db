package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/plot"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/train"
)

// taskResult is what `lince eval --json` prints of a model that does not classify.
type taskResult struct {
	Task    string       `json:"task"`
	Model   string       `json:"model"`
	Data    string       `json:"data"`
	Metrics task.Summary `json:"metrics"`
}

// runTask measures a model that does not classify.
func (f *evalFlags) runTask(ctx context.Context, c *console, path, name string, m *modelfile.Model, test data.Dataset) error {
	for _, flag := range []struct {
		name  string
		given bool
	}{{"--tta", f.tta != ""}, {"--calibrate", f.calibrate}} {
		if flag.given {
			return usagef("%s: only for models that classify; %s is for the task %s", flag.name, path, m.Task)
		}
	}
	if err := f.checkResults(path, m.Task); err != nil {
		return err
	}
	l, err := train.LearnerOf(m)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	b, err := cpu.New(f.threads)
	if err != nil {
		return err
	}
	defer b.Close()
	report, err := l.Measurer(b, m.Weights, false).Evaluate(ctx, test, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if f.plots != "" {
		if err := plot.Measurement(f.plots, report, test, m.Classes); err != nil {
			return err
		}
	}
	if f.predictions != "" {
		if err := saveResults(f.predictions, detections(report), test, m); err != nil {
			return err
		}
	}
	r := taskResult{m.Task, m.Architecture, name, report.Summary()}
	if f.json {
		return c.json(r)
	}
	return printTask(c, r)
}

func printTask(c *console, r taskResult) error {
	c.printf("%s on %s: %s images\n\n", r.Model, filepath.ToSlash(r.Data), metric.Thousands(r.Metrics.Images()))
	if err := printQuantities(c, r.Metrics.Quantities()); err != nil {
		return err
	}
	if t, ok := r.Metrics.(task.Tabler); ok {
		return printTables(c, t.Tables())
	}
	return nil
}

// printTables prints tables below each other, with a line between.
func printTables(c *console, tables []task.Table) error {
	for i, t := range tables {
		if i > 0 {
			c.printf("\n")
		}
		w := c.table()
		fmt.Fprintln(w, strings.Join(t.Header, "\t"))
		for _, row := range t.Rows {
			fmt.Fprintln(w, strings.Join(row, "\t"))
		}
		if err := w.Flush(); err != nil {
			return err
		}
		if t.Note != "" {
			c.printf("%s\n", c.faint(t.Note))
		}
	}
	return nil
}
