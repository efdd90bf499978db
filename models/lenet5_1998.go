package models

import (
	"fmt"
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	Register(Spec{
		Name:     "lenet5-1998",
		Family:   "LeNet",
		Summary:  "LeNet-5 as published: scaled tanh, trainable subsampling, the C3 connection table, output by distance to codes",
		Paper:    paperLeNet,
		Channels: 1, Height: 28, Width: 28, Classes: 10,
		Build: lenet51998,
	})
}

// lenet51998 is the network of section II.B, with its 60,000 trainable parameters. The parts that differ from the paper:
//
//   - The paper's images are 32x32, with the digit in the middle 28x28. Images of 28x28 get that margin here, by repeating
//     their outermost pixels, which are background whatever the scale of the pixels is.
//   - The output codes, 7x12 pictures of the ten digits (figure 3), are printed in the paper as pictures and not as
//     numbers; those of codes.go are drawn after its description. As in the paper's experiments they stay fixed.
//   - The paper's output unit is the squared distance of F6 to the code, small for the right class. Here it is negated: logits, as of
//     every model. The cross-entropy of these logits is then the paper's criterion (equation 9) but for its constant e^-j, the
//     "rubbish" class, which bounds how far distances are pushed apart.
//   - Training by stochastic diagonal Levenberg-Marquardt is no part of the network; any rule of package optim does.
func lenet51998(a Args) (nn.Layer, error) {
	size := [2]int{a.Height, a.Width}
	if size != [2]int{28, 28} && size != [2]int{32, 32} {
		return nil, fmt.Errorf("model lenet5-1998: images of 28x28 or 32x32 pixels expected, not %dx%d: lenet5 takes any size", a.Height, a.Width)
	}
	if a.Classes != len(codes) {
		return nil, fmt.Errorf("model lenet5-1998: %d classes, but its output codes are those of the %d digits: lenet5 takes any number", a.Classes, len(codes))
	}
	return nn.Chain(
		nn.Named("pad", margin),
		nn.Named("c1", nn.Chain(nn.Conv(6, 5, init1998(25*a.Channels)), squash)),
		nn.Named("s2", nn.Chain(subsample, squash)),
		nn.Named("c3", nn.Chain(tableConv, squash)),
		nn.Named("s4", nn.Chain(subsample, squash)),
		nn.Named("c5", nn.Chain(nn.Conv(120, 5, init1998(16*25)), squash)),
		nn.Named("f6", nn.Chain(nn.Flatten, nn.Dense(84, init1998(120)), squash)),
		nn.Named("output", codeDistance),
	), nil
}

// margin makes 32x32 images out of 28x28 ones by repeating their edges.
func margin(_ nn.Scope, x *graph.Node) *graph.Node {
	for _, axis := range []int{2, 3} {
		n := x.Shape().Dim(axis)
		if n == 28 {
			first, last := op.Slice(x, axis, 0, 1, 1), op.Slice(x, axis, n-1, n, 1)
			x = op.Concat(axis, first, first, x, last, last)
		}
	}
	return x
}

// squash is the paper's A tanh(S a) with A = 1.7159 and S = 2/3 (appendix A), which maps ±1 to ±1.
func squash(_ nn.Scope, x *graph.Node) *graph.Node {
	g := x.Graph()
	return op.Mul(op.Tanh(op.Mul(x, g.Scalar(2.0/3))), g.Scalar(1.7159))
}

// subsample sums each 2x2 window and multiplies the sum by a trainable coefficient per map, "weight", and adds a bias.
func subsample(s nn.Scope, x *graph.Node) *graph.Node {
	maps := x.Shape().Dim(1)
	weight := s.Param("weight", tensor.ShapeOf(maps), uniform1998(4))
	bias := s.Param("bias", tensor.ShapeOf(maps), uniform1998(4))
	sum := op.Mul(nn.AvgPool(2)(s, x), x.Graph().Scalar(4))
	y := op.Mul(sum, op.Reshape(weight, 1, maps, 1, 1))
	return op.Add(y, op.Reshape(bias, 1, maps, 1, 1))
}

// c3Table is table I: the maps of S2 that each map of C3 takes as its inputs.
var c3Table = [16][]int{
	{0, 1, 2}, {1, 2, 3}, {2, 3, 4}, {3, 4, 5}, {0, 4, 5}, {0, 1, 5},
	{0, 1, 2, 3}, {1, 2, 3, 4}, {2, 3, 4, 5}, {0, 3, 4, 5}, {0, 1, 4, 5}, {0, 1, 2, 5},
	{0, 1, 3, 4}, {1, 2, 4, 5}, {0, 2, 3, 5},
	{0, 1, 2, 3, 4, 5},
}

// tableConv convolves 6 maps to 16 with 5x5 windows, each from the inputs that c3Table gives it. Its "weight" [60, 5, 5] has one
// window per connection, in the order of the table.
func tableConv(s nn.Scope, x *graph.Node) *graph.Node {
	const inputs, window = 6, 5 * 5
	place := make([]int32, len(c3Table)*inputs) // of each window of a full convolution: its connection, or that of zeros
	var fanIn []int
	for i := range place {
		place[i] = -1
	}
	for to, from := range c3Table {
		for _, in := range from {
			place[to*inputs+in] = int32(len(fanIn))
			fanIn = append(fanIn, len(from)*window)
		}
	}
	connections := len(fanIn)
	for i, c := range place {
		if c < 0 {
			place[i] = int32(connections)
		}
	}

	weight := s.Param("weight", tensor.ShapeOf(connections, 5, 5), func(r *rand.Rand, _ tensor.Shape, dst []float32) {
		for i, n := range fanIn {
			uniform1998(n)(r, tensor.Shape{}, dst[i*window:(i+1)*window])
		}
	})
	bias := s.Param("bias", tensor.ShapeOf(len(c3Table)), func(r *rand.Rand, _ tensor.Shape, dst []float32) {
		for i, from := range c3Table {
			uniform1998(len(from)*window)(r, tensor.Shape{}, dst[i:i+1])
		}
	})
	g := x.Graph()
	windows := op.Concat(0, weight, g.Fill(graph.F32(1, 5, 5), 0))
	full := op.Gather(windows, g.Const(tensor.Of(tensor.ShapeOf(len(place)), place...)), 0)
	y := op.Conv2D(x, op.Reshape(full, len(c3Table), inputs, 5, 5), op.ConvAttrs{})
	return op.Add(y, op.Reshape(bias, 1, len(c3Table), 1, 1))
}

// codeDistance returns minus the squared distance of each row of x [N, 84] to each code: equation 7, negated.
func codeDistance(_ nn.Scope, x *graph.Node) *graph.Node {
	n, bits := x.Shape().Dim(0), x.Shape().Dim(1)
	code := x.Graph().Const(codeTensor())
	d := op.Sub(op.Reshape(x, n, 1, bits), op.Reshape(code, 1, len(codes), bits))
	return op.Neg(op.ReduceSum(op.Mul(d, d), false, 2))
}

// init1998 initialises weights and biases as the paper does: evenly within ±2.4/fan-in (appendix A).
func init1998(fanIn int) nn.WeightOption { return nn.WithInit(uniform1998(fanIn), uniform1998(fanIn)) }

func uniform1998(fanIn int) nn.Init { return nn.Uniform(-2.4/float64(fanIn), 2.4/float64(fanIn)) }
