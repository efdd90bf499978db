package main

import "fmt"

// Offsets into the Go struct wtile.
const (
	wtileRows  = 0
	wtileCols  = 8
	wtileXSkip = 16
	wtileDY    = 24
	wtileC     = 32
	wtileN     = 40
	wtileXNext = 48
)

// wtileRegs are the registers that point at the taps, one per row.
var wtileRegs = []string{"AX", "BX", "SI", "DI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"}

// emitWeightTiles writes the register tiles of the weight gradient: mr taps,
// broadcast from the image where they lie, by nv vectors of output channels.
func emitWeightTiles(a *asm) {
	limit := map[int]int{1: 12, 2: 12}
	if !a.avx512() {
		limit = map[int]int{1: 12, 2: 6}
	}
	for _, nv := range []int{1, 2} {
		for mr := range limit[nv] {
			wtileGen{a, mr + 1, nv}.emit()
		}
	}
}

type wtileGen struct {
	*asm
	mr, nv int
}

func (t wtileGen) acc(r, v int) string { return t.v(r*t.nv + v) }
func (t wtileGen) dy(v int) string     { return t.v(t.mr*t.nv + v) }
func (t wtileGen) bcast(r int) string {
	first := (t.mr + 1) * t.nv
	return t.v(first + r%min(4, t.regs-first))
}

func (t wtileGen) emit() {
	name := fmt.Sprintf("wtile%dx%d", t.mr, t.nv)
	t.row("WeightTile", name, t.mr, t.nv*t.lanes)
	t.fn(name, "(t *wtile, c, x *float32, off *int64, dy *float32)",
		"adds the products of taps and output gradients.", 48, 40)
	t.p("MOVQ t+0(FP), CX")
	for i, local := range []string{"cols-16(SP)", "xskip-24(SP)", "dystep-32(SP)", "images-40(SP)"} {
		t.p("MOVQ %d(CX), AX", []int{wtileCols, wtileXSkip, wtileDY, wtileN}[i])
		t.p("MOVQ AX, %s", local)
	}
	t.p("MOVQ x+16(FP), CX")
	t.p("MOVQ off+24(FP), BP")
	t.p("MOVQ dy+32(FP), DX")
	for r := range t.mr {
		t.p("MOVQ %d(BP), %s", 8*r, wtileRegs[r])
		t.p("ADDQ CX, %s", wtileRegs[r])
		for v := range t.nv {
			t.zero(t.acc(r, v))
		}
	}
	t.p("XORQ CX, CX")
	image, row, col := t.label("image"), t.label("row"), t.label("col")
	t.at(image)
	t.p("MOVQ t+0(FP), BP")
	t.p("MOVQ %d(BP), BP", wtileRows)
	t.p("MOVQ BP, rows-8(SP)")
	t.at(row)
	t.p("MOVQ cols-16(SP), BP")
	t.at(col)
	t.column()
	t.p("DECQ BP")
	t.p("JNZ %s", col)
	t.p("ADDQ xskip-24(SP), CX")
	t.p("DECQ rows-8(SP)")
	t.p("JNZ %s", row)
	t.p("MOVQ t+0(FP), BP")
	t.p("ADDQ %d(BP), CX", wtileXNext)
	t.p("DECQ images-40(SP)")
	t.p("JNZ %s", image)
	t.finish()
}

// column adds the products of one output position.
func (t wtileGen) column() {
	for v := range t.nv {
		t.p("VMOVUPS %d(DX), %s", v*t.bytes(), t.dy(v))
	}
	for r := range t.mr {
		at := fmt.Sprintf("(%s)(CX*1)", wtileRegs[r])
		if t.nv == 1 && t.avx512() {
			t.p("VFMADD231PS.BCST %s, %s, %s", at, t.dy(0), t.acc(r, 0))
			continue
		}
		t.p("VBROADCASTSS %s, %s", at, t.bcast(r))
		for v := range t.nv {
			t.fma(t.bcast(r), t.dy(v), t.acc(r, v))
		}
	}
	t.p("ADDQ $4, CX")
	t.p("ADDQ dystep-32(SP), DX")
}

// finish adds the accumulators to C.
func (t wtileGen) finish() {
	t.p("MOVQ t+0(FP), CX")
	t.p("MOVQ %d(CX), CX", wtileC)
	t.p("MOVQ c+8(FP), DX")
	for r := range t.mr {
		for v := range t.nv {
			t.p("VADDPS %d(DX), %s, %s", v*t.bytes(), t.acc(r, v), t.acc(r, v))
			t.p("VMOVUPS %s, %d(DX)", t.acc(r, v), v*t.bytes())
		}
		if r < t.mr-1 {
			t.p("ADDQ CX, DX")
		}
	}
	t.ret()
}
