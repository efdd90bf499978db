package graph

import (
	"fmt"

	"github.com/lince-ml/lince/tensor"
)

// ConstOp is a tensor that is part of the program. The tensor must not change.
type ConstOp struct{ Value *tensor.Tensor }

// Const returns the node for the tensor t, which must not change afterwards.
func (g *Graph) Const(t *tensor.Tensor) *Node { return g.apply(ConstOp{t}, nil) }

// DropConstants lets go of the values of g's constants. After that g can be described, but no longer compiled.
func (g *Graph) DropConstants() {
	for _, n := range g.nodes {
		n.DropConstant()
	}
}

// DropConstant lets go of the value of n, if it is a constant, once a backend has made what it needs of it.
func (n *Node) DropConstant() {
	if _, ok := n.op.(ConstOp); ok {
		n.op = ConstOp{}
	}
}

// Name returns "Constant".
func (ConstOp) Name() string { return "Constant" }

// Infer returns the tensor's type.
func (o ConstOp) Infer([]Type) (Type, error) {
	if o.Value == nil {
		return Type{}, fmt.Errorf("a constant without a value: its graph has been compiled before")
	}
	return Type{o.Value.DType(), o.Value.Shape()}, nil
}

// Eval copies the tensor.
func (o ConstOp) Eval(out *tensor.Tensor, _ []*tensor.Tensor) { copy(out.Bytes(), o.Value.Bytes()) }

// Grad returns nil: a constant depends on nothing.
func (ConstOp) Grad(_, _ *Node) []*Node { return nil }

// FLOPs returns 0.
func (ConstOp) FLOPs([]Type, Type) int64 { return 0 }

// FillOp is a tensor all of whose elements are Value.
type FillOp struct {
	Typ   Type
	Value float64
}

// Fill returns a node of type t all of whose elements are v, converted to t's element type.
func (g *Graph) Fill(t Type, v float64) *Node { return g.apply(FillOp{t, v}, nil) }

// Scalar returns a float32 scalar of value v.
func (g *Graph) Scalar(v float64) *Node { return g.Fill(F32(), v) }

// Name returns "ConstantOfShape".
func (FillOp) Name() string { return "ConstantOfShape" }

// Infer returns the declared type.
func (o FillOp) Infer([]Type) (Type, error) {
	switch o.Typ.DType {
	case tensor.F32, tensor.I32, tensor.I64, tensor.U32, tensor.U8, tensor.Bool:
		return o.Typ, nil
	}
	return Type{}, fmt.Errorf("no fill of type %v", o.Typ.DType)
}

// Eval writes Value to every element.
func (o FillOp) Eval(out *tensor.Tensor, _ []*tensor.Tensor) {
	switch out.DType() {
	case tensor.F32:
		fill(out.F32(), float32(o.Value))
	case tensor.I32:
		fill(out.I32(), int32(o.Value))
	case tensor.I64:
		fill(out.I64(), int64(o.Value))
	case tensor.U32:
		fill(out.U32(), uint32(o.Value))
	case tensor.U8:
		fill(out.U8(), uint8(o.Value))
	case tensor.Bool:
		fill(out.Bool(), o.Value != 0)
	}
}

// Grad returns nil: a constant depends on nothing.
func (FillOp) Grad(_, _ *Node) []*Node { return nil }

// FLOPs returns 0.
func (FillOp) FLOPs([]Type, Type) int64 { return 0 }

func fill[T any](dst []T, v T) {
	for i := range dst {
		dst[i] = v
	}
}
