package optest

import (
	"math"

	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	for f, name := range []string{op.BitAnd: "and", op.BitOr: "or", op.BitXor: "xor", op.ShiftLeft: "left", op.ShiftRight: "right"} {
		add(integers("Bitwise/"+name, op.BitwiseOp{Func: op.BitFunc(f)}))
	}
	s := tensor.ShapeOf(4)
	a, b := tensor.Of(s, int32(12), -1, 5, -8), tensor.Of(s, int32(10), 3, 40, 1)
	bits := func(f op.BitFunc, want ...int32) Example {
		return Example{"Bitwise", op.BitwiseOp{Func: f}, tensors(a, b), tensor.Of(s, want...), 0}
	}
	example(
		bits(op.BitAnd, 8, 3, 0, 0), bits(op.BitOr, 14, -1, 45, -7), bits(op.BitXor, 6, -4, 45, -7),
		bits(op.ShiftLeft, 12<<10, -8, 0, -16), bits(op.ShiftRight, 0, -1, 0, -4),
		Example{"Bitwise/unsigned", op.BitwiseOp{Func: op.ShiftRight}, tensors(tensor.Of(tensor.ShapeOf(1), uint32(math.MaxUint32)), tensor.Of(tensor.ShapeOf(1), uint32(31))),
			tensor.Of(tensor.ShapeOf(1), uint32(1)), 0},
	)
}
