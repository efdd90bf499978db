package main

// emitMoveNEON writes the kernels that move data without arithmetic.
func emitMoveNEON(a *asm) {
	emitCopyRowsNEON(a)
	emitTransposeStripNEON(a)
	emitGatherNEON(a)
}

// emitCopyRowsNEON writes the kernels of [emitCopyRows].
func emitCopyRowsNEON(a *asm) {
	a.moveRowsNEON("CopyRows", "copyRows", "copies rows of cols values", a.copyRow)
	a.moveRowsNEON("PadRows", "padRows",
		"copies rows of cols values and fills up to ldd with zeros, writing up to a vector beyond it", func() {
			a.copyRow()
			a.padRowNEON()
		})
	a.moveRowsNEON("EvenRows", "evenRows", "copies rows of cols values, each second one of src", func() {
		a.countdown("R8", 4, a.evenFour)
		a.singles("R8", 8, 4)
	})
	a.moveRowsNEON("SpreadRows", "spreadRows", "copies rows of cols values to each second one of dst", func() {
		a.countdown("R8", 4, a.spreadFour)
		a.singles("R8", 4, 8)
	})
}

// moveRowsNEON writes a loop over rows: row moves R8 values from R7 to R6. R0 and R1 point at the row, R5 is the number of its values.
func (a *asm) moveRowsNEON(table, name, doc string, row func()) {
	a.row(table, name, 0, 0)
	a.fn(name, "(dst, src *float32, ldd, lds, rows, cols int)", doc+"; ldd and lds are in bytes.", 0, 48)
	for _, x := range []string{"dst+0(FP), R0", "src+8(FP), R1", "ldd+16(FP), R2", "lds+24(FP), R3", "rows+32(FP), R4", "cols+40(FP), R5"} {
		a.p("MOVD %s", x)
	}
	a.zero(a.v(4))
	done := a.label("done")
	a.p("CBZ R4, %s", done)
	a.repeat("R4", func() {
		a.p("MOVD R0, R6")
		a.p("MOVD R1, R7")
		a.p("MOVD R5, R8")
		row()
		a.p("ADD R2, R0")
		a.p("ADD R3, R1")
	})
	a.at(done)
	a.ret()
}

func (a *asm) copyRow() {
	for _, n := range []int{4, 1} {
		a.countdown("R8", 4*n, func() {
			a.loads(4, "R7", 0, a.vs(0, n)...)
			a.stores(4, "R6", 0, a.vs(0, n)...)
			a.add(16*n, "R6", "R7")
		})
	}
	a.pairAndSingle("R8", func(w int) {
		a.loads(w, "R7", 0, a.v(0))
		a.stores(w, "R6", 0, a.v(0))
		a.add(4*w, "R6", "R7")
	})
}

// padRowNEON writes zeros from R6, where the values end, to the pitch.
func (a *asm) padRowNEON() {
	end := a.label("end")
	a.p("ADD R2, R0, R9")
	a.p("SUBS R6, R9")
	a.p("BLE %s", end)
	loop := a.label("pad")
	a.at(loop)
	a.stores(4, "R6", 0, a.v(4))
	a.add(a.bytes(), "R6")
	a.p("SUBS $%d, R9", a.bytes())
	a.p("BGT %s", loop)
	a.at(end)
}

// evenFour copies each second one of eight values. The very last one may not exist, so the second vector starts one early.
func (a *asm) evenFour() {
	a.loads(4, "R7", 0, a.v(0))
	a.loads(4, "R7", a.bytes()-4, a.v(1))
	a.p("VREV64 V1.S4, V1.S4")
	a.three("VUZP1", "S4", a.v(1), a.v(0), a.v(0))
	a.stores(4, "R6", 0, a.v(0))
	a.add(2*a.bytes(), "R7")
	a.add(a.bytes(), "R6")
}

// spreadFour writes each second one of eight values and leaves the others alone.
func (a *asm) spreadFour() {
	a.p("LDPW 0(R7), (R9, R10)")
	a.p("LDPW 8(R7), (R11, R12)")
	for i, r := range []string{"R9", "R10", "R11", "R12"} {
		a.p("MOVW %s, %d(R6)", r, 8*i)
	}
	a.add(a.bytes(), "R7")
	a.add(2*a.bytes(), "R6")
}

// singles moves n values one by one, with so many bytes from one to the next.
func (a *asm) singles(n string, srcStep, dstStep int) {
	done := a.label("done")
	a.p("CBZ %s, %s", n, done)
	a.repeat(n, func() {
		a.p("MOVWU.P %d(R7), R9", srcStep)
		a.p("MOVW.P R9, %d(R6)", dstStep)
	})
	a.at(done)
}

