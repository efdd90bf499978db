package main

import (
	"fmt"
	"strings"
)

// vecOp is an elementwise kernel: dst[i] = body(in[0][i], in[1][i], ...).
type vecOp struct {
	name    string
	doc     string
	in      []string // slice parameters that are read, after dst
	rmw     bool     // dst is itself the first value read
	scalars []string // parameters float32 at the end
	regs    int      // registers of one vector's work
	unroll  int
	// body computes into r[0] from r[0], r[1], ... (one per input), with the
	// rest of r as temporaries and s holding the scalars in every lane.
	body func(a *asm, r, s []string)
}

func arith(o operation) func(a *asm, r, s []string) {
	return func(a *asm, r, _ []string) { a.op(o, r[0], r[1], r[0]) }
}

// extremum emits the maximum or the minimum. Those of amd64 return their second
// operand when either is NaN, so a NaN first operand is then given its way too; those
// of arm64 order the zeros, so of equal operands the second is taken.
func extremum(o operation) func(a *asm, r, s []string) {
	return func(a *asm, r, _ []string) {
		if a.neon() {
			a.op(o, r[0], r[1], r[2])
			a.word(fcmeq(num(r[0]), num(r[0]), num(r[1])))
			a.three("VBSL", "B16", r[2], r[1], r[0])
			return
		}
		a.op(o, r[0], r[1], r[1])
		a.blend(unordered, r[0], r[0], r[0], r[1], r[2])
		a.mov(r[1], r[0])
	}
}

