package train

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/optim"
)

// settings are trainings that differ in what they keep from step to step.
var settings = map[string]func(*Config){
	"accumulate":           func(c *Config) { c.Batch, c.Accumulate = 8, 3 },
	"average":              func(c *Config) { c.EMA = "0.9:every=3" },
	"accumulate, average":  func(c *Config) { c.Batch, c.Accumulate, c.EMA = 8, 2, "0.95" },
	"plateau":              func(c *Config) { c.Schedule = "plateau:patience=0,factor=0.5,threshold=0.5" },
	"muon":                 func(c *Config) { c.Optim = "muon" },
	"lars, lookahead":      func(c *Config) { c.Optim, c.Rate = "lars+lookahead", 1 },
	"rates by layer":       func(c *Config) { c.LayerRates, c.DecayAll, c.ClipValue = "0=0.5,1=2", true, 0.1 },
	"unfreeze":             func(c *Config) { c.Freeze, c.UnfreezeAt, c.EMA = "0", 2, "0.9" },
	"steps":                func(c *Config) { c.Steps = 23 },
	"steps and accumulate": func(c *Config) { c.Steps, c.Accumulate = 7, 3 },
}

// TestResumeWith stops trainings of all kinds in the middle of an epoch, between batches of one step too, and goes on.
func TestResumeWith(t *testing.T) {
	for name, change := range settings {
		t.Run(name, func(t *testing.T) {
			c := testConfig()
			change(&c)
			want := finish(t, start(t, c), Hooks{})
			r := start(t, c)
			for {
				ctx, cancel := context.WithCancel(t.Context())
				schedule, batches := r.schedule, 0
				r.schedule = func(t optim.Time) float64 {
					if batches++; batches == 8 { // it is asked once a batch and once more at the end of an epoch
						cancel()
					}
					return schedule(t)
				}
				_, err := r.Train(ctx, Hooks{})
				if err == nil {
					break
				}
				r.Close()
				r = resume(t, r.Dir())
			}
			got := &Outcome{Result: decodeResult(t, r), History: r.progress.History}
			if got.Result.ParamsSHA256 != want.Result.ParamsSHA256 || got.Result.LastParamsSHA256 != want.Result.LastParamsSHA256 {
				t.Errorf("%+v, uninterrupted %+v", got.Result, want.Result)
			}
		})
	}
}

// TestSaveEvery goes on from each checkpoint within epochs.
func TestSaveEvery(t *testing.T) {
	want := finish(t, start(t, testConfig()), Hooks{})
	c := testConfig()
	c.SaveEvery = "3"
	r := start(t, c)
	var left []string
	schedule := r.schedule
	r.schedule = func(now optim.Time) float64 {
		if now.Step%3 == 1 && (len(left) == 0 || now.Step%4 == 0) {
			left = append(left, copyFolder(t, r.Dir()))
		}
		return schedule(now)
	}
	if got := finish(t, r, Hooks{}); !same(got, want) {
		t.Errorf("%+v, without checkpoints %+v", got.Result, want.Result)
	}
	for _, dir := range left {
		r := resume(t, dir)
		if r.trainer.steps%3 != 0 && r.trainer.steps%10 != 0 {
			t.Errorf("a checkpoint after %d steps", r.trainer.steps)
		}
		if got := finish(t, r, Hooks{}); !same(got, want) {
			t.Errorf("%+v, uninterrupted %+v", got.Result, want.Result)
		}
	}
	for text, want := range map[string]string{"0": "save_every is \"0\"", "5 m": "such as 90s or 5m", "-1m": "save_every"} {
		c.SaveEvery = text
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

// TestAccumulate compares batches of 8, four at a time, with batches of 32 of the same images. Without batch normalisation they differ by rounding alone.
func TestAccumulate(t *testing.T) {
	c := testConfig()
	c.Model, c.Batch, c.Optim, c.Rate, c.EMA = "linear", 32, "sgd", 0.1, "0.9"
	large := start(t, c)
	finish(t, large, Hooks{})
	c.Batch, c.Accumulate = 8, 4
	small := start(t, c)
	finish(t, small, Hooks{})
	if large.trainer.steps != small.trainer.steps || large.trainer.steps != 15 {
		t.Errorf("%d and %d steps, expected 15", large.trainer.steps, small.trainer.steps)
	}
	a, b := large.trainer.Averaged(), small.trainer.Averaged()
	for name, x := range a {
		for i, v := range x.F32() {
			if d := math.Abs(float64(v - b[name].F32()[i])); d > 1e-5 {
				t.Fatalf("%s[%d]: %v and %v", name, i, v, b[name].F32()[i])
			}
		}
	}
}

// TestAverage: the average of weights that do not move is these weights, and of those that do, it is another, also of the running statistics.
func TestAverage(t *testing.T) {
	c := testConfig()
	c.EMA = "0.9"
	c.Validation = 0 // the last epoch counts as the best
	r := start(t, c)
	finish(t, r, Hooks{})
	best, err := modelfile.Read(filepath.Join(r.Dir(), modelfile.Best))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := best.Metrics["epoch"], 3.0; got != want {
		t.Fatalf("the best epoch is %v, want the last, %v", got, want)
	}
	for name, average := range r.trainer.averages {
		raw, kept := r.trainer.values[name].F32(), best.Weights[name].F32()
		for i, v := range average.F32() {
			if v != kept[i] {
				t.Fatalf("%s in best.safetensors is not the average", name)
			}
			if v == raw[i] && v != 0 {
				t.Errorf("%s[%d] is not averaged", name, i)
				break
			}
		}
	}
}

// TestUnfreeze leaves the first layer alone until it is its turn.
func TestUnfreeze(t *testing.T) {
	c := testConfig()
	c.Freeze, c.UnfreezeAt = "0", 3
	r := start(t, c)
	before := r.trainer.values["0.weight"].Clone()
	moved := func() bool {
		for i, v := range r.trainer.values["0.weight"].F32() {
			if v != before.F32()[i] {
				return true
			}
		}
		return false
	}
	finish(t, r, Hooks{Epoch: func(e Epoch) {
		if moved() != (e.Epoch >= 3) {
			t.Errorf("after epoch %d the frozen layer has moved: %v", e.Epoch, moved())
		}
	}})
}

func TestSteps(t *testing.T) {
	c := testConfig()
	c.Steps = 23 // of 10 in an epoch
	r := start(t, c)
	o := finish(t, r, Hooks{})
	if o.Result.Epochs != 3 || r.trainer.steps != 23 || o.History[2].Step != 23 || r.Config().Epochs != 3 {
		t.Errorf("%d steps, %+v", r.trainer.steps, o.Result)
	}
}
