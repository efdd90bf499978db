package optim_test

import (
	"math"
	"strings"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/optim"
	"github.com/lince-ml/lince/tensor"
)

// residual are the names of a residual network's variables; those of normalisation are vectors.
func residual(t *testing.T) []nn.Variable {
	var vars []nn.Variable
	nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Train)
		for _, name := range []string{"conv1.weight", "bn1.weight", "layer1.0.conv1.weight", "layer1.0.bn1.weight", "layer1.0.conv2.weight", "layer1.1.conv1.weight",
			"features.denseblock1.denselayer1.conv.weight", "fc.weight", "fc.bias"} {
			shape := tensor.ShapeOf(2, 2)
			if strings.Contains(name, "bn") || strings.Contains(name, "bias") {
				shape = tensor.ShapeOf(2)
			}
			s.Param(name, shape, nn.Zeros)
		}
		vars = s.Variables()
		g.Output("x", g.Scalar(0))
	})
	return vars
}

func TestParseFactors(t *testing.T) {
	vars := residual(t)
	for text, want := range map[string][]float64{
		"":                          {0, 0, 0, 0, 0, 0, 0, 0, 0},
		"conv1=0.1,layer*=0.5":      {0.1, 0, 0.5, 0.5, 0.5, 0.5, 0, 0, 0},
		"layer1.0=0.5,layer1=0.25":  {0, 0, 0.5, 0.5, 0.5, 0.25, 0, 0, 0},
		"fc.bias=2,*=0.5":           {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 2},
		"decay=0.5":                 {0.0625, 0.0625, 0.125, 0.125, 0.125, 0.25, 0.5, 1, 1},
		"features.denseblock1=0.75": {0, 0, 0, 0, 0, 0, 0.75, 0, 0},
	} {
		got, err := optim.ParseFactors(text, vars)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		for i, v := range vars {
			if got[v.Name] != want[i] {
				t.Errorf("%s: %s has the factor %v, want %v", text, v.Name, got[v.Name], want[i])
			}
		}
	}
	for text, want := range map[string]string{
		"conv2=0.1":         `no layer fits "conv2"`,
		"conv1":             `"conv1", expected LAYER=FACTOR`,
		"conv1=0":           "more than 0",
		"conv1=-1":          "more than 0",
		"[=1":               "syntax error in pattern",
		"conv1=1,decay=0.5": "decay stands alone",
	} {
		if _, err := optim.ParseFactors(text, vars); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

func TestEMA(t *testing.T) {
	for text, want := range map[string]optim.EMA{
		"": {}, "0.999": {Decay: 0.999, Every: 1, Warmup: true}, "0.9:every=4,warmup=false": {Decay: 0.9, Every: 4},
	} {
		if got, err := optim.ParseEMA(text); err != nil || got != want {
			t.Errorf("%q: %+v, error %v, want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"1": `decay "1", expected a number that is more than 0 and less than 1`, "often": `decay "often"`, "0.9:evry=3": `did you mean "every"?`,
	} {
		if _, err := optim.ParseEMA(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
	if e := (optim.EMA{Decay: 0.5, Warmup: true}); e.Factor(1) != 2.0/11 || e.Factor(100) != 0.5 {
		t.Errorf("factors %v and %v", e.Factor(1), e.Factor(100))
	}
	e := optim.EMA{Decay: 0.75}
	g := nntest.Trace(t, func(g *graph.Graph) {
		e.Average(g, []nn.Variable{{Name: "w", Node: g.Input("other", graph.F32(2))}})
	})
	store := nntest.Store{"w": tensor.Of(tensor.ShapeOf(2), float32(4), 8), optim.AverageName("w"): tensor.Of(tensor.ShapeOf(2), float32(0), 0),
		"other": tensor.New(tensor.F32, tensor.ShapeOf(2))}
	store.Scalar(optim.DecayInput, 0.75)
	store.Run(t, g)
	if got := store[optim.AverageName("w")].F32(); math.Abs(float64(got[0]-1)) > 1e-6 || math.Abs(float64(got[1]-2)) > 1e-6 {
		t.Errorf("averages %v, want 1 and 2", got)
	}
}
