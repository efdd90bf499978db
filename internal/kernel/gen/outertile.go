package main

import "fmt"

// Offsets into the Go struct outerWalk.
const (
	outerImages = 0
	outerRows   = 8
	outerCols   = 16
	outerA      = 24 // those of a; those of b follow
	outerB      = 56

	outerStep  = 0
	outerRow   = 8
	outerImage = 16
	outerNext  = 24
)

// emitOuterTiles writes the register tiles of weight gradients: mr channels by nv vectors of channels, summed over positions that lie
// in rows of images on both sides.
func emitOuterTiles(a *asm) {
	for _, s := range a.tileShapes() {
		if s[1] <= 2 {
			outerTileGen{rowTileGen{tileGen{a, s[0], s[1]}}}.emit()
		}
	}
}

type outerTileGen struct{ rowTileGen }

// The loop keeps positions of a at SI, R10 apart, and of b at DX, R8 apart; those of the next block lie R9 and R13 bytes on. The row of
// C to fetch is AX bytes from DI, R14 apart, and R15 is the end of its rows.
func (t outerTileGen) emit() {
	name := "outerTile" + t.dims()
	t.row("OuterTile", name, t.mr, t.nv*t.lanes)
	t.fn(name, "(w *outerWalk, a, b, c *float32, ldc, flags int)",
		"adds the outer products of the channels at each position.", 16, 48)
	t.setUp()
	image, row, col := t.label("image"), t.label("row"), t.label("col")
	t.at(image)
	t.p("MOVQ %d(BX), CX", outerRows)
	t.p("MOVQ CX, 8(SP)")
	t.at(row)
	t.p("MOVQ %d(BX), CX", outerCols)
	t.at(col)
	t.fetch()
	t.channel(0, func(r int) string { return fmt.Sprintf("%d(SI)", 4*r) })
	t.p("ADDQ R10, SI")
	t.p("ADDQ R8, DX")
	t.p("DECQ CX")
	t.p("JNZ %s", col)
	t.p("ADDQ R11, SI")
	t.p("ADDQ R12, DX")
	t.p("DECQ 8(SP)")
	t.p("JNZ %s", row)
	t.p("ADDQ %d(BX), SI", outerA+outerImage)
	t.p("ADDQ %d(BX), DX", outerB+outerImage)
	t.p("DECQ 0(SP)")
	t.p("JNZ %s", image)
	t.store("c+24(FP)", "ldc+32(FP)", "flags+40(FP)")
}

func (t outerTileGen) setUp() {
	t.p("MOVQ w+0(FP), BX")
	t.p("MOVQ a+8(FP), SI")
	t.p("MOVQ b+16(FP), DX")
	for _, side := range []struct {
		at              int
		step, row, next string
	}{{outerA, "R10", "R11", "R9"}, {outerB, "R8", "R12", "R13"}} {
		t.p("MOVQ %d(BX), %s", side.at+outerStep, side.step)
		t.p("MOVQ %d(BX), %s", side.at+outerRow, side.row)
		t.p("MOVQ %d(BX), %s", side.at+outerNext, side.next)
	}
	t.p("MOVQ %d(BX), CX", outerImages)
	t.p("MOVQ CX, 0(SP)")
	if t.avx512() {
		t.p("MOVQ c+24(FP), DI")
		t.p("MOVQ ldc+32(FP), R14")
		t.p("IMUL3Q $%d, R14, R15", t.mr)
		t.p("XORQ AX, AX")
	}
	t.clear()
}

// fetch asks for a position of the next block in the second-level cache, and in the first for one of this block that comes soon and for
// a row of C, round and round. Short vectors leave no time for C.
func (t outerTileGen) fetch() {
	line := func(fetch string) {
		for v := 0; v < t.nv; v += 64 / t.bytes() {
			t.p(fetch, v*t.bytes())
		}
	}
	t.p("PREFETCHT1 (SI)(R9*1)")
	line("PREFETCHT1 %d(DX)(R13*1)")
	t.p("PREFETCHT0 (SI)(R10*8)")
	if t.mr > 1 { // the rows may lie in two lines
		t.p("PREFETCHT0 %d(SI)(R10*8)", 4*(t.mr-1))
	}
	line("PREFETCHT0 %d(DX)(R8*8)")
	if t.avx512() {
		line("PREFETCHT0 %d(DI)(AX*1)")
		t.p("ADDQ R14, AX")
		t.p("CMPQ AX, R15")
		t.p("CMOVQGE R14, AX")
	}
}
