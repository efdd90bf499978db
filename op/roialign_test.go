package op_test

import (
	"testing"

	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// TestRoIAlign compares with torchvision.ops.roi_align (0.29) on two images of nntest.Draw("x", ...), with a box that reaches beyond its image and one
// that is smaller than a pixel.
func TestRoIAlign(t *testing.T) {
	x := tensor.Of(tensor.ShapeOf(2, 2, 6, 7), nntest.Draw("x", 2*2*6*7)...)
	boxes := tensor.Of(tensor.ShapeOf(3, 4), float32(1.5), 2, 9.5, 8, -4, 3, 30, 20.25, 3, 3, 3.5, 3.25)
	images := tensor.Of(tensor.ShapeOf(3), int32(0), 1, 1)
	for _, c := range []struct {
		samples int
		aligned bool
		want    []float32
	}{
		{2, false, []float32{0.262956, -0.216692, 0.292996, -0.162581, 0.149311, 0.0803739, -0.0280726, -0.166432, -0.149153, 0, 0, 0, 0.287535, 0, 0, 0,
			0.375679, 0.492564, 0.357266, 0.572765, -0.00761603, 0.0605534, 0.0263138, 0.00920498}},
		{2, true, []float32{0.376446, -0.175174, 0.0480133, -0.170727, -0.00222673, -0.0635618, -0.172123, 0.0663574, -0.208613, 0, 0, 0, 0.510088, 0, 0, 0,
			0.29221, 0.295759, 0.264196, 0.273849, -0.154358, -0.212621, -0.112819, -0.171248}},
		{0, false, []float32{0.262956, -0.216692, 0.292996, -0.162581, 0.149311, 0.0803739, -0.0280726, -0.166432, -0.0526818, -0.00362142, 0, 0, 0.200961, 0.00890174, 0, 0,
			0.375679, 0.492564, 0.357266, 0.572765, -0.00761603, 0.0605535, 0.0263138, 0.00920497}},
		{0, true, []float32{0.376446, -0.175174, 0.0480133, -0.170727, -0.00222673, -0.0635618, -0.172123, 0.0663574, -0.00934222, 0.00398005, -0.0336958, -0.0121368, 0.145289, 0.0295785, 0.033265, -0.021985,
			0.29221, 0.295759, 0.264195, 0.273849, -0.154358, -0.212621, -0.112819, -0.171248}},
	} {
		o := op.RoIAlignOp{Height: 2, Width: 2, Samples: c.samples, Scale: 0.5, Aligned: c.aligned}
		g := nntest.Trace(t, func(g *graph.Graph) { g.Output("y", op.RoIAlign(g.Const(x), g.Const(boxes), g.Const(images), o)) })
		optest.Compare(t, "RoIAlign", optest.Run(t, ref.Backend{}, g, nil)[0], tensor.Of(tensor.ShapeOf(3, 2, 2, 2), c.want...), 1e-5)
	}
}
