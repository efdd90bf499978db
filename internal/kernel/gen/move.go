package main

// emitMove writes the kernels that move data without arithmetic.
func emitMove(a *asm) {
	emitCopyRows(a)
	emitTransposeStrip(a)
	emitGather(a)
}

// emitGather writes the copy of a block of a convolution's taps into a panel.
func emitGather(a *asm) {
	a.row("Gather", "gather", 0, 0)
	a.fn("gather", "(dst, x *float32, off *int64, runs *run, n, k, ld int)",
		"copies k taps of n runs each into rows ld bytes apart.", 0, 56)
	a.p("MOVQ dst+0(FP), DI")
	a.p("MOVQ x+8(FP), R9")
	a.p("MOVQ off+16(FP), BX")
	a.p("MOVQ runs+24(FP), DX")
	a.p("MOVQ n+32(FP), R10")
	a.p("SHLQ $4, R10")
	a.p("MOVQ k+40(FP), R11")
	a.p("MOVQ ld+48(FP), R12")
	tap, copyRun := a.label("tap"), a.label("run")
	a.at(tap)
	a.p("MOVQ (BX), SI")
	a.p("ADDQ R9, SI")
	a.p("XORQ CX, CX")
	a.at(copyRun)
	a.p("MOVQ (DX)(CX*1), AX")
	a.p("MOVQ 8(DX)(CX*1), R8")
	a.p("VMOVUPS (SI)(AX*1), %s", a.v(0))
	a.p("VMOVUPS %s, (DI)(R8*1)", a.v(0))
	a.p("ADDQ $16, CX")
	a.p("CMPQ CX, R10")
	a.p("JLT %s", copyRun)
	a.p("ADDQ $8, BX")
	a.p("ADDQ R12, DI")
	a.p("DECQ R11")
	a.p("JNZ %s", tap)
	a.ret()
}

// emitCopyRows writes the copy of a matrix between two pitches.
func emitCopyRows(a *asm) {
	a.row("CopyRows", "copyRows", 0, 0)
	a.fn("copyRows", "(dst, src *float32, ldd, lds, rows, cols int)",
		"copies rows of cols values; ldd and lds are in bytes.", 0, 48)
	a.p("MOVQ dst+0(FP), DI")
	a.p("MOVQ src+8(FP), SI")
	a.p("MOVQ ldd+16(FP), R9")
	a.p("MOVQ lds+24(FP), R10")
	a.p("MOVQ rows+32(FP), R11")
	a.p("MOVQ cols+40(FP), R12")
	a.p("MOVQ R12, AX")
	a.p("ANDQ $%d, AX", a.lanes-1)
	a.tailMask("AX")
	a.p("ANDQ $~%d, R12", a.lanes-1)
	row, col, tail, next, done := a.label("row"), a.label("col"), a.label("tail"), a.label("next"), a.label("done")
	a.p("TESTQ R11, R11")
	a.p("JZ %s", done)
	a.at(row)
	a.p("XORQ AX, AX")
	a.p("CMPQ AX, R12")
	a.p("JEQ %s", tail)
	a.at(col)
	a.load(a.elem("SI", 0), a.v(0), false)
	a.store(a.v(0), a.elem("DI", 0), false)
	a.p("ADDQ $%d, AX", a.lanes)
	a.p("CMPQ AX, R12")
	a.p("JLT %s", col)
	a.p("CMPQ AX, cols+40(FP)")
	a.p("JEQ %s", next)
	a.at(tail)
	a.load(a.elem("SI", 0), a.v(0), true)
	a.store(a.v(0), a.elem("DI", 0), true)
	a.at(next)
	a.p("ADDQ R10, SI")
	a.p("ADDQ R9, DI")
	a.p("DECQ R11")
	a.p("JNZ %s", row)
	a.at(done)
	a.ret()
}

