package main

// emitPool writes the pooling kernels and the loop that measures the peak.
func emitPool(a *asm) {
	emitPeak(a)
}

// emitPeak writes a loop of independent multiply-adds, two dozen vectors a
// round where there are registers for them.
func emitPeak(a *asm) {
	n := a.regs - 4
	a.row("PeakLoop", "peakLoop", 0, 0)
	a.fn("peakLoop", "(rounds int)", "runs rounds of as many vector multiply-adds as PeakVectors says.", 0, 8)
	a.p("MOVQ rounds+0(FP), CX")
	for i := range n + 2 {
		a.zero(a.v(i))
	}
	loop := a.label("loop")
	a.at(loop)
	for i := range n {
		a.fma(a.v(n), a.v(n+1), a.v(i))
	}
	a.p("DECQ CX")
	a.p("JNZ %s", loop)
	a.ret()
}
