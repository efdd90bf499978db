package optest

import (
	"math"
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	types := []tensor.DType{tensor.F32, tensor.I32, tensor.I64, tensor.U32, tensor.U8, tensor.Bool,
		tensor.BF16, tensor.F16, tensor.F64, tensor.I8, tensor.I16, tensor.U16, tensor.U64, tensor.F8E4M3, tensor.F8E5M2}
	add(Case{Name: "Cast", Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		from := r.IntN(len(types))
		to := (from + 1 + r.IntN(len(types)-1)) % len(types)
		s := RandShape(r, 2, 8)
		x := Rand(r, -400, 400, s.Dims()...)
		if types[from].IsFloat() {
			x, _ = tensor.Convert(x, types[from])
		} else {
			x = Ints(r, types[from], 256, s)
		}
		return op.CastOp{To: types[to]}, tensors(x)
	}})
	x := vec(-1.5, 2.5, nan, inf, -inf, 300, 0)
	s := x.Shape()
	example(
		Example{"Cast/f32 to i32", op.CastOp{To: tensor.I32}, tensors(x),
			tensor.Of(s, int32(-1), 2, 0, math.MaxInt32, math.MinInt32, 300, 0), 0},
		Example{"Cast/f32 to i64", op.CastOp{To: tensor.I64}, tensors(x),
			tensor.Of(s, int64(-1), 2, 0, math.MaxInt64, math.MinInt64, 300, 0), 0},
		Example{"Cast/f32 to u32", op.CastOp{To: tensor.U32}, tensors(x),
			tensor.Of(s, uint32(0), 2, 0, math.MaxUint32, 0, 300, 0), 0},
		Example{"Cast/f32 to u8", op.CastOp{To: tensor.U8}, tensors(x), tensor.Of(s, uint8(0), 2, 0, 255, 0, 255, 0), 0},
		Example{"Cast/f32 to bool", op.CastOp{To: tensor.Bool}, tensors(x), bools(true, true, true, true, true, true, false), 0},
		Example{"Cast/i32 to u8", op.CastOp{To: tensor.U8}, tensors(tensor.Of(tensor.ShapeOf(2), int32(-1), 300)),
			tensor.Of(tensor.ShapeOf(2), uint8(255), 44), 0},
		Example{"Cast/i64 to f32", op.CastOp{To: tensor.F32}, tensors(tensor.Of(tensor.ShapeOf(3), int64(-3), 1<<24+1, 1<<24+3)),
			vec(-3, 1<<24, 1<<24+4), 0},
		Example{"Cast/f32 to i8", op.CastOp{To: tensor.I8}, tensors(x), tensor.Of(s, int8(-1), 2, 0, 127, -128, 127, 0), 0},
		Example{"Cast/f32 to u64", op.CastOp{To: tensor.U64}, tensors(x), tensor.Of(s, uint64(0), 2, 0, math.MaxUint64, 0, 300, 0), 0},
		Example{"Cast/f64 to i64", op.CastOp{To: tensor.I64}, tensors(tensor.Of(tensor.ShapeOf(2), -1e300, 1<<53+2)),
			tensor.Of(tensor.ShapeOf(2), int64(math.MinInt64), 1<<53+2), 0},
		Example{"Cast/i32 to i8", op.CastOp{To: tensor.I8}, tensors(tensor.Of(tensor.ShapeOf(2), int32(-129), 128)),
			tensor.Of(tensor.ShapeOf(2), int8(127), -128), 0},
		Example{"Cast/bool to f32", op.CastOp{To: tensor.F32}, tensors(bools(true, false)), vec(1, 0), 0},
	)
}
