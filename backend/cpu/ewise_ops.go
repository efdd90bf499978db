package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// elementwise reports whether n can be part of a group.
func elementwise(n *graph.Node) bool {
	if n.DType() != tensor.F32 {
		return false
	}
	switch n.Op().(type) {
	case op.UnaryFunc, op.BinaryFunc, graph.AddOp, graph.ExpandOp, op.SliceOp, op.TransposeOp:
		return true
	case op.CastOp:
		return n.In(0).DType() == tensor.U8
	}
	return false
}

// emit appends the instructions of n, whose inputs are in slots args, and returns the slot of the result.
func (e *ewise) emit(n *graph.Node, args []int) int {
	k := e.c.kernel
	switch n.Op().(type) {
	case graph.ExpandOp, op.CastOp, op.StopGradientOp:
		return e.copyIfOutput(n, args[0])
	case graph.AddOp:
		return e.sum(n, args, one)
	case op.SubOp:
		return e.sum(n, args, minusOne)
	case op.MulOp:
		return e.product(n, args)
	case op.TanhGradOp: // dy (1 - y y)
		t := e.push(instr{f2: k.Mul, a: args[1], b: args[1], dst: e.temp()})
		t = e.push(instr{f2: k.Mul, a: args[0], b: t, dst: e.temp()})
		return e.push(instr{f2: k.Sub, a: args[0], b: t, dst: e.result(n)})
	case op.SigmoidGradOp: // dy (y - y y)
		t := e.push(instr{f2: k.Mul, a: args[1], b: args[1], dst: e.temp()})
		t = e.push(instr{f2: k.Sub, a: args[1], b: t, dst: e.temp()})
		return e.push(instr{f2: k.Mul, a: args[0], b: t, dst: e.result(n)})
	}
	if slot, ok := e.emitActivation(n, args); ok {
		return slot
	}
	if f := e.c.unaryKernel(n.Op()); f != nil {
		return e.push(instr{f1: f, relu: n.Op() == op.ReluOp{}, a: args[0], b: -1, dst: e.result(n)})
	}
	if f := e.c.binaryKernel(n.Op()); f != nil {
		return e.push(instr{f2: f, a: args[0], b: args[1], dst: e.result(n)})
	}
	switch o := n.Op().(type) {
	case op.UnaryFunc:
		return e.push(instr{g1: o.F, a: args[0], b: -1, dst: e.result(n)})
	case op.BinaryFunc:
		return e.push(instr{g2: o.F, a: args[0], b: args[1], dst: e.result(n)})
	}
	panic("cpu: no instruction for " + n.Op().Name())
}

func (c *compiler) unaryKernel(o graph.Op) func(dst, a []float32) {
	k := c.kernel
	switch o.(type) {
	case op.NegOp:
		return k.Neg
	case op.AbsOp:
		return k.Abs
	case op.SqrtOp:
		return k.Sqrt
	case op.ReciprocalOp:
		return k.Reciprocal
	case op.ReluOp:
		return k.Relu
	case op.ExpOp:
		return k.Exp
	case op.LogOp:
		return k.Log
	case op.TanhOp:
		return k.Tanh
	case op.SigmoidOp:
		return k.Sigmoid
	case op.ErfOp:
		return k.Erf
	}
	return nil
}

func (c *compiler) binaryKernel(o graph.Op) func(dst, a, b []float32) {
	k := c.kernel
	switch o.(type) {
	case op.DivOp:
		return k.Div
	case op.MaxOp:
		return k.Max
	case op.MinOp:
		return k.Min
	case op.ReluGradOp:
		return k.Gate
	}
	return nil
}

// sum emits a + b*sign. A scalar needs no vector of equal elements.
func (e *ewise) sum(n *graph.Node, args []int, sign immediate) int {
	a, b := args[0], args[1]
	l := &linear{s: one, u: sign, t: zero}
	switch {
	case e.isScalar(b):
		l.t, b = immediate{b, sign.factor}, -1
	case e.isScalar(a):
		l.s, l.t = sign, immediate{a, 1}
		a, b = b, -1
	}
	return e.push(instr{linear: l, a: a, b: b, dst: e.result(n)})
}

// product emits a * b.
func (e *ewise) product(n *graph.Node, args []int) int {
	a, b := args[0], args[1]
	if e.isScalar(a) {
		a, b = b, a
	}
	if !e.isScalar(b) {
		return e.push(instr{f2: e.c.kernel.Mul, mul: true, a: a, b: b, dst: e.result(n)})
	}
	return e.push(instr{linear: &linear{s: immediate{b, 1}, t: zero}, a: a, b: -1, dst: e.result(n)})
}

// isScalar reports whether a slot is an operand that has one value in each block.
func (e *ewise) isScalar(slot int) bool {
	return slot < len(e.operands) && (e.operands[slot].kind == scalar || e.operands[slot].kind == channel)
}

// copyIfOutput returns the slot itself for a node that changes nothing, unless the node is a result of the group.
func (e *ewise) copyIfOutput(n *graph.Node, slot int) int {
	for _, o := range e.outs {
		if o.node == n {
			return e.push(instr{f1: copyTo, a: slot, b: -1, dst: e.result(n)})
		}
	}
	return slot
}

func copyTo(dst, a []float32) { copy(dst, a) }
