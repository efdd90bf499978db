package main

import "fmt"

// What the kernels of arm64 share. Addresses and counts are in the registers R0 to R17, R19 and R21 on; R20 points at the constants. The
// others belong to Go or to the system.

// constBase is the register that points at the constants.
const constBase = "R20"

// three emits an instruction of three vectors that Go's assembler knows.
func (a *asm) three(mn, arrangement, m, n, d string) {
	a.p("%s %s.%s, %s.%s, %s.%s", mn, m, arrangement, n, arrangement, d, arrangement)
}

// temp returns one of four registers that last for a few instructions. Kernels that compute with constants or with mulAdd
// keep off them.
func (a *asm) temp() string {
	a.temps++
	return a.v(16 + a.temps%4)
}

// inRegister returns the register that holds y, a register or a constant.
func (a *asm) inRegister(y string) string {
	if y[0] == 'V' {
		return y
	}
	t := a.temp()
	a.loadConstant(y, t)
	return t
}

// copyTo puts x, a register or a constant, into dst.
func (a *asm) copyTo(x, dst string) {
	if x[0] == 'V' {
		a.mov(x, dst)
		return
	}
	a.loadConstant(x, dst)
}

func (a *asm) loadConstant(c, dst string) {
	var at int
	if _, err := fmt.Sscanf(c, "consts<>+%d(SB)", &at); err != nil {
		panic("no constant: " + c)
	}
	a.p("FMOVQ %d(%s), %s", at, constBase, scalar(dst))
}

// scalar is the name of a vector register in instructions for one value, and in loads and stores.
func scalar(reg string) string { return "F" + reg[1:] }

// hornerNEON takes two registers in turn, as a multiply-add writes over its addend.
func (a *asm) hornerNEON(x, p string, c []float64) {
	sum, next := p, a.temp()
	if len(c)%2 == 0 { // so that the last one is p
		sum, next = next, sum
	}
	a.loadConstant(a.f(c[0]), sum)
	for _, k := range c[1:] {
		a.loadConstant(a.f(k), next)
		a.fma(sum, x, next)
		sum, next = next, sum
	}
}

// blendNEON is blend with y in a register.
func (a *asm) blendNEON(pred int, x, y, then, dst, mask string) {
	insert, m := "VBIT", num(mask)
	switch pred {
	case lessThan:
		a.word(fcmgt(m, num(y), num(x)))
	case greaterThan:
		a.word(fcmgt(m, num(x), num(y)))
	case equal:
		a.word(fcmeq(m, num(x), num(y)))
	case unordered:
		if x != y {
			panic("unordered compares a vector with itself alone")
		}
		a.word(fcmeq(m, num(x), num(x)))
		insert = "VBIF"
	}
	a.three(insert, "B16", mask, then, dst)
}

// loads loads neighbouring vectors at offset at of p, or w < 4 values, with zeros beyond, for the first alone.
func (a *asm) loads(w int, p string, at int, regs ...string) {
	if w < a.lanes {
		a.p("%s %d(%s), %s", narrow(w), at, p, scalar(regs[0]))
		return
	}
	for len(regs) > 1 {
		a.p("FLDPQ %d(%s), (%s, %s)", at, p, scalar(regs[0]), scalar(regs[1]))
		regs, at = regs[2:], at+32
	}
	if len(regs) > 0 {
		a.p("FMOVQ %d(%s), %s", at, p, scalar(regs[0]))
	}
}

// stores is the counterpart of loads.
func (a *asm) stores(w int, p string, at int, regs ...string) {
	if w < a.lanes {
		a.p("%s %s, %d(%s)", narrow(w), scalar(regs[0]), at, p)
		return
	}
	for len(regs) > 1 {
		a.p("FSTPQ (%s, %s), %d(%s)", scalar(regs[0]), scalar(regs[1]), at, p)
		regs, at = regs[2:], at+32
	}
	if len(regs) > 0 {
		a.p("FMOVQ %s, %d(%s)", scalar(regs[0]), at, p)
	}
}

// narrow moves one value or two.
func narrow(w int) string { return []string{"", "FMOVS", "FMOVD"}[w] }

