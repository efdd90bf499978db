package main

import "fmt"

// Offsets into the Go struct tile.
const (
	tileSrc  = 0
	tileDst  = 32
	tileN    = 64
	tileFull = 96
)

// Bits of the flags argument.
const (
	flagAccumulate = 1
	flagRelu       = 2
)

// tileShapes lists the register tiles: rows by vectors. The widest tile that
// leaves a register for every vector of B and one or two for A (under NEON four,
// as A comes in vectors) is the main one; all smaller row counts exist, so that
// edge rows cost nothing extra.
func (s *isa) tileShapes() [][2]int {
	var out [][2]int
	for i, rows := range s.rows {
		for mr := range rows {
			out = append(out, [2]int{mr + 1, i + 1})
		}
	}
	return out
}

// emitTiles writes the register tiles of matrix products and convolutions:
// mr rows of packed A by nv vectors of B.
func emitTiles(a *asm) {
	for _, s := range a.tileShapes() {
		t := tileGen{a, s[0], s[1]}
		if t.nv <= 2 { // panels of B are two vectors wide
			t.packed()
		}
		t.offset()
	}
}

// tileGen emits one tile. Accumulator (r, v) is register r*nv+v, then come nv
// registers for B and the rest for broadcast values of A.
type tileGen struct {
	*asm
	mr, nv int
}

func (t tileGen) acc(r, v int) string { return t.v(r*t.nv + v) }
func (t tileGen) b(v int) string      { return t.v(t.mr*t.nv + v) }

// bcast gives the register for row r's value of A.
func (t tileGen) bcast(r int) string {
	first := (t.mr + 1) * t.nv
	return t.v(first + r%min(4, t.regs-first))
}

// cptr holds the address of vector v in C.
func cptr(v int) string { return []string{"DI", "R9", "R10", "R11"}[v] }

func (t tileGen) dims() string { return fmt.Sprintf("%dx%d", t.mr, t.nv) }

// packed takes B as rows of nv vectors, ldb bytes apart. Each step of the loop
// fetches a row of C: all rows at once would hold up those of A and B. They go
// to the second-level cache, as B would push them out of the first.
func (t tileGen) packed() {
	t.fn("tile"+t.dims(), "(t *tile, a, b, c, bias *float32, k, ldb, ldc, flags int)",
		"adds packed A times packed B.", 0, 72)
	t.row("Tile", "tile"+t.dims(), t.mr, t.nv*t.lanes)
	t.begin()
	t.p("MOVQ b+16(FP), DX")
	t.p("MOVQ ldb+48(FP), R8")
	t.p("MOVQ ldc+56(FP), R12")
	t.cptrs() // R10 is the row of C to fetch, R11 the end of the rows
	t.p("XORQ R10, R10")
	t.p("IMUL3Q $%d, R12, R11", t.mr)
	t.loop(40, func(u int) {
		for v := range t.nv {
			idx := ""
			if u > 0 {
				idx = "(R8*1)"
			}
			t.p("VMOVUPS %d(DX)%s, %s", v*t.bytes(), idx, t.b(v))
		}
	}, func(n int) {
		if n == 2 {
			t.p("LEAQ (DX)(R8*2), DX")
			for v := 0; v < t.nv; v += 64 / t.bytes() {
				t.p("PREFETCHT1 (%s)(R10*1)", cptr(v))
			}
			t.p("LEAQ (R10)(R12*1), R13")
			t.p("CMPQ R13, R11")
			t.p("CMOVQLT R13, R10")
		}
	})
	t.finish()
}

// offset takes row k of B as nv vectors at b + off[k] + t.src[v]: the taps of a
// convolution, read from the image where they lie.
func (t tileGen) offset() {
	t.fn("conv"+t.dims(), "(t *tile, a, b, c, bias *float32, off *int64, k, ldc, flags int)",
		"adds packed A times the image rows that off names.", 0, 72)
	t.row("ConvTile", "conv"+t.dims(), t.mr, t.nv*t.lanes)
	t.begin()
	t.p("MOVQ b+16(FP), DX")
	t.p("MOVQ off+40(FP), BX")
	base := []string{"R8", "R9", "R10", "R11"}
	for v := range t.nv {
		t.p("MOVQ %d(R15), %s", tileSrc+8*v, base[v])
		t.p("ADDQ DX, %s", base[v])
	}
	t.loop(48, func(u int) {
		t.p("MOVQ %d(BX), AX", 8*u)
		for v := range t.nv {
			t.p("VMOVUPS (%s)(AX*1), %s", base[v], t.b(v))
		}
	}, func(n int) { t.p("ADDQ $%d, BX", 8*n) })
	t.p("MOVQ ldc+56(FP), R12")
	t.finish()
}

// begin loads what both forms share and clears the accumulators.
func (t tileGen) begin() {
	t.p("MOVQ t+0(FP), R15")
	t.p("MOVQ a+8(FP), SI")
	for r := range t.mr {
		for v := range t.nv {
			t.zero(t.acc(r, v))
		}
	}
}

