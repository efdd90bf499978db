package main

import "strings"

// reduction is a kernel that folds slices into one value over four vectors
// of running values.
type reduction struct {
	name, doc string
	in        []string
	identity  uint32
	step      func(a *asm, acc string, r []string) // acc = acc ⊕ f(r...)
	join      func(a *asm, acc, other, tmp string) // acc = acc ⊕ other
	mean      bool                                 // a last parameter, which is first taken off the last input
}

func addJoin(a *asm, acc, other, _ string) { a.op(opAdd, acc, other, acc) }

// maxJoin keeps NaN from either side, as the elementwise maximum does.
func maxJoin(a *asm, acc, other, tmp string) {
	if a.neon() {
		a.op(opMax, acc, other, acc)
		return
	}
	a.op(opMax, acc, other, other)
	a.blend(unordered, acc, acc, acc, other, tmp)
	a.mov(other, acc)
}

var reductions = []reduction{
	{"sum", "returns the sum of a.", []string{"a"}, 0, func(a *asm, acc string, r []string) {
		a.op(opAdd, acc, r[0], acc)
	}, addJoin, false},
	{"sumSquares", "returns the sum of a*a.", []string{"a"}, 0, func(a *asm, acc string, r []string) {
		a.fma(r[0], r[0], acc)
	}, addJoin, false},
	{"dot", "returns the sum of a*b.", []string{"a", "b"}, 0, func(a *asm, acc string, r []string) {
		a.fma(r[0], r[1], acc)
	}, addJoin, false},
	{"sumSquaresAbout", "returns the sum of (a-mean)*(a-mean).", []string{"a"}, 0, func(a *asm, acc string, r []string) {
		a.fma(r[0], r[0], acc)
	}, addJoin, true},
	{"dotAbout", "returns the sum of a*(b-mean).", []string{"a", "b"}, 0, func(a *asm, acc string, r []string) {
		a.fma(r[0], r[1], acc)
	}, addJoin, true},
	{"maxOf", "returns the largest value of a, NaN if one is.", []string{"a"}, 0xff800000, func(a *asm, acc string, r []string) {
		maxJoin(a, acc, r[0], r[1])
	}, maxJoin, false},
}

func emitReduce(a *asm) {
	for _, r := range reductions {
		r.emit(a)
	}
}

// emit writes the kernel: vector i of the input goes to running value i%4 in
// the unrolled loop, later vectors and the rest to value 0; then
// (0+1) + (2+3), then the lanes by halves.
func (r reduction) emit(a *asm) {
	ret, sig := 24*len(r.in), strings.Join(r.in, ", ")+" []float32"
	if r.mean {
		a.fn(r.name, "("+sig+", mean float32) float32", r.doc, 0, ret+12)
		a.p("VBROADCASTSS mean+%d(FP), %s", ret, a.last(1))
		ret += 8
	} else {
		a.fn(r.name, "("+sig+") float32", r.doc, 0, ret+4)
	}
	a.row(strings.ToUpper(r.name[:1])+r.name[1:], r.name, 0, 0)
	a.p("MOVQ a_base+0(FP), SI")
	a.p("MOVQ a_len+8(FP), CX")
	ptrs := []string{"SI", "DX"}[:len(r.in)]
	short := a.label("short")
	if len(r.in) > 1 {
		a.p("MOVQ b_base+24(FP), DX")
		a.p("CMPQ CX, b_len+32(FP)")
		a.p("JGT %s", short)
	}
	acc := a.vs(0, 4)
	for _, v := range acc {
		a.constant(a.bits(r.identity), v)
	}
	a.p("XORQ AX, AX")
	a.stepLoop(4, func(u int, tail bool) {
		for k := range u {
			t := a.vs(4+2*k, 2)
			for i, p := range ptrs {
				a.load(a.elem(p, k), t[i], tail)
			}
			if r.mean {
				a.centre(t[len(ptrs)-1], tail)
			}
			if tail && r.identity != 0 {
				a.fillTail(r.identity, t[0], t[1])
			}
			r.step(a, acc[k], t)
		}
	})
	t := a.vs(4, 2)
	r.join(a, acc[0], acc[1], t[0])
	r.join(a, acc[2], acc[3], t[0])
	r.join(a, acc[0], acc[2], t[0])
	a.fold(func(hi string) { r.join(a, acc[0], hi, t[1]) }, acc[0], t[0])
	a.p("VMOVSS X0, ret+%d(FP)", ret)
	a.ret()
	if len(r.in) > 1 {
		a.at(short)
		a.p("JMP ·panicLength(SB)")
	}
}

// centre takes the mean off the values of v; the lanes that the tail mask leaves out stay 0.
func (a *asm) centre(v string, tail bool) {
	switch {
	case tail && a.avx512():
		a.p("VSUBPS.Z %s, %s, K1, %s", a.last(1), v, v)
	case tail:
		a.p("VSUBPS %s, %s, %s", a.last(1), v, v)
		a.p("VANDPS %s, %s, %s", a.last(0), v, v)
	default:
		a.op(opSub, v, a.last(1), v)
	}
}

// fillTail puts the identity into the lanes of v that the tail mask leaves
// out.
func (a *asm) fillTail(identity uint32, v, tmp string) {
	a.constant(a.bits(identity), tmp)
	if a.avx512() {
		a.p("VMOVAPS %s, K1, %s", v, tmp)
		a.mov(tmp, v)
		return
	}
	a.p("VBLENDVPS %s, %s, %s, %s", a.last(0), v, tmp, v)
}

// fold joins the upper half of register 0's lanes to the lower until one is
// left. hi receives the upper half each time.
func (a *asm) fold(join func(hi string), acc, hi string) {
	n := acc[1:]
	h := hi[1:]
	if a.avx512() {
		a.p("VEXTRACTF64X4 $1, Z%s, Y%s", n, h)
		join(hi)
	}
	a.p("VEXTRACTF128 $1, Y%s, X%s", n, h)
	join(hi)
	a.p("VPERMILPS $0x0e, X%s, X%s", n, h)
	join(hi)
	a.p("VPERMILPS $0x01, X%s, X%s", n, h)
	join(hi)
}
