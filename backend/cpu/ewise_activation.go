package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

// numbersOf returns the numbers that the instructions of an op need as vectors.
func numbersOf(o graph.Op) []float32 {
	switch o := o.(type) {
	case op.HardSwishOp, op.HardSigmoidOp:
		return []float32{1}
	case op.ClipOp:
		return []float32{o.Lo, o.Hi}
	}
	return nil
}

// addConstants adds the operands that emit finds again with constant.
func (e *ewise) addConstants(o graph.Op) {
	for _, v := range numbersOf(o) {
		if e.constant(v) < 0 {
			e.operands = append(e.operands, operand{kind: scalar, imm: v, scratch: -1})
		}
	}
}

// constant returns the operand that addConstants has made for v, -1 if there is none.
func (e *ewise) constant(v float32) int {
	for i := range e.operands {
		if o := &e.operands[i]; o.node == nil && o.imm == v {
			return i
		}
	}
	return -1
}

// emitActivation appends the instructions of n if it is an activation, or the gradient of one, that is made of several; else ok is false.
func (e *ewise) emitActivation(n *graph.Node, args []int) (slot int, ok bool) {
	k := e.c.kernel
	switch o := n.Op().(type) {
	case op.SiluOp: // x s with s = sigmoid(x)
		s := e.push(instr{f1: k.Sigmoid, a: args[0], b: -1, dst: e.temp()})
		return e.times(args[0], s, e.result(n)), true
	case op.SiluGradOp: // dy (s + x s - x s s)
		s := e.push(instr{f1: k.Sigmoid, a: args[1], b: -1, dst: e.temp()})
		xs := e.times(args[1], s, e.temp())
		d := e.blend(s, xs, 1, e.temp())
		d = e.blend(d, e.times(xs, s, e.temp()), -1, e.temp())
		return e.times(args[0], d, e.result(n)), true
	case op.HardSigmoidOp:
		return e.hardSigmoid(args[0], o.Alpha, o.Beta, e.result(n)), true
	case op.HardSigmoidGradOp: // dy Alpha where y > 0 and 1 - y > 0
		d := e.gate(args[0], args[1])
		d = e.gate(d, e.scaleShift(args[1], -1, 1, e.temp()))
		return e.scaleShift(d, o.Alpha, 0, e.result(n)), true
	case op.HardSwishOp:
		return e.times(args[0], e.hardSigmoid(args[0], 1.0/6, 0.5, e.temp()), e.result(n)), true
	case op.HardSwishGradOp: // d + c (x/3 - 1/2), where d is dy if x > -3, and c is d if x < 3; else they are 0
		d := e.gate(args[0], e.scaleShift(args[1], 1, 3, e.temp()))
		c := e.gate(d, e.scaleShift(args[1], -1, 3, e.temp()))
		c = e.times(c, e.scaleShift(args[1], 1.0/3, -0.5, e.temp()), e.temp())
		return e.blend(d, c, 1, e.result(n)), true
	case op.ClipOp:
		return e.clip(args[0], o.Lo, o.Hi, e.result(n)), true
	case op.ClipGradOp: // dy without what it is where Lo - x > 0 or x - Hi > 0
		d := e.blend(args[0], e.gate(args[0], e.scaleShift(args[1], -1, o.Lo, e.temp())), -1, e.temp())
		return e.blend(d, e.gate(d, e.scaleShift(args[1], 1, -o.Hi, e.temp())), -1, e.result(n)), true
	}
	return 0, false
}

// hardSigmoid emits clip(alpha a + beta, 0, 1).
func (e *ewise) hardSigmoid(a int, alpha, beta float32, dst int) int {
	return e.clip(e.scaleShift(a, alpha, beta, e.temp()), 0, 1, dst)
}

// clip emits min(max(a, lo), hi).
func (e *ewise) clip(a int, lo, hi float32, dst int) int {
	t := instr{f2: e.c.kernel.Max, a: a, b: e.constant(lo), dst: e.temp()}
	if lo == 0 { // ReLU may become part of what makes a
		t = instr{f1: e.c.kernel.Relu, relu: true, a: a, b: -1, dst: t.dst}
	}
	return e.push(instr{f2: e.c.kernel.Min, a: e.push(t), b: e.constant(hi), dst: dst})
}

// gate emits a where x > 0, else 0.
func (e *ewise) gate(a, x int) int {
	return e.push(instr{f2: e.c.kernel.Gate, a: a, b: x, dst: e.temp()})
}

// times emits a b.
func (e *ewise) times(a, b, dst int) int {
	return e.push(instr{f2: e.c.kernel.Mul, mul: true, a: a, b: b, dst: dst})
}

// scaleShift emits a s + t.
func (e *ewise) scaleShift(a int, s, t float32, dst int) int {
	return e.push(instr{linear: &linear{s: immediate{-1, s}, t: immediate{-1, t}}, a: a, b: -1, dst: dst})
}

// blend emits a + b u.
func (e *ewise) blend(a, b int, u float32, dst int) int {
	return e.push(instr{linear: &linear{s: one, u: immediate{-1, u}, t: zero}, a: a, b: b, dst: dst})
}
