package graph

import "github.com/lince-ml/lince/tensor"

// An Op is what a node computes: a comparable Go value whose fields are the attributes, so that == ops on the same
// inputs are the same node. An op states its meaning once, slowly and obviously; backends make it fast.
type Op interface {
	// Name returns the op's name, ONNX's where ONNX has the op.
	Name() string
	// Infer returns the type of the result, or an error that says what was expected of the inputs.
	Infer(in []Type) (Type, error)
	// Eval computes the result into out, whose type is Infer's. It is the reference that every backend is
	// tested against. out holds arbitrary values before and shares no memory with in.
	Eval(out *tensor.Tensor, in []*tensor.Tensor)
	// Grad emits the nodes that compute the gradient with respect to each input of n, given dy, the gradient
	// with respect to n. A nil entry (or a nil slice) means that no gradient flows to that input.
	Grad(n, dy *Node) []*Node
	// FLOPs returns the number of floating-point operations; a multiply-add counts as two.
	FLOPs(in []Type, out Type) int64
}
