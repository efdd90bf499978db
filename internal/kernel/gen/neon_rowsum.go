package main

// emitRowSumsNEON writes the sums over the rows of a matrix.
func emitRowSumsNEON(a *asm) {
	for _, r := range rowSums {
		r.emitNEON(a)
	}
}

// emitNEON writes the kernel: blocks of vectors of columns, of halving width, two columns and one. R0 walks along dst, R1 counts the
// columns, R2 and R3 walk along the matrices, whose R7 rows are R6 bytes apart, and R4 along the means.
func (r rowSum) emitNEON(a *asm) {
	slices := r.begin(a)
	short, done := a.label("short"), a.label("done")
	a.p("MOVD dst_base+0(FP), R0")
	a.p("MOVD dst_len+8(FP), R1")
	a.p("MOVD %s, R7", arg("rows", slices))
	a.p("MOVD %s, R6", arg("ld", slices+8))
	a.p("CBZ R1, %s", done)
	r.checkNEON(a, short)
	a.p("LSL $2, R6")
	for _, u := range []int{8, 4, 2, 1} {
		a.countdown("R1", u*a.lanes, func() { r.blockNEON(a, u, a.lanes) })
	}
	a.pairAndSingle("R1", func(w int) { r.blockNEON(a, 1, w) })
	a.at(done)
	a.ret()
	a.shortInput(short)
}

// ptrsNEON walk along the columns of the matrices, rows down a block.
func (r rowSum) ptrsNEON() (ptrs, rows []string) {
	n := len(r.in)
	return []string{"R2", "R3"}[:n], []string{"R8", "R9"}[:n]
}

// checkNEON is [rowSum.check].
func (r rowSum) checkNEON(a *asm, short string) {
	ptrs, _ := r.ptrsNEON()
	if r.mean {
		at := 24 * (1 + len(r.in))
		a.p("MOVD mean_base+%d(FP), R4", at)
		a.input("mean", at+8, short)
	}
	rows := a.label("rows")
	for i, in := range r.in {
		a.p("MOVD %s_base+%d(FP), %s", in, 24*(1+i), ptrs[i])
	}
	a.p("CMP $0, R7")
	a.p("BLE %s", rows)
	a.p("TBNZ $63, R6, %s", short)
	a.p("SUB $1, R7, R10")
	a.p("MADD R6, R1, R10, R10")
	for i, in := range r.in {
		a.p("MOVD %s_len+%d(FP), R5", in, 24*(1+i)+8)
		a.p("CMP R10, R5")
		a.p("BLT %s", short)
	}
	a.at(rows)
}

// blockNEON sums u vectors of columns, or w columns, over all rows and moves on to the next ones.
func (r rowSum) blockNEON(a *asm, u, w int) {
	acc, mean := a.vs(0, u), a.vs(u, u)
	ptrs, rows := r.ptrsNEON()
	for _, v := range acc {
		a.zero(v)
	}
	if r.mean {
		a.loads(w, "R4", 0, mean...)
		a.add(4*u*w, "R4")
	}
	for i, p := range ptrs {
		a.p("MOVD %s, %s", p, rows[i])
	}
	end := a.label("sum")
	a.p("MOVD R7, R10")
	a.p("CMP $0, R10")
	a.p("BLE %s", end)
	a.repeat("R10", func() {
		for k := 0; k < u; k += 4 {
			n := min(4, u-k)
			r.rowNEON(a, rows, acc[k:k+n], mean[k:k+n], k, w)
		}
		for _, p := range rows {
			a.p("ADD R6, %s", p)
		}
	})
	a.at(end)
	a.stores(w, "R0", 0, acc...)
	a.add(4*u*w, append([]string{"R0"}, ptrs...)...)
}

// rowNEON adds the terms of up to four vectors of a row, from vector k of the block on.
func (r rowSum) rowNEON(a *asm, rows, acc, mean []string, k, w int) {
	n := len(acc)
	for i, p := range rows {
		a.loads(w, p, k*a.bytes(), a.vs(16+4*i, n)...)
	}
	for j := range acc {
		t := []string{a.v(16 + j), a.v(20 + j)}
		if last := t[len(rows)-1]; r.mean {
			a.op(opSub, last, mean[j], last)
		}
		r.step(a, acc[j], t)
	}
}
