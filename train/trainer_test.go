package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/optim"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/tensor"
)

// trainer returns a trainer of the architecture for digits and a batch of noise.
func trainer(t testing.TB, model string, batch, threads int) (*Trainer, *data.Batch) {
	return trainerWith(t, model, threads, Settings{Batch: batch, Rule: optim.SGD{Momentum: 0.9, Nesterov: true, WeightDecay: 5e-4}, Seed: 1})
}

func trainerWith(t testing.TB, model string, threads int, s Settings) (*Trainer, *data.Batch) {
	t.Helper()
	b, err := cpu.New(threads)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	spec, err := models.Lookup(model)
	if err != nil {
		t.Fatal(err)
	}
	net, err := spec.Build(models.Args{Channels: 1, Height: 28, Width: 28, Classes: 10})
	if err != nil {
		t.Fatal(err)
	}
	in := modelfile.Input{Channels: 1, Height: 28, Width: 28, Mean: []float32{0.13}, Std: []float32{0.31}}
	r, err := NewTrainer(b, classify.Learner{Task: classify.Task{Net: net, Input: in, Classes: 10}}, s)
	if err != nil {
		t.Fatal(err)
	}
	batch := s.Batch
	x := &data.Batch{X: tensor.New(tensor.U8, tensor.ShapeOf(batch, 1, 28, 28)), Y: tensor.New(tensor.I32, tensor.ShapeOf(batch)), N: batch}
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range x.X.U8() {
		x.X.U8()[i] = uint8(rnd.Uint32())
	}
	for i := range x.Y.I32() {
		x.Y.I32()[i] = int32(i % 10)
	}
	return r, x
}

func TestStepAllocatesNothing(t *testing.T) {
	plain := Settings{Batch: 8, Rule: optim.NewAdam()}
	all := Settings{Batch: 4, Accumulate: 2, Rule: optim.Lookahead{Rule: optim.Muon{Steps: 5, Fallback: optim.LAMB{Eps: 1e-6}}, Every: 2}, EMA: optim.EMA{Decay: 0.9, Every: 2}}
	for _, c := range []struct {
		threads int
		Settings
	}{{1, plain}, {2, plain}, {1, all}} {
		threads := c.threads
		r, batch := trainerWith(t, "lenet5", threads, c.Settings)
		for range 2 * max(1, c.Accumulate) * max(1, c.EMA.Every) { // each program gets its memory when it first runs
			r.Step(batch, 0.01)
		}
		if n := testing.AllocsPerRun(10, func() {
			if _, _, err := r.Step(batch, 0.01); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%d threads: %v allocations per step", threads, n)
		}
	}
}

// TestFirstLoss knows what an untrained network knows: nothing.
func TestFirstLoss(t *testing.T) {
	r, batch := trainer(t, "lenet5", 20, 1)
	loss, parts, err := r.Step(batch, 0.01)
	if correct := parts[0]; err != nil || math.Abs(loss-math.Log(10)) > 0.3 || correct < 0 || correct > 12 {
		t.Errorf("loss %v, expected about %.3f; %v of 20 correct; error %v", loss, math.Log(10), correct, err)
	}
	for range 60 {
		loss, parts, err = r.Step(batch, 0.03)
	}
	if correct := parts[0]; err != nil || correct != 20 || loss > 0.7 {
		t.Errorf("the batch was not learned by heart: loss %v, %v of 20 correct, error %v", loss, correct, err)
	}
}
