package main

// emitOuterTilesNEON writes the register tiles of weight gradients whose channels lie side by side on both sides.
func emitOuterTilesNEON(a *asm) {
	for _, s := range a.tileShapes() {
		if s[1] <= 2 {
			neonTile{a, s[0], s[1]}.outerTile()
		}
	}
}

// outerTile keeps positions of a at R1, R9 apart, and of b at R2, R11 apart; R10, R14, R13 and R15 lead from the end of rows and images on.
func (t neonTile) outerTile() {
	name := "outerTile" + t.dims()
	t.row("OuterTile", name, t.mr, t.nv*t.lanes)
	t.fn(name, "(w *outerWalk, a, b, c *float32, ldc, flags int)",
		"adds the outer products of the channels at each position.", 0, 48)
	t.p("MOVD w+0(FP), R12")
	t.p("MOVD a+8(FP), R1")
	t.p("MOVD b+16(FP), R2")
	for _, x := range []struct {
		at  int
		reg string
	}{
		{outerImages, "R4"}, {outerRows, "R16"}, {outerCols, "R6"}, {outerA + outerStep, "R9"}, {outerA + outerRow, "R10"},
		{outerB + outerStep, "R11"}, {outerB + outerRow, "R14"}, {outerA + outerImage, "R13"}, {outerB + outerImage, "R15"},
	} {
		t.p("MOVD %d(R12), %s", x.at, x.reg)
	}
	t.clear()
	t.repeat("R4", func() {
		t.p("MOVD R16, R17")
		t.repeat("R17", func() {
			t.p("MOVD R6, R5")
			t.repeat("R5", func() {
				t.loads(4, "R2", 0, t.bs(0, 1)...)
				t.column(0, 1)
				t.p("ADD R9, R1")
				t.p("ADD R11, R2")
			})
			t.p("ADD R10, R1")
			t.p("ADD R14, R2")
		})
		t.p("ADD R13, R1")
		t.p("ADD R15, R2")
	})
	t.p("MOVD c+24(FP), R3")
	t.p("MOVD ldc+32(FP), R7")
	t.p("MOVD flags+40(FP), R8")
	t.store()
}
