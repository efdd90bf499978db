package main

import "fmt"

// isa is what differs between the vector instruction sets.
type isa struct {
	arch   string // GOARCH
	name   string // in file names
	suffix string // of function names
	lanes  int    // float32 values in a register
	regs   int    // vector registers
	reg    string // letter of the register names
	rows   [4]int // of the largest register tile of 1 vector, of 2, 3 and 4
}

var (
	avx512 = &isa{arch: "amd64", name: "avx512", suffix: "AVX512", lanes: 16, regs: 32, reg: "Z", rows: [4]int{14, 14, 9, 6}}
	avx2   = &isa{arch: "amd64", name: "avx2", suffix: "AVX2", lanes: 8, regs: 16, reg: "Y", rows: [4]int{6, 6, 4, 2}}
	neon   = &isa{arch: "arm64", name: "neon", suffix: "NEON", lanes: 4, regs: 32, reg: "V", rows: [4]int{12, 12, 8, 6}}
)

func (s *isa) avx512() bool { return s == avx512 }
func (s *isa) neon() bool   { return s == neon }

// v names vector register i. The assembler would take one that the level lacks, in an encoding of a later level.
func (s *isa) v(i int) string {
	if i >= s.regs {
		panic(fmt.Sprintf("%s has no register %d", s.name, i))
	}
	return fmt.Sprintf("%s%d", s.reg, i)
}

// vs names registers from .. from+n-1.
func (s *isa) vs(from, n int) []string {
	r := make([]string, n)
	for i := range r {
		r[i] = s.v(from + i)
	}
	return r
}

// bytes is the size of a vector register.
func (s *isa) bytes() int { return 4 * s.lanes }

// last names register i counted from the end; the tail mask of AVX2 lives in
// last(0), so kernels with a tail keep off it.
func (s *isa) last(i int) string { return s.v(s.regs - 1 - i) }

// tailMask makes the mask of the first n lanes, n in register n (clobbered
// with R8), for the masked forms of load and store.
func (a *asm) tailMask(n string) {
	if a.avx512() {
		a.laneMask(n, "K1")
		return
	}
	a.laneMask(n, a.last(0))
}

// laneMask puts the mask of the first n lanes into mask; n and R8 are
// clobbered.
func (a *asm) laneMask(n, mask string) {
	if a.avx512() {
		a.p("MOVL $-1, R8")
		a.p("BZHIL %s, R8, R8", n)
		a.p("KMOVW R8, %s", mask)
		return
	}
	a.p("LEAQ lanemask<>+32(SB), R8")
	a.p("SHLQ $2, %s", n)
	a.p("SUBQ %s, R8", n)
	a.p("VMOVUPS (R8), %s", mask)
}

// load emits dst = mem, where the tail form reads only the masked lanes and
// puts zeros in the others.
func (a *asm) load(mem, dst string, tail bool) {
	switch {
	case !tail:
		a.p("VMOVUPS %s, %s", mem, dst)
	case a.avx512():
		a.p("VMOVUPS.Z %s, K1, %s", mem, dst)
	default:
		a.p("VMASKMOVPS %s, %s, %s", mem, a.last(0), dst)
	}
}

// store emits mem = src, masked in its tail form.
func (a *asm) store(src, mem string, tail bool) {
	switch {
	case !tail:
		a.p("VMOVUPS %s, %s", src, mem)
	case a.avx512():
		a.p("VMOVUPS %s, K1, %s", src, mem)
	default:
		a.p("VMASKMOVPS %s, %s, %s", src, a.last(0), mem)
	}
}
