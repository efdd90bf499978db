package nn_test

import (
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// apply returns what l makes of an image of one channel with the pixels 0, 1, 2, ...
func apply(t *testing.T, l nn.Layer, height, width int) *tensor.Tensor {
	t.Helper()
	x := tensor.New(tensor.F32, tensor.ShapeOf(1, 1, height, width))
	for i := range x.F32() {
		x.F32()[i] = float32(i)
	}
	store := nntest.Store{"x": x}
	g := nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Eval)
		g.Output("y", l(s, g.Input("x", graph.F32(1, 1, height, width))))
		store.Init(s.Variables(), 1)
	})
	return store.Run(t, g)["y"]
}

// TestConvRect compares windows of one row and of one column with sums worked out by hand.
func TestConvRect(t *testing.T) {
	ones := nn.WithInit(nn.Ones, nn.Zeros)
	row := apply(t, nn.ConvRect(1, 1, 3, nn.Pads(0, 1, 0, 1), ones), 2, 3)
	optest.Compare(t, "1x3", row, tensor.Of(tensor.ShapeOf(1, 1, 2, 3), float32(1), 3, 3, 7, 12, 9), 0)
	column := apply(t, nn.ConvRect(1, 3, 1, nn.Pads(2, 0, 0, 0), ones), 2, 3)
	optest.Compare(t, "3x1", column, tensor.Of(tensor.ShapeOf(1, 1, 2, 3), float32(0), 1, 2, 3, 5, 7), 0)
}

// TestMaxPoolCeil compares sizes with those of torch.nn.MaxPool2d(kernel, stride, pad, ceil_mode=True).
func TestMaxPoolCeil(t *testing.T) {
	for _, c := range []struct{ size, kernel, stride, pad, want int }{
		{112, 3, 2, 0, 56}, {111, 3, 2, 0, 55}, {14, 2, 2, 0, 7}, {7, 2, 2, 0, 4}, {28, 3, 1, 1, 28}, {10, 3, 4, 0, 3},
		{1, 2, 2, 0, 1},  // the window is larger than the image
		{5, 2, 2, 1, 3},  // a fourth window would hold nothing but padding
		{3, 1, 3, 0, 1},  // the same without padding
		{10, 3, 3, 1, 4}, // 12 pixels with padding: nothing is missing
	} {
		y := apply(t, nn.MaxPoolCeil(c.kernel, nn.Stride(c.stride), nn.Pad(c.pad)), c.size, c.size+c.stride)
		if got := y.Shape(); got != tensor.ShapeOf(1, 1, c.want, c.want+1) {
			t.Errorf("%+v: %v", c, got)
		}
	}
	y := apply(t, nn.MaxPoolCeil(2), 3, 3)
	optest.Compare(t, "3x3", y, tensor.Of(tensor.ShapeOf(1, 1, 2, 2), float32(4), 5, 7, 8), 0)
}

// TestAdaptiveAvgPool compares with torch.nn.functional.adaptive_avg_pool2d on windows that share pixels and on an image smaller
// than the result.
func TestAdaptiveAvgPool(t *testing.T) {
	y := apply(t, nn.AdaptiveAvgPool(2, 2), 3, 5) // rows 0-1 and 1-2, columns 0-2 and 2-4
	optest.Compare(t, "3x5", y, tensor.Of(tensor.ShapeOf(1, 1, 2, 2), float32(3.5), 5.5, 8.5, 10.5), 1e-6)
	y = apply(t, nn.AdaptiveAvgPool(3, 1), 2, 2) // rows 0, 0-1 and 1
	optest.Compare(t, "2x2", y, tensor.Of(tensor.ShapeOf(1, 1, 3, 1), float32(0.5), 1.5, 2.5), 1e-6)
	y = apply(t, nn.AdaptiveAvgPool(1, 2), 2, 4) // windows of 2x2 pixels
	optest.Compare(t, "2x4", y, tensor.Of(tensor.ShapeOf(1, 1, 1, 2), float32(2.5), 4.5), 1e-6)
	y = apply(t, nn.AdaptiveAvgPool(1, 1), 2, 4)
	optest.Compare(t, "all", y, tensor.Of(tensor.ShapeOf(1, 1, 1, 1), float32(3.5)), 1e-6)
	y = apply(t, nn.AdaptiveAvgPool(2, 2), 2, 2)
	optest.Compare(t, "nothing to do", y, tensor.Of(tensor.ShapeOf(1, 1, 2, 2), float32(0), 1, 2, 3), 0)
}

