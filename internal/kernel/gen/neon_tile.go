package main

import "fmt"

// emitTilesNEON writes the register tiles of matrix products and convolutions.
func emitTilesNEON(a *asm) {
	for _, s := range a.tileShapes() {
		t := neonTile{a, s[0], s[1]}
		if t.nv <= 2 { // panels of B are two vectors wide
			t.packed()
		}
		t.offset()
	}
	emitEdge(a)
}

// neonTile emits one tile of mr rows by nv vectors. Accumulator (r, v) is register r*nv+v; then come the registers for rows of B, and
// those for A, whose values are multiplied from their lanes.
type neonTile struct {
	*asm
	mr, nv int
}

func (t neonTile) acc(r, v int) int { return r*t.nv + v }

func (t neonTile) dims() string { return fmt.Sprintf("%dx%d", t.mr, t.nv) }

// aRegs is how many registers a tile has for A.
const aRegs = 4

// depth is how many rows of B fit beside A, at most so many.
func (t neonTile) depth(most int) int {
	return min(most, (t.regs-aRegs-t.mr*t.nv)/t.nv)
}

// b is the register of vector v of row j of B, rows taking turns.
func (t neonTile) b(j, v, depth int) int { return t.mr*t.nv + j%depth*t.nv + v }

// bs are the registers of row j of B.
func (t neonTile) bs(j, depth int) []string { return t.vs(t.b(j, 0, depth), t.nv) }

// a is the register of part i of A.
func (t neonTile) a(i int) int { return t.regs - aRegs + i%aRegs }

func (t neonTile) clear() {
	for i := range t.mr * t.nv {
		t.zero(t.v(i))
	}
}

// packed takes B as rows of nv vectors, ldb bytes apart. Each turn of the loop fetches a row of C, as [tileGen.packed] does.
func (t neonTile) packed() {
	t.begin("Tile", "tile", "(t *tile, a, b, c, bias *float32, k, ldb, ldc, flags int)", "adds packed A times packed B.")
	t.p("MOVD b+16(FP), R2")
	t.p("MOVD k+40(FP), R5")
	t.p("MOVD ldb+48(FP), R6")
	t.cRows()
	t.p("MOVD %d(R0), R9", tileDst)
	t.p("ADD R3, R9") // the row of C to fetch, R10 the last one
	t.p("MOVD $%d, R10", t.mr-1)
	t.p("MADD R7, R9, R10, R10")
	t.loop(func() {
		t.p("PRFM (R9), PLDL2KEEP")
		t.p("ADD R7, R9")
		t.p("CMP R10, R9")
		t.p("CSEL LT, R9, R10, R9")
	}, func(j, depth int) {
		t.loads(4, "R2", 0, t.bs(j, depth)...)
		t.p("ADD R6, R2")
	})
	t.finish()
}

// offset takes row k of B as nv vectors at b + off[k] + t.src[v]: the taps of a convolution, read from the image where they lie.
func (t neonTile) offset() {
	t.begin("ConvTile", "conv", "(t *tile, a, b, c, bias *float32, off *int64, k, ldc, flags int)",
		"adds packed A times the image rows that off names.")
	t.p("MOVD b+16(FP), R2")
	t.p("MOVD off+40(FP), R6")
	t.p("MOVD k+48(FP), R5")
	t.cRows()
	base := []string{"R9", "R10", "R11", "R12"}
	for v := range t.nv {
		t.p("MOVD %d(R0), %s", tileSrc+8*v, base[v])
		t.p("ADD R2, %s", base[v])
	}
	t.loop(func() {}, func(j, depth int) {
		t.p("MOVD.P 8(R6), R13")
		for v, reg := range t.bs(j, depth) {
			t.loadAt(4, base[v], "R13", reg)
		}
	})
	t.finish()
}

// begin begins the function, with room for the accumulators of a tile that is not full, and clears them.
func (t neonTile) begin(row, name, sig, doc string) {
	t.row(row, name+t.dims(), t.mr, t.nv*t.lanes)
	t.fn(name+t.dims(), sig, doc, t.bytes()*t.mr*t.nv, 72)
	t.p("MOVD t+0(FP), R0")
	t.p("MOVD a+8(FP), R1")
	t.clear()
}

// cRows loads the arguments that say where C is, R3 and R7.
func (t neonTile) cRows() {
	t.p("MOVD c+24(FP), R3")
	t.p("MOVD ldc+56(FP), R7")
}

// loop runs over R5 rows of B by fours: turn begins a turn, load fetches row j of it. The packed A is at R1.
func (t neonTile) loop(turn func(), load func(j, depth int)) {
	done := t.label("done")
	t.countdown("R5", 4, func() {
		turn()
		t.four(load)
		t.add(4*4*t.mr, "R1")
	})
	t.p("CBZ R5, %s", done)
	t.repeat("R5", func() {
		load(0, 1)
		t.column(0, 1)
		t.add(4*t.mr, "R1")
	})
	t.at(done)
}

// four adds the products of four rows of B, whose 4*mr values of A are mr vectors. Each pair of them is loaded while the one before is
// multiplied, and so is each row of B, if there are registers.
func (t neonTile) four(load func(j, depth int)) {
	depth := t.depth(2)
	pair := func(i int) {
		if at := 2 * i; at < t.mr {
			t.loads(4, "R1", 16*at, t.vs(t.a(at), min(2, t.mr-at))...)
		}
	}
	load(0, depth)
	pair(0)
	for i := range 4 * t.mr {
		j, r := i/t.mr, i%t.mr
		switch {
		case r != 0:
		case depth > 1 && j < 3:
			load(j+1, depth)
		case depth == 1 && j > 0:
			load(j, depth)
		}
		if i%8 == 0 {
			pair(i/8 + 1)
		}
		for v := range t.nv {
			t.word(fmla(t.acc(r, v), t.b(j, v, depth), t.a(i/4), i%4))
		}
	}
}

