package main

import "fmt"

// The kernels for images work on whole numbers of 32 bits, 8 to a register, so they give the same bits as the portable ones. AVX-512 uses those of AVX2:
// pictures are small, and their loops short.
func emitPixel(a *asm) {
	if a.avx512() {
		return
	}
	emitMixRows(a)
	emitToRGB(a)
	emitInverseDCT(a)
}

// pixelTable writes the orders of bytes and of words that the kernels for images use.
func (a *asm) pixelTable(put func(format string, args ...any)) {
	for i := range 4 { // the transpose of 4 x 4 bytes, for both halves of a register
		put("DATA bytes4x4<>+%d(SB)/8, $%s\n", 8*i, [2]string{"0x0d0905010c080400", "0x0f0b07030e0a0602"}[i%2])
	}
	put("GLOBL bytes4x4<>(SB), RODATA|NOPTR, $32\n")
	for i, v := range []int{0, 4, 1, 5, 2, 6, 3, 7} { // what packing within the halves of registers has to be followed by
		put("DATA unpacked<>+%d(SB)/4, $%d\n", 4*i, v)
	}
	put("GLOBL unpacked<>(SB), RODATA|NOPTR, $32\n\n")
}

// emitMixRows writes blocks of 32 columns, then of 8, the last of which may begin before the end of the one before it.
func emitMixRows(a *asm) {
	a.fn("mixRows", "(dst, src []uint8, weights []uint32, pitch int)", "sums rows by weights.", 0, 80)
	a.row("MixRows", "mixRows", 0, 0)
	short, done, narrow, wide, eights, eight := a.label("short"), a.label("done"), a.label("narrow"), a.label("wide"), a.label("eights"), a.label("eight")
	a.p("MOVQ dst_base+0(FP), DI")
	a.p("MOVQ dst_len+8(FP), CX")
	a.p("MOVQ src_base+24(FP), SI")
	a.p("MOVQ weights_base+48(FP), DX")
	a.p("MOVQ weights_len+56(FP), R8")
	a.p("MOVQ pitch+72(FP), R9")
	a.p("TESTQ CX, CX")
	a.p("JZ %s", done)
	a.p("TESTQ R8, R8")
	a.p("JZ %s", short)
	a.p("TESTQ R9, R9")
	a.p("JLT %s", short)
	a.p("LEAQ -1(R8), AX")
	a.p("IMULQ R9, AX")
	a.p("ADDQ CX, AX")
	a.p("CMPQ AX, src_len+32(FP)")
	a.p("JGT %s", short)
	a.p("CMPQ CX, $8")
	a.p("JLT %s", narrow)

	a.at(wide)
	a.p("CMPQ CX, $32")
	a.p("JLT %s", eights)
	mixBlock(a, 4)
	a.p("VPACKUSDW Y1, Y0, Y0")
	a.p("VPACKUSDW Y3, Y2, Y2")
	a.p("VPACKUSWB Y2, Y0, Y0")
	a.p("VMOVDQU unpacked<>+0(SB), Y1")
	a.p("VPERMD Y0, Y1, Y0")
	a.p("VMOVDQU Y0, (DI)")
	a.p("ADDQ $32, DI")
	a.p("ADDQ $32, SI")
	a.p("SUBQ $32, CX")
	a.p("JMP %s", wide)

	a.at(eights)
	a.p("TESTQ CX, CX")
	a.p("JZ %s", done)
	a.p("CMPQ CX, $8")
	a.p("JGE %s", eight)
	a.p("LEAQ -8(DI)(CX*1), DI")
	a.p("LEAQ -8(SI)(CX*1), SI")
	a.p("MOVQ $8, CX")
	a.at(eight)
	mixBlock(a, 1)
	pack8(a, "Y0", "X0", "X1")
	a.p("MOVQ X0, (DI)")
	a.p("ADDQ $8, DI")
	a.p("ADDQ $8, SI")
	a.p("SUBQ $8, CX")
	a.p("JMP %s", eights)

	a.at(narrow)
	loop := a.label("rows")
	a.p("MOVL $0x200000, BX")
	a.p("MOVQ SI, R10")
	a.p("XORQ R11, R11")
	a.at(loop)
	a.p("MOVBLZX (R10), AX")
	a.p("IMULL (DX)(R11*4), AX")
	a.p("ADDL AX, BX")
	a.p("ADDQ R9, R10")
	a.p("INCQ R11")
	a.p("CMPQ R11, R8")
	a.p("JLT %s", loop)
	a.p("SHRL $22, BX")
	a.p("MOVB BX, (DI)")
	a.p("INCQ DI")
	a.p("INCQ SI")
	a.p("DECQ CX")
	a.p("JNZ %s", narrow)
	a.at(done)
	a.ret()
	a.at(short)
	a.p("JMP ·panicLength(SB)")
}

