package nn_test

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
)

func LeNet5(classes int) nn.Layer {
	return nn.Seq(
		nn.Conv(6, 5, nn.Pad(2)), nn.Tanh, nn.AvgPool(2),
		nn.Conv(16, 5), nn.Tanh, nn.AvgPool(2),
		nn.Flatten, nn.Dense(120), nn.Tanh, nn.Dense(84), nn.Tanh, nn.Dense(classes))
}

// A network gets its sizes when it is applied to a node, and declares its parameters as inputs of the program.
func Example() {
	g, err := graph.Trace(func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Eval)
		g.Output("logits", LeNet5(10)(s, g.Input("x", graph.F32(64, 1, 28, 28))))
		for _, v := range s.Variables() {
			fmt.Println(v.Name, v.Node.Type())
		}
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(g.Outputs()[0].Node.Type())
	// Output:
	// 0.weight f32[6 1 5 5]
	// 0.bias f32[6]
	// 3.weight f32[16 6 5 5]
	// 3.bias f32[16]
	// 7.weight f32[120 400]
	// 7.bias f32[120]
	// 9.weight f32[84 120]
	// 9.bias f32[84]
	// 11.weight f32[10 84]
	// 11.bias f32[10]
	// f32[64 10]
}
