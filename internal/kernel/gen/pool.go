package main

import "fmt"

// emitPool writes the pooling kernels and the loop that measures the peak.
func emitPool(a *asm) {
	a.maxPool2()
	a.maxPoolGrad2()
	a.avgPool2()
	a.avgPoolGrad2()
	emitPeak(a)
}

// Two neighbouring vectors of a row are split into their even and odd values by
// VSHUFPS, which works within 128-bit parts; so the values stand in a mixed
// order until mix and unmix, which move pairs of lanes, put them right.

// poolArgs loads slices in order into registers and n, the outputs, into CX;
// inputs need two values for each.
func (a *asm) poolArgs(args []string, out string, regs ...string) (short string) {
	short = a.label("short")
	for i, arg := range args {
		if arg == out {
			a.p("MOVQ %s_len+%d(FP), CX", arg, 24*i+8)
		}
	}
	a.p("LEAQ (CX)(CX*1), AX")
	for i, arg := range args {
		a.p("MOVQ %s_base+%d(FP), %s", arg, 24*i, regs[i])
		if arg != out {
			a.p("CMPQ AX, %s_len+%d(FP)", arg, 24*i+8)
			a.p("JGT %s", short)
		}
	}
	return short
}

// poolLoop runs body for a vector of outputs at a time under three masks: of
// the outputs, and of the first and second vector of inputs.
func (a *asm) poolLoop(short string, body func()) {
	loop, part, done := a.label("loop"), a.label("part"), a.label("done")
	a.p("TESTQ CX, CX")
	a.p("JZ %s", done)
	a.at(loop)
	a.p("MOVQ CX, AX")
	a.p("CMPQ AX, $%d", a.lanes)
	a.p("JLE %s", part)
	a.p("MOVQ $%d, AX", a.lanes)
	a.at(part)
	a.p("SUBQ AX, CX")
	a.p("LEAQ (AX)(AX*1), R12")
	a.p("MOVQ R12, R13")
	a.p("SUBQ $%d, R13", a.lanes)
	a.p("XORQ R8, R8")
	a.p("TESTQ R13, R13")
	a.p("CMOVQLT R8, R13")
	a.p("SUBQ R13, R12")
	a.laneMask("AX", a.poolMask(0))
	a.laneMask("R12", a.poolMask(1))
	a.laneMask("R13", a.poolMask(2))
	body()
	a.p("TESTQ CX, CX")
	a.p("JNZ %s", loop)
	a.at(done)
	a.ret()
	a.at(short)
	a.p("JMP ·panicLength(SB)")
}

// poolMask names the mask of the outputs (0) or of an input vector (1, 2).
func (a *asm) poolMask(i int) string {
	if a.avx512() {
		return fmt.Sprintf("K%d", 3+i)
	}
	return a.last(i)
}

func (a *asm) maskedLoad(mem, mask, dst string) {
	if a.avx512() {
		a.p("VMOVUPS.Z %s, %s, %s", mem, mask, dst)
		return
	}
	a.p("VMASKMOVPS %s, %s, %s", mem, mask, dst)
}

func (a *asm) maskedStore(src, mask, mem string) {
	if a.avx512() {
		a.p("VMOVUPS %s, %s, %s", src, mask, mem)
		return
	}
	a.p("VMASKMOVPS %s, %s, %s", src, mask, mem)
}

// loadPairs puts the even and the odd of the next inputs at p into registers, in
// mixed order.
func (a *asm) loadPairs(p, even, odd, tmp string) {
	a.maskedLoad("("+p+")", a.poolMask(1), even)
	a.maskedLoad(fmt.Sprintf("%d(%s)", a.bytes(), p), a.poolMask(2), tmp)
	a.p("VSHUFPS $0xdd, %s, %s, %s", tmp, even, odd)
	a.p("VSHUFPS $0x88, %s, %s, %s", tmp, even, even)
}

// storePairs writes values in mixed order back to even and odd places.
func (a *asm) storePairs(even, odd, p, tmp string) {
	a.p("VUNPCKLPS %s, %s, %s", odd, even, tmp)
	a.maskedStore(tmp, a.poolMask(1), "("+p+")")
	a.p("VUNPCKHPS %s, %s, %s", odd, even, tmp)
	a.maskedStore(tmp, a.poolMask(2), fmt.Sprintf("%d(%s)", a.bytes(), p))
}

// unmix puts v into order, mix undoes it.
func (a *asm) unmix(v, tmp string) { a.permutePairs(v, tmp, 0) }
func (a *asm) mix(v, tmp string)   { a.permutePairs(v, tmp, 64) }

func (a *asm) permutePairs(v, tmp string, table int) {
	if !a.avx512() {
		a.p("VPERMPD $0xd8, %s, %s", v, v)
		return
	}
	a.p("VMOVUPS mix<>+%d(SB), %s", table, tmp)
	a.p("VPERMQ %s, %s, %s", v, tmp, v)
}

func (a *asm) advance(ptrs ...string) {
	for i, p := range ptrs {
		n := 2 * a.bytes()
		if i == 0 {
			n = a.bytes()
		}
		a.p("ADDQ $%d, %s", n, p)
	}
}

