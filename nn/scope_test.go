package nn_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func TestNamesAndPaths(t *testing.T) {
	block := nn.Chain(
		nn.Residual(
			nn.Chain(nn.Named("conv1", nn.Conv(4, 3, nn.Pad(1), nn.NoBias)), nn.Named("bn1", nn.BatchNorm())),
			nn.Named("downsample", nn.Seq(nn.Conv(4, 1, nn.NoBias), nn.BatchNorm()))),
		nn.Relu)
	var vars []nn.Variable
	var y *graph.Node
	nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Train)
		y = nn.Named("layer1", nn.Seq(block))(s, g.Input("x", graph.F32(2, 3, 8, 8)))
		vars = s.Variables()
	})
	var names, decay, updated []string
	for _, v := range vars {
		names = append(names, v.Name)
		if v.Trainable && !v.NoDecay {
			decay = append(decay, v.Name)
		}
		if v.Next != nil {
			updated = append(updated, v.Name)
		}
	}
	want := strings.Fields(`layer1.0.conv1.weight
		layer1.0.bn1.weight layer1.0.bn1.bias layer1.0.bn1.running_mean layer1.0.bn1.running_var
		layer1.0.downsample.0.weight
		layer1.0.downsample.1.weight layer1.0.downsample.1.bias layer1.0.downsample.1.running_mean layer1.0.downsample.1.running_var`)
	if !slices.Equal(names, want) {
		t.Errorf("variables %q, want %q", names, want)
	}
	if !slices.Equal(decay, []string{"layer1.0.conv1.weight", "layer1.0.downsample.0.weight"}) {
		t.Errorf("weight decay on %q", decay)
	}
	if !slices.Equal(updated, []string{want[3], want[4], want[8], want[9]}) {
		t.Errorf("next values for %q", updated)
	}
	if y.Path() != "layer1.0" || y.In(0).In(0).Path() != "layer1.0.bn1" {
		t.Errorf("paths %q and %q", y.Path(), y.In(0).In(0).Path())
	}
}

func TestDropout(t *testing.T) {
	net := nn.Chain(nn.Dropout(0.5), nn.Dropout(0.5))
	g := nntest.Trace(t, func(g *graph.Graph) {
		x := g.Input("x", graph.F32(4096))
		s := nn.NewScope(g, nn.Train)
		g.Output("once", nn.Dropout(0.25)(s, x))
		g.Output("twice", net(s, x))
		if y := net(nn.NewScope(g, nn.Eval), x); y != x {
			t.Error("dropout in evaluation")
		}
	})
	x := tensor.New(tensor.F32, tensor.ShapeOf(4096))
	nn.Ones(nil, x.Shape(), x.F32())
	store := nntest.Store{"x": x, nn.KeyInput: tensor.Of(tensor.ShapeOf(2), uint32(1), 2),
		nn.CounterInput: tensor.Of(tensor.ShapeOf(4), uint32(0), 0, 7, 0)}
	count := func(out map[string]*tensor.Tensor, name string, v float32) (n int) {
		for _, y := range out[name].F32() {
			if y == v {
				n++
			} else if y != 0 {
				t.Fatalf("%s: %v, 0 or %v expected", name, y, v)
			}
		}
		return n
	}
	out := store.Run(t, g)
	// Five standard deviations around the expected numbers. Were the draws of the two layers of "twice" the same, half would be left.
	if n := count(out, "once", 1/0.75); n < 3072-139 || n > 3072+139 {
		t.Errorf("%d of 4096 left, 3072 expected", n)
	}
	if n := count(out, "twice", 4); n < 1024-139 || n > 1024+139 {
		t.Errorf("%d of 4096 left, 1024 expected", n)
	}
	store[nn.CounterInput].U32()[2]++
	if next := store.Run(t, g); slices.Equal(next["once"].F32(), out["once"].F32()) {
		t.Error("two steps draw the same numbers")
	}
}

