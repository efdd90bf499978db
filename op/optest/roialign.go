package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(
		Case{Name: "RoiAlign", Tol: 4e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			o, boxes, images, s := randRoIs(r)
			return o, tensors(Rand(r, -1, 1, s.Dims()...), boxes, images)
		}},
		Case{Name: "RoiAlignGrad", Tol: 4e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			o, boxes, images, s := randRoIs(r)
			g := op.RoIAlignGradOp{RoIAlignOp: o, Images: s.Dim(0), Rows: s.Dim(2), Columns: s.Dim(3)}
			return g, tensors(Rand(r, -1, 1, images.Size(), s.Dim(1), o.Height, o.Width), boxes, images)
		}},
	)
	x := tensor.Of(tensor.ShapeOf(1, 1, 2, 2), float32(1), 2, 3, 4)
	whole := tensor.Of(tensor.ShapeOf(2, 4), float32(0), 0, 2, 2, 0, 0, 2, 2)
	images := tensor.Of(tensor.ShapeOf(2), int32(0), 1) // the second is none
	o := op.RoIAlignOp{Height: 1, Width: 1, Samples: 2, Scale: 1, Aligned: true}
	example(
		Example{"RoiAlign", o, tensors(x, whole, images), tensor.Of(tensor.ShapeOf(2, 1, 1, 1), float32(2.5), 0), 1e-6},
		Example{"RoiAlignGrad", op.RoIAlignGradOp{RoIAlignOp: o, Images: 1, Rows: 2, Columns: 2},
			tensors(tensor.Of(tensor.ShapeOf(2, 1, 1, 1), float32(4), 8), whole, images), tensor.Of(tensor.ShapeOf(1, 1, 2, 2), float32(1), 1, 1, 1), 1e-6},
	)
}

// randRoIs returns boxes of which some reach beyond the images, of shape s, or belong to none.
func randRoIs(r *rand.Rand) (o op.RoIAlignOp, boxes, images *tensor.Tensor, s tensor.Shape) {
	s = tensor.ShapeOf(1+r.IntN(2), 1+r.IntN(3), 1+r.IntN(7), 1+r.IntN(7))
	o = op.RoIAlignOp{Height: 1 + r.IntN(3), Width: 1 + r.IntN(3), Samples: r.IntN(3), Scale: 0.5, Aligned: r.IntN(2) == 1}
	k := r.IntN(5)
	boxes = Rand(r, -3, 12, k, 4)
	for i := range k {
		b := boxes.F32()[4*i:]
		b[2], b[3] = b[0]+5*r.Float32(), b[1]+5*r.Float32()
	}
	return o, boxes, Ints(r, tensor.I32, s.Dim(0)+1, tensor.ShapeOf(k)), s
}