// emitTransposeStrip writes dst[j*ldd+i] = src[i*lds+j] for i < w <= lanes and
// j < n, a square of lanes at a time.
func emitTransposeStrip(a *asm) {
	a.row("TransposeStrip", "transposeStrip", 0, 0)
	a.fn("transposeStrip", "(dst, src *float32, ldd, lds, w, n int)",
		"transposes w rows of n values, w at most the lanes; ldd and lds are in bytes.", 0, 48)
	a.p("MOVQ dst+0(FP), DI")
	a.p("MOVQ src+8(FP), SI")
	a.p("MOVQ ldd+16(FP), R9")
	a.p("MOVQ lds+24(FP), R10")
	a.p("MOVQ w+32(FP), R11")
	a.p("MOVQ n+40(FP), R12")
	loop, tail, done := a.label("loop"), a.label("tail"), a.label("done")
	a.at(loop)
	a.p("SUBQ $%d, R12", a.lanes)
	a.p("JLT %s", tail)
	a.square(false)
	a.p("ADDQ $%d, SI", a.bytes())
	a.p("JMP %s", loop)
	a.at(tail)
	a.p("ADDQ $%d, R12", a.lanes)
	a.p("JZ %s", done)
	a.square(true)
	a.at(done)
	a.ret()
}

// square transposes R11 rows at SI of lanes values (R12 in the tail) to DI.
func (a *asm) square(tail bool) {
	loaded := a.label("loaded")
	if tail {
		a.p("MOVQ R12, AX")
		a.tailMask("AX")
	}
	a.p("MOVQ SI, DX")
	for i := range a.lanes {
		if i > 0 {
			a.p("CMPQ R11, $%d", i)
			a.p("JLE %s", loaded)
			a.p("ADDQ R10, DX")
		}
		a.load("(DX)", a.v(i), tail)
	}
	a.at(loaded)
	out := a.transposeRegs()
	a.p("MOVQ R11, AX")
	a.tailMask("AX")
	stored := a.label("stored")
	for j := range a.lanes {
		if tail && j > 0 {
			a.p("CMPQ R12, $%d", j)
			a.p("JLE %s", stored)
		}
		a.store(out[j], "(DI)", true)
		a.p("ADDQ R9, DI")
	}
	a.at(stored)
}

// transposeRegs transposes the square in registers 0..lanes-1 and returns the
// registers that hold the columns. Two rounds of interleaving put four rows
// of a column side by side in every 128-bit part; then the parts change place.
func (a *asm) transposeRegs() []string {
	r := a.vs(0, a.lanes)
	spare := a.v(a.lanes)
	// pair sets (r[i], r[j]) = (lo(r[i], r[j]), hi(r[i], r[j])).
	pair := func(i, j int, lo, hi string) {
		a.p("%s%s, %s, %s", lo, r[j], r[i], spare)
		a.p("%s%s, %s, %s", hi, r[j], r[i], r[j])
		r[i], spare = spare, r[i]
	}
	for i := 0; i < a.lanes; i += 2 {
		pair(i, i+1, "VUNPCKLPS ", "VUNPCKHPS ")
	}
	for g := 0; g < a.lanes; g += 4 {
		pair(g, g+2, "VUNPCKLPD ", "VUNPCKHPD ")
		pair(g+1, g+3, "VUNPCKLPD ", "VUNPCKHPD ")
		// Columns 0 1 2 3 are now in g, g+2, g+1, g+3.
		r[g+1], r[g+2] = r[g+2], r[g+1]
	}
	out := make([]string, a.lanes)
	for c := range 4 {
		if !a.avx512() {
			pair(c, c+4, "VPERM2F128 $0x20, ", "VPERM2F128 $0x31, ")
			out[c], out[c+4] = r[c], r[c+4]
			continue
		}
		const even, odd = "VSHUFF32X4 $0x88, ", "VSHUFF32X4 $0xdd, "
		pair(c, c+4, even, odd)
		pair(c+8, c+12, even, odd)
		pair(c, c+8, even, odd)
		pair(c+4, c+12, even, odd)
		out[c], out[c+8] = r[c], r[c+8]
		out[c+4], out[c+12] = r[c+4], r[c+12]
	}
	return out
}