// loop runs over the k of argument offset kArg by twos: load fetches the row u of B, step moves on by n.
func (t tileGen) loop(kArg int, load func(u int), step func(n int)) {
	t.p("MOVQ k+%d(FP), CX", kArg)
	loop, rest, done := t.label("loop"), t.label("rest"), t.label("done")
	row := func(u int) {
		load(u)
		for r := range t.mr {
			at := fmt.Sprintf("%d(SI)", 4*(u*t.mr+r))
			if t.nv == 1 && t.avx512() {
				t.p("VFMADD231PS.BCST %s, %s, %s", at, t.b(0), t.acc(r, 0))
				continue
			}
			t.p("VBROADCASTSS %s, %s", at, t.bcast(r))
			for v := range t.nv {
				t.fma(t.bcast(r), t.b(v), t.acc(r, v))
			}
		}
	}
	t.p("SUBQ $2, CX")
	t.p("JLT %s", rest)
	t.at(loop)
	row(0)
	row(1)
	t.p("ADDQ $%d, SI", 8*t.mr)
	step(2)
	t.p("SUBQ $2, CX")
	t.p("JGE %s", loop)
	t.at(rest)
	t.p("ADDQ $2, CX")
	t.p("JZ %s", done)
	row(0)
	t.at(done)
}

// cptrs points the C registers at row 0.
func (t tileGen) cptrs() {
	t.p("MOVQ c+24(FP), AX")
	for v := range t.nv {
		t.p("MOVQ %d(R15), %s", tileDst+8*v, cptr(v))
		t.p("ADDQ AX, %s", cptr(v))
	}
}

// rows visits the accumulators with the C registers at their vectors.
func (t tileGen) rows(visit func(acc string, v int)) {
	t.cptrs()
	for r := range t.mr {
		for v := range t.nv {
			visit(t.acc(r, v), v)
			if r < t.mr-1 {
				t.p("ADDQ R12, %s", cptr(v))
			}
		}
	}
}

// finish adds C and the bias, applies ReLU and stores.
func (t tileGen) finish() {
	t.p("MOVQ flags+64(FP), R13")
	if t.avx512() {
		t.masks()
		t.epilogue(true)
		return
	}
	edge := t.label("edge")
	t.p("CMPQ %d(R15), $0", tileFull)
	t.p("JEQ %s", edge)
	t.epilogue(false)
	t.at(edge)
	t.masks()
	t.epilogue(true)
}

// mask names the mask of vector v; under AVX2 it takes B's register, which is
// free by then.
func (t tileGen) mask(v int) string {
	if t.avx512() {
		return fmt.Sprintf("K%d", v+1)
	}
	return t.b(v)
}

func (t tileGen) masks() {
	for v := range t.nv {
		t.p("MOVQ %d(R15), AX", tileN+8*v)
		t.laneMask("AX", t.mask(v))
	}
}

func (t tileGen) epilogue(masked bool) {
	bias, relu, store := t.label("bias"), t.label("relu"), t.label("store")
	tmp := t.bcast(0)
	t.p("TESTQ $%d, R13", flagAccumulate)
	t.p("JZ %s", bias)
	t.rows(func(acc string, v int) {
		switch {
		case !masked:
			t.p("VADDPS (%s), %s, %s", cptr(v), acc, acc)
		case t.avx512():
			t.p("VADDPS (%s), %s, %s, %s", cptr(v), acc, t.mask(v), acc)
		default:
			t.p("VMASKMOVPS (%s), %s, %s", cptr(v), t.mask(v), tmp)
			t.p("VADDPS %s, %s, %s", tmp, acc, acc)
		}
	})
	t.at(bias)
	t.p("MOVQ bias+32(FP), AX")
	t.p("TESTQ AX, AX")
	t.p("JZ %s", relu)
	for r := range t.mr {
		t.p("VBROADCASTSS %d(AX), %s", 4*r, tmp)
		for v := range t.nv {
			t.op(opAdd, t.acc(r, v), tmp, t.acc(r, v))
		}
	}
	t.at(relu)
	t.p("TESTQ $%d, R13", flagRelu)
	t.p("JZ %s", store)
	t.zero(tmp)
	for r := range t.mr {
		for v := range t.nv {
			t.op(opMax, tmp, t.acc(r, v), t.acc(r, v))
		}
	}
	t.at(store)
	t.rows(func(acc string, v int) {
		switch {
		case !masked:
			t.p("VMOVUPS %s, (%s)", acc, cptr(v))
		case t.avx512():
			t.p("VMOVUPS %s, %s, (%s)", acc, t.mask(v), cptr(v))
		default:
			t.p("VMASKMOVPS %s, %s, (%s)", acc, t.mask(v), cptr(v))
		}
	})
	t.ret()
}