func (a *asm) maxPool2() {
	a.row("MaxPool2", "maxPool2", 0, 0)
	a.fn("maxPool2", "(dst, top, bottom []float32)", "is the maximum of 2x2 windows.", 0, 72)
	short := a.poolArgs([]string{"dst", "top", "bottom"}, "dst", "DI", "SI", "DX")
	v := a.vs(0, 6)
	a.poolLoop(short, func() {
		a.loadPairs("SI", v[0], v[1], v[4])
		a.loadPairs("DX", v[2], v[3], v[4])
		for _, x := range v[1:4] {
			maxJoin(a, v[0], x, v[4])
		}
		a.unmix(v[0], v[4])
		a.maskedStore(v[0], a.poolMask(0), "(DI)")
		a.advance("DI", "SI", "DX")
	})
}

func (a *asm) avgPool2() {
	a.row("AvgPool2", "avgPool2", 0, 0)
	a.fn("avgPool2", "(dst, top, bottom []float32)", "is the mean of 2x2 windows.", 0, 72)
	short := a.poolArgs([]string{"dst", "top", "bottom"}, "dst", "DI", "SI", "DX")
	v := a.vs(0, 6)
	a.poolLoop(short, func() {
		a.loadPairs("SI", v[0], v[1], v[4])
		a.loadPairs("DX", v[2], v[3], v[4])
		a.op("VADDPS", v[0], v[2], v[0])
		a.op("VADDPS", v[1], v[3], v[1])
		a.op("VADDPS", v[0], v[1], v[0])
		a.op("VMULPS", v[0], a.f(0.25), v[0])
		a.unmix(v[0], v[4])
		a.maskedStore(v[0], a.poolMask(0), "(DI)")
		a.advance("DI", "SI", "DX")
	})
}

func (a *asm) avgPoolGrad2() {
	a.row("AvgPoolGrad2", "avgPoolGrad2", 0, 0)
	a.fn("avgPoolGrad2", "(dtop, dbottom, dy []float32)", "is the gradient of avgPool2.", 0, 72)
	short := a.poolArgs([]string{"dtop", "dbottom", "dy"}, "dy", "DI", "BX", "SI")
	v := a.vs(0, 3)
	a.poolLoop(short, func() {
		a.maskedLoad("(SI)", a.poolMask(0), v[0])
		a.op("VMULPS", v[0], a.f(0.25), v[0])
		a.mix(v[0], v[1])
		a.storePairs(v[0], v[0], "DI", v[1])
		a.storePairs(v[0], v[0], "BX", v[1])
		a.advance("SI", "DI", "BX")
	})
}

// maxPoolGrad2 runs the tournament of the four values of a window; a later
// value wins if it is larger, or NaN against a number.
func (a *asm) maxPoolGrad2() {
	a.row("MaxPoolGrad2", "maxPoolGrad2", 0, 0)
	a.fn("maxPoolGrad2", "(dtop, dbottom, top, bottom, dy []float32)", "is the gradient of maxPool2.", 0, 120)
	short := a.poolArgs([]string{"dtop", "dbottom", "top", "bottom", "dy"}, "dy", "DI", "BX", "SI", "DX", "R9")
	x, g := a.vs(0, 4), a.vs(4, 4)
	dy, t, wins := a.v(8), a.v(9), a.v(10)
	a.poolLoop(short, func() {
		a.loadPairs("SI", x[0], x[1], t)
		a.loadPairs("DX", x[2], x[3], t)
		a.maskedLoad("(R9)", a.poolMask(0), dy)
		a.mix(dy, t)
		a.p("VMOVAPS %s, %s", dy, g[0])
		for i := 1; i < 4; i++ {
			a.duel(x[0], x[i], g[:i], g[i], dy, wins, t)
		}
		a.storePairs(g[0], g[1], "DI", t)
		a.storePairs(g[2], g[3], "BX", t)
		a.advance("R9", "DI", "BX", "SI", "DX")
	})
}

// duel gives dy to the gradient of y, and takes it from the earlier ones, where
// y beats best.
func (a *asm) duel(best, y string, earlier []string, gy, dy, wins, t string) {
	const notLessEqual, ordered = 22, 7
	if a.avx512() {
		a.p("VCMPPS $%d, %s, %s, K1", ordered, best, best)
		a.p("VCMPPS $%d, %s, %s, K1, K1", notLessEqual, best, y)
		a.p("VMOVAPS %s, K1, %s", y, best)
		a.p("VMOVAPS.Z %s, K1, %s", dy, gy)
		a.p("KNOTW K1, K1")
		for _, g := range earlier {
			a.p("VMOVAPS.Z %s, K1, %s", g, g)
		}
		return
	}
	a.p("VCMPPS $%d, %s, %s, %s", ordered, best, best, t)
	a.p("VCMPPS $%d, %s, %s, %s", notLessEqual, best, y, wins)
	a.p("VANDPS %s, %s, %s", t, wins, wins)
	a.p("VBLENDVPS %s, %s, %s, %s", wins, y, best, best)
	a.p("VANDPS %s, %s, %s", dy, wins, gy)
	for _, g := range earlier {
		a.p("VANDNPS %s, %s, %s", g, wins, g)
	}
}

// emitPeak writes a loop of independent multiply-adds, two dozen vectors a
// round where there are registers for them.
func emitPeak(a *asm) {
	n := a.regs - 4
	a.row("PeakLoop", "peakLoop", 0, 0)
	a.fn("peakLoop", "(rounds int)", "runs rounds of as many vector multiply-adds as PeakVectors says.", 0, 8)
	a.p("MOVQ rounds+0(FP), CX")
	for i := range n + 2 {
		a.zero(a.v(i))
	}
	loop := a.label("loop")
	a.at(loop)
	for i := range n {
		a.fma(a.v(n), a.v(n+1), a.v(i))
	}
	a.p("DECQ CX")
	a.p("JNZ %s", loop)
	a.ret()
}
