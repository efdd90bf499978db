package graph

import "github.com/lince-ml/lince/tensor"

// InputOp is a value that is given when the program runs.
type InputOp struct {
	Label string
	Typ   Type
}

// Name returns "Input".
func (InputOp) Name() string { return "Input" }

// Infer returns the declared type.
func (o InputOp) Infer([]Type) (Type, error) { return o.Typ, nil }

// Eval is never called: whoever runs the program supplies the value.
func (InputOp) Eval(*tensor.Tensor, []*tensor.Tensor) {
	panic("graph: an input has no value of its own")
}

// Grad returns nil: an input depends on nothing.
func (InputOp) Grad(_, _ *Node) []*Node { return nil }

// FLOPs returns 0.
func (InputOp) FLOPs([]Type, Type) int64 { return 0 }
