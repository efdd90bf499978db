package main

// emitPoolNEON writes the pooling kernels and the loop that measures the peak.
func emitPoolNEON(a *asm) {
	for _, k := range pool2s {
		k.emitNEON(a)
	}
	n := a.beginPeak("MOVD rounds+0(FP), R0")
	a.repeat("R0", func() {
		for i := range n {
			a.fma(a.v(n), a.v(n+1), a.v(i))
		}
	})
	a.ret()
}

// emitNEON writes the kernel: R0 walks dst or dy, R1 and R2 the pair of rows that is read, R3 and R4 the one that is written.
func (k pool2) emitNEON(a *asm) {
	k.begin(a)
	a.p("MOVD %s, R5", k.number(0))
	a.p("MOVD %s, R6", k.number(1))
	a.p("MOVD %s, R7", k.number(2))
	var read, write []string
	for _, p := range [][3]string{{"x", "R1", "R2"}, {"dx", "R3", "R4"}, {"dst", "R0"}, {"dy", "R0"}} {
		arg := k.param(p[0])
		if arg == "" {
			continue
		}
		a.p("MOVD %s, %s", arg, p[1])
		if p[2] != "" {
			a.p("ADD R7<<2, %s, %s", p[1], p[2])
		}
		switch p[0] {
		case "x":
			read = p[1:]
		case "dx":
			write = p[1:]
		}
	}
	a.p("SUB R6, R7") // from the end of a row of windows to the next one
	a.p("LSL $3, R7")
	done := a.label("done")
	a.p("CBZ R5, %s", done)
	a.repeat("R5", func() {
		a.p("MOVD R6, R8")
		a.countdown("R8", 4, func() { k.stepNEON(a, 4, read, write) })
		a.pairAndSingle("R8", func(w int) { k.stepNEON(a, w, read, write) })
		for _, p := range append(read, write...) {
			a.p("ADD R7, %s", p)
		}
	})
	a.at(done)
	a.ret()
}

// stepNEON does w windows, whose inputs are two vectors of each row, or the part of one.
func (k pool2) stepNEON(a *asm, w int, read, write []string) {
	q, v, t := a.vs(0, 4), a.v(4), a.vs(5, 6)
	vectors := 2
	if w < 4 {
		vectors = 1
	}
	width := min(2*w, 4)
	for i, p := range read {
		a.loads(width, p, 0, q[2*i:2*i+vectors]...)
	}
	if k.param("dy") != "" {
		a.loads(w, "R0", 0, v)
	}
	k.body(a, q, v, t)
	for i, p := range write {
		a.stores(width, p, 0, q[2*i:2*i+vectors]...)
	}
	if k.param("dst") != "" {
		a.stores(w, "R0", 0, v)
	}
	a.add(4*w, "R0")
	a.add(8*w, append(read, write...)...)
}
