package cpu

import "github.com/lince-ml/lince/internal/kernel"

// A linear instruction computes a*s + t, or a*s + b*u + t.
type linear struct {
	s, u, t immediate
	relu    bool // then max(0, x); without b only
}

// An immediate is a number that is the same for a whole block: factor times the value of a scalar operand, or factor
// itself if operand is -1.
type immediate struct {
	operand int
	factor  float32
}

var zero, one, minusOne = immediate{-1, 0}, immediate{-1, 1}, immediate{-1, -1}

func (b *block) value(i immediate) float32 {
	if i.operand < 0 {
		return i.factor
	}
	return i.factor * b.scalars[i.operand]
}

func (l *linear) do1(k *kernel.Set, b *block, dst, x []float32) {
	s, t := b.value(l.s), b.value(l.t)
	switch {
	case l.relu:
		k.ScaleShiftRelu(dst, x, s, t)
	case l.t == zero:
		k.MulScalar(dst, x, s)
	case l.s == one:
		k.AddScalar(dst, x, t)
	default:
		k.ScaleShift(dst, x, s, t)
	}
}

func (l *linear) do2(k *kernel.Set, b *block, dst, x, y []float32) {
	switch {
	case l.s == one && l.u == one && l.t == zero:
		k.Add(dst, x, y)
	case l.s == one && l.u == minusOne && l.t == zero:
		k.Sub(dst, x, y)
	default:
		k.Blend(dst, x, y, b.value(l.s), b.value(l.u), b.value(l.t))
	}
}

// combine joins instructions with the one that made their input, if nobody else reads it and the two are one linear
// instruction: what batch normalisation, residual connections and optimisers are made of.
func (e *ewise) combine() {
	base := len(e.operands) + len(e.outs)
	maker, readers := make([]*instr, e.slots), e.readers()
	// inner returns the linear instruction that made a slot for its one reader, or nil.
	inner := func(slot int) *instr {
		if slot < base || readers[slot] != 1 || maker[slot].linear == nil || maker[slot].linear.relu {
			return nil
		}
		return maker[slot]
	}
	gone := make([]bool, e.slots)
	for i := range e.instrs {
		in := &e.instrs[i]
		maker[in.dst] = in
		if p := inner(in.a); p != nil && in.absorbA(p) {
			gone[p.dst] = true
		}
		if in.b >= 0 {
			if p := inner(in.b); p != nil && in.absorbB(p) {
				gone[p.dst] = true
			}
		}
	}
	e.drop(gone)
}

// readers returns how often the instructions read each slot.
func (e *ewise) readers() []int {
	n := make([]int, e.slots)
	for _, in := range e.instrs {
		for _, s := range in.reads() {
			if s >= 0 {
				n[s]++
			}
		}
	}
	return n
}

// joinProducts joins a product with the sum that alone reads it: what normalisation is made of where the channels lie side by side.
func (e *ewise) joinProducts() {
	base := len(e.operands) + len(e.outs)
	product, readers, gone := make([]*instr, e.slots), e.readers(), make([]bool, e.slots)
	for i := range e.instrs {
		in := &e.instrs[i]
		if l := in.linear; l != nil && in.b >= 0 && *l == (linear{s: one, u: one, t: zero}) {
			for _, s := range [2][2]int{{in.a, in.b}, {in.b, in.a}} {
				if p := product[s[0]]; p != nil && s[0] >= base && readers[s[0]] == 1 {
					*in = instr{f3: e.c.kernel.MulAdd, dst: in.dst, a: p.a, b: p.b, c: s[1]}
					gone[p.dst] = true
					break
				}
			}
		}
		if in.mul {
			product[in.dst] = in
		}
	}
	e.drop(gone)
}

// drop removes the instructions that write the slots gone, and numbers the rest anew.
func (e *ewise) drop(gone []bool) {
	base := len(e.operands) + len(e.outs)
	number := make([]int, e.slots)
	for s := range base {
		number[s] = s
	}
	e.slots = base
	var kept []instr
	for _, in := range e.instrs {
		switch {
		case gone[in.dst]:
			continue
		case in.dst >= base:
			number[in.dst] = e.temp()
		case in.dst >= len(e.operands):
			e.outs[in.dst-len(e.operands)].by = len(kept)
		}
		in.dst, in.a = number[in.dst], number[in.a]
		if in.b >= 0 {
			in.b = number[in.b]
		}
		if in.f3 != nil {
			in.c = number[in.c]
		}
		kept = append(kept, in)
	}
	e.instrs = kept
}

// absorbA makes in work on the inputs of p instead of p's result, its own input a, and reports whether it can.
func (in *instr) absorbA(p *instr) bool {
	l, q := in.linear, p.linear
	switch {
	case in.relu && p.b < 0:
		in.f1, in.relu = nil, false
		in.linear = &linear{s: q.s, t: q.t, relu: true}
		in.a = p.a
	case l == nil || l.s != one || l.t != zero && q.t != zero || in.b >= 0 && p.b >= 0:
		return false
	default:
		in.a, l.s = p.a, q.s
		if p.b >= 0 {
			in.b, l.u = p.b, q.u
		}
		if l.t == zero {
			l.t = q.t
		}
	}
	return true
}

// absorbB does the same for the input b.
func (in *instr) absorbB(p *instr) bool {
	l, q := in.linear, p.linear
	if l == nil || l.u.operand >= 0 || p.b >= 0 || l.t != zero && q.t != zero {
		return false
	}
	sign := l.u.factor
	in.b, l.u = p.a, immediate{q.s.operand, sign * q.s.factor}
	if l.t == zero {
		l.t = immediate{q.t.operand, sign * q.t.factor}
	}
	return true
}
