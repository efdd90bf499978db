package main

import "fmt"

// emitDotTilesNEON writes the register tiles of the weight gradient for few output channels, those of [emitDotTiles].
func emitDotTilesNEON(a *asm) {
	for mo := 1; mo <= 8; mo++ {
		for mt := 1; mt <= min(6, 24/mo); mt++ {
			neonDotTile{dtileGen{a, mo, mt}}.emit()
		}
	}
}

// neonDotTile has the registers of dtileGen. R1 is how far the walk over the taps is, R2 that over the gradient.
type neonDotTile struct{ dtileGen }

var (
	dotTaps     = []string{"R9", "R10", "R11", "R12", "R13", "R14"}
	dotChannels = []string{"R15", "R16", "R17", "R19", "R21", "R22", "R23", "R24"}
)

func (t neonDotTile) emit() {
	name := fmt.Sprintf("dtile%dx%d", t.mo, t.mt)
	t.row("DotTile", name, t.mo, t.mt)
	t.fn(name, "(t *dtile, c, x *float32, off *int64, dy *float32, ldc int)",
		"adds the dot products of taps and output gradients.", 0, 48)
	t.p("MOVD t+0(FP), R0")
	t.p("MOVD x+16(FP), R3")
	t.p("MOVD off+24(FP), R4")
	for k := range t.mt {
		t.p("MOVD %d(R4), %s", 8*k, dotTaps[k])
		t.p("ADD R3, %s", dotTaps[k])
	}
	t.p("MOVD dy+32(FP), %s", dotChannels[0])
	t.p("MOVD %d(R0), R3", dtilePlane)
	for o := 1; o < t.mo; o++ {
		t.p("ADD R3, %s, %s", dotChannels[o-1], dotChannels[o])
	}
	for i := range t.mo * t.mt {
		t.zero(t.v(i))
	}
	t.p("MOVD $0, R1")
	t.p("MOVD $0, R2")
	for i, offset := range []int{dtileRows, dtileChunks, dtileTail, dtileXSkip} {
		t.p("MOVD %d(R0), R%d", offset, 3+i)
	}
	t.repeat("R3", func() {
		tail := t.label("tail")
		t.p("MOVD R4, R7")
		t.p("CBZ R7, %s", tail)
		t.repeat("R7", func() { t.step(4) })
		t.at(tail)
		t.pairAndSingle("R5", t.step)
		t.p("ADD R6, R1")
	})
	t.finish()
}

// step adds the products of w positions.
func (t neonDotTile) step(w int) {
	for k := range t.mt {
		t.loadAt(w, dotTaps[k], "R1", t.x(k))
	}
	for o := range t.mo {
		t.loadAt(w, dotChannels[o], "R2", t.dy(o))
		for k := range t.mt {
			t.fma(t.dy(o), t.x(k), t.acc(o, k))
		}
	}
	t.add(4*w, "R1", "R2")
}

// finish sums the lanes by pairs, twice, which brings the sums of four channels together, and adds them to the taps' rows of C.
func (t neonDotTile) finish() {
	t.p("MOVD c+8(FP), R3")
	t.p("MOVD ldc+40(FP), R7")
	for k := range t.mt {
		for _, part := range parts(t.mo) {
			sums := func(i int) int { return num(t.acc(part.at+min(i, part.n-1), k)) }
			sum, c := sums(0), t.mo*t.mt
			t.word(faddp(sum, sum, sums(1)))
			if part.n > 2 {
				t.word(faddp(sums(2), sums(2), sums(3)))
			}
			t.word(faddp(sum, sum, sums(2)))
			t.loads(part.n, "R3", 4*part.at, t.v(c))
			t.word(fadd(sum, sum, c))
			t.stores(part.n, "R3", 4*part.at, t.v(sum))
		}
		t.p("ADD R7, R3")
	}
	t.ret()
}