// TestStochasticDepth: an image is kept as a whole, divided by the chance of that, or not at all.
func TestStochasticDepth(t *testing.T) {
	const images, size = 1024, 6
	g := nntest.Trace(t, func(g *graph.Graph) {
		x := g.Input("x", graph.F32(images, 2, 3))
		g.Output("y", nn.StochasticDepth(0.25)(nn.NewScope(g, nn.Train), x))
		if y := nn.StochasticDepth(0.25)(nn.NewScope(g, nn.Eval), x); y != x {
			t.Error("stochastic depth in evaluation")
		}
	})
	x := tensor.New(tensor.F32, tensor.ShapeOf(images, 2, 3))
	nn.Ones(nil, x.Shape(), x.F32())
	store := nntest.Store{"x": x, nn.KeyInput: tensor.Of(tensor.ShapeOf(2), uint32(1), 2),
		nn.CounterInput: tensor.Of(tensor.ShapeOf(4), uint32(0), 0, 7, 0)}
	y := store.Run(t, g)["y"].F32()
	kept := 0
	for i := 0; i < len(y); i += size {
		first := y[i]
		if first != 0 && first != float32(1/0.75) || slices.ContainsFunc(y[i:i+size], func(v float32) bool { return v != first }) {
			t.Fatalf("image %d is %v, all 0 or all 4/3 expected", i/size, y[i:i+size])
		}
		if first != 0 {
			kept++
		}
	}
	if kept < 768-70 || kept > 768+70 { // five standard deviations
		t.Errorf("%d of %d images left, 768 expected", kept, images)
	}
}

func TestErrors(t *testing.T) {
	image := graph.F32(2, 3, 8, 8)
	for want, net := range map[string]nn.Layer{
		`there are two variables called "weight": give the layers names of their own (Named, Seq)`: nn.Chain(nn.Conv(2, 3), nn.Conv(2, 3)),
		`Conv at 1: x has shape [2 192], [N C H W] expected`:                                       nn.Seq(nn.Flatten, nn.Conv(2, 3)),
		`Conv: 2 groups do not divide 3 input and 4 output channels`:                               nn.Conv(4, 3, nn.Groups(2)),
		`Conv: 0 channels, a window of 3x3 and 1 groups: all must be positive`:                     nn.Conv(0, 3),
		`Dense: x has shape [2 3 8 8], [N features] expected: put a Flatten before it`:             nn.Dense(5),
		`Dense: -1 outputs, at least 1 expected`:                                                   nn.Chain(nn.Flatten, nn.Dense(-1)),
		`BatchNorm: x has shape [384], [N C H W] or [N C] expected`: nn.Chain(func(_ nn.Scope, x *graph.Node) *graph.Node {
			return op.Reshape(x, -1)
		}, nn.BatchNorm()),
		`BatchNorm: one value per channel has no variance: train with a batch of 2 or more`: nn.Chain(func(_ nn.Scope, x *graph.Node) *graph.Node {
			return op.Reshape(x, 1, -1)
		}, nn.BatchNorm()),
		`Dropout: rate 1, 0 <= rate < 1 expected`:                                              nn.Dropout(1),
		`StochasticDepth: rate 1 of x of shape [2 3 8 8], 0 <= rate < 1 and [N ...] expected`:  nn.StochasticDepth(1),
		`SqueezeExcite: x has shape [2 192], [N C H W] expected`:                               nn.Chain(nn.Flatten, nn.SqueezeExcite(1, nn.Relu, nn.Sigmoid)),
		`Residual: the body gives f32[2 4 6 6], the shortcut f32[2 3 8 8]: they must be alike`: nn.Residual(nn.Conv(4, 3), nil),
		`update of the parameter "p": only a Buffer can be updated by its layer`:               update(true, 1, tensor.ShapeOf(2)),
		`buffer "p" is updated twice`:                                                          update(false, 2, tensor.ShapeOf(2)),
		`buffer "p" is f32[2], its next value f32[3]`:                                          update(false, 1, tensor.ShapeOf(3)),
		`update of a node that is no Buffer of this network`:                                   func(s nn.Scope, x *graph.Node) *graph.Node { s.Update(x, x); return x },
	} {
		_, err := graph.Trace(func(g *graph.Graph) { net(nn.NewScope(g, nn.Train), g.Input("x", image)) })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nwant %s", err, want)
		} else if !strings.HasPrefix(err.Error(), "scope_test.go:") {
			t.Errorf("error %v is said to be in another file", err)
		}
	}
}

