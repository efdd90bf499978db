package main

// emitVectorNEON writes the elementwise kernels.
func emitVectorNEON(a *asm) {
	for _, op := range vecOps {
		op.emitNEON(a)
	}
	emitU8ToF32NEON(a)
}

// emitMathNEON writes the transcendental functions.
func emitMathNEON(a *asm) {
	for _, op := range mathOps() {
		op.emitNEON(a)
	}
}

// emitNEON writes the kernel: an unrolled loop, a loop of one vector, two values and one.
func (op vecOp) emitNEON(a *asm) {
	args := op.begin(a)
	short := a.label("short")
	a.p("MOVD dst_base+0(FP), R0")
	a.p("MOVD dst_len+8(FP), R1")
	ptrs := []string{"R2", "R3", "R4"}[:len(op.in)]
	for i, in := range op.in {
		a.p("MOVD %s_base+%d(FP), %s", in, 24*(i+1), ptrs[i])
		a.input(in, 24*(i+1)+8, short)
	}
	var s []string
	for i, name := range op.scalars {
		s = append(s, a.last(i))
		a.argument(arg(name, args+4*i), s[i])
	}
	in := ptrs
	if op.rmw {
		in = append([]string{"R0"}, ptrs...)
	}
	step := func(u, w int) {
		r := func(i int) (regs []string) { // register i of each vector
			for k := range u {
				regs = append(regs, a.v(k*op.regs+i))
			}
			return
		}
		for i, p := range in {
			a.loads(w, p, 0, r(i)...)
		}
		for k := range u {
			op.body(a, a.vs(k*op.regs, op.regs), s)
		}
		a.stores(w, "R0", 0, r(0)...)
		a.add(4*u*w, append([]string{"R0"}, ptrs...)...)
	}
	if u := op.unroll; u > 1 {
		a.countdown("R1", 4*u, func() { step(u, 4) })
	}
	a.countdown("R1", 4, func() { step(1, 4) })
	a.pairAndSingle("R1", func(w int) { step(1, w) })
	a.ret()
	a.shortInput(short)
}

// input goes to short if the slice whose length is the argument at offset has fewer than R1 elements.
func (a *asm) input(name string, offset int, short string) {
	a.p("MOVD %s, R5", arg(name+"_len", offset))
	a.p("CMP R1, R5")
	a.p("BLT %s", short)
}

// shortInput is where input goes.
func (a *asm) shortInput(short string) {
	a.at(short)
	a.p("JMP ·panicLength(SB)")
}

// emitU8ToF32NEON converts 16 values at a time, then one.
func emitU8ToF32NEON(a *asm) {
	a.fn("u8ToF32", "(dst []float32, src []uint8, scale, bias float32)", "is dst = scale*src + bias.", 0, 56)
	a.row("U8ToF32", "u8ToF32", 0, 0)
	short := a.label("short")
	a.p("MOVD dst_base+0(FP), R0")
	a.p("MOVD dst_len+8(FP), R1")
	a.p("MOVD src_base+24(FP), R2")
	a.input("src", 32, short)
	scale, bias := a.last(0), a.last(1)
	a.argument("scale+48(FP)", scale)
	a.argument("bias+52(FP)", bias)
	a.countdown("R1", 16, func() {
		a.p("VLD1.P 16(R2), [V0.B16]")
		a.p("VUXTL V0.B8, V1.H8")
		a.p("VUXTL2 V0.B16, V2.H8")
		for i := range 4 {
			x, sum := 3+i, 7+i
			widen, from := "VUXTL", "H4"
			if i%2 == 1 {
				widen, from = "VUXTL2", "H8"
			}
			a.p("%s V%d.%s, V%d.S4", widen, 1+i/2, from, x)
			a.word(ucvtf(x, x))
			a.mov(bias, a.v(sum))
			a.fma(a.v(x), scale, a.v(sum))
		}
		a.stores(4, "R0", 0, a.vs(7, 4)...)
		a.add(64, "R0")
	})
	done := a.label("done")
	a.p("CBZ R1, %s", done)
	a.repeat("R1", func() {
		a.p("MOVBU.P 1(R2), R3")
		a.p("UCVTFWS R3, F0")
		a.p("FMADDS %s, %s, F0, F0", scalar(scale), scalar(bias))
		a.p("FMOVS.P F0, 4(R0)")
	})
	a.at(done)
	a.ret()
	a.shortInput(short)
}
