package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/optim"
	"github.com/lince-ml/lince/tensor"
)

// golden is what testdata/golden.py wrote: for each rule the parameters after each of five steps, for each schedule its factors.
var golden struct {
	Rules     map[string][][]float32
	Schedules map[string][]float64
}

func TestMain(m *testing.M) {
	b, err := os.ReadFile("testdata/golden.json")
	if err == nil {
		err = json.Unmarshal(b, &golden)
	}
	if err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// TestRules compares five steps on the problem of testdata/golden.py with torch.optim.
func TestRules(t *testing.T) {
	for name, path := range golden.Rules {
		t.Run(name, func(t *testing.T) {
			text, clipped := strings.CutPrefix(name, "clipped ")
			rule, err := optim.ParseRule(text)
			if err != nil {
				t.Fatal(err)
			}
			limit := 0.0
			if clipped {
				limit = 1.5
			}
			g, states := problem(t, rule, limit)
			store := nntest.Store{
				"matrix": tensor.Of(tensor.ShapeOf(2, 3), float32(1), -1, 2, 0.5, -3, 0.25),
				"vector": tensor.Of(tensor.ShapeOf(3), float32(1), -2, 0.1),
			}
			store.Init(states, 0)
			store.Scalar(optim.RateInput, 0.1)
			for i, want := range path {
				store.Scalar(optim.StepInput, float32(i+1))
				store.Run(t, g)
				got := slices.Concat(store["matrix"].F32(), store["vector"].F32())
				shape := tensor.ShapeOf(len(want))
				optest.Compare(t, name, tensor.Of(shape, got...), tensor.Of(shape, want...), 5e-7)
			}
		})
	}
}

// problem traces one step on sum(w (matrix - 0.5)²)/2 + sum(|vector|³)/3.
func problem(t *testing.T, rule optim.Rule, clipNorm float64) (*graph.Graph, []nn.Variable) {
	var states []nn.Variable
	g := nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Train)
		m, v := s.Param("matrix", tensor.ShapeOf(2, 3), nn.Zeros), s.Param("vector", tensor.ShapeOf(3), nn.Zeros)
		w := g.Const(tensor.Of(tensor.ShapeOf(3), float32(1), 2, 0.1))
		d := op.Sub(m, g.Scalar(0.5))
		square := op.ReduceSum(op.Mul(w, op.Mul(d, d)), false)
		cube := op.ReduceSum(op.Mul(op.Mul(v, v), op.Abs(v)), false)
		loss := op.Add(op.Mul(square, g.Scalar(0.5)), op.Div(cube, g.Scalar(3)))
		states = optim.Step(g, rule, clipNorm, s.Variables(), graph.Grad(loss, []*graph.Node{m, v}))
	})
	return g, states
}

func TestSchedules(t *testing.T) {
	for name, want := range golden.Schedules {
		s, err := optim.ParseSchedule(name)
		if err != nil {
			t.Error(err)
			continue
		}
		for i, w := range want {
			if got := s(i, len(want)); math.Abs(got-w) > 1e-12 {
				t.Errorf("%s: step %d of %d has factor %v, want %v", name, i, len(want), got, w)
			}
		}
	}
}

// TestShortTrainings: schedules give a number between 0 and 1 for trainings of any length.
func TestShortTrainings(t *testing.T) {
	for _, name := range append(optim.ScheduleNames(), "cosine:warmup=0.99", "onecycle:warmup=0", "onecycle:warmup=0.99") {
		s, err := optim.ParseSchedule(name)
		if err != nil {
			t.Fatal(err)
		}
		for steps := 1; steps <= 9; steps++ {
			for i := range steps {
				if f := s(i, steps); !(f >= 0 && f <= 1) {
					t.Errorf("%s: step %d of %d has factor %v", name, i, steps, f)
				}
			}
		}
	}
}
