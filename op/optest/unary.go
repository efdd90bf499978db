package optest

import (
	"math"
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

const third = 1.0 / 3

var (
	inf = float32(math.Inf(1))
	nan = float32(math.NaN())
)

// The elementwise ops of one input whose case is one line. Values without a source are worked out with a table of the
// function, to the digits given.
func init() {
	add(
		unary("Neg", op.NegOp{}, -2, 2, 0),
		unary("Exp", op.ExpOp{}, -2, 2, 0),
		unary("Log", op.LogOp{}, 0.2, 4, 0),
		unary("Sqrt", op.SqrtOp{}, 0.2, 4, 0),
		unary("Reciprocal", op.ReciprocalOp{}, 0.5, 4, 0),
		unary("Abs", op.AbsOp{}, -2, 2, 0.05),
		unary("Sign", op.SignOp{}, -2, 2, 0.05),
		unary("Softplus", op.SoftplusOp{}, -8, 8, 0),
		unary("Sigmoid", op.SigmoidOp{}, -8, 8, 0),
		unary("Tanh", op.TanhOp{}, -4, 4, 0),
		unary("Gelu", op.GeluOp{}, -4, 4, 0),
		unary("Silu", op.SiluOp{}, -8, 8, 0),
		unary("HardSwish", op.HardSwishOp{}, -5, 5, 0.05, -3, 3),
		unary("HardSigmoid", op.HardSigmoidOp{Alpha: 0.25, Beta: 0.5}, -4, 4, 0.05, -2, 2),
		unary("LeakyRelu", op.LeakyReluOp{Alpha: 0.1}, -2, 2, 0.05),
		unary("Erf", op.ErfOp{}, -3, 3, 0),
		unary("Floor", op.FloorOp{}, -3, 3, 0.05, -2, -1, 0, 1, 2),
		unary("Ceil", op.CeilOp{}, -3, 3, 0.05, -2, -1, 0, 1, 2),
		unary("Round", op.RoundOp{}, -3, 3, 0.05, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5),
		unary("Sin", op.SinOp{}, -4, 4, 0),
		unary("Cos", op.CosOp{}, -4, 4, 0),
		unary("Tan", op.TanOp{}, -1, 1, 0),
		unary("Asin", op.AsinOp{}, -0.8, 0.8, 0),
		unary("Acos", op.AcosOp{}, -0.8, 0.8, 0),
		unary("Atan", op.AtanOp{}, -3, 3, 0),
		unary("Sinh", op.SinhOp{}, -2, 2, 0),
		unary("Cosh", op.CoshOp{}, -2, 2, 0),
		unary("Asinh", op.AsinhOp{}, -3, 3, 0),
		unary("Acosh", op.AcoshOp{}, 1.2, 4, 0),
		unary("Atanh", op.AtanhOp{}, -0.8, 0.8, 0),
		unary("Clip", op.ClipOp{Lo: -1, Hi: 0.5}, -2, 2, 0.05, -1, 0.5),
		Case{Name: "StopGradient", Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			return op.StopGradientOp{}, tensors(Rand(r, -2, 2, RandShape(r, 1+r.IntN(4), 5).Dims()...))
		}},
		unary("Clip/relu6", op.ClipOp{Lo: 0, Hi: 6}, -8, 8, 0.05, 0, 6),

		unaryGrad("SigmoidGrad", op.SigmoidGradOp{}, 0, 1, 0),
		unaryGrad("TanhGrad", op.TanhGradOp{}, -1, 1, 0),
		unaryGrad("GeluGrad", op.GeluGradOp{}, -4, 4, 0),
		unaryGrad("SiluGrad", op.SiluGradOp{}, -8, 8, 0),
		unaryGrad("HardSwishGrad", op.HardSwishGradOp{}, -5, 5, 0.05, -3, 3),
		unaryGrad("HardSigmoidGrad", op.HardSigmoidGradOp{Alpha: 0.25}, -0.5, 1.5, 0.05, 0, 1),
		unaryGrad("LeakyReluGrad", op.LeakyReluGradOp{Alpha: 0.1}, -2, 2, 0.05, 0),
		unaryGrad("ClipGrad", op.ClipGradOp{Lo: -1, Hi: 0.5}, -2, 2, 0.05, -1, 0.5),
	)
	example(
		Example{"Neg", op.NegOp{}, tensors(vec(1, -2, inf)), vec(-1, 2, -inf), 0},
		Example{"Exp", op.ExpOp{}, tensors(vec(0, 1, -1, -inf, inf)), vec(1, math.E, 1/math.E, 0, inf), 1e-7},
		Example{"Log", op.LogOp{}, tensors(vec(1, math.E, 0, -1)), vec(0, 1, -inf, nan), 1e-7},
		Example{"Sqrt", op.SqrtOp{}, tensors(vec(0, 9, 2, -1)), vec(0, 3, math.Sqrt2, nan), 1e-7},
		Example{"Reciprocal", op.ReciprocalOp{}, tensors(vec(2, -4, 0, inf)), vec(0.5, -0.25, inf, 0), 0},
		Example{"Abs", op.AbsOp{}, tensors(vec(-2, 0, 3, nan)), vec(2, 0, 3, nan), 0},
		Example{"Sign", op.SignOp{}, tensors(vec(-2, 0, 3, nan)), vec(-1, 0, 1, nan), 0},
		Example{"Softplus", op.SoftplusOp{}, tensors(vec(0, 100, -100, inf)), vec(math.Ln2, 100, 0, inf), 1e-7},
		Example{"Sigmoid", op.SigmoidOp{}, tensors(vec(0, 1, -1, 1000, -1000)), vec(0.5, 0.7310586, 0.2689414, 1, 0), 1e-7},
		Example{"Tanh", op.TanhOp{}, tensors(vec(0, 1, -1, inf)), vec(0, 0.7615942, -0.7615942, 1), 1e-7},
		Example{"Gelu", op.GeluOp{}, tensors(vec(0, 1, -1, 100)), vec(0, 0.8413447, -0.1586553, 100), 1e-7},
		Example{"Silu", op.SiluOp{}, tensors(vec(0, 1, -1, 100)), vec(0, 0.7310586, -0.2689414, 100), 1e-7},
		Example{"HardSwish", op.HardSwishOp{}, tensors(vec(-4, -3, -1, 0, 1, 3, 4)), vec(0, 0, -third, 0, 2*third, 3, 4), 1e-7},
		Example{"HardSigmoid", op.HardSigmoidOp{Alpha: 0.25, Beta: 0.5}, tensors(vec(-3, -2, 0, 1, 2, inf, nan)), vec(0, 0, 0.5, 0.75, 1, 1, nan), 0},
		Example{"LeakyRelu", op.LeakyReluOp{Alpha: 0.5}, tensors(vec(-2, 0, 3, nan)), vec(-1, 0, 3, nan), 0},
		Example{"Erf", op.ErfOp{}, tensors(vec(0, 1, -1, inf)), vec(0, 0.8427008, -0.8427008, 1), 1e-7},
		Example{"Floor", op.FloorOp{}, tensors(vec(-1.5, -0, 2.7, inf)), vec(-2, 0, 2, inf), 0},
		Example{"Ceil", op.CeilOp{}, tensors(vec(-1.5, 0, 2.2, -inf)), vec(-1, 0, 3, -inf), 0},
		Example{"Round", op.RoundOp{}, tensors(vec(-1.5, -0.5, 0.5, 2.5, 2.6, nan)), vec(-2, 0, 0, 2, 3, nan), 0},
		Example{"Sin", op.SinOp{}, tensors(vec(0, math.Pi/6, -math.Pi/2)), vec(0, 0.5, -1), 1e-7},
		Example{"Cos", op.CosOp{}, tensors(vec(0, math.Pi/3, math.Pi)), vec(1, 0.5, -1), 1e-7},
		Example{"Tan", op.TanOp{}, tensors(vec(0, math.Pi/4, -math.Pi/4)), vec(0, 1, -1), 1e-7},
		Example{"Asin", op.AsinOp{}, tensors(vec(0, 0.5, -1, 2)), vec(0, math.Pi/6, -math.Pi/2, nan), 1e-7},
		Example{"Acos", op.AcosOp{}, tensors(vec(1, 0.5, -1, 2)), vec(0, math.Pi/3, math.Pi, nan), 1e-7},
		Example{"Atan", op.AtanOp{}, tensors(vec(0, 1, -inf)), vec(0, math.Pi/4, -math.Pi/2), 1e-7},
		Example{"Sinh", op.SinhOp{}, tensors(vec(0, math.Ln2, -math.Ln2)), vec(0, 0.75, -0.75), 1e-7},
		Example{"Cosh", op.CoshOp{}, tensors(vec(0, math.Ln2)), vec(1, 1.25), 1e-7},
		Example{"Asinh", op.AsinhOp{}, tensors(vec(0, 0.75)), vec(0, math.Ln2), 1e-7},
		Example{"Acosh", op.AcoshOp{}, tensors(vec(1, 1.25, 0)), vec(0, math.Ln2, nan), 1e-7},
		Example{"Atanh", op.AtanhOp{}, tensors(vec(0, 0.6, 2)), vec(0, math.Ln2, nan), 1e-7},
		Example{"Clip", op.ClipOp{Lo: -1, Hi: 2}, tensors(vec(-inf, -1, 0, 2, 3, nan)), vec(-1, -1, 0, 2, 2, nan), 0},

		Example{"HardSwishGrad", op.HardSwishGradOp{}, tensors(vec(2, 2, 2, 2), vec(-3, -1.5, 0, 3)), vec(0, 0, 1, 2), 0},
		Example{"HardSigmoidGrad", op.HardSigmoidGradOp{Alpha: 0.25}, tensors(vec(2, 2, 2), vec(0, 0.5, 1)), vec(0, 0.5, 0), 0},
		Example{"LeakyReluGrad", op.LeakyReluGradOp{Alpha: 0.5}, tensors(vec(2, 2, 2), vec(-1, 0, 1)), vec(1, 1, 2), 0},
		Example{"ClipGrad", op.ClipGradOp{Lo: -1, Hi: 2}, tensors(vec(5, 5, 5, 5, 5), vec(-2, -1, 0, 2, 3)), vec(0, 5, 5, 5, 0), 0},
	)
}
