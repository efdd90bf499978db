package main

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// emitPool writes the pooling kernels and the loop that measures the peak.
func emitPool(a *asm) {
	for _, k := range pool2s {
		k.emit(a)
	}
	emitPeak(a)
}

// A pool2 is a kernel over windows of 2x2 side by side, a vector of windows at a
// time. Four vectors hold the inputs of a vector of windows: the first and the
// second of the top row, and those of the bottom row.
//
// Two neighbouring vectors of a row are split into their even and odd values by
// VSHUFPS, which works within 128-bit parts; so the values stand in a mixed
// order until mix and unmix, which move pairs of lanes, put them right.
type pool2 struct {
	name, doc string
	params    []string // dst, x, dx or dy, in the order of the signature
	// body turns what was read, x in q and dy in v, into what is written, dst in
	// v or dx in q. The registers t are free.
	body func(a *asm, q []string, v string, t []string)
}

var pool2s = []pool2{
	{"maxPool2", "is the maximum of 2x2 windows.", []string{"dst", "x"}, func(a *asm, q []string, v string, t []string) {
		maxJoin(a, q[0], q[2], t[0])
		maxJoin(a, q[1], q[3], t[0])
		a.splitPairs(q[0], q[1], t[0])
		maxJoin(a, q[0], q[1], t[0])
		a.mov(q[0], v)
		a.unmix(v, t[0])
	}},
	{"maxPoolGrad2", "is the gradient of maxPool2.", []string{"dx", "x", "dy"}, (*asm).maxPoolGrad2},
	{"avgPool2", "is the mean of 2x2 windows.", []string{"dst", "x"}, func(a *asm, q []string, v string, t []string) {
		a.op(opAdd, q[0], q[2], q[0])
		a.op(opAdd, q[1], q[3], q[1])
		a.splitPairs(q[0], q[1], t[0])
		a.op(opAdd, q[0], q[1], v)
		a.op(opMul, v, a.f(0.25), v)
		a.unmix(v, t[0])
	}},
	{"avgPoolGrad2", "is the gradient of avgPool2.", []string{"dx", "dy"}, func(a *asm, q []string, v string, t []string) {
		a.op(opMul, v, a.f(0.25), v)
		a.mix(v, t[0])
		a.joinPairs(v, v, q[0], q[1])
		a.joinPairs(v, v, q[2], q[3])
	}},
}

// maxPoolGrad2 runs the tournament of the four values of a window; a later
// value wins if it is larger, or NaN against a number.
func (a *asm) maxPoolGrad2(x []string, dy string, t []string) {
	g, tmp, wins := t[:4], t[4], t[5]
	a.splitPairs(x[0], x[1], tmp)
	a.splitPairs(x[2], x[3], tmp)
	a.mix(dy, tmp)
	a.mov(dy, g[0])
	for i := 1; i < 4; i++ {
		a.duel(x[0], x[i], g[:i], g[i], dy, wins, tmp)
	}
	a.joinPairs(g[0], g[1], x[0], x[1])
	a.joinPairs(g[2], g[3], x[2], x[3])
}

// splitPairs turns two neighbouring vectors into their even and their odd values,
// in mixed order.
func (a *asm) splitPairs(x, y, tmp string) {
	if a.neon() {
		a.three("VUZP2", "S4", y, x, tmp)
		a.three("VUZP1", "S4", y, x, x)
		a.mov(tmp, y)
		return
	}
	a.p("VSHUFPS $0xdd, %s, %s, %s", y, x, tmp)
	a.p("VSHUFPS $0x88, %s, %s, %s", y, x, x)
	a.mov(tmp, y)
}

// joinPairs brings even and odd values in mixed order to neighbouring vectors.
func (a *asm) joinPairs(even, odd, x, y string) {
	if a.neon() {
		a.three("VZIP1", "S4", odd, even, x)
		a.three("VZIP2", "S4", odd, even, y)
		return
	}
	a.p("VUNPCKLPS %s, %s, %s", odd, even, x)
	a.p("VUNPCKHPS %s, %s, %s", odd, even, y)
}