// emitGatherNEON writes the copy of a block of a convolution's taps into a panel, one run of all taps after the other. There is a loop
// for each length of a run.
func emitGatherNEON(a *asm) {
	a.row("Gather", "gather", 0, 0)
	a.fn("gather", "(dst, x *float32, off *int64, runs *run, n, k, ld int)",
		"copies k taps of n runs each into rows ld bytes apart.", 0, 56)
	for _, x := range []string{"dst+0(FP), R0", "x+8(FP), R1", "off+16(FP), R2", "runs+24(FP), R3", "n+32(FP), R4", "k+40(FP), R5", "ld+48(FP), R6"} {
		a.p("MOVD %s", x)
	}
	a.repeat("R4", func() {
		next := a.label("next")
		a.p("LDP.P 16(R3), (R7, R8)")
		a.p("MOVD.P 8(R3), R9")
		a.p("ADD R1, R7")
		a.p("ADD R0, R8")
		a.p("MOVD R2, R10")
		a.p("MOVD R5, R11")
		for n := a.lanes; n > 0; n-- {
			other := a.label("other")
			a.p("CMP $%d, R9", n)
			a.p("BNE %s", other)
			a.gatherRun(n)
			a.p("JMP %s", next)
			a.at(other)
		}
		a.at(next)
	})
	a.ret()
}

// gatherRun copies R11 taps of n values each from R7 on, by twos.
func (a *asm) gatherRun(n int) {
	one := func(off string, first int) {
		a.p("ADD R7, %s", off)
		for i, part := range parts(n) {
			a.loads(part.n, off, 4*part.at, a.v(first+i))
		}
		for i, part := range parts(n) {
			a.stores(part.n, "R8", 4*part.at, a.v(first+i))
		}
		a.p("ADD R6, R8")
	}
	a.countdown("R11", 2, func() {
		a.p("LDP.P 16(R10), (R12, R13)")
		one("R12", 0)
		one("R13", 4)
	})
	done := a.label("done")
	a.p("CBZ R11, %s", done)
	a.p("MOVD (R10), R12")
	one("R12", 0)
	a.at(done)
}

// stripRows point at the rows of a strip.
var stripRows = []string{"R1", "R6", "R7", "R8"}

// emitTransposeStripNEON writes dst[j*ldd+i] = src[i*lds+j] for i < w <= 4 and j < n: a loop for each w.
func emitTransposeStripNEON(a *asm) {
	a.row("TransposeStrip", "transposeStrip", 0, 0)
	a.fn("transposeStrip", "(dst, src *float32, ldd, lds, w, n int)",
		"transposes w rows of n values, w at most the lanes; ldd and lds are in bytes.", 0, 48)
	for _, x := range []string{"dst+0(FP), R0", "src+8(FP), R1", "ldd+16(FP), R2", "lds+24(FP), R3", "w+32(FP), R4", "n+40(FP), R5"} {
		a.p("MOVD %s", x)
	}
	for i := 1; i < a.lanes; i++ {
		a.p("ADD R3, %s, %s", stripRows[i-1], stripRows[i])
	}
	for w := a.lanes; w > 0; w-- {
		other := a.label("other")
		a.p("CMP $%d, R4", w)
		a.p("BNE %s", other)
		a.strip(w)
		a.at(other)
	}
	a.ret()
}

// strip transposes w rows, a square at a time. The last square starts early enough to be whole and writes some columns again; fewer
// columns than a square has are copied one by one.
func (a *asm) strip(w int) {
	rows := stripRows[:w]
	narrow, done := a.label("narrow"), a.label("done")
	a.p("CMP $%d, R5", a.lanes)
	a.p("BLT %s", narrow)
	a.countdown("R5", a.lanes, func() { a.squareNEON(rows) })
	a.p("CBZ R5, %s", done)
	a.p("SUB $%d, R5, R9", a.lanes) // columns to go back, less than 0
	a.p("MADD R2, R0, R9, R0")
	for _, r := range rows {
		a.p("ADD R9<<2, %s", r)
	}
	a.squareNEON(rows)
	a.at(done)
	a.p("RET")
	a.at(narrow)
	a.p("CBZ R5, %s", done)
	a.repeat("R5", func() {
		for i, r := range rows {
			a.p("FMOVS.P 4(%s), F%d", r, i)
		}
		for i := range rows {
			a.p("FMOVS F%d, %d(R0)", i, 4*i)
		}
		a.p("ADD R2, R0")
	})
	a.p("RET")
}

// squareNEON transposes a square: pairs of rows are interleaved value by value, then their halves change place.
func (a *asm) squareNEON(rows []string) {
	for i, r := range rows {
		a.p("FMOVQ.P %d(%s), F%d", a.bytes(), r, i)
	}
	for i, mn := range []string{"VTRN1", "VTRN2"} {
		a.three(mn, "S4", a.v(1), a.v(0), a.v(4+i))
		a.three(mn, "S4", a.v(3), a.v(2), a.v(6+i))
	}
	for i, mn := range []string{"VZIP1", "VZIP1", "VZIP2", "VZIP2"} {
		a.three(mn, "D2", a.v(6+i%2), a.v(4+i%2), a.v(16+i))
	}
	for i := range a.lanes {
		a.storeColumn(a.v(16+i), len(rows))
		a.p("ADD R2, R0")
	}
}

// storeColumn stores the first w lanes at R0.
func (a *asm) storeColumn(v string, w int) {
	if w != 3 {
		a.stores(w, "R0", 0, v)
		return
	}
	a.stores(2, "R0", 0, v)
	a.p("ADD $8, R0, R10")
	a.p("VST1 %s.S[2], (R10)", v)
}
