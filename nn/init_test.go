package nn_test

import (
	"math"
	"slices"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/tensor"
)

// draw returns the first value of a weight of shape [128, 32, 3, 3]: fan-in 288, fan-out 1152.
func draw(t *testing.T, init nn.Init) []float32 {
	var vars []nn.Variable
	nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Eval)
		s.Param("w", tensor.ShapeOf(128, 32, 3, 3), init)
		vars = s.Variables()
	})
	return nn.Initialize(vars, 1)[0].F32()
}

func TestDistributions(t *testing.T) {
	for name, c := range map[string]struct {
		init                 nn.Init
		mean, variance, most float64 // most is the largest distance from 0 allowed, close to which some number must be
	}{
		"Zeros":           {nn.Zeros, 0, 0, 0},
		"Ones":            {nn.Ones, 1, 0, 1},
		"Constant":        {nn.Constant(-2), -2, 0, 2},
		"Uniform":         {nn.Uniform(1, 3), 2, 4.0 / 12, 3},
		"Normal":          {nn.Normal(1, 2), 1, 4, math.Inf(1)},
		"TruncNormal":     {nn.TruncNormal(0, 0.5), 0, 0.25 * 0.7737, 1},
		"LeCunNormal":     {nn.LeCunNormal, 0, 1.0 / 288, math.Inf(1)},
		"LeCunUniform":    {nn.LeCunUniform, 0, 1.0 / 288, math.Sqrt(3.0 / 288)},
		"XavierNormal":    {nn.XavierNormal, 0, 2.0 / 1440, math.Inf(1)},
		"XavierUniform":   {nn.XavierUniform, 0, 2.0 / 1440, math.Sqrt(6.0 / 1440)},
		"KaimingNormal":   {nn.KaimingNormal(0), 0, 2.0 / 288, math.Inf(1)},
		"Kaiming fan-out": {nn.KaimingNormalFanOut(0), 0, 2.0 / 1152, math.Inf(1)},
		"KaimingUniform":  {nn.KaimingUniform(0), 0, 2.0 / 288, math.Sqrt(6.0 / 288)},
		"PyTorch default": {nn.KaimingUniform(math.Sqrt(5)), 0, 1.0 / 3 / 288, math.Sqrt(1.0 / 288)},
	} {
		var sum, squares, most float64
		w := draw(t, c.init)
		n := float64(len(w))
		for _, v := range w {
			sum += float64(v)
			most = math.Max(most, math.Abs(float64(v)))
		}
		mean := sum / n
		for _, v := range w {
			squares += (float64(v) - mean) * (float64(v) - mean)
		}
		// Five standard errors; that of a variance is at most variance·√(2/n).
		if math.Abs(mean-c.mean) > 5*math.Sqrt(c.variance/n) || math.Abs(squares/n-c.variance) > 5*c.variance*math.Sqrt(2/n) {
			t.Errorf("%s: mean %g and variance %g, want %g and %g", name, mean, squares/n, c.mean, c.variance)
		}
		if !math.IsInf(c.most, 1) && (most > c.most*(1+1e-6) || most < c.most*0.99) {
			t.Errorf("%s: largest number %g, want %g", name, most, c.most)
		}
	}
}

// TestInitializeByName: a variable's first value depends on the seed and on its name, not on the other layers.
func TestInitializeByName(t *testing.T) {
	values := func(seed uint64, net nn.Layer) map[string]*tensor.Tensor {
		var vars []nn.Variable
		nntest.Trace(t, func(g *graph.Graph) {
			s := nn.NewScope(g, nn.Eval)
			net(s, g.Input("x", graph.F32(1, 3, 8, 8)))
			vars = s.Variables()
		})
		store := nntest.Store{}
		store.Init(vars, seed)
		return store
	}
	a, b := nn.Named("a", nn.Conv(3, 3, nn.Pad(1))), nn.Named("b", nn.Conv(3, 3, nn.Pad(1)))
	alone, both, other := values(1, b), values(1, nn.Chain(a, b)), values(2, b)
	if !slices.Equal(alone["b.weight"].F32(), both["b.weight"].F32()) {
		t.Error("another layer changes the values")
	}
	if slices.Equal(both["a.weight"].F32(), both["b.weight"].F32()) {
		t.Error("two layers have the same values")
	}
	if slices.Equal(alone["b.weight"].F32(), other["b.weight"].F32()) {
		t.Error("two seeds give the same values")
	}
}

func TestWithInit(t *testing.T) {
	var vars []nn.Variable
	nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Eval)
		nn.Seq(nn.Conv(3, 3, nn.WithInit(nn.Ones, nn.Constant(2))), nn.Flatten, nn.Dense(2))(s, g.Input("x", graph.F32(1, 3, 8, 8)))
		vars = s.Variables()
	})
	store := nntest.Store{}
	store.Init(vars, 1)
	if w, b := store["0.weight"].F32()[5], store["0.bias"].F32()[1]; w != 1 || b != 2 {
		t.Errorf("weight %v and bias %v, want 1 and 2", w, b)
	}
	bound := float32(1 / math.Sqrt(3*6*6))
	for _, v := range append(store["2.weight"].F32(), store["2.bias"].F32()...) {
		if v < -bound || v > bound || v == 0 {
			t.Fatalf("dense layer starts with %v, within ±%v expected", v, bound)
		}
	}
}