// param returns the argument of a parameter, or "" if the kernel has none.
func (k pool2) param(name string) string {
	if i := slices.Index(k.params, name); i >= 0 {
		return fmt.Sprintf("%s+%d(FP)", name, 8*i)
	}
	return ""
}

// number returns the argument of one of the parameters rows, cols and pitch.
func (k pool2) number(i int) string {
	return fmt.Sprintf("%s+%d(FP)", [...]string{"rows", "cols", "pitch"}[i], 8*(len(k.params)+i))
}

// pairs returns the registers that walk the pair of rows that is read, and the
// one that is written; nil if there is none. R9 walks dst or dy.
func (k pool2) pairs() (read, write []string) {
	if k.param("x") != "" {
		read = []string{"SI", "DX"}
	}
	if k.param("dx") != "" {
		write = []string{"DI", "BX"}
	}
	return
}

// begin begins the kernel's function.
func (k pool2) begin(a *asm) {
	a.row(strings.ToUpper(k.name[:1])+k.name[1:], k.name, 0, 0)
	a.fn(k.name, "("+strings.Join(k.params, ", ")+" *float32, rows, cols, pitch int)", k.doc, 0, 8*(len(k.params)+3))
}

// emit writes the kernel: rows rows of cols windows, whose inputs are pairs of
// rows pitch values apart. It reads two values of a row for each window.
func (k pool2) emit(a *asm) {
	k.begin(a)
	rows, done := a.label("rows"), a.label("done")
	a.p("MOVQ %s, CX", k.number(1))
	a.p("MOVQ %s, R10", k.number(2))
	for _, p := range [][3]string{{"x", "SI", "DX"}, {"dx", "DI", "BX"}, {"dst", "R9"}, {"dy", "R9"}} {
		if arg := k.param(p[0]); arg != "" {
			a.p("MOVQ %s, %s", arg, p[1])
			if p[2] != "" {
				a.p("LEAQ (%s)(R10*4), %s", p[1], p[2])
			}
		}
	}
	a.p("MOVQ %s, R11", k.number(0))
	if a.avx512() {
		k.narrow(a, rows)
	}
	a.at(rows)
	a.p("TESTQ R11, R11")
	a.p("JZ %s", done)
	k.rows(a)
	a.at(done)
	a.ret()
}

// rows does R11 rows, each of full vectors and a masked rest.
func (k pool2) rows(a *asm) {
	row, col, tail, next := a.label("row"), a.label("col"), a.label("tail"), a.label("next")
	a.p("MOVQ %s, R10", k.number(2))
	a.p("SHLQ $3, R10")
	a.p("MOVQ %s, R12", k.number(1))
	a.p("MOVQ R12, R13")
	a.p("SHRQ $%d, R12", bits.Len(uint(a.lanes-1)))
	a.p("ANDQ $%d, R13", a.lanes-1)
	a.poolMasks()
	a.at(row)
	a.p("XORQ AX, AX")
	a.p("MOVQ R12, CX")
	a.p("TESTQ CX, CX")
	a.p("JZ %s", tail)
	a.at(col)
	k.step(a, false)
	a.p("ADDQ $%d, AX", a.bytes())
	a.p("DECQ CX")
	a.p("JNZ %s", col)
	a.at(tail)
	a.p("TESTQ R13, R13")
	a.p("JZ %s", next)
	if a.slowMasks() {
		k.lastVector(a, col, next)
	}
	k.step(a, true)
	a.at(next)
	a.p("MOVQ %s, R8", k.number(1))
	a.p("LEAQ (R9)(R8*4), R9")
	read, write := k.pairs()
	for _, p := range append(read, write...) {
		a.p("ADDQ R10, %s", p)
	}
	a.p("DECQ R11")
	a.p("JNZ %s", row)
}

// lastVector goes back to col for the rest of a row that has full vectors, as one more of them, which ends where the row does, and on to next when that is
// done: what it does again comes out the same.
func (k pool2) lastVector(a *asm, col, next string) {
	narrow := a.label("narrow")
	a.p("TESTQ R12, R12")
	a.p("JZ %s", narrow)
	a.p("MOVQ %s, R8", k.number(1))
	a.p("SHLQ $2, R8")
	a.p("CMPQ AX, R8")
	a.p("JEQ %s", next)
	a.p("LEAQ -%d(R8), AX", a.bytes())
	a.p("MOVQ $1, CX")
	a.p("JMP %s", col)
	a.at(narrow)
}

