package main

import "strings"

// emitReduceNEON writes the reductions.
func emitReduceNEON(a *asm) {
	for _, r := range reductions {
		r.emitNEON(a)
	}
}

// emitNEON writes the kernel, in the order of [reduction.emit].
func (r reduction) emitNEON(a *asm) {
	ret, sig := 24*len(r.in), strings.Join(r.in, ", ")+" []float32"
	mean := a.last(0)
	if r.mean {
		a.fn(r.name, "("+sig+", mean float32) float32", r.doc, 0, ret+12)
		a.argument(arg("mean", ret), mean)
		ret += 8
	} else {
		a.fn(r.name, "("+sig+") float32", r.doc, 0, ret+4)
	}
	a.row(strings.ToUpper(r.name[:1])+r.name[1:], r.name, 0, 0)
	a.p("MOVD a_base+0(FP), R2")
	a.p("MOVD a_len+8(FP), R1")
	ptrs := []string{"R2", "R3"}[:len(r.in)]
	short := a.label("short")
	if len(r.in) > 1 {
		a.p("MOVD b_base+24(FP), R3")
		a.input("b", 32, short)
	}
	for _, v := range a.vs(0, 4) {
		a.constant(a.bits(r.identity), v)
	}
	for _, u := range []int{4, 1} {
		a.countdown("R1", 4*u, func() {
			for i, p := range ptrs {
				a.loads(4, p, 0, a.vs(4+4*i, u)...)
			}
			r.steps(a, u, mean, "")
			a.add(16*u, ptrs...)
		})
	}
	r.tail(a, ptrs, mean)
	acc := a.vs(0, 4)
	for _, pair := range [][2]string{{acc[0], acc[1]}, {acc[2], acc[3]}, {acc[0], acc[2]}} {
		r.join(a, pair[0], pair[1], a.v(4))
	}
	for _, bytes := range []int{8, 4} { // lanes by halves
		a.p("VEXT $%d, V0.B16, V0.B16, V4.B16", bytes)
		r.join(a, acc[0], a.v(4), a.v(5))
	}
	a.p("FMOVS F0, ret+%d(FP)", ret)
	a.ret()
	if len(r.in) > 1 {
		a.shortInput(short)
	}
}

// steps joins u vectors of each input, those of input i from register 4+4*i on. Where there is a mask, the mean is taken off its lanes
// alone.
func (r reduction) steps(a *asm, u int, mean, mask string) {
	for k := range u {
		t := []string{a.v(4 + k), a.v(8 + k)}
		if last := t[len(r.in)-1]; r.mean {
			a.op(opSub, last, mean, last)
			if mask != "" {
				a.op(opAnd, last, mask, last)
			}
		}
		r.step(a, a.v(k), t)
	}
}

// tail joins the R1 < 4 values that are left to the first running vector.
func (r reduction) tail(a *asm, ptrs []string, mean string) {
	done := a.label("done")
	a.p("CBZ R1, %s", done)
	for i, p := range ptrs {
		v := a.v(4 + 4*i)
		a.constant(a.bits(r.identity), v)
		a.loadRest(p, "R1", v)
	}
	mask := ""
	if r.mean {
		mask = a.last(1)
		a.p("MOVD $lanemask<>+32(SB), R4")
		a.p("SUB R1<<2, R4")
		a.p("FMOVQ (R4), %s", scalar(mask))
	}
	r.steps(a, 1, mean, mask)
	a.at(done)
}
