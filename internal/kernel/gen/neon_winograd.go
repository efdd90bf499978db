package main

// emitWinogradNEON writes the transforms of Winograd convolution.
func emitWinogradNEON(a *asm) {
	for _, t := range gridTransforms {
		t.begin(a)
		a.gridsNEON(t.lineTransform)
	}
}

// gridsNEON is [asm.grids]: R0 walks the grids of dst, R1 those of src, R15 a line of either, and R2 is tmp.
func (a *asm) gridsNEON(t lineTransform) {
	g := gridGen{asm: a, consts: map[float64]string{}}
	for _, x := range []string{"dst+0(FP), R0", "src+8(FP), R1", "tmp+16(FP), R2", "walk+24(FP), R3", "n+32(FP), R4"} {
		a.p("MOVD %s", x)
	}
	rows := []string{"", "R5", "R6", "R7", "R8", "R9"}      // distance of value i of a column of src
	cols := []string{"", "R10", "R11", "R12", "R13", "R14"} // and of a row of dst
	a.multiples(walkSrcRow, rows[:t.in])
	a.multiples(walkDstCol, cols[:t.out])
	for _, f := range []struct {
		offset int
		reg    string
	}{{walkSrcCol, "R16"}, {walkDstRow, "R17"}, {walkSrcNext, "R19"}, {walkDstNext, "R21"}} {
		a.p("MOVD %d(R3), %s", f.offset, f.reg)
	}
	mark := a.text.Len()
	a.repeat("R4", func() {
		a.p("MOVD R1, R15")
		for j := range t.in {
			for i := range t.in {
				a.loadStep("R15", rows[i], a.v(i))
			}
			g.store = func(i int, reg string) { a.stores(4, "R2", (i*t.in+j)*a.bytes(), reg) }
			t.emit(g)
			a.p("ADD R16, R15")
		}
		a.p("MOVD R0, R15")
		for i := range t.out {
			a.loads(4, "R2", i*t.in*a.bytes(), a.vs(0, t.in)...)
			g.store = func(j int, reg string) { a.storeStep(reg, "R15", cols[j]) }
			t.emit(g)
			a.p("ADD R17, R15")
		}
		a.p("ADD R19, R1")
		a.p("ADD R21, R0")
	})
	g.loadConstants(mark)
	a.ret()
}

// multiples loads the distance at offset of the walk at R3 into regs[1], and its multiples into the others.
func (a *asm) multiples(offset int, regs []string) {
	a.p("MOVD %d(R3), %s", offset, regs[1])
	for i := 2; i < len(regs); i++ {
		a.p("ADD %s, %s, %s", regs[1], regs[i-1], regs[i])
	}
}

// loadStep loads the vector at p, or step bytes on if there is a step.
func (a *asm) loadStep(p, step, dst string) {
	if step == "" {
		a.loads(4, p, 0, dst)
		return
	}
	a.loadAt(4, p, step, dst)
}

// storeStep is the counterpart of loadStep.
func (a *asm) storeStep(src, p, step string) {
	if step == "" {
		a.stores(4, p, 0, src)
		return
	}
	a.word(strq(num(src), num(p), num(step)))
}