// update returns a layer that updates the parameter or buffer "p" [2] times times with a next value of the given shape.
func update(param bool, times int, shape tensor.Shape) nn.Layer {
	return func(s nn.Scope, x *graph.Node) *graph.Node {
		declare := s.Buffer
		if param {
			declare = s.Param
		}
		p := declare("p", tensor.ShapeOf(2), nn.Zeros)
		for range times {
			s.Update(p, x.Graph().Fill(graph.Type{DType: tensor.F32, Shape: shape}, 1))
		}
		return x
	}
}

// TestFreeze freezes the first of two blocks.
func TestFreeze(t *testing.T) {
	var vars []nn.Variable
	var y *graph.Node
	nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Train)
		s.Freeze(func(name string) bool { return strings.HasPrefix(name, "0.") })
		block := nn.Seq(nn.Conv(4, 3), nn.BatchNorm())
		y = nn.Seq(block, block)(s, g.Input("x", graph.F32(2, 3, 8, 8)))
		vars = s.Variables()
	})
	var frozen, learning, updated []string
	for _, v := range vars {
		if v.Frozen {
			frozen = append(frozen, v.Name)
		}
		if v.Next != nil {
			updated = append(updated, v.Name)
		}
	}
	for _, v := range nn.Learning(vars) {
		learning = append(learning, v.Name)
	}
	if want := strings.Fields("0.0.weight 0.0.bias 0.1.weight 0.1.bias 0.1.running_mean 0.1.running_var"); !slices.Equal(frozen, want) {
		t.Errorf("frozen %q, want %q", frozen, want)
	}
	if want := strings.Fields("1.0.weight 1.0.bias 1.1.weight 1.1.bias"); !slices.Equal(learning, want) {
		t.Errorf("learning %q, want %q", learning, want)
	}
	if want := strings.Fields("1.1.running_mean 1.1.running_var"); !slices.Equal(updated, want) {
		t.Errorf("next values for %q, want %q", updated, want)
	}
	if len(nn.Trainable(vars)) != 8 {
		t.Errorf("%d parameters, want 8", len(nn.Trainable(vars)))
	}
	if first := y.In(0).In(0).In(0).Op().Name(); first != "BatchNorm" || y.Op().Name() != "BatchNormTraining" {
		t.Errorf("frozen %s, learning %s", first, y.Op().Name())
	}
}

// TestAgain: a layer that is applied again has the parameters of the first time, and their gradients are sums.
func TestAgain(t *testing.T) {
	var vars []nn.Variable
	store := nntest.Store{"a": tensor.Of(tensor.ShapeOf(1, 2), float32(1), 2), "b": tensor.Of(tensor.ShapeOf(1, 2), float32(10), 20)}
	g := nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Train)
		l := nn.Named("l", nn.Dense(1, nn.NoBias))
		y := op.Add(l(s, g.Input("a", graph.F32(1, 2))), l(s.Again(), g.Input("b", graph.F32(1, 2))))
		vars = s.Variables()
		g.Output("d", graph.Grad(op.ReduceSum(y, false), []*graph.Node{vars[0].Node})[0])
	})
	if len(vars) != 1 {
		t.Fatalf("%d variables", len(vars))
	}
	store.Init(vars, 1)
	if d := store.Run(t, g)["d"].F32(); d[0] != 11 || d[1] != 22 {
		t.Errorf("gradient %v", d)
	}
	if _, err := graph.Trace(func(g *graph.Graph) {
		s, l := nn.NewScope(g, nn.Train), nn.Named("l", nn.Dense(1))
		l(s, g.Input("a", graph.F32(1, 2)))
		l(s.Again(), g.Input("b", graph.F32(1, 3)))
	}); err == nil {
		t.Error("no error for parameters of another shape")
	}
}