var vecOps = []vecOp{
	{name: "add", doc: "is dst = a + b.", in: []string{"a", "b"}, regs: 2, unroll: 4, body: arith(opAdd)},
	{name: "sub", doc: "is dst = a - b.", in: []string{"a", "b"}, regs: 2, unroll: 4, body: arith(opSub)},
	{name: "mul", doc: "is dst = a * b.", in: []string{"a", "b"}, regs: 2, unroll: 4, body: arith(opMul)},
	{name: "div", doc: "is dst = a / b.", in: []string{"a", "b"}, regs: 2, unroll: 4, body: arith(opDiv)},
	{name: "max", doc: "is dst = max(a, b), NaN if either is.", in: []string{"a", "b"}, regs: 3, unroll: 4, body: extremum(opMax)},
	{name: "min", doc: "is dst = min(a, b), NaN if either is.", in: []string{"a", "b"}, regs: 3, unroll: 4, body: extremum(opMin)},
	{name: "gate", doc: "is dst = x > 0 ? a : 0.", in: []string{"a", "x"}, regs: 3, unroll: 4, body: func(a *asm, r, _ []string) {
		if a.neon() {
			a.word(fcmgt0(num(r[2]), num(r[1])))
			a.op(opAnd, r[0], r[2], r[0])
			return
		}
		a.zero(r[2])
		if a.avx512() {
			a.p("VCMPPS $%d, %s, %s, K2", greaterThan, r[2], r[1])
			a.p("VMOVAPS.Z %s, K2, %s", r[0], r[0])
			return
		}
		a.p("VCMPPS $%d, %s, %s, %s", greaterThan, r[2], r[1], r[2])
		a.p("VANDPS %s, %s, %s", r[2], r[0], r[0])
	}},
	{name: "mulAdd", doc: "is dst = a*b + c.", in: []string{"a", "b", "c"}, regs: 3, unroll: 4, body: func(a *asm, r, _ []string) {
		a.mulAdd(r[1], r[2], r[0])
	}},
	{name: "neg", doc: "is dst = -a.", in: []string{"a"}, regs: 1, unroll: 4, body: func(a *asm, r, _ []string) {
		if a.neon() {
			a.word(fneg(num(r[0]), num(r[0])))
			return
		}
		a.op(opXor, r[0], a.bits(0x80000000), r[0])
	}},
	{name: "abs", doc: "is dst = |a|.", in: []string{"a"}, regs: 1, unroll: 4, body: func(a *asm, r, _ []string) {
		if a.neon() {
			a.word(fabs(num(r[0]), num(r[0])))
			return
		}
		a.op(opAnd, r[0], a.bits(0x7fffffff), r[0])
	}},
	{name: "sqrt", doc: "is dst = sqrt(a).", in: []string{"a"}, regs: 1, unroll: 4, body: func(a *asm, r, _ []string) {
		if a.neon() {
			a.word(fsqrt(num(r[0]), num(r[0])))
			return
		}
		a.p("VSQRTPS %s, %s", r[0], r[0])
	}},
	{name: "reciprocal", doc: "is dst = 1 / a.", in: []string{"a"}, regs: 2, unroll: 4, body: func(a *asm, r, _ []string) {
		a.constant(a.f(1), r[1])
		a.op(opDiv, r[1], r[0], r[0])
	}},
	{name: "relu", doc: "is dst = a < 0 ? 0 : a.", in: []string{"a"}, regs: 2, unroll: 4, body: func(a *asm, r, _ []string) {
		a.relu(r[0], r[1])
	}},
	{name: "addScalar", doc: "is dst = a + s.", in: []string{"a"}, scalars: []string{"s"}, regs: 1, unroll: 4, body: func(a *asm, r, s []string) {
		a.op(opAdd, r[0], s[0], r[0])
	}},
	{name: "mulScalar", doc: "is dst = a * s.", in: []string{"a"}, scalars: []string{"s"}, regs: 1, unroll: 4, body: func(a *asm, r, s []string) {
		a.op(opMul, r[0], s[0], r[0])
	}},
	{name: "axpy", doc: "is dst += s * a.", in: []string{"a"}, rmw: true, scalars: []string{"s"}, regs: 2, unroll: 4, body: func(a *asm, r, s []string) {
		a.fma(r[1], s[0], r[0])
	}},
	{name: "scaleShift", doc: "is dst = a*s + t.", in: []string{"a"}, scalars: []string{"s", "t"}, regs: 1, unroll: 4, body: func(a *asm, r, s []string) {
		a.mulAdd(s[0], s[1], r[0])
	}},
	{name: "scaleShiftRelu", doc: "is dst = relu(a*s + t).", in: []string{"a"}, scalars: []string{"s", "t"}, regs: 2, unroll: 4, body: func(a *asm, r, s []string) {
		a.mulAdd(s[0], s[1], r[0])
		a.relu(r[0], r[1])
	}},
	{name: "blend", doc: "is dst = a*s + (b*u + t).", in: []string{"a", "b"}, scalars: []string{"s", "u", "t"}, regs: 2, unroll: 4, body: func(a *asm, r, s []string) {
		a.mulAdd(s[1], s[2], r[1])
		a.mulAdd(s[0], r[1], r[0])
	}},
}

func emitVector(a *asm) {
	for _, op := range vecOps {
		op.emit(a)
	}
	emitU8ToF32(a)
}

// begin begins the kernel's function and returns the size of its slices.
func (op vecOp) begin(a *asm) (slices int) {
	sig := "(dst, " + strings.Join(op.in, ", ") + " []float32)"
	slices = 24 * (1 + len(op.in))
	if len(op.scalars) > 0 {
		sig = strings.TrimSuffix(sig, ")") + ", " + strings.Join(op.scalars, ", ") + " float32)"
	}
	a.fn(op.name, sig, op.doc, 0, slices+4*len(op.scalars))
	a.row(strings.ToUpper(op.name[:1])+op.name[1:], op.name, 0, 0)
	return slices
}

