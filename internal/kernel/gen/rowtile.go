package main

import "fmt"

// emitRowTiles writes the register tiles of convolutions on images whose channels lie side by side: mr rows, a constant distance
// apart, by nv vectors of packed weights. A row is a position of the output; it sums over the channels and taps.
func emitRowTiles(a *asm) {
	for _, s := range a.tileShapes() {
		if s[1] <= 2 { // panels of weights are two vectors wide
			rowTileGen{tileGen{a, s[0], s[1]}}.rowTile()
		}
	}
}

type rowTileGen struct{ tileGen }

// rowAt addresses row r at SI, R8 (row 5) and R9 (row 10), R10 being the distance of two rows and R11 that of four, disp bytes on.
func rowAt(r, disp int) string {
	at := []string{
		"(SI)", "(SI)(R10*1)", "(SI)(R10*2)", "(SI)(R11*1)", "(SI)(R10*4)",
		"(R8)", "(SI)(R11*2)", "(R8)(R10*2)", "(SI)(R10*8)", "(R8)(R10*4)",
		"(R9)", "(R8)(R11*2)", "(SI)(R11*4)", "(R8)(R10*8)",
	}[r]
	if disp == 0 {
		return at
	}
	return fmt.Sprintf("%d%s", disp, at)
}

// rowUnroll is how many channels a turn of the inner loop takes.
const rowUnroll = 4

// rowTile fetches a cache line for each channel from where ahead says: what is needed later comes from memory meanwhile.
func (t rowTileGen) rowTile() {
	name := "rowTile" + t.dims()
	t.row("RowTile", name, t.mr, t.nv*t.lanes)
	t.fn(name, "(a, b, c *float32, off *int64, taps, k, lda, ldc, flags int, ahead *float32, pace int)",
		"adds rows of k channels at each tap times packed weights.", 0, 88)
	t.p("MOVQ a+0(FP), AX")
	t.p("MOVQ b+8(FP), DX")
	t.p("MOVQ off+24(FP), BX")
	t.p("MOVQ taps+32(FP), R12")
	t.p("MOVQ ahead+72(FP), R15")
	t.p("MOVQ pace+80(FP), DI")
	t.p("MOVQ lda+48(FP), R10")
	t.p("LEAQ (R10)(R10*2), R11")
	t.p("LEAQ (R10)(R10*4), R13")
	t.clear()
	tap, loop, rest, one, next := t.label("tap"), t.label("loop"), t.label("rest"), t.label("one"), t.label("next")
	t.at(tap)
	t.p("MOVQ (BX), SI")
	t.p("ADDQ AX, SI")
	t.p("ADDQ $8, BX")
	t.bases()
	t.p("MOVQ k+40(FP), CX")
	t.p("SUBQ $%d, CX", rowUnroll)
	t.p("JLT %s", rest)
	t.at(loop)
	for u := range rowUnroll {
		t.channel(u, func(r int) string { return rowAt(r, 4*u) })
		t.p("PREFETCHT1 %d(R15)", 64*u)
	}
	t.p("ADDQ DI, R15")
	t.advance(rowUnroll)
	t.p("SUBQ $%d, CX", rowUnroll)
	t.p("JGE %s", loop)
	t.at(rest)
	t.p("ADDQ $%d, CX", rowUnroll)
	t.p("JZ %s", next)
	t.at(one)
	t.channel(0, func(r int) string { return rowAt(r, 0) })
	t.advance(1)
	t.p("DECQ CX")
	t.p("JNZ %s", one)
	t.at(next)
	t.p("DECQ R12")
	t.p("JNZ %s", tap)
	t.store("c+16(FP)", "ldc+56(FP)", "flags+64(FP)")
}

// bases points R8 and R9 at rows 5 and 10, R13 being the distance of five rows.
func (t rowTileGen) bases() {
	if t.mr > 5 {
		t.p("LEAQ (SI)(R13*1), R8")
	}
	if t.mr > 10 {
		t.p("LEAQ (SI)(R13*2), R9")
	}
}

// advance moves on by n channels.
func (t rowTileGen) advance(n int) {
	t.p("ADDQ $%d, SI", 4*n)
	if t.mr > 5 {
		t.p("ADDQ $%d, R8", 4*n)
	}
	if t.mr > 10 {
		t.p("ADDQ $%d, R9", 4*n)
	}
	t.p("ADDQ $%d, DX", n*t.nv*t.bytes())
}

// channel adds the products of row u of the weights at DX with the values of the rows, which row addresses.
func (t rowTileGen) channel(u int, row func(r int) string) {
	for v := range t.nv {
		t.p("VMOVUPS %d(DX), %s", (u*t.nv+v)*t.bytes(), t.b(v))
	}
	for r := range t.mr {
		if t.nv == 1 && t.avx512() {
			t.p("VFMADD231PS.BCST %s, %s, %s", row(r), t.b(0), t.acc(r, 0))
			continue
		}
		t.p("VBROADCASTSS %s, %s", row(r), t.bcast(r))
		for v := range t.nv {
			t.fma(t.bcast(r), t.b(v), t.acc(r, v))
		}
	}
}

func (t rowTileGen) clear() {
	for i := range t.mr * t.nv {
		t.zero(t.v(i))
	}
}

// store writes the accumulators to the rows of C, or adds them as flags asks.
func (t rowTileGen) store(c, ldc, flags string) {
	t.p("MOVQ %s, DI", c)
	t.p("MOVQ %s, R12", ldc)
	write := t.label("write")
	t.p("MOVQ %s, AX", flags)
	t.p("TESTQ $%d, AX", flagAccumulate)
	t.p("JZ %s", write)
	t.p("MOVQ DI, SI")
	t.visit("SI", func(at, acc string) { t.p("VADDPS %s, %s, %s", at, acc, acc) })
	t.at(write)
	t.visit("DI", func(at, acc string) { t.p("VMOVUPS %s, %s", acc, at) })
	t.ret()
}

// visit goes through the vectors of the rows at p, R12 bytes apart.
func (t rowTileGen) visit(p string, f func(at, acc string)) {
	for r := range t.mr {
		for v := range t.nv {
			f(fmt.Sprintf("%d(%s)", v*t.bytes(), p), t.acc(r, v))
		}
		if r < t.mr-1 {
			t.p("ADDQ R12, %s", p)
		}
	}
}
