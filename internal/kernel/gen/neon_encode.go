package main

import "fmt"

// An inst is an instruction of arm64 that Go's assembler lacks: its encoding, after the Arm Architecture Reference Manual (DDI 0487),
// section C7.2, and how ARM's assembler writes it.
type inst struct {
	word uint32
	text string
}

// word emits i.
func (a *asm) word(i inst) { a.p("WORD $0x%08x // %s", i.word, i.text) }

// same is an instruction of two vectors and a result, all of four values.
func same(name string, code uint32) func(d, n, m int) inst {
	return func(d, n, m int) inst {
		return inst{code | uint32(m<<16|n<<5|d), fmt.Sprintf("%s v%d.4s, v%d.4s, v%d.4s", name, d, n, m)}
	}
}

// unary is one of one vector; last is an operand that has no place in the code.
func unary(name string, code uint32, last string) func(d, n int) inst {
	return func(d, n int) inst {
		return inst{code | uint32(n<<5|d), fmt.Sprintf("%s v%d.4s, v%d.4s%s", name, d, n, last)}
	}
}

var (
	fadd  = same("fadd", 0x4e20d400)
	fsub  = same("fsub", 0x4ea0d400)
	fmul  = same("fmul", 0x6e20dc00)
	fdiv  = same("fdiv", 0x6e20fc00)
	fmax  = same("fmax", 0x4e20f400)
	fmin  = same("fmin", 0x4ea0f400)
	faddp = same("faddp", 0x6e20d400) // sums of pairs, those of n first
	fcmeq = same("fcmeq", 0x4e20e400)
	fcmge = same("fcmge", 0x6e20e400)
	fcmgt = same("fcmgt", 0x6ea0e400)

	fneg   = unary("fneg", 0x6ea0f800, "")
	fabs   = unary("fabs", 0x4ea0f800, "")
	fsqrt  = unary("fsqrt", 0x6ea1f800, "")
	frintn = unary("frintn", 0x4e218800, "") // to whole numbers, halves to even ones
	fcvtns = unary("fcvtns", 0x4e21a800, "") // the same as integers
	scvtf  = unary("scvtf", 0x4e21d800, "")
	ucvtf  = unary("ucvtf", 0x6e21d800, "")
	fcmgt0 = unary("fcmgt", 0x4ea0c800, ", #0.0")
	fcmlt0 = unary("fcmlt", 0x4ea0e800, ", #0.0")
)

// bic is d = n and not m.
func bic(d, n, m int) inst {
	return inst{0x4e601c00 | uint32(m<<16|n<<5|d), fmt.Sprintf("bic v%d.16b, v%d.16b, v%d.16b", d, n, m)}
}

// sshr shifts signed integers to the right.
func sshr(d, n, shift int) inst {
	return inst{0x4f000400 | uint32((64-shift)<<16|n<<5|d), fmt.Sprintf("sshr v%d.4s, v%d.4s, #%d", d, n, shift)}
}

// fmla is d += n * m[lane], rounded once.
func fmla(d, n, m, lane int) inst {
	return inst{0x4f801000 | uint32(lane&1<<21|m<<16|lane>>1<<11|n<<5|d), fmt.Sprintf("fmla v%d.4s, v%d.4s, v%d.s[%d]", d, n, m, lane)}
}

// ldrq loads the vector at the sum of two registers.
func ldrq(t, base, index int) inst {
	return inst{0x3ce06800 | uint32(index<<16|base<<5|t), fmt.Sprintf("ldr q%d, [x%d, x%d]", t, base, index)}
}

// strq stores there.
func strq(t, base, index int) inst {
	return inst{0x3ca06800 | uint32(index<<16|base<<5|t), fmt.Sprintf("str q%d, [x%d, x%d]", t, base, index)}
}