// emit writes the kernel: an unrolled loop, a loop of one vector and a masked
// tail. A slice shorter than dst jumps to panicLength.
func (op vecOp) emit(a *asm) {
	args := op.begin(a)
	ptrs := []string{"SI", "DX", "BX"}[:len(op.in)]
	short := a.label("short")
	a.p("MOVQ dst_base+0(FP), DI")
	a.p("MOVQ dst_len+8(FP), CX")
	for i, in := range op.in {
		a.p("MOVQ %s_base+%d(FP), %s", in, 24*(i+1), ptrs[i])
		a.p("CMPQ CX, %s_len+%d(FP)", in, 24*(i+1)+8)
		a.p("JGT %s", short)
	}
	var s []string
	for i, name := range op.scalars {
		s = append(s, a.last(1+i))
		a.p("VBROADCASTSS %s+%d(FP), %s", name, args+4*i, s[i])
	}
	if op.rmw {
		ptrs = append([]string{"DI"}, ptrs...)
	}
	a.p("XORQ AX, AX")
	a.stepLoop(op.unroll, func(u int, tail bool) {
		for k := range u {
			r := a.vs(k*op.regs, op.regs)
			for i, p := range ptrs {
				a.load(a.elem(p, k), r[i], tail)
			}
			op.body(a, r, s)
			a.store(r[0], a.elem("DI", k), tail)
		}
	})
	a.ret()
	a.at(short)
	a.p("JMP ·panicLength(SB)")
}

// elem addresses vector k after element AX of the slice at p.
func (a *asm) elem(p string, k int) string {
	return fmt.Sprintf("%d(%s)(AX*4)", k*a.bytes(), p)
}

// stepLoop runs step over CX elements from element AX: unroll vectors at a
// time, then one, then a masked rest.
func (a *asm) stepLoop(unroll int, step func(u int, tail bool)) {
	done := a.label("done")
	for u := unroll; u >= 1; u /= unroll {
		loop, end := a.label("loop"), a.label("end")
		n := u * a.lanes
		a.p("SUBQ $%d, CX", n)
		a.p("JLT %s", end)
		a.at(loop)
		step(u, false)
		a.p("ADDQ $%d, AX", n)
		a.p("SUBQ $%d, CX", n)
		a.p("JGE %s", loop)
		a.at(end)
		a.p("ADDQ $%d, CX", n)
		if u == 1 {
			break
		}
	}
	a.p("JZ %s", done)
	a.tailMask("CX")
	step(1, true)
	a.at(done)
}

func emitU8ToF32(a *asm) {
	a.fn("u8ToF32", "(dst []float32, src []uint8, scale, bias float32)", "is dst = scale*src + bias.", 0, 56)
	a.row("U8ToF32", "u8ToF32", 0, 0)
	short := a.label("short")
	a.p("MOVQ dst_base+0(FP), DI")
	a.p("MOVQ dst_len+8(FP), CX")
	a.p("MOVQ src_base+24(FP), SI")
	a.p("CMPQ CX, src_len+32(FP)")
	a.p("JGT %s", short)
	scale, bias := a.v(1), a.v(2)
	a.p("VBROADCASTSS scale+48(FP), %s", scale)
	a.p("VBROADCASTSS bias+52(FP), %s", bias)
	a.p("XORQ AX, AX")
	loop, rest, tail, done := a.label("loop"), a.label("rest"), a.label("tail"), a.label("done")
	a.p("SUBQ $%d, CX", a.lanes)
	a.p("JLT %s", rest)
	a.at(loop)
	a.p("VPMOVZXBD (SI)(AX*1), %s", a.v(0))
	a.p("VCVTDQ2PS %s, %s", a.v(0), a.v(0))
	a.mulAdd(scale, bias, a.v(0))
	a.store(a.v(0), a.elem("DI", 0), false)
	a.p("ADDQ $%d, AX", a.lanes)
	a.p("SUBQ $%d, CX", a.lanes)
	a.p("JGE %s", loop)
	a.at(rest)
	a.p("ADDQ $%d, CX", a.lanes)
	a.p("JZ %s", done)
	a.at(tail)
	a.p("MOVBLZX (SI)(AX*1), R8")
	a.p("VCVTSI2SSL R8, X0, X0")
	a.p("VFMADD213SS X2, X1, X0")
	a.p("VMOVSS X0, (DI)(AX*4)")
	a.p("INCQ AX")
	a.p("DECQ CX")
	a.p("JNZ %s", tail)
	a.at(done)
	a.ret()
	a.at(short)
	a.p("JMP ·panicLength(SB)")
}