// TestSqueezeExcite: with weights of 1 and biases of 0, the one channel is multiplied by gate(activation(its mean)).
func TestSqueezeExcite(t *testing.T) {
	y := apply(t, nn.SqueezeExcite(2, nn.Relu6, nn.HardSigmoid, nn.WithInit(nn.Constant(0.5), nn.Zeros)), 1, 3)
	gate := float32(0.5*2*0.5/6 + 0.5) // the mean is 1, so both of the squeezed channels are 0.5
	optest.Compare(t, "SqueezeExcite", y, tensor.Of(tensor.ShapeOf(1, 1, 1, 3), 0, gate, 2*gate), 1e-6)
}

func TestConcat(t *testing.T) {
	y := apply(t, nn.Concat(nn.Identity, nn.LeakyRelu(2), nn.MaxPool(3, nn.Stride(1), nn.Pad(1))), 2, 2)
	optest.Compare(t, "Concat", y, tensor.Of(tensor.ShapeOf(1, 3, 2, 2), float32(0), 1, 2, 3, 0, 1, 2, 3, 3, 3, 3, 3), 0)
}

// TestAuxiliary: heads exist in training only, and do not change what flows past them.
func TestAuxiliary(t *testing.T) {
	net := nn.Chain(
		nn.Named("a", nn.Dense(4)),
		nn.Auxiliary(0.3, nn.Named("head1", nn.Dense(2))),
		nn.Named("b", nn.Dense(4)),
		nn.Named("inner", nn.Auxiliary(0.5, nn.Named("head2", nn.Dense(2)))))
	for mode, want := range map[nn.Mode]struct{ variables, heads int }{nn.Eval: {4, 0}, nn.Train: {8, 2}} {
		nntest.Trace(t, func(g *graph.Graph) {
			s := nn.NewScope(g, mode)
			y := net(s, g.Input("x", graph.F32(3, 5)))
			if y.Type() != graph.F32(3, 4) {
				t.Errorf("mode %d: output %v", mode, y.Type())
			}
			heads := s.Auxiliaries()
			if len(s.Variables()) != want.variables || len(heads) != want.heads {
				t.Fatalf("mode %d: %d variables and %d heads, want %+v", mode, len(s.Variables()), len(heads), want)
			}
			for i, h := range heads {
				if h.Node.Type() != graph.F32(3, 2) || h.Weight != []float32{0.3, 0.5}[i] {
					t.Errorf("head %d: %v with weight %v", i, h.Node.Type(), h.Weight)
				}
			}
			if want.heads > 0 && s.Variables()[6].Name != "inner.head2.weight" {
				t.Errorf("variables %v", s.Variables())
			}
		})
	}
}

// TestScaleInit: the first scale is 1 unless said otherwise.
func TestScaleInit(t *testing.T) {
	var vars []nn.Variable
	nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Eval)
		nn.Seq(nn.BatchNorm(), nn.BatchNorm(nn.ScaleInit(nn.Constant(0.25))))(s, g.Input("x", graph.F32(2, 3)))
		vars = s.Variables()
	})
	store := nntest.Store{}
	store.Init(vars, 1)
	for name, want := range map[string]float32{"0.weight": 1, "1.weight": 0.25, "1.bias": 0, "1.running_var": 1} {
		if got := store[name].F32()[2]; got != want {
			t.Errorf("%s begins with %v, want %v", name, got, want)
		}
	}
}

// TestConvTranspose spreads pixels by hand, and compares sizes with those of torch.nn.ConvTranspose2d.
func TestConvTranspose(t *testing.T) {
	ones := nn.WithInit(nn.Ones, nn.Constant(0.5))
	y := apply(t, nn.ConvTranspose(1, 2, nn.Stride(2), ones), 1, 2)
	optest.Compare(t, "2x2", y, tensor.Of(tensor.ShapeOf(1, 1, 2, 4), float32(0.5), 0.5, 1.5, 1.5, 0.5, 0.5, 1.5, 1.5), 0)
	y = apply(t, nn.ConvTransposeTo(1, 5, 1, 1, nn.Stride(2), ones), 1, 3)
	optest.Compare(t, "to 5", y, tensor.Of(tensor.ShapeOf(1, 1, 1, 5), float32(0.5), 0.5, 1.5, 0.5, 2.5), 0)
	y = apply(t, nn.ConvTranspose(4, 3, nn.Stride(2), nn.Pad(1), nn.Dilation(2)), 5, 7)
	if want := tensor.ShapeOf(1, 4, 11, 15); y.Shape() != want {
		t.Errorf("%v, want %v", y.Shape(), want)
	}
}
