package main

import (
	"fmt"
	"strings"
)

// An operation of two vectors.
type operation struct {
	amd64 string
	evex  string // its name under AVX-512, if that is another
	arm64 func(a *asm, x, y, dst string)
}

// The maximum and the minimum of amd64 are the second operand where one is NaN or both are zero; those of arm64 are NaN where one is, and
// order the zeros.
var (
	opAdd    = operation{amd64: "VADDPS", arm64: encoded(fadd)}
	opSub    = operation{amd64: "VSUBPS", arm64: encoded(fsub)}
	opMul    = operation{amd64: "VMULPS", arm64: encoded(fmul)}
	opDiv    = operation{amd64: "VDIVPS", arm64: encoded(fdiv)}
	opMax    = operation{amd64: "VMAXPS", arm64: encoded(fmax)}
	opMin    = operation{amd64: "VMINPS", arm64: encoded(fmin)}
	opAnd    = operation{amd64: "VANDPS", arm64: native("VAND", "B16")}
	opOr     = operation{amd64: "VORPS", arm64: native("VORR", "B16")}
	opXor    = operation{amd64: "VXORPS", arm64: native("VEOR", "B16")}
	opAndInt = operation{amd64: "VPAND", evex: "VPANDD", arm64: native("VAND", "B16")}
	opAddInt = operation{amd64: "VPADDD", arm64: native("VADD", "S4")}
	opSubInt = operation{amd64: "VPSUBD", arm64: native("VSUB", "S4")}
)

// native is an instruction that Go's assembler knows.
func native(mn, arrangement string) func(a *asm, x, y, dst string) {
	return func(a *asm, x, y, dst string) { a.three(mn, arrangement, y, x, dst) }
}

// encoded is one that it does not.
func encoded(f func(d, n, m int) inst) func(a *asm, x, y, dst string) {
	return func(a *asm, x, y, dst string) { a.word(f(num(dst), num(x), num(y))) }
}

// op emits dst = x OP y. y may be a constant.
func (a *asm) op(o operation, x, y, dst string) {
	switch {
	case a.neon():
		o.arm64(a, x, a.inRegister(y), dst)
	case a.avx512() && o.evex != "":
		a.vex(o.evex, x, y, dst)
	default:
		a.vex(o.amd64, x, y, dst)
	}
}

// vex emits an instruction of amd64 with two operands and a result.
func (a *asm) vex(mn, x, y, dst string) {
	if a.avx512() && strings.HasPrefix(y, "consts<>") {
		mn += ".BCST"
	}
	a.p("%s %s, %s, %s", mn, y, x, dst)
}

// fma emits acc += x*y. y may be a constant.
func (a *asm) fma(x, y, acc string) {
	if a.neon() {
		a.three("VFMLA", "S4", a.inRegister(y), x, acc)
		return
	}
	a.vex("VFMADD231PS", x, y, acc)
}

// fnma emits acc -= x*y. y may be a constant.
func (a *asm) fnma(x, y, acc string) {
	if a.neon() {
		a.three("VFMLS", "S4", a.inRegister(y), x, acc)
		return
	}
	a.vex("VFNMADD231PS", x, y, acc)
}

// mulAdd emits x = x*y + z. z may be a constant.
func (a *asm) mulAdd(y, z, x string) {
	if a.neon() {
		sum := a.temp()
		a.copyTo(z, sum)
		a.fma(x, y, sum)
		a.mov(sum, x)
		return
	}
	a.vex("VFMADD213PS", y, z, x)
}

// horner emits p = (...(c[0]*x + c[1])*x + ...) + c[n-1].
func (a *asm) horner(x, p string, c ...float64) {
	if a.neon() {
		a.hornerNEON(x, p, c)
		return
	}
	a.constant(a.f(c[0]), p)
	for _, k := range c[1:] {
		a.mulAdd(x, a.f(k), p)
	}
}

// constant loads a constant into a register.
func (a *asm) constant(c, dst string) {
	switch {
	case a.neon():
		a.loadConstant(c, dst)
	case a.avx512():
		a.p("VBROADCASTSS %s, %s", c, dst)
	default:
		a.p("VMOVUPS %s, %s", c, dst)
	}
}

// mov emits dst = src.
func (a *asm) mov(src, dst string) {
	if a.neon() {
		a.p("VMOV %s.B16, %s.B16", src, dst)
		return
	}
	a.p("VMOVAPS %s, %s", src, dst)
}

// zero emits dst = 0.
func (a *asm) zero(dst string) {
	switch {
	case a.neon():
		a.p("VMOVI $0, %s.B16", dst)
	case a.avx512():
		a.p("VPXORD %s, %s, %s", dst, dst, dst)
	default:
		a.p("VXORPS %s, %s, %s", dst, dst, dst)
	}
}

// Predicates of VCMPPS: ordered and quiet, so false for NaN.
const (
	lessThan    = 17
	equal       = 0
	unordered   = 3
	greaterThan = 30
)

// blend emits dst = x PRED y ? then : dst. tmp is clobbered (K2 under AVX-512).
// y may be a constant.
func (a *asm) blend(pred int, x, y, then, dst, tmp string) {
	if a.neon() {
		a.blendNEON(pred, x, a.inRegister(y), then, dst, tmp)
		return
	}
	if a.avx512() {
		bcst := ""
		if y[0] == 'c' {
			bcst = ".BCST"
		}
		a.p("VCMPPS%s $%d, %s, %s, K2", bcst, pred, y, x)
		a.p("VMOVAPS %s, K2, %s", then, dst)
		return
	}
	a.p("VCMPPS $%d, %s, %s, %s", pred, y, x, tmp)
	a.p("VBLENDVPS %s, %s, %s, %s", tmp, then, dst, dst)
}

// relu emits x = x < 0 ? 0 : x.
func (a *asm) relu(x, tmp string) {
	if a.neon() {
		a.word(fcmlt0(num(tmp), num(x)))
		a.word(bic(num(x), num(x), num(tmp)))
		return
	}
	a.zero(tmp)
	a.op(opMax, tmp, x, x)
}

// round rounds x to whole numbers, halves to even ones.
func (a *asm) round(x string) {
	switch {
	case a.neon():
		a.word(frintn(num(x), num(x)))
	case a.avx512():
		a.p("VRNDSCALEPS $8, %s, %s", x, x)
	default:
		a.p("VROUNDPS $8, %s, %s", x, x)
	}
}

// toInt converts x to integers.
func (a *asm) toInt(x string) {
	if a.neon() {
		a.word(fcvtns(num(x), num(x)))
		return
	}
	a.p("VCVTPS2DQ %s, %s", x, x)
}

// toFloat converts the integers x.
func (a *asm) toFloat(x string) {
	if a.neon() {
		a.word(scvtf(num(x), num(x)))
		return
	}
	a.p("VCVTDQ2PS %s, %s", x, x)
}

// shiftRight emits dst = x >> n for signed integers.
func (a *asm) shiftRight(n int, x, dst string) {
	if a.neon() {
		a.word(sshr(num(dst), num(x), n))
		return
	}
	a.p("VPSRAD $%d, %s, %s", n, x, dst)
}

// shiftLeft emits x <<= n for integers.
func (a *asm) shiftLeft(n int, x string) {
	if a.neon() {
		a.p("VSHL $%d, %s.S4, %s.S4", n, x, x)
		return
	}
	a.p("VPSLLD $%d, %s, %s", n, x, x)
}

// num is the number of a vector register.
func num(reg string) int {
	var n int
	if _, err := fmt.Sscanf(reg[1:], "%d", &n); err != nil {
		panic("no register: " + reg)
	}
	return n
}
