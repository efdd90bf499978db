package main

// emitRowTilesNEON writes the register tiles of convolutions on images whose channels lie side by side.
func emitRowTilesNEON(a *asm) {
	for _, s := range a.tileShapes() {
		if s[1] <= 2 { // panels of weights are two vectors wide
			neonTile{a, s[0], s[1]}.rowTile()
		}
	}
}

// rowRegs point at the rows of A.
var rowRegs = []string{"R9", "R10", "R11", "R12", "R13", "R14", "R15", "R16", "R17", "R19", "R21", "R22"}

// rowTile adds to R2, the offset of a tap, the offset of a channel; so the pointers at the rows stay what they are. R23 walks over what
// is to be fetched, R24 bytes a turn.
func (t neonTile) rowTile() {
	name := "rowTile" + t.dims()
	t.row("RowTile", name, t.mr, t.nv*t.lanes)
	t.fn(name, "(a, b, c *float32, off *int64, taps, k, lda, ldc, flags int, ahead *float32, pace int)",
		"adds rows of k channels at each tap times packed weights.", 0, 88)
	t.p("MOVD a+0(FP), %s", rowRegs[0])
	t.p("MOVD b+8(FP), R1")
	t.p("MOVD off+24(FP), R3")
	t.p("MOVD taps+32(FP), R4")
	t.p("MOVD k+40(FP), R6")
	t.p("MOVD lda+48(FP), R7")
	t.p("MOVD ahead+72(FP), R23")
	t.p("MOVD pace+80(FP), R24")
	if t.turn() < rowUnroll { // the pace is that of so many channels
		t.p("ASR $1, R24")
	}
	for r := 1; r < t.mr; r++ {
		t.p("ADD R7, %s, %s", rowRegs[r-1], rowRegs[r])
	}
	t.clear()
	t.repeat("R4", func() {
		t.p("MOVD.P 8(R3), R2")
		t.p("MOVD R6, R5")
		t.alongRows(func(j, n int) {
			if j == 0 {
				t.loads(4, "R1", 0, t.vs(t.b(0, 0, n), n*t.nv)...)
				t.add(n*t.nv*t.bytes(), "R1")
			}
			if n == t.turn() {
				t.fetch(j)
			}
		})
	})
	t.p("MOVD c+16(FP), R3")
	t.p("MOVD ldc+56(FP), R7")
	t.p("MOVD flags+64(FP), R8")
	t.store()
}

// fetch fetches the cache line that goes with channel j of a turn.
func (t neonTile) fetch(j int) {
	t.p("PRFM %d(R23), PLDL2KEEP", 64*j)
	if j == t.turn()-1 {
		t.p("ADD R24, R23")
	}
}

// turn is how many values of a row alongRows takes at a time: four, where there are registers for as many rows of B, or two.
func (t neonTile) turn() int {
	if t.depth(4) == 4 {
		return 4
	}
	return 2
}

// alongRows adds the products of R5 values of each row, from offset R2 on, with as many rows of B. load fetches row j of the n that are
// multiplied together: those of a turn, or fewer at the end.
func (t neonTile) alongRows(load func(j, n int)) {
	step := func(n int) {
		for j := range n {
			load(j, n)
		}
		t.products(n)
		t.add(4*n, "R2")
	}
	t.countdown("R5", t.turn(), func() { step(t.turn()) })
	if t.turn() == 4 {
		t.pairAndSingle("R5", step)
		return
	}
	done := t.label("done")
	t.p("CBZ R5, %s", done)
	step(1)
	t.at(done)
}

// products adds those of n values of each row with n rows of B, for as many rows at a time as A has registers: sums of one accumulator
// are then as far apart as they can be.
func (t neonTile) products(n int) {
	for first := 0; first < t.mr; first += aRegs {
		group := min(aRegs, t.mr-first)
		for i := range group {
			t.loadAt(n, rowRegs[first+i], "R2", t.v(t.a(i)))
		}
		for j := range n {
			for i := range group {
				for v := range t.nv {
					t.word(fmla(t.acc(first+i, v), t.b(j, v, n), t.a(i), j))
				}
			}
		}
	}
}

// store writes the accumulators to the rows of C at R3, R7 bytes apart, or adds them as the flags in R8 ask.
func (t neonTile) store() {
	write := t.label("write")
	t.p("TBZ $%d, R8, %s", flagAccumulate-1, write)
	t.p("MOVD R3, R4")
	t.addC("R4")
	t.at(write)
	t.rowsOfC("R3", func(r int) { t.stores(4, "R3", 0, t.vs(t.acc(r, 0), t.nv)...) })
	t.ret()
}

// addC adds the rows at p to the accumulators.
func (t neonTile) addC(p string) {
	free := t.regs - t.mr*t.nv
	t.rowsOfC(p, func(r int) {
		c := t.mr*t.nv + r*t.nv%(free/t.nv*t.nv)
		t.loads(4, p, 0, t.vs(c, t.nv)...)
		for v := range t.nv {
			t.word(fadd(t.acc(r, v), t.acc(r, v), c+v))
		}
	})
}

// rowsOfC visits the rows with p at each.
func (t neonTile) rowsOfC(p string, visit func(r int)) {
	for r := range t.mr {
		visit(r)
		if r < t.mr-1 {
			t.p("ADD R7, %s", p)
		}
	}
}