// step does a vector of windows, the outputs at byte AX of their row.
func (k pool2) step(a *asm, tail bool) {
	q, v, t := a.vs(0, 4), a.v(4), a.vs(5, 6)
	mask := func(i int) string {
		if tail {
			return a.poolMask(i)
		}
		return ""
	}
	read, write := k.pairs()
	for i, p := range read {
		for j := range 2 {
			a.maskedLoad(fmt.Sprintf("%d(%s)(AX*2)", j*a.bytes(), p), mask(1+j), q[2*i+j])
		}
	}
	if k.param("dy") != "" {
		a.maskedLoad("(R9)(AX*1)", mask(0), v)
	}
	k.body(a, q, v, t)
	for i, p := range write {
		for j := range 2 {
			a.maskedStore(q[2*i+j], mask(1+j), fmt.Sprintf("%d(%s)(AX*2)", j*a.bytes(), p))
		}
	}
	if k.param("dst") != "" {
		a.maskedStore(v, mask(0), "(R9)(AX*1)")
	}
}

// narrow does pairs of R11 rows of up to half a vector of CX windows: the inputs of
// the second row of windows stand where those of the second half of one row would.
// The windows are brought together, and apart, by VCOMPRESSPS and VEXPANDPS.
func (k pool2) narrow(a *asm, rest string) {
	loop := a.label("narrow")
	a.p("CMPQ CX, $%d", a.lanes/2)
	a.p("JGT %s", rest)
	a.p("CMPQ R11, $2")
	a.p("JLT %s", rest)
	windows, both, inputs := a.poolMask(0), a.poolMask(1), a.poolMask(2)
	a.p("MOVQ CX, AX")
	a.laneMask("AX", windows)
	a.p("KSHIFTLW $%d, %s, %s", a.lanes/2, windows, both)
	a.p("KORW %s, %s, %s", windows, both, windows)
	a.p("ADDQ CX, CX")
	a.laneMask("CX", inputs)
	a.p("KMOVW %s, %s", inputs, both)
	q, v, t := a.vs(0, 4), a.v(4), a.vs(5, 6)
	read, write := k.pairs()
	at := func(i int, ptrs []string) string {
		if i%2 == 0 {
			return "(" + ptrs[i/2] + ")"
		}
		return "(" + ptrs[i/2] + ")(R10*8)"
	}
	a.at(loop)
	for i := range len(read) * 2 {
		a.maskedLoad(at(i, read), inputs, q[i])
	}
	if k.param("dy") != "" {
		a.p("VEXPANDPS.Z (R9), %s, %s", windows, v)
	}
	k.body(a, q, v, t)
	for i := range len(write) * 2 {
		a.maskedStore(q[i], inputs, at(i, write))
	}
	if k.param("dst") != "" {
		a.p("VCOMPRESSPS %s, %s, %s", v, windows, v)
		a.maskedStore(v, both, "(R9)")
	}
	a.p("LEAQ (R9)(CX*4), R9")
	for _, p := range append(read, write...) {
		a.p("LEAQ (%s)(R10*8), %s", p, p)
		a.p("LEAQ (%s)(R10*8), %s", p, p)
	}
	a.p("SUBQ $2, R11")
	a.p("CMPQ R11, $2")
	a.p("JGE %s", loop)
}

// poolMasks makes the masks of the rest of a row: of its R13 windows, and of the
// first and second vector of their inputs.
func (a *asm) poolMasks() {
	a.p("LEAQ (R13)(R13*1), AX")
	a.p("MOVQ AX, CX")
	a.p("SUBQ $%d, CX", a.lanes)
	a.p("XORQ R8, R8")
	a.p("TESTQ CX, CX")
	a.p("CMOVQLT R8, CX")
	a.p("SUBQ CX, AX")
	a.laneMask("AX", a.poolMask(1))
	a.laneMask("CX", a.poolMask(2))
	a.p("MOVQ R13, AX")
	a.laneMask("AX", a.poolMask(0))
}