// column adds the products of row j of B with mr neighbouring values of A at R1.
func (t neonTile) column(j, depth int) {
	parts := parts(t.mr)
	for i, part := range parts {
		t.loads(part.n, "R1", 4*part.at, t.v(t.a(i)))
	}
	for i, part := range parts {
		for lane := range part.n {
			for v := range t.nv {
				t.word(fmla(t.acc(part.at+lane, v), t.b(j, v, depth), t.a(i), lane))
			}
		}
	}
}

// A part is n neighbouring values from value at on, which one instruction loads.
type part struct{ at, n int }

// parts cuts n values into vectors, a pair and a single one.
func parts(n int) (list []part) {
	at := 0
	for _, w := range []int{4, 2, 1} {
		for ; n-at >= w; at += w {
			list = append(list, part{at, w})
		}
	}
	return list
}

// finish adds C and the bias, applies ReLU and stores. A tile that is not full leaves that to edge.
func (t neonTile) finish() {
	edge := t.label("edge")
	t.p("MOVD bias+32(FP), R4")
	t.p("MOVD flags+64(FP), R8")
	t.p("MOVD %d(R0), R9", tileFull)
	t.p("CBZ R9, %s", edge)
	t.epilogue()
	t.at(edge)
	room := t.bytes() * t.mr * t.nv
	t.p("MOVD $accs-%d(SP), R1", room)
	t.stores(4, "R1", 0, t.vs(0, t.mr*t.nv)...)
	t.p("MOVD $%d, R9", t.mr)
	t.p("MOVD $%d, R10", t.nv)
	t.p("CALL edge<>(SB)")
	t.ret()
}

// epilogue finishes a full tile: R13 walks the rows of C.
func (t neonTile) epilogue() {
	vectors := []string{"R9", "R10", "R11", "R12"}
	for v := range t.nv {
		t.p("MOVD %d(R0), %s", tileDst+8*v, vectors[v])
	}
	free := t.regs - t.mr*t.nv
	tmp := func(i int) int { return t.mr*t.nv + i%free }
	rows := func(visit func(r, v int)) {
		t.p("MOVD R3, R13")
		for r := range t.mr {
			for v := range t.nv {
				visit(r, v)
			}
			if r < t.mr-1 {
				t.p("ADD R7, R13")
			}
		}
	}
	t.ifFlag(flagAccumulate, func() {
		rows(func(r, v int) {
			c := tmp(t.acc(r, v))
			t.loadAt(4, "R13", vectors[v], t.v(c))
			t.word(fadd(t.acc(r, v), t.acc(r, v), c))
		})
	})
	relu := t.label("relu")
	t.p("CBZ R4, %s", relu)
	for r := range t.mr {
		t.p("VLD1R.P 4(R4), [%s.S4]", t.v(tmp(r)))
		for v := range t.nv {
			t.word(fadd(t.acc(r, v), t.acc(r, v), tmp(r)))
		}
	}
	t.at(relu)
	t.ifFlag(flagRelu, func() {
		for i := range t.mr * t.nv {
			t.relu(t.v(i), t.v(tmp(i)))
		}
	})
	rows(func(r, v int) { t.word(strq(t.acc(r, v), num("R13"), num(vectors[v]))) })
	t.ret()
}

// ifFlag runs body if R8 has the flag.
func (a *asm) ifFlag(flag int, body func()) {
	skip := a.label("skip")
	a.p("TBZ $%d, R8, %s", flag-1, skip)
	body()
	a.at(skip)
}

// emitEdge writes what finishes a tile that is not full: R0 is its Go struct, R1 its R9 x R10 accumulators in memory, R3 C, R4 the
// bias, R7 ldc and R8 the flags.
func emitEdge(a *asm) {
	a.text.WriteString("\nTEXT edge<>(SB), NOSPLIT|NOFRAME, $0\n")
	acc, c, bias := a.v(0), a.v(1), a.v(2)
	row, vector, relu, noBias := a.label("row"), a.label("vector"), a.label("relu"), a.label("nobias")
	a.at(row)
	a.p("CBZ R4, %s", noBias)
	a.p("VLD1R.P 4(R4), [%s.S4]", bias)
	a.at(noBias)
	a.p("MOVD R10, R11")
	a.p("ADD $%d, R0, R12", tileDst)
	a.at(vector)
	a.p("FMOVQ.P %d(R1), %s", a.bytes(), scalar(acc))
	a.p("MOVD %d(R12), R14", tileN-tileDst)
	a.p("MOVD.P 8(R12), R13")
	a.p("ADD R3, R13")
	a.ifFlag(flagAccumulate, func() {
		a.zero(c)
		a.p("MOVD R13, R15")
		a.loadRest("R15", "R14", c)
		a.op(opAdd, acc, c, acc)
	})
	a.p("CBZ R4, %s", relu)
	a.op(opAdd, acc, bias, acc)
	a.at(relu)
	a.ifFlag(flagRelu, func() { a.relu(acc, c) })
	a.storeRest(acc, "R13", "R14")
	a.p("SUBS $1, R11")
	a.p("BNE %s", vector)
	a.p("ADD R7, R3")
	a.p("SUBS $1, R9")
	a.p("BNE %s", row)
	a.ret()
}
