package train

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/optim"
)

// same reports whether two trainings gave the same, apart from the time they took.
func same(a, b *Outcome) bool {
	if len(a.History) != len(b.History) {
		return false
	}
	for i := range a.History {
		x, y := a.History[i], b.History[i]
		if !reflect.DeepEqual(x.Train, y.Train) || !reflect.DeepEqual(x.Validation, y.Validation) || x.Step != y.Step || x.Best != y.Best {
			return false
		}
	}
	return a.Result.ParamsSHA256 == b.Result.ParamsSHA256 && a.Result.LastParamsSHA256 == b.Result.LastParamsSHA256 && reflect.DeepEqual(a.Result.Test, b.Result.Test)
}

// TestKilled goes on from what a killed process leaves at each end of an epoch, and in the first.
func TestKilled(t *testing.T) {
	r := start(t, testConfig())
	left := []string{copyFolder(t, r.Dir())}
	want := finish(t, r, Hooks{Epoch: func(Epoch) { left = append(left, copyFolder(t, r.Dir())) }})
	for epoch, dir := range left {
		if got := finish(t, resume(t, dir), Hooks{}); !same(got, want) {
			t.Errorf("after epoch %d: %+v, uninterrupted %+v", epoch, got.Result, want.Result)
		}
	}
}

// TestInterrupted stops in the middle of epochs, again and again.
func TestInterrupted(t *testing.T) {
	want := finish(t, start(t, testConfig()), Hooks{})
	r := start(t, testConfig())
	for range 3 {
		ctx, cancel := context.WithCancelCause(context.Background())
		reason := errors.New("enough")
		stop, schedule := r.trainer.steps+7, r.schedule
		r.schedule = func(t optim.Time) float64 {
			if t.Step == stop {
				cancel(reason)
			}
			return schedule(t)
		}
		_, err := r.Train(ctx, Hooks{})
		var in *Interrupted
		if !errors.As(err, &in) || !errors.Is(err, reason) || !strings.Contains(err.Error(), "lince train --resume "+r.Dir()) {
			t.Fatalf("error %v", err)
		}
		r.Close()
		r = resume(t, r.Dir())
	}
	if got := finish(t, r, Hooks{}); !same(got, want) {
		t.Errorf("%+v, uninterrupted %+v", got.Result, want.Result)
	}
}

// TestInterruptedTest stops when all epochs are done.
func TestInterruptedTest(t *testing.T) {
	r := start(t, testConfig())
	ctx, cancel := context.WithCancel(t.Context())
	_, err := r.Train(ctx, Hooks{Epoch: func(e Epoch) {
		if e.Epoch == 3 {
			cancel()
		}
	}})
	if err == nil || err.Error() != "interrupted before the test; go on with: lince train --resume "+r.Dir() {
		t.Errorf("error %v", err)
	}
	r.Close()
	if o := finish(t, resume(t, r.Dir()), Hooks{}); o.Result.Epochs != 3 {
		t.Errorf("%+v", o.Result)
	}
}

func TestBadResume(t *testing.T) {
	r := start(t, testConfig())
	unfinished := copyFolder(t, r.Dir())
	finish(t, r, Hooks{})

	damaged := copyFolder(t, unfinished)
	last := filepath.Join(damaged, modelfile.Last)
	b, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(last, b, 0o666); err != nil {
		t.Fatal(err)
	}
	truncated := copyFolder(t, unfinished)
	if err := os.Truncate(filepath.Join(truncated, modelfile.Last), int64(len(b)/2)); err != nil {
		t.Fatal(err)
	}
	noCheckpoint := copyFolder(t, r.Dir())
	os.Remove(filepath.Join(noCheckpoint, ResultFile))
	if err := os.Rename(filepath.Join(noCheckpoint, modelfile.Best), filepath.Join(noCheckpoint, modelfile.Last)); err != nil {
		t.Fatal(err)
	}
	otherData := testData()
	otherData.Train = blobs{200, 8, 3}

	for _, c := range []struct {
		dir  string
		data Data
		want string
	}{
		{r.Dir(), testData(), "this run has finished"},
		{damaged, testData(), "read " + last + ": checksum"},
		{truncated, testData(), "truncated"},
		{noCheckpoint, testData(), "no checkpoint"},
		{unfinished, otherData, "not those that the run began with"},
		{t.TempDir(), testData(), "config.yaml: no such file"},
	} {
		r, err := Resume(c.dir, c.data)
		if err == nil {
			r.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.dir) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, expected %q", err, c.want)
		}
	}
}