// poolMask names the mask of the windows (0) or of an input vector (1, 2).
func (a *asm) poolMask(i int) string {
	if a.avx512() {
		return fmt.Sprintf("K%d", 3+i)
	}
	return a.last(i)
}

// maskedLoad loads the lanes of mask, all if it is "".
func (a *asm) maskedLoad(mem, mask, dst string) {
	switch {
	case mask == "":
		a.p("VMOVUPS %s, %s", mem, dst)
	case a.avx512():
		a.p("VMOVUPS.Z %s, %s, %s", mem, mask, dst)
	default:
		a.p("VMASKMOVPS %s, %s, %s", mem, mask, dst)
	}
}

// maskedStore stores the lanes of mask, all if it is "".
func (a *asm) maskedStore(src, mask, mem string) {
	switch {
	case mask == "":
		a.p("VMOVUPS %s, %s", src, mem)
	case a.avx512():
		a.p("VMOVUPS %s, %s, %s", src, mask, mem)
	default:
		a.p("VMASKMOVPS %s, %s, %s", src, mask, mem)
	}
}

// unmix puts v into order, mix undoes it.
func (a *asm) unmix(v, tmp string) { a.permutePairs(v, tmp, 0) }
func (a *asm) mix(v, tmp string)   { a.permutePairs(v, tmp, 64) }

func (a *asm) permutePairs(v, tmp string, table int) {
	if a.neon() { // its vectors are one part
		return
	}
	if !a.avx512() {
		a.p("VPERMPD $0xd8, %s, %s", v, v)
		return
	}
	a.p("VMOVUPS mix<>+%d(SB), %s", table, tmp)
	a.p("VPERMQ %s, %s, %s", v, tmp, v)
}

// duel gives dy to the gradient of y, and takes it from the earlier ones, where
// y beats best.
func (a *asm) duel(best, y string, earlier []string, gy, dy, wins, t string) {
	const notLessEqual, ordered = 22, 7
	if a.neon() {
		a.beats(y, best, wins, t)
		a.op(opAnd, dy, wins, gy)
		for _, g := range earlier {
			a.word(bic(num(g), num(g), num(wins)))
		}
		return
	}
	if a.avx512() {
		a.p("VCMPPS $%d, %s, %s, K1", ordered, best, best)
		a.p("VCMPPS $%d, %s, %s, K1, K1", notLessEqual, best, y)
		a.p("VMOVAPS %s, K1, %s", y, best)
		a.p("VMOVAPS.Z %s, K1, %s", dy, gy)
		a.p("KNOTW K1, K1")
		for _, g := range earlier {
			a.p("VMOVAPS.Z %s, K1, %s", g, g)
		}
		return
	}
	a.p("VCMPPS $%d, %s, %s, %s", ordered, best, best, t)
	a.p("VCMPPS $%d, %s, %s, %s", notLessEqual, best, y, wins)
	a.p("VANDPS %s, %s, %s", t, wins, wins)
	a.p("VBLENDVPS %s, %s, %s, %s", wins, y, best, best)
	a.p("VANDPS %s, %s, %s", dy, wins, gy)
	for _, g := range earlier {
		a.p("VANDNPS %s, %s, %s", g, wins, g)
	}
}

// emitPeak writes a loop of independent multiply-adds, two dozen vectors a
// round where there are registers for them.
func emitPeak(a *asm) {
	n := a.beginPeak("MOVQ rounds+0(FP), CX")
	loop := a.label("loop")
	a.at(loop)
	for i := range n {
		a.fma(a.v(n), a.v(n+1), a.v(i))
	}
	a.p("DECQ CX")
	a.p("JNZ %s", loop)
	a.ret()
}

// beginPeak begins the function and returns the number of multiply-adds of a round. It loads the rounds by load, into the
// register that counts.
func (a *asm) beginPeak(load string) int {
	n := a.regs - 4
	a.row("PeakLoop", "peakLoop", 0, 0)
	a.fn("peakLoop", "(rounds int)", "runs rounds of as many vector multiply-adds as PeakVectors says.", 0, 8)
	a.p("%s", load)
	for i := range n + 2 {
		a.zero(a.v(i))
	}
	return n
}
