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

// golden is what testdata/golden.py wrote: for each rule the parameters after each of five steps, for each schedule its factors, where each of the steps is
// an epoch with one of Losses.
var golden struct {
	Losses    []float64
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
			var o optim.Options
			text := name
			if rest, ok := strings.CutPrefix(name, "clipped "); ok {
				text, o.ClipNorm = rest, 1.5
			}
			if rest, ok := strings.CutPrefix(name, "cut "); ok {
				text, o.ClipValue = rest, 0.7
			}
			rule, err := optim.ParseRule(text)
			if err != nil {
				t.Fatal(err)
			}
			g, states := problem(t, rule, o)
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
				tolerance := 5e-7
				if strings.HasPrefix(name, "muon") {
					tolerance = 2e-5 // the iteration multiplies what rounding does to small singular values by 3.4 in each step
				}
				optest.Compare(t, name, tensor.Of(shape, got...), tensor.Of(shape, want...), tolerance)
			}
		})
	}
}

// problem traces one step on sum(w (matrix - 0.5)²)/2 + sum(|vector|³)/3.
func problem(t *testing.T, rule optim.Rule, o optim.Options) (*graph.Graph, []nn.Variable) {
	var states []nn.Variable
	g := nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Train)
		m, v := s.Param("matrix", tensor.ShapeOf(2, 3), nn.Zeros), s.Param("vector", tensor.ShapeOf(3), nn.Zeros)
		w := g.Const(tensor.Of(tensor.ShapeOf(3), float32(1), 2, 0.1))
		d := op.Sub(m, g.Scalar(0.5))
		square := op.ReduceSum(op.Mul(w, op.Mul(d, d)), false)
		cube := op.ReduceSum(op.Mul(op.Mul(v, v), op.Abs(v)), false)
		loss := op.Add(op.Mul(square, g.Scalar(0.5)), op.Div(cube, g.Scalar(3)))
		states = optim.Step(g, rule, o, s.Variables(), graph.Grad(loss, []*graph.Node{m, v}))
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
			if got := s(optim.Time{Step: i, Steps: len(want), Losses: golden.Losses[:i]}); math.Abs(got-w) > 1e-12 {
				t.Errorf("%s: step %d of %d has factor %v, want %v", name, i, len(want), got, w)
			}
		}
	}
}

// TestShortTrainings: schedules give a number between 0 and 1 for trainings of any length.
func TestShortTrainings(t *testing.T) {
	for _, name := range append(optim.ScheduleNames(), "cosine:warmup=0.99", "onecycle:warmup=0", "onecycle:warmup=0.99", "step:warmup=0.99", "poly:warmup=0.9") {
		s, err := optim.ParseSchedule(name)
		if err != nil {
			t.Fatal(err)
		}
		for steps := 1; steps <= 9; steps++ {
			for i := range steps {
				if f := s(optim.Time{Step: i, Steps: steps}); !(f >= 0 && f <= 1) {
					t.Errorf("%s: step %d of %d has factor %v", name, i, steps, f)
				}
			}
		}
	}
}

// TestFactor gives each parameter a rate of its own: what a rate of 0.1 did to both, 0.2 and 0.05 do.
func TestFactor(t *testing.T) {
	rule, err := optim.ParseRule("sgd:momentum=0")
	if err != nil {
		t.Fatal(err)
	}
	move := func(o optim.Options, name string) float32 {
		g, states := problem(t, rule, o)
		store := nntest.Store{"matrix": tensor.New(tensor.F32, tensor.ShapeOf(2, 3)), "vector": tensor.Of(tensor.ShapeOf(3), float32(1), 1, 1)}
		store.Init(states, 0)
		store.Scalar(optim.RateInput, 0.1)
		store.Scalar(optim.StepInput, 1)
		old := store[name].F32()[0]
		store.Run(t, g)
		return store[name].F32()[0] - old
	}
	half := optim.Options{Factor: func(name string) float64 { return map[string]float64{"matrix": 0.5, "vector": 2}[name] }}
	for name, factor := range map[string]float32{"matrix": 0.5, "vector": 2} {
		if got, want := move(half, name), factor*move(optim.Options{}, name); math.Abs(float64(got-want)) > 1e-6 {
			t.Errorf("%s moves by %v, want %v", name, got, want)
		}
	}
}

