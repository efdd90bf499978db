package main

import "fmt"

// emitMove writes the kernels that move data without arithmetic.
func emitMove(a *asm) {
	emitCopyRows(a)
	emitTransposeStrip(a)
	emitGather(a)
}

// emitGather writes the copy of a block of a convolution's taps into a panel,
// one run of all taps after the other.
func emitGather(a *asm) {
	a.row("Gather", "gather", 0, 0)
	a.fn("gather", "(dst, x *float32, off *int64, runs *run, n, k, ld int)",
		"copies k taps of n runs each into rows ld bytes apart.", 0, 56)
	a.p("MOVQ runs+24(FP), DX")
	a.p("MOVQ n+32(FP), R10")
	a.p("MOVQ ld+48(FP), R12")
	copyRun, next := a.label("run"), a.label("next")
	a.at(copyRun)
	a.p("MOVQ x+8(FP), SI")
	a.p("ADDQ (DX), SI")
	a.p("MOVQ dst+0(FP), DI")
	a.p("ADDQ 8(DX), DI")
	a.p("MOVQ off+16(FP), BX")
	a.p("MOVQ k+40(FP), CX")
	a.p("MOVQ 16(DX), AX")
	if a.slowMasks() {
		short := a.label("short")
		a.p("CMPQ AX, $%d", a.lanes)
		a.p("JNE %s", short)
		a.gatherTaps(false, next)
		a.p("JMP %s", next)
		a.at(short)
	}
	a.tailMask("AX")
	a.gatherTaps(true, next)
	a.at(next)
	a.p("ADDQ $24, DX")
	a.p("DECQ R10")
	a.p("JNZ %s", copyRun)
	a.ret()
}

// gatherTaps copies one run of CX taps and goes on to next.
func (a *asm) gatherTaps(masked bool, next string) {
	one := func(i int) {
		a.p("MOVQ %d(BX), AX", 8*i)
		a.load("(SI)(AX*1)", a.v(i), masked)
		to := "(DI)"
		if i > 0 {
			to = "(DI)(R12*1)"
		}
		a.store(a.v(i), to, masked)
	}
	tap, rest := a.label("tap"), a.label("rest")
	a.p("SUBQ $2, CX")
	a.p("JLT %s", rest)
	a.at(tap)
	one(0)
	one(1)
	a.p("ADDQ $16, BX")
	a.p("LEAQ (DI)(R12*2), DI")
	a.p("SUBQ $2, CX")
	a.p("JGE %s", tap)
	a.at(rest)
	a.p("ADDQ $2, CX")
	a.p("JZ %s", next)
	one(0)
}

// emitCopyRows writes the copy of a matrix between two pitches, one that also
// fills the gaps between the rows with zeros, and two that read or write
// every second value.
func emitCopyRows(a *asm) {
	a.moveRows("CopyRows", "copyRows", "copies rows of cols values", func(tail bool) {
		a.load(a.elem("SI", 0), a.v(0), tail)
		if tail && a.slowMasks() {
			a.storeTail()
			return
		}
		a.store(a.v(0), a.elem("DI", 0), tail)
	}, nil)
	a.moveRows("PadRows", "padRows",
		"copies rows of cols values and fills up to ldd with zeros, writing up to a vector beyond it",
		func(tail bool) {
			a.load(a.elem("SI", 0), a.v(0), tail) // zeros follow the tail
			a.store(a.v(0), a.elem("DI", 0), false)
		}, a.padRow)
	a.moveRows("EvenRows", "evenRows", "copies rows of cols values, each second one of src", a.evenStep, nil)
	a.moveRows("SpreadRows", "spreadRows", "copies rows of cols values to each second one of dst", a.spreadStep, nil)
}

// moveRows writes a loop over rows around step, which moves a vector of values
// from element AX on, masked in its tail form; end finishes a row.
func (a *asm) moveRows(row, name, doc string, step func(tail bool), end func()) {
	a.row(row, name, 0, 0)
	a.fn(name, "(dst, src *float32, ldd, lds, rows, cols int)", doc+"; ldd and lds are in bytes.", 0, 48)
	a.p("MOVQ dst+0(FP), DI")
	a.p("MOVQ src+8(FP), SI")
	a.p("MOVQ ldd+16(FP), R9")
	a.p("MOVQ lds+24(FP), R10")
	a.p("MOVQ rows+32(FP), R11")
	a.p("MOVQ cols+40(FP), R12")
	a.p("MOVQ R12, R13")
	a.p("ANDQ $%d, R13", a.lanes-1)
	a.p("MOVQ R13, AX")
	a.tailMask("AX")
	if name == "evenRows" || name == "spreadRows" {
		a.pairMasks()
	}
	a.zero(a.v(1))
	loop, col, tail, next, done := a.label("row"), a.label("col"), a.label("tail"), a.label("next"), a.label("done")
	a.p("TESTQ R11, R11")
	a.p("JZ %s", done)
	a.at(loop)
	a.p("XORQ AX, AX")
	a.p("MOVQ R12, CX")
	a.at(col)
	a.p("SUBQ $%d, CX", a.lanes)
	a.p("JLT %s", tail)
	step(false)
	a.p("ADDQ $%d, AX", a.lanes)
	a.p("JMP %s", col)
	a.at(tail)
	a.p("TESTQ R13, R13")
	a.p("JZ %s", next)
	step(true)
	a.at(next)
	if end != nil {
		end()
	}
	a.p("ADDQ R10, SI")
	a.p("ADDQ R9, DI")
	a.p("DECQ R11")
	a.p("JNZ %s", loop)
	a.at(done)
	a.ret()
}