// loadAt loads w values at the sum of two general registers.
func (a *asm) loadAt(w int, base, index, dst string) {
	if w == a.lanes {
		a.word(ldrq(num(dst), num(base), num(index)))
		return
	}
	a.p("%s (%s)(%s), %s", narrow(w), base, index, scalar(dst))
}

// broadcast puts the value at p into every lane.
func (a *asm) broadcast(p, dst string) { a.p("VLD1R (%s), [%s.S4]", p, dst) }

// argument puts a float32 argument into every lane.
func (a *asm) argument(arg, dst string) {
	a.p("FMOVS %s, %s", arg, scalar(dst))
	a.p("VDUP %s.S[0], %s.S4", dst, dst)
}

// add moves pointers on by n bytes.
func (a *asm) add(n int, regs ...string) {
	for _, r := range regs {
		a.p("ADD $%d, %s", n, r)
	}
}

// countdown runs body for as long as n holds at least step, from which it takes step each time.
func (a *asm) countdown(n string, step int, body func()) {
	loop, end := a.label("loop"), a.label("end")
	a.p("SUBS $%d, %s", step, n)
	a.p("BLT %s", end)
	a.at(loop)
	body()
	a.p("SUBS $%d, %s", step, n)
	a.p("BGE %s", loop)
	a.at(end)
	a.p("ADD $%d, %s", step, n)
}

// repeat runs body n times, at least once.
func (a *asm) repeat(n string, body func()) {
	loop := a.label("loop")
	a.at(loop)
	body()
	a.p("SUBS $1, %s", n)
	a.p("BNE %s", loop)
}

// pairAndSingle runs body for two values and for one, as the lowest bits of n ask: what is left of n after vectors of four.
func (a *asm) pairAndSingle(n string, body func(w int)) {
	for bit := 1; bit >= 0; bit-- {
		skip := a.label("skip")
		a.p("TBZ $%d, %s, %s", bit, n, skip)
		body(1 << bit)
		a.at(skip)
	}
}

// loadRest loads n <= 4 values at p into the first lanes of v and leaves the others. p is clobbered.
func (a *asm) loadRest(p, n, v string) {
	a.rest(n,
		func() { a.p("FMOVQ (%s), %s", p, scalar(v)) },
		func() { a.p("VLD1.P 8(%s), %s.D[0]", p, v) },
		func(lane int) { a.p("VLD1 (%s), %s.S[%d]", p, v, lane) })
}

// storeRest stores the first n <= 4 lanes of v at p. p is clobbered.
func (a *asm) storeRest(v, p, n string) {
	a.rest(n,
		func() { a.p("FMOVQ %s, (%s)", scalar(v), p) },
		func() { a.p("VST1.P %s.D[0], 8(%s)", v, p) },
		func(lane int) { a.p("VST1 %s.S[%d], (%s)", v, lane, p) })
}

// rest runs whole for n = 4, else what n < 4 values take: pair for the first two, and single for the last.
func (a *asm) rest(n string, whole, pair func(), single func(lane int)) {
	four, one, done := a.label("four"), a.label("one"), a.label("done")
	a.p("TBNZ $2, %s, %s", n, four)
	a.p("TBZ $1, %s, %s", n, one)
	pair()
	a.p("TBZ $0, %s, %s", n, done)
	single(2)
	a.p("JMP %s", done)
	a.at(one)
	a.p("TBZ $0, %s, %s", n, done)
	single(0)
	a.p("JMP %s", done)
	a.at(four)
	whole()
	a.at(done)
}

// beats lets y win over best where it is larger, or the first NaN, and makes the mask of where it won.
func (a *asm) beats(y, best, wins, tmp string) {
	a.word(fcmge(num(tmp), num(best), num(y)))
	a.word(fcmeq(num(wins), num(best), num(best)))
	a.word(bic(num(wins), num(wins), num(tmp)))
	a.three("VBIT", "B16", wins, y, best)
}

// arg is the argument of that name and offset.
func arg(name string, offset int) string { return fmt.Sprintf("%s+%d(FP)", name, offset) }
