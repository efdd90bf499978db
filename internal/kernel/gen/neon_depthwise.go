package main

// emitDepthwiseNEON writes the kernels of [emitDepthwise].
func emitDepthwiseNEON(a *asm) {
	depthwise{a}.mulAddNEON()
	depthwise{a}.mulSumNEON()
}

// argsNEON loads the arguments. R9 to R17 point at up to nine values of x that are multiplied together, R24 bytes on (the second vector
// R25 bytes); R19 is the byte of the row at which the vector begins.
func (d depthwise) argsNEON(third, pitch string) {
	for i, name := range []string{"dst", "x", third, "taps", "n", "rows", "cols", pitch, "ldx"} {
		d.p("MOVD %s, R%d", arg(name, 8*i), i)
	}
}

// columnsNEON calls body for the columns of a row: two vectors at a time, one, two columns and one.
func (d depthwise) columnsNEON(body func(u, w int)) {
	step := func(u, w int) {
		body(u, w)
		d.add(4*u*w, "R19")
	}
	d.p("MOVD R6, R21")
	d.p("MOVD $0, R19")
	for _, u := range []int{2, 1} {
		d.countdown("R21", u*d.lanes, func() { step(u, d.lanes) })
	}
	d.pairAndSingle("R21", func(w int) { step(1, w) })
}

// sumsOf are the registers of u vectors of n sums.
func (d depthwise) sumsOf(n, u int) (acc [][]string) {
	for i := range n {
		acc = append(acc, d.vs(i*u, u))
	}
	return acc
}

// productsNEON adds to the sums the values that R9 and those after it point at, times the vectors at R26.
func (d depthwise) productsNEON(acc [][]string, w int) {
	n, u := len(acc), len(acc[0])
	common, free := d.vs(n*u, u), (n+1)*u
	d.loads(w, "R26", 0, common...)
	for i, sums := range acc {
		for k, sum := range sums {
			v := d.v(free + (i*u+k)%(d.regs-free))
			d.loadAt(w, rowRegs[i], []string{"R24", "R25"}[k], v)
			d.fma(common[k], v, sum)
		}
	}
}

// secondVector points R25 at the second of u vectors.
func (d depthwise) secondVector(u int) {
	if u > 1 {
		d.p("ADD $%d, R24, R25", d.bytes())
	}
}

// mulAddNEON is [depthwise.mulAdd].
func (d depthwise) mulAddNEON() {
	d.beginMulAdd()
	d.argsNEON("w", "ldd")
	for _, n := range []int{8, 4, 2, 1} {
		d.countdown("R5", n, func() {
			d.p("MOVD R1, %s", rowRegs[0])
			for i := 1; i < n; i++ {
				d.p("ADD R8, %s, %s", rowRegs[i-1], rowRegs[i])
			}
			d.columnsNEON(func(u, w int) { d.outputsNEON(n, u, w) })
			d.p("ADD R8, %s, R1", rowRegs[n-1])
			d.p("MOVD $%d, R26", n)
			d.p("MADD R7, R0, R26, R0")
		})
	}
	d.ret()
}

// outputsNEON does u vectors of n outputs, or w values of each: R23 walks over the taps.
func (d depthwise) outputsNEON(n, u, w int) {
	acc := d.sumsOf(n, u)
	for _, sums := range acc {
		for _, sum := range sums {
			d.zero(sum)
		}
	}
	d.p("MOVD R3, R23")
	d.p("MOVD R4, R22")
	d.repeat("R22", func() {
		d.p("LDP.P 16(R23), (R24, R26)")
		d.p("ADD R19, R24")
		d.secondVector(u)
		d.p("ADD R19, R26")
		d.p("ADD R2, R26")
		d.productsNEON(acc, w)
	})
	d.p("ADD R19, R0, R26")
	for i, sums := range acc {
		if i > 0 {
			d.p("ADD R7, R26")
		}
		d.stores(w, "R26", 0, sums...)
	}
}

// mulSumNEON is [depthwise.mulSum]: R23 walks over the taps, R22 counts them.
func (d depthwise) mulSumNEON() {
	d.beginMulSum()
	d.argsNEON("y", "ldy")
	d.columnsNEON(func(u, w int) {
		d.p("MOVD R3, R23")
		d.p("MOVD R4, R22")
		for _, n := range []int{9, 3, 1} {
			d.countdown("R22", n, func() {
				d.tapSumsNEON(n, u, w)
				d.add(16*n, "R23")
			})
		}
	})
	d.ret()
}

// tapSumsNEON does u vectors of the sums of the n taps at R23, or w values of each.
func (d depthwise) tapSumsNEON(n, u, w int) {
	acc := d.sumsOf(n, u)
	eachTap := func(visit func(i int)) {
		for i := range n {
			d.p("MOVD %d(R23), R26", 16*i+8)
			d.p("ADD R0, R26")
			d.p("ADD R19, R26")
			visit(i)
		}
	}
	eachTap(func(i int) {
		d.loads(w, "R26", 0, acc[i]...)
		d.p("MOVD %d(R23), %s", 16*i, rowRegs[i])
		d.p("ADD R1, %s", rowRegs[i])
	})
	d.p("MOVD R19, R24")
	d.secondVector(u)
	d.p("ADD R19, R2, R26")
	d.p("MOVD rows+40(FP), R5")
	d.repeat("R5", func() {
		d.productsNEON(acc, w)
		d.p("ADD R7, R26")
		d.p("ADD R8, R24")
		d.secondVector(u)
	})
	eachTap(func(i int) { d.stores(w, "R26", 0, acc[i]...) })
}
