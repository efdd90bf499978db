package optest

import "github.com/lince-ml/lince/op"

func init() {
	add(
		unary("Relu", op.ReluOp{}, -2, 2, 0.05),
		unaryGrad("ReluGrad", op.ReluGradOp{}, -1, 1, 0.05, 0),
	)
	example(
		Example{"Relu", op.ReluOp{}, tensors(vec(-1, 0, 2, nan)), vec(0, 0, 2, nan), 0},
		Example{"ReluGrad", op.ReluGradOp{}, tensors(vec(5, 6, 7), vec(-1, 0, 2)), vec(0, 0, 7), 0},
	)
}
