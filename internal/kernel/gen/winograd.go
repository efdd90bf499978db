package main

import (
	"fmt"
	"math"
)

// Offsets into the Go struct gridWalk.
const (
	walkSrcRow  = 0
	walkSrcCol  = 8
	walkSrcNext = 16
	walkDstRow  = 24
	walkDstCol  = 32
	walkDstNext = 40
)

// The points of the interpolation, beside 0 and infinity, are -a, a, -b and b.
var (
	pointA = math.Sqrt(0.5)
	pointB = math.Sqrt(2)
)

// A lineTransform turns a line of in values into one of out values.
type lineTransform struct {
	in, out int
	emit    func(t gridGen)
}

// A gridTransform multiplies a grid of vectors by a matrix from the left and by its transpose from the right. The matrices are those of
// internal/kernel/winograd_generic.go.
type gridTransform struct {
	row, name, doc string
	lineTransform
}

// gridTransforms are those of Winograd convolution.
var gridTransforms = []gridTransform{
	{"WinogradInput", "winogradInput", "transforms tiles of the input", lineTransform{6, 6, gridGen.input}},
	{"WinogradOutput", "winogradOutput", "transforms products to tiles of the output", lineTransform{6, 4, gridGen.output}},
	{"WinogradWeights", "winogradWeights", "transforms weights", lineTransform{3, 6, gridGen.weights}},
	{"WinogradGrad", "winogradGrad", "transforms tiles of the output gradient", lineTransform{4, 6, gridGen.grad}},
	{"WinogradWeightGrad", "winogradWeightGrad", "transforms products to gradients of the weights", lineTransform{6, 3, gridGen.weightGrad}},
	{"Winograd2Input", "winograd2Input", "transforms tiles of the input", lineTransform{4, 4, gridGen.input2}},
	{"Winograd2Output", "winograd2Output", "transforms products to tiles of the output", lineTransform{4, 2, gridGen.output2}},
	{"Winograd2Weights", "winograd2Weights", "transforms weights", lineTransform{3, 4, gridGen.weights2}},
}

// emitWinograd writes the transforms.
func emitWinograd(a *asm) {
	for _, t := range gridTransforms {
		t.begin(a)
		a.grids(t.lineTransform)
	}
}

// begin begins the function of t.
func (t gridTransform) begin(a *asm) {
	a.row(t.row, t.name, 0, 0)
	a.fn(t.name, "(dst, src, tmp *float32, walk *gridWalk, n int)", t.doc+", n grids of vectors, by way of tmp.", 0, 40)
}

// gridGen emits the transform of one line: its values are in registers 0 on, and store takes value i of the result. Registers from
// temp on are free.
type gridGen struct {
	*asm
	consts map[float64]string
	store  func(i int, reg string)
}

// grids emits the loop over the grids: first the columns, into tmp, then the rows.
func (a *asm) grids(t lineTransform) {
	g := gridGen{asm: a, consts: map[float64]string{}}
	for _, arg := range []string{"dst+0(FP), DI", "src+8(FP), SI", "tmp+16(FP), DX", "walk+24(FP), R15", "n+32(FP), CX"} {
		a.p("MOVQ %s", arg)
	}
	a.p("MOVQ %d(R15), R8", walkSrcRow)
	a.p("MOVQ %d(R15), R11", walkDstCol)
	a.p("MOVQ %d(R15), BX", walkDstRow)
	for _, r := range [][3]string{{"R8", "R9", "R10"}, {"R11", "R12", "R13"}} {
		a.p("LEAQ (%s)(%s*2), %s", r[0], r[0], r[1])
		a.p("LEAQ (%s)(%s*4), %s", r[0], r[0], r[2])
	}
	loop := a.label("grid")
	mark := a.text.Len()
	a.at(loop)
	a.p("MOVQ SI, AX")
	for j := range t.in {
		for i := range t.in {
			a.p("VMOVUPS %s, %s", fifth("AX", "R8", "R9", "R10", i), a.v(i))
		}
		g.store = func(i int, reg string) { a.p("VMOVUPS %s, %d(DX)", reg, (i*t.in+j)*a.bytes()) }
		t.emit(g)
		a.p("ADDQ %d(R15), AX", walkSrcCol)
	}
	a.p("MOVQ DI, AX")
	for i := range t.out {
		for j := range t.in {
			a.p("VMOVUPS %d(DX), %s", (i*t.in+j)*a.bytes(), a.v(j))
		}
		g.store = func(j int, reg string) { a.p("VMOVUPS %s, %s", reg, fifth("AX", "R11", "R12", "R13", j)) }
		t.emit(g)
		a.p("ADDQ BX, AX")
	}
	a.p("ADDQ %d(R15), SI", walkSrcNext)
	a.p("ADDQ %d(R15), DI", walkDstNext)
	a.p("DECQ CX")
	a.p("JNZ %s", loop)
	a.ret()
	g.loadConstants(mark)
}

// fifth addresses element i < 6 at p, the distance of elements being step, and three times and five times that in the other registers.
func fifth(p, step, step3, step5 string, i int) string {
	return []string{
		fmt.Sprintf("(%s)", p), fmt.Sprintf("(%s)(%s*1)", p, step), fmt.Sprintf("(%s)(%s*2)", p, step),
		fmt.Sprintf("(%s)(%s*1)", p, step3), fmt.Sprintf("(%s)(%s*4)", p, step), fmt.Sprintf("(%s)(%s*1)", p, step5),
	}[i]
}

