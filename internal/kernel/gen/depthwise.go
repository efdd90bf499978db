package main

import "fmt"

// emitDepthwise writes the kernels of convolutions in which each channel has its own
// weights, the channels of a position side by side. A tap is 16 bytes: the offset of a value
// of x and that of a row of weights, both from the first channel on.
func emitDepthwise(a *asm) {
	depthwise{a}.mulAdd()
	depthwise{a}.mulSum()
}

type depthwise struct{ *asm }

func (d depthwise) beginMulAdd() {
	d.row("WindowMulAdd", "windowMulAdd", 0, 0)
	d.fn("windowMulAdd", "(dst, x, w *float32, taps *weightTap, n, rows, cols, ldd, ldx int)",
		"sums the products of each window with the weights.", 0, 72)
}

func (d depthwise) beginMulSum() {
	d.row("WindowMulSum", "windowMulSum", 0, 0)
	d.fn("windowMulSum", "(dst, x, y *float32, taps *weightTap, n, rows, cols, ldy, ldx int)",
		"adds the sums over the positions of what the taps lead to times y.", 0, 72)
}

// vectors calls body for the vectors of a row of cols values, the byte at which they begin
// in AX, and for the masked rest. CX is used up.
func (d depthwise) vectors(cols string, body func(tail bool)) {
	col, tail, next := d.label("col"), d.label("tail"), d.label("next")
	d.p("MOVQ %s, CX", cols)
	d.p("XORQ AX, AX")
	d.at(col)
	d.p("SUBQ $%d, CX", d.lanes)
	d.p("JLT %s", tail)
	body(false)
	d.p("ADDQ $%d, AX", d.bytes())
	d.p("JMP %s", col)
	d.at(tail)
	d.p("ADDQ $%d, CX", d.lanes)
	d.p("JZ %s", next)
	body(true)
	d.at(next)
}

// blocks calls body for blocks of n things for as long as left counts that many, for each size.
func (d depthwise) blocks(left string, sizes []int, body func(n int)) {
	for _, n := range sizes {
		loop, end := d.label("block"), d.label("end")
		d.at(loop)
		d.p("CMPQ %s, $%d", left, n)
		d.p("JLT %s", end)
		body(n)
		d.p("SUBQ $%d, %s", n, left)
		d.p("JMP %s", loop)
		d.at(end)
	}
}

// maskOf makes the tail mask of a row of cols values.
func (d depthwise) maskOf(cols string) {
	d.p("MOVQ %s, CX", cols)
	d.p("ANDQ $%d, CX", d.lanes-1)
	d.tailMask("CX")
}

// mulAdd keeps a vector of up to eight neighbouring outputs, so that a weight is loaded once
// for all of them.
func (d depthwise) mulAdd() {
	d.beginMulAdd()
	const cols = "cols+48(FP)"
	d.maskOf(cols)
	d.p("MOVQ dst+0(FP), DI")
	d.p("MOVQ x+8(FP), DX")
	d.p("MOVQ rows+40(FP), R13")
	d.p("MOVQ ldx+64(FP), R10")
	d.p("LEAQ (R10)(R10*2), R11")
	d.blocks("R13", []int{8, 4, 2, 1}, func(n int) {
		d.vectors(cols, func(tail bool) { d.outputs(n, tail) })
		d.p("MOVQ ldd+56(FP), CX")
		d.p("LEAQ (DI)(CX*%d), DI", n)
		d.p("LEAQ (DX)(R10*%d), DX", n)
	})
	d.ret()
}

// outputs does a vector of n outputs, R10 bytes apart in x (three of them R11).
func (d depthwise) outputs(n int, tail bool) {
	acc, w, v := d.vs(0, n), d.v(n), d.v(n+1)
	loop := d.label("taps")
	for _, r := range acc {
		d.zero(r)
	}
	d.p("MOVQ w+16(FP), R9")
	d.p("ADDQ AX, R9")
	d.p("MOVQ taps+24(FP), BX")
	d.p("MOVQ n+32(FP), R12")
	d.at(loop)
	d.p("MOVQ 8(BX), R8")
	d.load("(R9)(R8*1)", w, tail)
	d.p("MOVQ (BX), SI")
	d.p("ADDQ DX, SI")
	d.p("ADDQ AX, SI")
	if n > 5 {
		d.p("LEAQ (SI)(R10*4), R8")
		d.p("ADDQ R10, R8")
	}
	for i, r := range acc {
		d.mulLoad(rowAt(i, 0), w, r, v, tail)
	}
	d.p("ADDQ $16, BX")
	d.p("DECQ R12")
	d.p("JNZ %s", loop)
	d.p("LEAQ (DI)(AX*1), SI")
	for i, r := range acc {
		if i > 0 {
			d.p("ADDQ ldd+56(FP), SI")
		}
		d.store(r, "(SI)", tail)
	}
}

// mulLoad emits acc += mem * w. tmp is clobbered.
func (d depthwise) mulLoad(mem, w, acc, tmp string, tail bool) {
	if tail {
		d.load(mem, tmp, true)
		mem = tmp
	}
	d.fma(w, mem, acc)
}

// mulSum keeps a vector of the sums of up to nine taps while the positions go by, so that y
// is loaded once for all of them.
func (d depthwise) mulSum() {
	d.beginMulSum()
	const cols = "cols+48(FP)"
	d.maskOf(cols)
	d.p("MOVQ dst+0(FP), DI")
	d.p("MOVQ ldx+64(FP), R10")
	d.p("MOVQ ldy+56(FP), R11")
	d.vectors(cols, func(tail bool) {
		d.p("MOVQ taps+24(FP), BX")
		d.p("MOVQ n+32(FP), R12")
		d.blocks("R12", []int{9, 3, 1}, func(n int) {
			d.sums(n, tail)
			d.p("ADDQ $%d, BX", 16*n)
		})
	})
	d.ret()
}

// sums does a vector of the sums of the n taps at BX.
func (d depthwise) sums(n int, tail bool) {
	acc, y, v := d.vs(0, n), d.v(n), d.v(n+1)
	loop := d.label("positions")
	d.p("LEAQ (DI)(AX*1), SI")
	d.eachTap(acc, 8, func(r string) { d.load("(SI)(R8*1)", r, tail) })
	d.p("MOVQ x+8(FP), DX")
	d.p("ADDQ AX, DX")
	d.p("MOVQ y+16(FP), R9")
	d.p("ADDQ AX, R9")
	d.p("MOVQ rows+40(FP), R13")
	d.at(loop)
	d.load("(R9)", y, tail)
	d.eachTap(acc, 0, func(r string) { d.mulLoad("(DX)(R8*1)", y, r, v, tail) })
	d.p("ADDQ R10, DX")
	d.p("ADDQ R11, R9")
	d.p("DECQ R13")
	d.p("JNZ %s", loop)
	d.eachTap(acc, 8, func(r string) { d.store(r, "(SI)(R8*1)", tail) })
}

// eachTap calls f for the register of each tap, the word at byte disp of the tap in R8.
func (d depthwise) eachTap(acc []string, disp int, f func(r string)) {
	for i, r := range acc {
		d.p("MOVQ %s, R8", fmt.Sprintf("%d(BX)", 16*i+disp))
		f(r)
	}
}