// storeTail stores the end of a row: as a whole vector if rows touch and what is written beyond this one is overwritten by those that follow.
func (a *asm) storeTail() {
	masked, stored := a.label("masked"), a.label("stored")
	a.p("CMPQ R11, $%d", a.lanes)
	a.p("JLE %s", masked)
	a.p("LEAQ (R12*4), R8")
	a.p("CMPQ R8, R9")
	a.p("JNE %s", masked)
	a.store(a.v(0), a.elem("DI", 0), false)
	a.p("JMP %s", stored)
	a.at(masked)
	a.store(a.v(0), a.elem("DI", 0), true)
	a.at(stored)
}

// padRow writes zeros from element R12 to the pitch.
func (a *asm) padRow() {
	loop, end := a.label("pad"), a.label("end")
	a.p("LEAQ (R12*4), CX")
	a.at(loop)
	a.p("CMPQ CX, R9")
	a.p("JGE %s", end)
	a.store(a.v(1), "(DI)(CX*1)", false)
	a.p("ADDQ $%d, CX", a.bytes())
	a.p("JMP %s", loop)
	a.at(end)
}

// pairMasks makes the masks of the two vectors of pairs that belong to the R13
// values of a tail: K3 and K4, or the last registers but one. The second value of
// the last pair is left out, as it may not exist.
func (a *asm) pairMasks() {
	a.p("LEAQ -1(R13)(R13*1), AX")
	a.p("MOVQ AX, CX")
	a.p("SUBQ $%d, CX", a.lanes)
	a.p("XORQ R8, R8")
	a.p("TESTQ CX, CX")
	a.p("CMOVQLT R8, CX")
	a.p("SUBQ CX, AX")
	a.p("TESTQ AX, AX")
	a.p("CMOVQLT R8, AX")
	a.laneMask("AX", a.pairMask(0))
	a.laneMask("CX", a.pairMask(1))
	if a.avx512() {
		a.p("MOVL $0x5555, R8")
		a.p("KMOVW R8, K5")
		return
	}
	even := a.v(6)
	a.p("VPCMPEQD %s, %s, %s", even, even, even)
	a.p("VPSRLQ $32, %s, %s", even, even)
}

func (a *asm) pairMask(i int) string {
	if a.avx512() {
		return fmt.Sprintf("K%d", 3+i)
	}
	return a.last(1 + i)
}

// evenStep copies each second value. The very last value of the pairs may not
// exist, so the second vector starts one early.
func (a *asm) evenStep(tail bool) {
	v := a.vs(2, 4)
	if tail {
		a.maskedLoad("(SI)(AX*8)", a.pairMask(0), v[0])
		a.maskedLoad(fmt.Sprintf("%d(SI)(AX*8)", a.bytes()), a.pairMask(1), v[1])
		a.p("VSHUFPS $0x88, %s, %s, %s", v[1], v[0], v[0])
	} else {
		a.p("VMOVUPS (SI)(AX*8), %s", v[0])
		a.p("VMOVUPS %d(SI)(AX*8), %s", a.bytes()-4, v[1])
		a.p("VSHUFPS $0xd8, %s, %s, %s", v[1], v[0], v[0])
	}
	a.unmix(v[0], v[2])
	a.store(v[0], a.elem("DI", 0), tail)
}

// spreadStep writes each second value and leaves the others alone.
func (a *asm) spreadStep(tail bool) {
	v, even := a.vs(2, 3), a.v(6)
	a.load(a.elem("SI", 0), v[0], tail)
	a.mix(v[0], v[1])
	for i, unpack := range []string{"VUNPCKLPS", "VUNPCKHPS"} {
		a.p("%s %s, %s, %s", unpack, v[0], v[0], v[1])
		at, mask := fmt.Sprintf("%d(DI)(AX*8)", i*a.bytes()), "K5"
		switch {
		case a.avx512() && tail:
			mask = "K6"
			a.p("KANDW K5, %s, K6", a.pairMask(i))
		case tail:
			mask = v[2]
			a.p("VANDPS %s, %s, %s", even, a.pairMask(i), v[2])
		case !a.avx512():
			mask = even
		}
		a.maskedStore(v[1], mask, at)
	}
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
	stored := a.label("stored")
	store := func(masked bool) {
		for j := range a.lanes {
			if tail && j > 0 {
				a.p("CMPQ R12, $%d", j)
				a.p("JLE %s", stored)
			}
			a.store(out[j], "(DI)", masked)
			a.p("ADDQ R9, DI")
		}
	}
	if a.slowMasks() && !tail {
		a.wholeColumns(func() {
			store(false)
			a.p("JMP %s", stored)
		})
	}
	a.p("MOVQ R11, AX")
	a.tailMask("AX")
	store(true)
	a.at(stored)
}

// wholeColumns does store if columns can be stored as whole vectors: if they are that long, or if they touch (R9 says so) and what each writes beyond
// its end is overwritten by those that follow, as R12, the number of rows of dst left after this square, is a vector or more.
func (a *asm) wholeColumns(store func()) {
	whole, narrow := a.label("whole"), a.label("narrow")
	a.p("CMPQ R11, $%d", a.lanes)
	a.p("JEQ %s", whole)
	a.p("CMPQ R12, $%d", a.lanes)
	a.p("JLT %s", narrow)
	a.p("LEAQ (R11*4), AX")
	a.p("CMPQ AX, R9")
	a.p("JNE %s", narrow)
	a.at(whole)
	store()
	a.at(narrow)
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