// c returns the register that holds the constant x: constants take the registers from the last one down.
func (g gridGen) c(x float64) string {
	if g.consts[x] == "" {
		g.consts[x] = g.last(len(g.consts))
	}
	return g.consts[x]
}

// loadConstants inserts the loads of the constants at mark in the text.
func (g gridGen) loadConstants(mark int) {
	rest := string(g.text.Bytes()[mark:])
	g.text.Truncate(mark)
	for i := range len(g.consts) {
		for x, reg := range g.consts {
			if reg == g.last(i) {
				g.constant(g.f(x), reg)
			}
		}
	}
	g.text.WriteString(rest)
}

// scaled emits dst = x + s*y.
func (g gridGen) scaled(x string, s float64, y, dst string) {
	g.mov(x, dst)
	g.fma(y, g.c(s), dst)
}

// pair stores e + s*o as value i and e - s*o as value i+1. tmp and e are clobbered.
func (g gridGen) pair(e string, s float64, o, tmp string, i int) {
	g.scaled(e, s, o, tmp)
	g.store(i, tmp)
	g.fnma(o, g.c(s), e)
	g.store(i+1, e)
}

// sums emits the sum of x and y in x, and the difference in diff.
func (g gridGen) sums(x, y, diff string) {
	g.op(opSub, x, y, diff)
	g.op(opAdd, x, y, x)
}

func (g gridGen) input() {
	x := g.vs(0, 6)
	p, q, t := g.v(6), g.v(7), g.v(8)
	g.scaled(x[4], -2, x[2], p)
	g.scaled(x[3], -2, x[1], q)
	g.pair(p, pointA, q, t, 1)
	g.scaled(x[4], -0.5, x[2], p)
	g.scaled(x[3], -0.5, x[1], q)
	g.pair(p, pointB, q, t, 3)
	g.op(opAdd, x[0], x[4], x[0])
	g.fma(x[2], g.c(-2.5), x[0])
	g.store(0, x[0])
	g.op(opAdd, x[5], x[1], x[5])
	g.fma(x[3], g.c(-2.5), x[5])
	g.store(5, x[5])
}

func (g gridGen) output() {
	m, d1, d2 := g.vs(0, 6), g.v(6), g.v(7)
	g.sums(m[1], m[2], d1)
	g.sums(m[3], m[4], d2)
	g.op(opAdd, m[0], m[1], m[0])
	g.op(opAdd, m[0], m[3], m[0])
	g.store(0, m[0])
	g.op(opMul, d1, g.c(pointA), m[2])
	g.fma(d2, g.c(pointB), m[2])
	g.store(1, m[2])
	g.op(opMul, m[1], g.c(0.5), m[1])
	g.fma(m[3], g.c(2), m[1])
	g.store(2, m[1])
	g.fma(d1, g.c(pointA/2), m[5])
	g.fma(d2, g.c(2*pointB), m[5])
	g.store(3, m[5])
}

func (g gridGen) weights() {
	w, e, o, t := g.vs(0, 3), g.v(3), g.v(4), g.v(5)
	g.store(0, w[0])
	g.store(5, w[2])
	g.op(opMul, w[0], g.c(-2.0/3), e)
	g.fma(w[2], g.c(-1.0/3), e)
	g.pair(e, -2*pointA/3, w[1], t, 1)
	g.op(opMul, w[0], g.c(1.0/6), o)
	g.fma(w[2], g.c(1.0/3), o)
	g.pair(o, pointB/6, w[1], t, 3)
}

func (g gridGen) input2() {
	x, t := g.vs(0, 4), g.v(4)
	g.op(opSub, x[0], x[2], t)
	g.store(0, t)
	g.op(opSub, x[1], x[3], t)
	g.store(3, t)
	g.sums(x[2], x[1], t)
	g.store(1, x[2])
	g.store(2, t)
}

func (g gridGen) output2() {
	m, t := g.vs(0, 4), g.v(4)
	g.sums(m[1], m[2], t)
	g.op(opAdd, m[0], m[1], m[0])
	g.store(0, m[0])
	g.op(opSub, t, m[3], t)
	g.store(1, t)
}

func (g gridGen) weights2() {
	w, e, t := g.vs(0, 3), g.v(3), g.v(4)
	g.store(0, w[0])
	g.store(3, w[2])
	g.op(opAdd, w[0], w[2], e)
	g.op(opMul, e, g.c(0.5), e)
	g.pair(e, 0.5, w[1], t, 1)
}

func (g gridGen) grad() {
	y, e, o, t := g.vs(0, 4), g.v(4), g.v(5), g.v(6)
	g.store(0, y[0])
	g.store(5, y[3])
	g.scaled(y[0], 0.5, y[2], e)
	g.scaled(y[1], 0.5, y[3], o)
	g.pair(e, pointA, o, t, 1)
	g.scaled(y[0], 2, y[2], e)
	g.scaled(y[1], 2, y[3], o)
	g.pair(e, pointB, o, t, 3)
}

func (g gridGen) weightGrad() {
	m, d1, d2 := g.vs(0, 6), g.v(6), g.v(7)
	g.sums(m[1], m[2], d1)
	g.sums(m[3], m[4], d2)
	g.fma(m[1], g.c(-2.0/3), m[0])
	g.fma(m[3], g.c(1.0/6), m[0])
	g.store(0, m[0])
	g.op(opMul, d1, g.c(-2*pointA/3), m[2])
	g.fma(d2, g.c(pointB/6), m[2])
	g.store(1, m[2])
	g.fma(m[1], g.c(-1.0/3), m[5])
	g.fma(m[3], g.c(1.0/3), m[5])
	g.store(2, m[5])
}
