package main

import "fmt"

// Offsets into the Go struct dtile.
const (
	dtileRows   = 0
	dtileChunks = 8
	dtileTail   = 16
	dtileXSkip  = 24
	dtilePlane  = 32
)

// emitDotTiles writes the register tiles of the weight gradient for few
// output channels: mo channels by mt taps, each a dot product along the rows
// of the output. AVX2 has too few registers for it to pay.
func emitDotTiles(a *asm) {
	if !a.avx512() {
		return
	}
	for mo := 1; mo <= 8; mo++ {
		for mt := 1; mt <= min(6, 24/mo); mt++ {
			dtileGen{a, mo, mt}.emit()
		}
	}
}

type dtileGen struct {
	*asm
	mo, mt int
}

func (t dtileGen) acc(o, k int) string { return t.v(o*t.mt + k) }
func (t dtileGen) x(k int) string      { return t.v(t.mo*t.mt + k) }
func (t dtileGen) dy(o int) string {
	first := (t.mo + 1) * t.mt
	return t.v(first + o%min(2, t.regs-first))
}

// channel addresses row o of the gradient: DX is row 0, BX row 3, SI one row and DI
// three rows of bytes.
func channel(o int) string {
	return []string{"(DX)", "(DX)(SI*1)", "(DX)(SI*2)", "(BX)", "(BX)(SI*1)", "(BX)(SI*2)", "(DX)(DI*2)", "(BX)(SI*4)"}[o]
}

func tapReg(k int) string { return fmt.Sprintf("R%d", 8+k) }

func (t dtileGen) emit() {
	name := fmt.Sprintf("dtile%dx%d", t.mo, t.mt)
	t.row("DotTile", name, t.mo, t.mt)
	t.fn(name, "(t *dtile, c, x *float32, off *int64, dy *float32, ldc int)",
		"adds the dot products of taps and output gradients.", 0, 48)
	t.p("MOVQ t+0(FP), R15")
	t.p("MOVQ %d(R15), AX", dtileTail)
	t.laneMask("AX", "K1")
	t.p("MOVQ x+16(FP), CX")
	t.p("MOVQ off+24(FP), AX")
	for k := range t.mt {
		t.p("MOVQ %d(AX), %s", 8*k, tapReg(k))
		t.p("ADDQ CX, %s", tapReg(k))
	}
	t.p("MOVQ dy+32(FP), DX")
	t.p("MOVQ %d(R15), SI", dtilePlane)
	t.p("LEAQ (SI)(SI*2), DI")
	t.p("LEAQ (DX)(DI*1), BX")
	for i := range t.mo * t.mt {
		t.zero(t.v(i))
	}
	t.p("XORQ CX, CX")
	t.p("MOVQ %d(R15), R14", dtileRows)
	row, chunk, tail, next := t.label("row"), t.label("chunk"), t.label("tail"), t.label("next")
	t.at(row)
	t.p("MOVQ %d(R15), AX", dtileChunks)
	t.p("TESTQ AX, AX")
	t.p("JZ %s", tail)
	t.at(chunk)
	t.step(false)
	for _, r := range []string{"CX", "DX", "BX"} {
		t.p("ADDQ $%d, %s", t.bytes(), r)
	}
	t.p("DECQ AX")
	t.p("JNZ %s", chunk)
	t.at(tail)
	t.p("MOVQ %d(R15), AX", dtileTail)
	t.p("TESTQ AX, AX")
	t.p("JZ %s", next)
	t.step(true)
	for _, r := range []string{"CX", "DX", "BX"} {
		t.p("LEAQ (%s)(AX*4), %s", r, r)
	}
	t.at(next)
	t.p("ADDQ %d(R15), CX", dtileXSkip)
	t.p("DECQ R14")
	t.p("JNZ %s", row)
	t.finish()
}

// step adds the products of one vector of positions.
func (t dtileGen) step(tail bool) {
	for k := range t.mt {
		t.load(fmt.Sprintf("(%s)(CX*1)", tapReg(k)), t.x(k), tail)
	}
	for o := range t.mo {
		t.load(channel(o), t.dy(o), tail)
		for k := range t.mt {
			t.fma(t.dy(o), t.x(k), t.acc(o, k))
		}
	}
}

// finish sums the lanes by halves and adds them to the taps' rows of C.
func (t dtileGen) finish() {
	t.p("MOVQ c+8(FP), DI")
	t.p("MOVQ ldc+40(FP), SI")
	tmp := t.x(0)
	x := func(r string) string { return "X" + r[1:] }
	for k := range t.mt {
		for o := range t.mo {
			r := t.acc(o, k)
			t.p("VEXTRACTF64X4 $1, %s, Y%s", r, tmp[1:])
			t.p("VADDPS %s, %s, %s", tmp, r, r)
			t.p("VEXTRACTF32X4 $1, %s, %s", r, x(tmp))
			t.p("VADDPS %s, %s, %s", tmp, r, r)
			t.p("VPERMILPS $0x4e, %s, %s", x(r), x(tmp))
			t.p("VADDPS %s, %s, %s", x(tmp), x(r), x(r))
			t.p("VPERMILPS $0xb1, %s, %s", x(r), x(tmp))
			t.p("VADDSS %s, %s, %s", x(tmp), x(r), x(r))
			t.p("VADDSS %d(DI), %s, %s", 4*o, x(r), x(r))
			t.p("VMOVSS %s, %d(DI)", x(r), 4*o)
		}
		t.p("ADDQ SI, DI")
	}
	t.ret()
}