// mixBlock leaves the sums of n x 8 columns at SI in the first registers.
func mixBlock(a *asm, n int) {
	loop := a.label("rows")
	for i := range n {
		a.p("VMOVDQU %s, Y%d", a.bits(1<<21), i)
	}
	a.p("MOVQ SI, R10")
	a.p("XORQ R11, R11")
	a.at(loop)
	a.p("VPBROADCASTD (DX)(R11*4), Y8")
	for i := range n {
		a.p("VPMOVZXBD %d(R10), Y%d", 8*i, 4+i)
	}
	for i := range n {
		a.p("VPMULLD Y8, Y%d, Y%d", 4+i, 4+i)
	}
	for i := range n {
		a.p("VPADDD Y%d, Y%d, Y%d", 4+i, i, i)
	}
	a.p("ADDQ R9, R10")
	a.p("INCQ R11")
	a.p("CMPQ R11, R8")
	a.p("JLT %s", loop)
	for i := range n {
		a.p("VPSRLD $22, Y%d, Y%d", i, i)
	}
}

// pack8 packs the 8 words of y, whose lower half is x, to bytes, saturating.
func pack8(a *asm, y, x, temp string) {
	a.p("VEXTRACTI128 $1, %s, %s", y, temp)
	a.p("VPACKSSDW %s, %s, %s", temp, x, x)
	a.p("VPACKUSWB %s, %s, %s", x, x, x)
}

// emitToRGB writes blocks of 8 pixels; the rest, and what is in place of it, the caller does.
func emitToRGB(a *asm) {
	a.fn("toRGB", "(y, cb, cr []uint8) int", "converts blocks of 8 pixels and returns how many pixels these are.", 0, 80)
	a.row("ToRGBBlocks", "toRGB", 0, 0)
	loop, done, short := a.label("loop"), a.label("done"), a.label("short")
	a.p("MOVQ y_base+0(FP), DI")
	a.p("MOVQ y_len+8(FP), CX")
	a.p("MOVQ cb_base+24(FP), SI")
	a.p("MOVQ cr_base+48(FP), DX")
	a.p("CMPQ CX, cb_len+32(FP)")
	a.p("JGT %s", short)
	a.p("CMPQ CX, cr_len+56(FP)")
	a.p("JGT %s", short)
	a.p("ANDQ $-8, CX")
	a.p("MOVQ CX, ret+72(FP)")
	a.p("XORQ R8, R8")
	constants := []uint32{128, 91881, ^uint32(22554) + 1, ^uint32(46802) + 1, 116130, 1 << 15}
	for i, c := range constants {
		a.p("VMOVDQU %s, Y%d", a.bits(c), 10+i)
	}
	a.at(loop)
	a.p("CMPQ R8, CX")
	a.p("JGE %s", done)
	a.p("VPMOVZXBD (DI)(R8*1), Y0")
	a.p("VPMOVZXBD (SI)(R8*1), Y1")
	a.p("VPMOVZXBD (DX)(R8*1), Y2")
	a.p("VPSUBD Y10, Y1, Y1")
	a.p("VPSUBD Y10, Y2, Y2")
	a.p("VPMULLD Y11, Y2, Y3")
	a.p("VPMULLD Y12, Y1, Y4")
	a.p("VPMULLD Y13, Y2, Y5")
	a.p("VPMULLD Y14, Y1, Y6")
	a.p("VPADDD Y5, Y4, Y4")
	for i, r := range []string{"DI", "SI", "DX"} {
		sum := []int{3, 4, 6}[i]
		a.p("VPADDD Y15, Y%d, Y%d", sum, sum)
		a.p("VPSRAD $16, Y%d, Y%d", sum, sum)
		a.p("VPADDD Y0, Y%d, Y%d", sum, sum)
		pack8(a, fmt.Sprintf("Y%d", sum), fmt.Sprintf("X%d", sum), "X7")
		a.p("MOVQ X%d, (%s)(R8*1)", sum, r)
	}
	a.p("ADDQ $8, R8")
	a.p("JMP %s", loop)
	a.at(done)
	a.ret()
	a.at(short)
	a.p("JMP ·panicLength(SB)")
}

