package main

// foldNEON is the step of a window: it folds the values v of the tap with that number into acc. best is a register that lasts beside
// acc, y holds the values of y, and the registers t are free.
type foldNEON func(a *asm, acc, best, v, y, number string, t []string)

// foldsNEON are the steps of the windows by name.
var foldsNEON = map[string]foldNEON{
	"windowMax":   func(a *asm, acc, _, v, _, _ string, _ []string) { maxJoin(a, acc, v, "") },
	"windowSum":   func(a *asm, acc, _, v, _, _ string, _ []string) { a.op(opAdd, acc, v, acc) },
	"windowArg":   (*asm).argNEON,
	"windowIndex": (*asm).argNEON,
	"windowPick": func(a *asm, acc, _, v, y, number string, _ []string) {
		a.word(fcmeq(num(v), num(v), num(number)))
		a.op(opAnd, y, v, y)
		a.op(opAdd, acc, y, acc)
	},
}

// argNEON is [asm.argTap].
func (a *asm) argNEON(acc, best, v, _, number string, t []string) {
	a.beats(v, best, t[0], t[1])
	a.three("VBIT", "B16", t[0], number, acc)
}

// numbered tells whether the steps use the numbers of the taps.
func (w window) numbered() bool { return w.name != "windowMax" && w.name != "windowSum" }

// emitWindowNEON writes the window kernels.
func emitWindowNEON(a *asm) {
	for _, w := range windows {
		w.emitNEON(a)
	}
}

// emitNEON writes the kernel: a loop over the rows, four vectors of a row at a time, then one and its parts, and the taps. R0 and R1
// are the rows of dst and x, R2 that of y or how far y is from x; R10 is the place in the row.
func (w window) emitNEON(a *asm) {
	w.begin(a)
	for _, x := range []string{"dst+0(FP), R0", "x+8(FP), R1", "y+16(FP), R2", "taps+24(FP), R3", "n+32(FP), R4", "rows+40(FP), R5",
		"cols+48(FP), R6", "ldd+56(FP), R7", "ldx+64(FP), R8"} {
		a.p("MOVD %s", x)
	}
	if w.y == besideX {
		a.p("SUB R1, R2")
	}
	a.repeat("R5", func() {
		a.p("MOVD R6, R9")
		a.p("MOVD $0, R10")
		for _, u := range []int{4, 1} {
			a.countdown("R9", 4*u, func() { w.vectorsNEON(a, u, 4) })
		}
		a.pairAndSingle("R9", func(n int) { w.vectorsNEON(a, 1, n) })
		a.p("ADD R7, R0")
		a.p("ADD R8, R1")
		if w.y == startOfY {
			a.p("ADD R6<<2, R2")
		}
	})
	a.ret()
}

// vectorsNEON does u vectors of outputs, or width values.
func (w window) vectorsNEON(a *asm, u, width int) {
	acc, best, v, y := a.vs(0, u), a.vs(4, u), a.vs(8, u), a.vs(12, u)
	number, t := a.v(20), a.vs(21, 2)
	for k := range u {
		w.start(a, acc[k], best[k])
	}
	if w.y == startOfY {
		a.p("ADD R10, R2, R11")
		a.loads(width, "R11", 0, acc...)
	}
	a.p("ADD R10, R1, R11")
	a.p("MOVD R3, R12")
	a.p("MOVD R4, R13")
	a.repeat("R13", func() {
		a.p("MOVD.P 8(R12), R14")
		a.p("ADD R11, R14")
		a.loads(width, "R14", 0, v...)
		if w.numbered() {
			a.broadcast("R12", number)
		}
		if w.y == besideX {
			a.p("ADD R2, R14")
			a.loads(width, "R14", 0, y...)
		}
		a.add(8, "R12")
		for k := range u {
			foldsNEON[w.name](a, acc[k], best[k], v[k], y[k], number, t)
		}
	})
	a.p("ADD R10, R0, R11")
	a.stores(width, "R11", 0, acc...)
	a.add(4*u*width, "R10")
}
