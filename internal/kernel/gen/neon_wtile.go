package main

import "fmt"

// emitWeightTilesNEON writes the register tiles of the weight gradient: a tap is a row of values of the image, as in [neonTile.rowTile].
func emitWeightTilesNEON(a *asm) {
	for _, s := range a.tileShapes() {
		if s[1] <= 2 {
			neonTile{a, s[0], s[1]}.weightTile()
		}
	}
}

func (t neonTile) weightTile() {
	name := fmt.Sprintf("wtile%dx%d", t.mr, t.nv)
	t.row("WeightTile", name, t.mr, t.nv*t.lanes)
	t.fn(name, "(t *wtile, c, x *float32, off *int64, dy *float32)",
		"adds the products of taps and output gradients.", 0, 40)
	t.p("MOVD t+0(FP), R0")
	t.p("MOVD x+16(FP), R3")
	t.p("MOVD off+24(FP), R4")
	t.p("MOVD dy+32(FP), R1")
	for r := range t.mr {
		t.p("MOVD %d(R4), %s", 8*r, rowRegs[r])
		t.p("ADD R3, %s", rowRegs[r])
	}
	t.clear()
	t.p("MOVD $0, R2")
	t.p("MOVD %d(R0), R7", wtileDY)
	t.p("MOVD %d(R0), R8", wtileN)
	t.repeat("R8", func() {
		t.p("MOVD %d(R0), R6", wtileRows)
		t.repeat("R6", func() {
			t.p("MOVD %d(R0), R5", wtileCols)
			t.alongRows(func(j, n int) {
				t.loads(4, "R1", 0, t.vs(t.b(j, 0, n), t.nv)...)
				t.p("ADD R7, R1")
			})
			t.p("MOVD %d(R0), R4", wtileXSkip)
			t.p("ADD R4, R2")
		})
		t.p("MOVD %d(R0), R4", wtileXNext)
		t.p("ADD R4, R2")
	})
	t.p("MOVD c+8(FP), R3")
	t.p("MOVD %d(R0), R7", wtileC)
	t.p("MOVD R3, R4")
	t.addC("R4")
	t.rowsOfC("R3", func(r int) { t.stores(4, "R3", 0, t.vs(t.acc(r, 0), t.nv)...) })
	t.ret()
}