// The factors of the inverse transform; see inverseDCTGeneric.
const (
	dctC6, dctC3, dctC2LessC6, dctC2PlusC6             = 4433, 9633, 6270, 15137
	dctOdd7, dctOdd5, dctOdd3, dctOdd1                 = 2446, 16819, 25172, 12299
	dctC3LessC7, dctC1PlusC3, dctC3PlusC5, dctC3LessC5 = 7373, 20995, 16069, 3196
)

// emitInverseDCT transforms all columns at once, turns the block, transforms all rows at once, and turns the bytes back.
func emitInverseDCT(a *asm) {
	a.fn("inverseDCT", "(dst []uint8, pitch int, coefs *[64]int16)", "makes 8 x 8 samples of coefficients.", 0, 40)
	a.row("InverseDCT", "inverseDCT", 0, 0)
	short := a.label("short")
	a.p("MOVQ dst_base+0(FP), DI")
	a.p("MOVQ pitch+24(FP), R9")
	a.p("MOVQ coefs+32(FP), SI")
	a.p("TESTQ R9, R9")
	a.p("JLT %s", short)
	a.p("LEAQ (R9)(R9*2), R10")
	a.p("LEAQ 8(R10)(R9*4), AX")
	a.p("CMPQ AX, dst_len+8(FP)")
	a.p("JGT %s", short)
	x, t := a.vs(0, 8), a.vs(8, 8)
	for i, r := range x {
		a.p("VPMOVSXWD %d(SI), %s", 16*i, r)
	}
	x, t = inversePass(a, x, t, 1<<10, 11)
	x, t = transposeWords(a, x, t)
	x, t = inversePass(a, x, t, 128<<18+1<<17, 18)

	for i := 0; i < 8; i += 2 {
		a.p("VPACKSSDW %s, %s, %s", x[i+1], x[i], x[i])
	}
	a.p("VPACKUSWB %s, %s, %s", x[2], x[0], x[0])
	a.p("VPACKUSWB %s, %s, %s", x[6], x[4], x[4])
	a.p("VMOVDQU bytes4x4<>+0(SB), %s", t[0])
	a.p("VPSHUFB %s, %s, %s", t[0], x[0], x[0])
	a.p("VPSHUFB %s, %s, %s", t[0], x[4], x[4])
	a.p("VPUNPCKLDQ %s, %s, Y0", x[4], x[0]) // rows 0, 1, 4 and 5
	a.p("VPUNPCKHDQ %s, %s, Y1", x[4], x[0])
	a.p("VEXTRACTI128 $1, Y0, X2")
	a.p("VEXTRACTI128 $1, Y1, X3")
	a.p("MOVQ X0, (DI)")
	a.p("VMOVHPS X0, (DI)(R9*1)")
	a.p("MOVQ X1, (DI)(R9*2)")
	a.p("VMOVHPS X1, (DI)(R10*1)")
	a.p("LEAQ (DI)(R9*4), DI")
	a.p("MOVQ X2, (DI)")
	a.p("VMOVHPS X2, (DI)(R9*1)")
	a.p("MOVQ X3, (DI)(R9*2)")
	a.p("VMOVHPS X3, (DI)(R10*1)")
	a.ret()
	a.at(short)
	a.p("JMP ·panicLength(SB)")
}

