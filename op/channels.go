package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// The ops of batch normalisation work on x [N C] or [N C H W] and on one value for each channel, in vectors [C].

// expectChannels returns an error unless the first input, x, is f32[N C] or f32[N C H W] with elements, and the others,
// which have these names, are f32[C].
func expectChannels(in []graph.Type, names ...string) error {
	if len(in) != 1+len(names) {
		return fmt.Errorf("%d inputs, %d expected", len(in), 1+len(names))
	}
	x := in[0]
	if r := x.Shape.Rank(); x.DType != tensor.F32 || r != 2 && r != 4 {
		return fmt.Errorf("x is %v, f32[N C] or f32[N C H W] expected", x)
	}
	if x.Size() == 0 {
		return fmt.Errorf("x is %v, which has no elements", x)
	}
	for i, name := range names {
		if err := expectType(name, in[1+i], channelType(x)); err != nil {
			return err
		}
	}
	return nil
}

// channelType returns the type of one value for each channel of x.
func channelType(x graph.Type) graph.Type { return graph.F32(x.Shape.Dim(1)) }

// perChannel returns how many elements each channel of a tensor of shape x has.
func perChannel(x tensor.Shape) int { return x.Size() / x.Dim(1) }

// eachChannel calls f with each position in a tensor of shape x and its channel.
func eachChannel(x tensor.Shape, f func(i, c int)) {
	plane := x.Strides()[1]
	for i := range x.Size() {
		f(i, i/plane%x.Dim(1))
	}
}

// channelShape returns the shape in which one value for each channel broadcasts to x.
func channelShape(x *graph.Node) tensor.Shape {
	if x.Shape().Rank() == 2 {
		return tensor.ShapeOf(x.Shape().Dim(1))
	}
	return tensor.ShapeOf(1, x.Shape().Dim(1), 1, 1)
}

// spread returns v [C] in a shape that broadcasts to x.
func spread(v, x *graph.Node) *graph.Node { return Reshape(v, channelShape(x).Dims()...) }

// collect returns the sum of each channel of x: [C].
func collect(x *graph.Node) *graph.Node {
	return Reshape(graph.SumTo(x, channelShape(x)), x.Shape().Dim(1))
}
