package onnx

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// A value is a tensor of the ONNX graph: the node that computes it, and its element type in ONNX, which says more than the node's:
//
//   - float32, float16, bfloat16 and float64 are carried as F32.
//   - uint8 and int8 are carried as U8, I8, I32 or F32, the other integers of fewer than 32 bits as I32 or F32, and int32 as I32 or F32. F32
//     is for numbers that are known to be exact in it, so that quantised networks are computed by the kernels for float32.
//   - uint32 is carried as U32, int64 as I64, uint64 as I64 too (its bits), bool as Bool.
//
// The zero value stands for an optional input that is left out.
type value struct {
	n *graph.Node
	t DataType

	refused bool // what it depends on is not supported; there is no node
}

func (v value) shape() tensor.Shape { return v.n.Shape() }
func (v value) rank() int           { return v.n.Shape().Rank() }
func (v value) dim(i int) int       { return v.n.Shape().Dim(i) }

// with returns a value of v's element type.
func (v value) with(n *graph.Node) value { return value{n: n, t: v.t} }

// real returns the numbers, or truth values as 0 and 1, in float32.
func (v value) real() *graph.Node { return op.Cast(v.n, tensor.F32) }

// whole returns the integers, or truth values as 0 and 1, in a type that has arithmetic.
func (v value) whole() *graph.Node {
	switch v.n.DType() {
	case tensor.I32, tensor.I64, tensor.U32:
		return v.n
	}
	return op.Cast(v.n, tensor.I32)
}

// arithmetic returns the numbers in the type in which they are computed with: F32, I32, I64 or U32.
func (v value) arithmetic() *graph.Node {
	if v.t.isFloat() {
		return v.n
	}
	return v.whole()
}

// wrap returns the result n of arithmetic as a value of type t. Integers of few bits wrap around.
func wrap(n *graph.Node, t DataType) value {
	switch {
	case t.carrier() == n.DType() && !t.isNarrow():
	case t == Uint8 || t == Int8:
		n = op.Cast(n, t.carrier())
	case t.isNarrow():
		lo, hi := dataTypes[t].lo, dataTypes[t].hi
		n = op.Cast(n, tensor.I32)
		low := fill(n, float64(lo))
		n = graph.Add(op.Mod(op.Sub(n, low), fill(n, float64(hi-lo+1))), low)
	default:
		n = op.Cast(n, t.carrier())
	}
	return value{n: n, t: t}
}

// fill returns a scalar of value v in n's graph and of n's element type.
func fill(n *graph.Node, v float64) *graph.Node {
	return n.Graph().Fill(graph.Type{DType: n.DType()}, v)
}

// carried returns the value in the type that usually carries it.
func (v value) carried() *graph.Node { return op.Cast(v.n, v.t.carrier()) }

// native returns the value in the type of tensors outside the graph.
func (v value) native() *graph.Node { return op.Cast(v.n, v.t.native()) }

// fromNative returns the value of a tensor from outside the graph.
func fromNative(n *graph.Node, t DataType) value { return value{n: op.Cast(n, t.carrier()), t: t} }

// alike returns the nodes of values of one element type, all carried in one type.
func alike(vs []value) []*graph.Node {
	nodes := make([]*graph.Node, len(vs))
	same := true
	for i, v := range vs {
		nodes[i] = v.n
		same = same && v.n.DType() == vs[0].n.DType()
	}
	if !same {
		for i, v := range vs {
			nodes[i] = v.carried()
		}
	}
	return nodes
}

// sameType returns an error unless the values, of which some may be left out, have one element type.
func sameType(vs ...value) error {
	for _, v := range vs {
		if v.n != nil && v.t != vs[0].t {
			return fmt.Errorf("element types %v and %v, the same expected", vs[0].t, v.t)
		}
	}
	return nil
}