// TestLateBeginner: a parameter that begins to learn after 100 steps moves as one that begins at once, also under a rule that counts.
func TestLateBeginner(t *testing.T) {
	rule := optim.NewAdam()
	values := func(first int, o optim.Options) []float32 {
		g, states := problem(t, rule, o)
		store := nntest.Store{"matrix": tensor.New(tensor.F32, tensor.ShapeOf(2, 3)), "vector": tensor.Of(tensor.ShapeOf(3), float32(1), -2, 3)}
		store.Init(states, 0)
		store.Scalar(optim.RateInput, 0.1)
		for i := range 3 {
			store.Scalar(optim.StepInput, float32(first+i))
			store.Run(t, g)
		}
		return slices.Concat(store["matrix"].F32(), store["vector"].F32())
	}
	late := values(101, optim.Options{Begun: func(string) int { return 100 }})
	if want := values(1, optim.Options{}); !slices.Equal(late, want) {
		t.Errorf("%v, want %v", late, want)
	}
}

// TestDecayAll reaches the vector only when it is asked to.
func TestDecayAll(t *testing.T) {
	rule, err := optim.ParseRule("sgd:momentum=0,decay=0.5")
	if err != nil {
		t.Fatal(err)
	}
	for _, all := range []bool{false, true} {
		g, states := problem(t, rule, optim.Options{DecayAll: all})
		store := nntest.Store{"matrix": tensor.New(tensor.F32, tensor.ShapeOf(2, 3)), "vector": tensor.Of(tensor.ShapeOf(3), float32(1), 1, 1)}
		store.Init(states, 0)
		store.Scalar(optim.RateInput, 0.1)
		store.Scalar(optim.StepInput, 1)
		store.Run(t, g)
		want := float32(0.9) // the gradient of |v|³/3 at 1 is 1
		if all {
			want = 0.85
		}
		if got := store["vector"].F32()[0]; math.Abs(float64(got-want)) > 1e-6 {
			t.Errorf("decay of all %v: %v, want %v", all, got, want)
		}
	}
}

// TestMuonTall: a matrix with more rows than columns moves by the rate times √(rows/columns) along a nearly orthogonal matrix.
func TestMuonTall(t *testing.T) {
	rule := optim.Muon{Steps: 5, Fallback: optim.SGD{}}
	const rows, columns = 6, 2
	var states []nn.Variable
	g := nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Train)
		m := s.Param("filters", tensor.ShapeOf(rows, columns, 1, 1), nn.Zeros)
		loss := op.ReduceSum(op.Mul(op.Mul(m, m), m), false)
		states = optim.Step(g, rule, optim.Options{}, s.Variables(), graph.Grad(loss, []*graph.Node{m}))
	})
	first := []float32{1, -2, 0.3, 0.1, 2, 1, -1, 3, 0.5, 0.2, 1.5, -0.7}
	store := nntest.Store{"filters": tensor.Of(tensor.ShapeOf(rows, columns, 1, 1), first...)}
	first = slices.Clone(first)
	store.Init(states, 0)
	store.Scalar(optim.RateInput, 0.1)
	store.Scalar(optim.StepInput, 1)
	store.Run(t, g)
	var gram [columns][columns]float64
	for i := range rows {
		for a := range columns {
			for b := range columns {
				move := func(c int) float64 {
					return float64(first[i*columns+c]-store["filters"].F32()[i*columns+c]) / (0.1 * math.Sqrt(3))
				}
				gram[a][b] += move(a) * move(b)
			}
		}
	}
	if gram[0][0] < 0.4 || gram[0][0] > 1.5 || gram[1][1] < 0.4 || gram[1][1] > 1.5 || math.Abs(gram[0][1]) > 0.3 {
		t.Errorf("columns of the move have the products %v, want those of nearly orthogonal ones", gram)
	}
}
