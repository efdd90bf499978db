package main

import "math"

// emitMath writes the transcendental functions. All share one shape: range
// reduction, a polynomial by Horner's rule, reconstruction; special values
// come out of the arithmetic or are blended in at the end.
func emitMath(a *asm) {
	for _, op := range mathOps() {
		op.emit(a)
	}
}

// mathOps returns the transcendental functions.
func mathOps() []vecOp {
	list := []vecOp{
		{name: "exp", doc: "is dst = exp(a).", regs: 6, body: func(a *asm, r, _ []string) {
			a.exp(r[0], r[1:])
		}},
		{name: "log", doc: "is dst = log(a).", regs: 7, body: func(a *asm, r, _ []string) { a.log(r) }},
		{name: "tanh", doc: "is dst = tanh(a).", regs: 9, body: func(a *asm, r, _ []string) { a.tanh(r) }},
		{name: "sigmoid", doc: "is dst = 1 / (1 + exp(-a)).", regs: 8, body: func(a *asm, r, _ []string) { a.sigmoid(r) }},
		{name: "erf", doc: "is dst = erf(a).", regs: 10, body: func(a *asm, r, _ []string) { a.erf(r) }},
	}
	for i := range list {
		list[i].in, list[i].unroll = []string{"a"}, 1
	}
	return list
}

// exp emits x = exp(x) with four temporaries.
//
// n = round(x*log2 e), r = x - n*ln 2 in two steps, then the degree-7
// polynomial of Cephes' expf and a scaling by 2^n that is done in one
// instruction or, without AVX-512, in two halves, so that results that are
// infinite or denormal come out by themselves.
func (a *asm) exp(x string, t []string) {
	n, p, q, lim := t[0], t[1], t[2], t[3]
	// The variable is the second operand of MIN and MAX: NaN passes.
	a.constant(a.f(89), lim)
	a.op(opMin, lim, x, x)
	a.constant(a.f(-104), lim)
	a.op(opMax, lim, x, x)
	a.op(opMul, x, a.f(math.Log2E), n)
	a.round(n)
	a.fnma(n, a.f(0.693359375), x)
	a.fnma(n, a.f(-2.12194440e-4), x)
	a.horner(x, p, 1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)
	a.op(opMul, x, x, q)
	a.op(opAdd, x, a.f(1), x)
	a.fma(p, q, x)
	if a.avx512() {
		a.p("VSCALEFPS %s, %s, %s", n, x, x)
		return
	}
	// 2^(n/2) and 2^(n-n/2) by their exponent bits.
	a.toInt(n)
	a.shiftRight(1, n, p)
	a.op(opSubInt, n, p, n)
	for _, e := range []string{p, n} {
		a.op(opAddInt, e, a.bits(127), e)
		a.shiftLeft(23, e)
		a.op(opMul, x, e, x)
	}
}

// log emits r[0] = log(r[0]), after Cephes' logf: x = m * 2^e with m in
// [sqrt(1/2), sqrt(2)), a degree-9 polynomial in m-1, and e*ln 2 in two parts.
func (a *asm) log(r []string) {
	x, m, e, p, z, tmp, orig := r[0], r[1], r[2], r[3], r[4], r[5], r[6]
	a.mov(x, orig)
	// Denormals are brought up by 2^23, and e down by 23 below.
	a.zero(z)
	a.op(opMul, x, a.f(1<<23), m)
	a.constant(a.f(-23), p)
	a.constant(a.bits(0x00800000), e)
	a.blend(lessThan, x, e, p, z, tmp)
	a.blend(lessThan, x, e, m, x, tmp)
	const sqrtHalf = 0x3f3504f3
	a.op(opSubInt, x, a.bits(sqrtHalf), x)
	a.shiftRight(23, x, e)
	a.toFloat(e)
	a.op(opAdd, e, z, e)
	a.op(opAndInt, x, a.bits(0x007fffff), m)
	a.op(opAddInt, m, a.bits(sqrtHalf), m)
	a.op(opSub, m, a.f(1), m)
	a.horner(m, p, 7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
		-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)
	a.op(opMul, m, m, z)
	a.op(opMul, m, z, x)
	a.op(opMul, p, x, p)
	a.fma(e, a.f(-2.12194440e-4), p)
	a.fnma(z, a.f(0.5), p)
	a.op(opAdd, m, p, x)
	a.fma(e, a.f(0.693359375), x)
	// +Inf and NaN give themselves, 0 gives -Inf, less gives NaN.
	a.constant(a.bits(0x7f800000), m)
	a.blend(equal, orig, m, orig, x, tmp)
	a.blend(unordered, orig, orig, orig, x, tmp)
	a.zero(z)
	a.constant(a.bits(0xff800000), m)
	a.blend(equal, orig, z, m, x, tmp)
	a.constant(a.bits(0x7fc00000), m)
	a.blend(lessThan, orig, z, m, x, tmp)
}

