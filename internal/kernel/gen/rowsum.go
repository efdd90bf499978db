package main

import (
	"fmt"
	"strings"
)

// A rowSum is a kernel that folds the rows of a matrix into one row: each column is
// one running sum, from zero, in the order of the rows.
type rowSum struct {
	name, doc string
	in        []string // matrices of the same pitch
	mean      bool     // a row that is first taken off the last matrix
	// step adds the terms at t, one value for each matrix, to acc.
	step func(a *asm, acc string, t []string)
}

var rowSums = []rowSum{
	{"sumRows", "sums the rows of x.", []string{"x"}, false, func(a *asm, acc string, t []string) {
		a.op(opAdd, acc, t[0], acc)
	}},
	{"squaresAboutRows", "sums (x-mean)*(x-mean) over the rows of x.", []string{"x"}, true, func(a *asm, acc string, t []string) {
		a.fma(t[0], t[0], acc)
	}},
	{"dotAboutRows", "sums a*(b-mean) over the rows of a and b.", []string{"a", "b"}, true, func(a *asm, acc string, t []string) {
		a.fma(t[0], t[1], acc)
	}},
}

func emitRowSums(a *asm) {
	for _, r := range rowSums {
		r.emit(a)
	}
}

// begin begins the kernel's function and returns the size of its slices.
func (r rowSum) begin(a *asm) (slices int) {
	in := r.in
	if r.mean {
		in = append(in[:len(in):len(in)], "mean")
	}
	slices = 24 * (1 + len(in))
	a.fn(r.name, "(dst, "+strings.Join(in, ", ")+" []float32, rows, ld int)", r.doc, 0, slices+16)
	a.row(strings.ToUpper(r.name[:1])+r.name[1:], r.name, 0, 0)
	return slices
}

// emit writes the kernel: blocks of vectors of columns that stay in registers while the
// rows go by, of halving width, and a masked rest.
func (r rowSum) emit(a *asm) {
	args := r.begin(a)
	short, done := a.label("short"), a.label("done")
	a.p("MOVQ dst_base+0(FP), DI")
	a.p("MOVQ dst_len+8(FP), CX")
	a.p("MOVQ rows+%d(FP), R13", args)
	a.p("MOVQ ld+%d(FP), R12", args+8)
	a.p("TESTQ CX, CX")
	a.p("JZ %s", done)
	r.check(a, short)
	a.p("SHLQ $2, R12")
	for u := r.width(a); u >= 1; u /= 2 {
		loop, end := a.label("loop"), a.label("end")
		a.at(loop)
		a.p("CMPQ CX, $%d", u*a.lanes)
		a.p("JLT %s", end)
		r.block(a, u, false)
		a.p("SUBQ $%d, CX", u*a.lanes)
		a.p("JMP %s", loop)
		a.at(end)
	}
	a.p("TESTQ CX, CX")
	a.p("JZ %s", done)
	a.tailMask("CX")
	r.block(a, 1, true)
	a.at(done)
	a.ret()
	a.at(short)
	a.p("JMP ·panicLength(SB)")
}

// width is the number of vectors of the widest block.
func (r rowSum) width(a *asm) int {
	if r.mean && !a.avx512() {
		return 4 // the means need registers too
	}
	return 8
}

// ptrs walk along the columns of the matrices, rows down a block.
func (r rowSum) ptrs() (ptrs, rows []string) {
	n := len(r.in)
	return []string{"SI", "DX"}[:n], []string{"R9", "R10"}[:n]
}

// check loads the pointers and goes to short unless the slices hold R13 rows of CX
// columns, R12 apart.
func (r rowSum) check(a *asm, short string) {
	ptrs, _ := r.ptrs()
	if r.mean {
		at := 24 * (1 + len(r.in))
		a.p("MOVQ mean_base+%d(FP), BX", at)
		a.p("CMPQ CX, mean_len+%d(FP)", at+8)
		a.p("JGT %s", short)
	}
	rows := a.label("rows")
	for i, in := range r.in {
		a.p("MOVQ %s_base+%d(FP), %s", in, 24*(1+i), ptrs[i])
	}
	a.p("TESTQ R13, R13")
	a.p("JLE %s", rows)
	a.p("TESTQ R12, R12")
	a.p("JLT %s", short)
	a.p("LEAQ -1(R13), AX")
	a.p("IMULQ R12, AX")
	a.p("ADDQ CX, AX")
	for i, in := range r.in {
		a.p("CMPQ AX, %s_len+%d(FP)", in, 24*(1+i)+8)
		a.p("JGT %s", short)
	}
	a.at(rows)
}

// block sums u vectors of columns over all rows and moves on to the next columns.
func (r rowSum) block(a *asm, u int, tail bool) {
	acc, next := a.vs(0, u), u
	var mean []string
	if r.mean {
		mean, next = a.vs(u, u), 2*u
	}
	t := a.vs(next, len(r.in))
	ptrs, rows := r.ptrs()
	for k := range u {
		a.zero(acc[k])
		if r.mean {
			a.load(fmt.Sprintf("%d(BX)", k*a.bytes()), mean[k], tail)
		}
	}
	for i, p := range ptrs {
		a.p("MOVQ %s, %s", p, rows[i])
	}
	row, end := a.label("row"), a.label("sum")
	a.p("MOVQ R13, R11")
	a.p("TESTQ R11, R11")
	a.p("JLE %s", end)
	a.at(row)
	for k := range u {
		for i, p := range rows {
			a.load(fmt.Sprintf("%d(%s)", k*a.bytes(), p), t[i], tail)
		}
		if r.mean {
			last := t[len(rows)-1]
			a.op(opSub, last, mean[k], last)
		}
		r.step(a, acc[k], t)
	}
	for _, p := range rows {
		a.p("ADDQ R12, %s", p)
	}
	a.p("DECQ R11")
	a.p("JNZ %s", row)
	a.at(end)
	for k := range u {
		a.store(acc[k], fmt.Sprintf("%d(DI)", k*a.bytes()), tail)
	}
	for _, p := range append([]string{"DI", "BX"}, ptrs...) {
		if p != "BX" || r.mean {
			a.p("ADDQ $%d, %s", u*a.bytes(), p)
		}
	}
}