// inversePass transforms x, one value of each of 8 vectors to a register, adds round, and shifts. It returns where the results are and which registers are
// free.
func inversePass(a *asm, x, t []string, round uint32, shift int) (y, free []string) {
	op := func(name, b, c, dst string) { a.p("%s %s, %s, %s", name, c, b, dst) } // dst = b op c
	add := func(b, c, dst string) { op("VPADDD", b, c, dst) }
	sub := func(b, c, dst string) { op("VPSUBD", b, c, dst) }
	mul := func(b string, factor uint32, dst string) { op("VPMULLD", b, a.bits(factor), dst) }

	add(x[2], x[6], t[0])
	mul(t[0], dctC6, t[0])
	mul(x[2], dctC2LessC6, t[1])
	add(t[0], t[1], t[1]) // low
	mul(x[6], dctC2PlusC6, t[2])
	sub(t[0], t[2], t[2]) // high
	add(x[0], x[4], x[2])
	sub(x[0], x[4], x[6])
	for _, r := range []string{x[2], x[6]} {
		a.p("VPSLLD $13, %s, %s", r, r)
		add(r, a.bits(round), r)
	}
	add(x[2], t[1], x[0]) // e0
	sub(x[2], t[1], x[4]) // e3
	add(x[6], t[2], t[0]) // e1
	sub(x[6], t[2], t[1]) // e2

	add(x[7], x[3], x[2])
	add(x[5], x[1], x[6])
	add(x[2], x[6], t[2])
	mul(t[2], dctC3, t[2])
	mul(x[2], dctC3PlusC5, x[2])
	sub(t[2], x[2], x[2]) // a
	mul(x[6], dctC3LessC5, x[6])
	sub(t[2], x[6], x[6]) // b
	add(x[7], x[1], t[2])
	mul(t[2], dctC3LessC7, t[2]) // c
	add(x[5], x[3], t[3])
	mul(t[3], dctC1PlusC3, t[3]) // d
	for _, o := range []struct {
		r, less, plus string
		factor        uint32
	}{{x[7], t[2], x[2], dctOdd7}, {x[5], t[3], x[6], dctOdd5}, {x[3], t[3], x[2], dctOdd3}, {x[1], t[2], x[6], dctOdd1}} {
		mul(o.r, o.factor, o.r)
		sub(o.r, o.less, o.r)
		add(o.r, o.plus, o.r)
	}

	add(x[0], x[1], t[2])
	sub(x[0], x[1], t[3])
	add(t[0], x[3], t[4])
	sub(t[0], x[3], t[5])
	add(t[1], x[5], t[6])
	sub(t[1], x[5], t[7])
	add(x[4], x[7], x[0])
	sub(x[4], x[7], x[1])
	y = []string{t[2], t[4], t[6], x[0], x[1], t[7], t[5], t[3]}
	for _, r := range y {
		a.p("VPSRAD $%d, %s, %s", shift, r, r)
	}
	return y, []string{x[2], x[3], x[4], x[5], x[6], x[7], t[0], t[1]}
}

// transposeWords turns the 8 x 8 words of x.
func transposeWords(a *asm, x, t []string) (y, free []string) {
	for i := 0; i < 8; i += 2 {
		a.p("VPUNPCKLDQ %s, %s, %s", x[i+1], x[i], t[i])
		a.p("VPUNPCKHDQ %s, %s, %s", x[i+1], x[i], t[i+1])
	}
	for i := 0; i < 8; i += 4 {
		a.p("VPUNPCKLQDQ %s, %s, %s", t[i+2], t[i], x[i])
		a.p("VPUNPCKHQDQ %s, %s, %s", t[i+2], t[i], x[i+1])
		a.p("VPUNPCKLQDQ %s, %s, %s", t[i+3], t[i+1], x[i+2])
		a.p("VPUNPCKHQDQ %s, %s, %s", t[i+3], t[i+1], x[i+3])
	}
	for i := range 4 {
		a.p("VPERM2I128 $0x20, %s, %s, %s", x[i+4], x[i], t[i])
		a.p("VPERM2I128 $0x31, %s, %s, %s", x[i+4], x[i], t[i+4])
	}
	return t, x
}
