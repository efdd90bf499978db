package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lince-ml/lince/plot"
	"github.com/lince-ml/lince/train"
)

// printRates is `lince train --find-lr`.
func (f *trainFlags) printRates(ctx context.Context, c *console, cfg train.Config, d train.Data) error {
	p := &progress{console: c}
	sweep, err := train.FindRate(ctx, cfg, d, func(done, steps int) {
		p.line(fmt.Sprintf("step %s  ", counter(done, steps)), float64(done)/float64(steps), "")
	})
	p.clear()
	if err != nil {
		return err
	}
	dir, err := f.folder("runs", "find-lr-"+cfg.RunName())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("make folder %s: %w", dir, errors.Unwrap(err))
	}
	picture := filepath.Join(dir, "find-lr.png")
	m, err := plot.FindRate(sweep)
	if err != nil {
		return err
	}
	if err := plot.WritePNG(picture, m); err != nil {
		return err
	}
	if f.json {
		return c.json(struct {
			*train.RateSweep
			Picture string `json:"picture"`
		}{sweep, picture})
	}
	c.printf("%s  learning rate where the loss falls fastest\n", c.bold(fmt.Sprintf("%-8.2g", sweep.Steepest)))
	c.printf("%s  a tenth of the one with the least loss\n", c.bold(fmt.Sprintf("%-8.2g", sweep.Tenth)))
	c.printf("%s: the loss at %d rates from %.0e to %.1g\n", picture, len(sweep.Points), sweep.Points[0].Rate, sweep.Points[len(sweep.Points)-1].Rate)
	c.printf("Both are for a constant rate with %s in batches of %d; a schedule that begins low can go to some times as much.\n", cfg.Optim, cfg.Batch*max(1, cfg.Accumulate))
	return nil
}

// printOverfit is `lince train --overfit-batch`.
func (f *trainFlags) printOverfit(ctx context.Context, c *console, cfg train.Config, d train.Data) error {
	o, err := train.OverfitBatch(ctx, cfg, d)
	if err != nil {
		return err
	}
	if f.json {
		if err := c.json(o); err != nil {
			return err
		}
	}
	if !o.Pass {
		return fmt.Errorf("the network does not learn a batch of %d images by heart in %d steps: %s", o.Images, o.Steps, o.Problem)
	}
	if f.json {
		return nil
	}
	c.printf("%s  %s learns a batch of %d images by heart: the loss falls from %.3g to %.3g in %d steps\n", c.bold(c.green("pass")), cfg.Model, o.Images, o.First, o.Last, o.Steps)
	if cfg.Rate > 0 && o.Rate < cfg.Rate {
		c.printf("That took a learning rate of %.2g: with the %.2g of the settings it does not.\n", o.Rate, cfg.Rate)
	}
	return nil
}