// split emits abs = |x| and sign = the sign bit of x.
func (a *asm) split(x, abs, sign string) {
	a.op(opAnd, x, a.bits(0x7fffffff), abs)
	a.op(opAnd, x, a.bits(0x80000000), sign)
}

// divide emits dst = x / y for a finite normal y. AVX-512 divides 16 values in
// 16 cycles, so it takes an approximation of 1/y and corrects the quotient once,
// which leaves less than one unit in the last place. dst must be neither x nor y.
func (a *asm) divide(x, y, dst, tmp string) {
	if !a.avx512() {
		a.op(opDiv, x, y, dst)
		return
	}
	a.p("VRCP14PS %s, %s", y, tmp)
	a.op(opMul, x, tmp, dst)
	a.mov(x, a.v(15))
	a.fnma(dst, y, a.v(15))
	a.fma(a.v(15), tmp, dst)
}

// tanh emits r[0] = tanh(r[0]): the rational approximation of Eigen, odd of
// degree 13 over even of degree 6, on |x| < 8, beyond which tanh
// is 1 within the error, and x itself below 0.0004.
func (a *asm) tanh(r []string) {
	x, s, p, q, t, small, abs := r[0], r[1], r[2], r[3], r[4], r[5], r[6]
	a.mov(x, small)
	a.op(opAnd, x, a.bits(0x7fffffff), abs)
	// The variable is the second operand of MIN and MAX: NaN passes.
	a.constant(a.f(7.99881172180175781), t)
	a.op(opMin, t, x, x)
	a.constant(a.f(-7.99881172180175781), t)
	a.op(opMax, t, x, x)
	a.op(opMul, x, x, s)
	a.horner(s, p, -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
		1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03)
	a.op(opMul, p, x, p)
	a.horner(s, q, 1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03)
	a.divide(p, q, x, t)
	// Tiny values would lose bits in the product.
	a.constant(a.f(4e-4), t)
	a.blend(lessThan, abs, t, small, x, q)
}

// sigmoid emits r[0] = 1/(1+exp(-r[0])) by way of e = exp(-|x|), which cannot
// overflow: 1/(1+e) for x >= 0 and e/(1+e) below.
func (a *asm) sigmoid(r []string) {
	x, e, one, t := r[0], r[1], r[2], r[3:]
	a.op(opOr, x, a.bits(0x80000000), e)
	a.exp(e, t)
	a.constant(a.f(1), one)
	a.zero(t[1])
	a.op(opAdd, e, one, t[0])
	a.mov(one, t[2])
	a.blend(lessThan, x, t[1], e, t[2], t[3])
	a.divide(t[2], t[0], x, t[3])
}

// erf emits r[0] = erf(r[0]) with N. Juffa's two approximations: a polynomial
// below 0.927734375 and 1 - exp(polynomial) with the sign of x above.
func (a *asm) erf(r []string) {
	x, abs, sign, s, big, t := r[0], r[1], r[2], r[3], r[4], r[5:]
	a.split(x, abs, sign)
	a.op(opMul, x, x, s)
	a.horner(abs, big, -1.72853470e-5, 3.83197126e-4)
	a.horner(abs, t[0], -3.88396438e-3, 2.42546219e-2)
	a.mulAdd(s, t[0], big)
	for _, c := range []float64{-1.06777877e-1, -6.34846687e-1, -1.28717512e-1} {
		a.mulAdd(abs, a.f(c), big)
	}
	a.op(opMul, big, abs, big)
	a.op(opSub, big, abs, big)
	a.exp(big, t)
	a.constant(a.f(1), t[0])
	a.op(opSub, t[0], big, big)
	a.op(opOr, big, sign, big)
	a.horner(s, t[0], -5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1)
	a.mulAdd(x, x, t[0])
	a.constant(a.f(0.927734375), t[1])
	a.blend(lessThan, abs, t[1], t[0], big, t[2])
	a.mov(big, x)
}
