package main

import "strings"

// A window is a kernel over the windows of a pooling: for each output it folds the
// values that the taps lead to, one tap after the other, a vector of outputs at a
// time.
type window struct {
	name, doc string
	start     func(a *asm, acc, best string) // sets acc, or best, the largest value so far
	// tap folds the value at byte R8 of DX, for the tap at R9, into acc.
	tap func(a *asm, acc string, tail bool)
	y   useOfY
}

// useOfY is what a kernel takes its third operand for. BX is its address, or how far it is
// from x.
type useOfY int

const (
	noY      useOfY = iota
	startOfY        // a row of y for each row of outputs, from which acc starts
	besideX         // laid out as x
)

var windows = []window{
	{"windowMax", "is the maximum of each window, NaN if it holds one.",
		func(a *asm, acc, _ string) { a.constant(a.bits(0xff800000), acc) },
		func(a *asm, acc string, tail bool) {
			a.load("(DX)(R8*1)", a.v(1), tail)
			maxJoin(a, acc, a.v(1), a.v(2))
		}, noY},
	{"windowSum", "is the sum of each window.", func(a *asm, acc, _ string) { a.zero(acc) },
		func(a *asm, acc string, tail bool) {
			a.load("(DX)(R8*1)", a.v(1), tail)
			a.op(opAdd, acc, a.v(1), acc)
		}, noY},
	{"windowArg", "is the number of the tap of each window's first maximum, y's value if all are -Inf.",
		func(a *asm, _, best string) { a.constant(a.bits(0xff800000), best) }, (*asm).argTap, startOfY},
	{"windowIndex", "is the number of the tap of each window's first maximum, of its first tap if all are -Inf.",
		func(a *asm, acc, best string) {
			a.constant(a.bits(0xff800000), best)
			a.firstNumber(acc)
		}, (*asm).argTap, noY},
	{"windowPick", "is the sum of the values y of the windows whose value x is the number of the tap.", func(a *asm, acc, _ string) { a.zero(acc) },
		(*asm).pickTap, besideX},
}

// firstNumber puts the number of the first tap into every lane; R9 is its address, that of arm64 R3 (and R12 is free).
func (a *asm) firstNumber(dst string) {
	if a.neon() {
		a.p("ADD $8, R3, R12")
		a.broadcast("R12", dst)
		return
	}
	a.p("VBROADCASTSS 8(R9), %s", dst)
}

// argTap lets the tap's value win over the largest so far, in register 3, if it is larger or
// the first NaN.
func (a *asm) argTap(acc string, tail bool) {
	const notLessEqual, ordered = 22, 7
	v, number, best, wins, t := a.v(1), a.v(2), a.v(3), a.v(4), a.v(5)
	a.load("(DX)(R8*1)", v, tail)
	a.p("VBROADCASTSS 8(R9), %s", number)
	if a.avx512() {
		a.p("VCMPPS $%d, %s, %s, K2", ordered, best, best)
		a.p("VCMPPS $%d, %s, %s, K2, K2", notLessEqual, best, v)
		a.p("VMOVAPS %s, K2, %s", v, best)
		a.p("VMOVAPS %s, K2, %s", number, acc)
		return
	}
	a.p("VCMPPS $%d, %s, %s, %s", ordered, best, best, t)
	a.p("VCMPPS $%d, %s, %s, %s", notLessEqual, best, v, wins)
	a.p("VANDPS %s, %s, %s", t, wins, wins)
	a.p("VBLENDVPS %s, %s, %s, %s", wins, v, best, best)
	a.p("VBLENDVPS %s, %s, %s, %s", wins, number, acc, acc)
}

// pickTap adds the tap's y where its x is the tap's number.
func (a *asm) pickTap(acc string, tail bool) {
	index, number, y := a.v(1), a.v(2), a.v(3)
	a.load("(DX)(R8*1)", index, tail)
	a.p("ADDQ BX, R8")
	a.load("(DX)(R8*1)", y, tail)
	if a.avx512() {
		a.p("VCMPPS.BCST $%d, 8(R9), %s, K2", equal, index)
		a.p("VADDPS %s, %s, K2, %s", y, acc, acc)
		return
	}
	a.p("VBROADCASTSS 8(R9), %s", number)
	a.p("VCMPPS $%d, %s, %s, %s", equal, number, index, index)
	a.p("VANDPS %s, %s, %s", index, y, y)
	a.op(opAdd, acc, y, acc)
}

func emitWindow(a *asm) {
	for _, w := range windows {
		w.emit(a)
	}
}

// begin begins the kernel's function.
func (w window) begin(a *asm) {
	a.row(strings.ToUpper(w.name[:1])+w.name[1:], w.name, 0, 0)
	a.fn(w.name, "(dst, x, y *float32, taps *tap, n, rows, cols, ldd, ldx int)", w.doc, 0, 72)
}

// emit writes the kernel: a loop over the rows, the vectors of a row and the taps.
func (w window) emit(a *asm) {
	w.begin(a)
	row, col, tail, next := a.label("row"), a.label("col"), a.label("tail"), a.label("next")
	a.p("MOVQ dst+0(FP), DI")
	a.p("MOVQ x+8(FP), SI")
	a.p("MOVQ y+16(FP), BX")
	if w.y == besideX {
		a.p("SUBQ SI, BX")
	}
	a.p("MOVQ rows+40(FP), R11")
	a.p("MOVQ cols+48(FP), R12")
	a.p("MOVQ R12, R13")
	a.p("ANDQ $%d, R13", a.lanes-1)
	a.tailMask("R13")
	a.at(row)
	a.p("MOVQ R12, CX")
	a.p("XORQ AX, AX")
	a.at(col)
	a.p("SUBQ $%d, CX", a.lanes)
	a.p("JLT %s", tail)
	w.vector(a, false)
	a.p("ADDQ $%d, AX", a.bytes())
	a.p("JMP %s", col)
	a.at(tail)
	a.p("ADDQ $%d, CX", a.lanes)
	a.p("JZ %s", next)
	w.vector(a, true)
	a.at(next)
	a.p("ADDQ ldd+56(FP), DI")
	a.p("ADDQ ldx+64(FP), SI")
	if w.y == startOfY {
		a.p("LEAQ (BX)(R12*4), BX")
	}
	a.p("DECQ R11")
	a.p("JNZ %s", row)
	a.ret()
}

// vector does the outputs from byte AX of a row on.
func (w window) vector(a *asm, tail bool) {
	acc, loop := a.v(0), a.label("taps")
	a.p("LEAQ (SI)(AX*1), DX")
	a.p("MOVQ taps+24(FP), R9")
	a.p("MOVQ n+32(FP), R10")
	w.start(a, acc, a.v(3))
	if w.y == startOfY {
		a.load("(BX)(AX*1)", acc, tail)
	}
	a.at(loop)
	a.p("MOVQ (R9), R8")
	w.tap(a, acc, tail)
	a.p("ADDQ $16, R9")
	a.p("DECQ R10")
	a.p("JNZ %s", loop)
	a.store(acc, "(DI)(AX*1)", tail)
}
