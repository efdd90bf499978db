package kernel

import (
	"fmt"
	"unsafe"
)

// Cache blocks of the matrix product. A panel of B of blockK rows stays in
// the first-level cache, blockRows rows of A in the second, blockCols columns
// of B in the last. blockK is the same for every level, so that the order of
// summation depends on k alone.
const (
	blockK    = 256
	blockRows = 448
	blockCols = 2048
)

// An Operand is a factor of a matrix product: a row-major matrix with LD values
// from row to row, its transpose if Trans is set, or what PackA or PackB made
// of it if Packed is set (LD and Trans are then of no meaning).
type Operand struct {
	Data   []float32
	LD     int
	Trans  bool
	Packed bool
}

// An Epilogue is done to each element before it is stored, in this order.
type Epilogue struct {
	Accumulate bool      // add what the output held
	Bias       []float32 // add the value of the row (the output channel), if not nil
	Relu       bool      // then max(0, x), NaN staying NaN
}

// A Block is a part of an output matrix, counted in panels: rows Row0 up to
// Row1, columns Col0 up to Col1. See Panels.
type Block struct{ Row0, Row1, Col0, Col1 int }

// Panels returns the number of row and column panels of an m x n product. A
// caller that splits a product between threads gives each a Block of panels;
// the values do not depend on the split.
func (s *Set) Panels(m, n int) (rows, cols int) {
	return ceilDiv(m, s.mr()), ceilDiv(n, s.nr())
}

// RowPanel returns the first row of panel p of m rows (m itself after the last): the panels are as equal
// as can be, so that none is narrow.
func (s *Set) RowPanel(p, m int) int {
	if m == 0 {
		return 0
	}
	return m * p / ceilDiv(m, s.mr())
}

// blocksOf returns the number of k blocks; block i is k*i/n up to k*(i+1)/n.
func blocksOf(k int) int { return max(1, ceilDiv(k, blockK)) }

// PackedASize returns the length of a packed m x k left operand.
func (s *Set) PackedASize(m, k int) int { return m * k }

// PackedBSize returns the length of a packed k x n right operand.
func (s *Set) PackedBSize(k, n int) int { return k * ceilDiv(n, s.lanes) * s.lanes }

// PackA packs the m x k left operand a for use by any number of products.
func (s *Set) PackA(dst []float32, a Operand, m, k int) {
	panels, _ := s.Panels(m, 0)
	s.PackAPanels(dst, a, m, k, 0, panels)
}

// PackAPanels does the part of PackA that is row panels p0 up to p1.
func (s *Set) PackAPanels(dst []float32, a Operand, m, k, p0, p1 int) {
	a.check("A", m, k)
	for i := range blocksOf(k) {
		k0, k1 := k*i/blocksOf(k), k*(i+1)/blocksOf(k)
		s.packA(dst[k0*m+s.RowPanel(p0, m)*(k1-k0):], a, m, p0, p1, k0, k1)
	}
}

// PackB packs the k x n right operand b for use by any number of products.
func (s *Set) PackB(dst []float32, b Operand, k, n int) {
	_, panels := s.Panels(0, n)
	s.PackBPanels(dst, b, k, n, 0, panels)
}

// PackBPanels does the part of PackB that is column panels q0 up to q1.
func (s *Set) PackBPanels(dst []float32, b Operand, k, n, q0, q1 int) {
	b.check("B", k, n)
	for i := range blocksOf(k) {
		k0, k1 := k*i/blocksOf(k), k*(i+1)/blocksOf(k)
		s.packB(dst[k0*s.PackedBSize(1, n)+q0*s.nr()*(k1-k0):], b, n, q0, q1, k0, k1)
	}
}

// packA packs rows k0 to k1 of row panels p0 to p1: each panel holds, for each
// k, the values of its rows.
func (s *Set) packA(dst []float32, a Operand, m, p0, p1, k0, k1 int) {
	for p := p0; p < p1; p++ {
		i, end := s.RowPanel(p, m), s.RowPanel(p+1, m)
		w := end - i
		if k1 > k0 {
			a.pack(s, dst[:w*(k1-k0)], w, !a.Trans, i, k0, w, k1-k0)
		}
		dst = dst[w*(k1-k0):]
	}
}

// packB packs rows k0 to k1 of column panels p0 to p1: each panel holds, for
// each k, the values of its columns, filled up with zeros to whole vectors.
func (s *Set) packB(dst []float32, b Operand, n, p0, p1, k0, k1 int) {
	for p := p0; p < p1; p++ {
		j := p * s.nr()
		w := min(s.nr(), n-j)
		ld := ceilDiv(w, s.lanes) * s.lanes
		if k1 > k0 {
			if w < ld {
				clear(dst[:ld*(k1-k0)])
			}
			b.pack(s, dst[:ld*(k1-k0)], ld, b.Trans, j, k0, w, k1-k0)
		}
		dst = dst[ld*(k1-k0):]
	}
}

// pack writes the k values of w rows (of A) or columns (of B) from i on as k
// rows of w, ld apart. across says that memory runs along k.
func (o Operand) pack(s *Set, dst []float32, ld int, across bool, i, k0, w, k int) {
	if across {
		s.Transpose(dst, ld, o.Data[i*o.LD+k0:], o.LD, w, k)
		return
	}
	s.CopyMatrix(dst, ld, o.Data[k0*o.LD+i:], o.LD, k, w)
}

// check panics unless o holds a rows x cols matrix.
func (o Operand) check(name string, rows, cols int) {
	if o.Packed || rows == 0 || cols == 0 {
		return
	}
	if o.Trans {
		rows, cols = cols, rows
	}
	if o.LD < cols || len(o.Data) < (rows-1)*o.LD+cols {
		panic(fmt.Sprintf("kernel: operand %s: %d values with pitch %d do not hold %d x %d", name, len(o.Data), o.LD, rows, cols))
	}
}

// GemmScratch returns the length of scratch that Gemm and GemmBlock need for
// an m x n product over k.
func (s *Set) GemmScratch(m, n, k int) int {
	kc := min(k, blockK)
	return kc*(min(m, blockRows+s.mr())+min(n+s.nr(), blockCols)) + 2*alignment
}

// Gemm computes the row-major m x n matrix c, ldc values from row to row, as
// the product of a (m x k) and b (k x n) with epilogue e.
//
// Each element is a sum over k in blocks of at most 256, each block from zero
// in order with fused multiply-adds (rounded separately at the generic level),
// the blocks added in order, to C if e.Accumulate is set.
func (s *Set) Gemm(c []float32, ldc, m, n, k int, a, b Operand, e Epilogue, scratch []float32) {
	rows, cols := s.Panels(m, n)
	s.GemmBlock(c, ldc, m, n, k, a, b, e, Block{0, rows, 0, cols}, scratch)
}

// GemmBlock is Gemm for one block of the output; all arguments but the block
// describe the whole product.
func (s *Set) GemmBlock(c []float32, ldc, m, n, k int, a, b Operand, e Epilogue, blk Block, scratch []float32) {
	if m == 0 || n == 0 {
		return
	}
	a.check("A", m, k)
	b.check("B", k, n)
	if ldc < n || len(c) < (m-1)*ldc+n {
		panic(fmt.Sprintf("kernel: C: %d values with pitch %d do not hold %d x %d", len(c), ldc, m, n))
	}
	if e.Bias != nil {
		_ = e.Bias[m-1]
	}
	g := gemm{s, c, ldc, m, n, k, a, b, e}
	scratch = aligned(scratch)
	colPanels := blockCols / s.nr()
	for q := blk.Col0; q < blk.Col1; q += colPanels {
		q1 := min(q+colPanels, blk.Col1)
		for i := range blocksOf(k) {
			g.depth(i, blk.Row0, blk.Row1, q, q1, scratch)
		}
	}
}

// gemm is one call's arguments.
type gemm struct {
	*Set
	c       []float32
	ldc     int
	m, n, k int
	a, b    Operand
	e       Epilogue
}

// depth adds block i of k to a block of C.
func (g *gemm) depth(i, p0, p1, q0, q1 int, scratch []float32) {
	k0, k1 := g.k*i/blocksOf(g.k), g.k*(i+1)/blocksOf(g.k)
	b, scratch := g.packedB(k0, k1, q0, q1, scratch)
	flags, bias := 0, []float32(nil)
	if i > 0 || g.e.Accumulate {
		flags |= flagAccumulate
	}
	if k1 == g.k {
		bias = g.e.Bias
		if g.e.Relu {
			flags |= flagRelu
		}
	}
	rowPanels := blockRows / g.mr()
	for ; p0 < p1; p0 += rowPanels {
		end := min(p0+rowPanels, p1)
		a := g.packedA(k0, k1, p0, end, scratch)
		g.macro(a, b, bias, k1-k0, p0, end, q0, q1, flags)
	}
}

// packedB returns the packed column panels q0 to q1 of rows k0 to k1, and what
// is left of scratch.
func (g *gemm) packedB(k0, k1, q0, q1 int, scratch []float32) (b, rest []float32) {
	if g.b.Packed {
		width := g.PackedBSize(1, g.n)
		return g.b.Data[k0*width+(k1-k0)*q0*g.nr() : k1*width], scratch
	}
	width := g.PackedBSize(1, min(q1*g.nr(), g.n)-q0*g.nr())
	b = scratch[:width*(k1-k0)]
	g.packB(b, g.b, g.n, q0, q1, k0, k1)
	return b, aligned(scratch[len(b):])
}

// packedA returns the packed row panels p0 to p1 of columns k0 to k1.
func (g *gemm) packedA(k0, k1, p0, p1 int, scratch []float32) []float32 {
	i0, i1 := g.RowPanel(p0, g.m), g.RowPanel(p1, g.m)
	if g.a.Packed {
		return g.a.Data[k0*g.m+(k1-k0)*i0 : k0*g.m+(k1-k0)*i1]
	}
	a := scratch[:(i1-i0)*(k1-k0)]
	g.packA(a, g.a, g.m, p0, p1, k0, k1)
	return a
}

// macro runs the register tiles of packed panels, column by column.
func (g *gemm) macro(a, b, bias []float32, k, p0, p1, q0, q1, flags int) {
	pb := unsafe.SliceData(b)
	for q := q0; q < q1; q++ {
		j := q * g.nr()
		w := min(g.nr(), g.n-j)
		nv := ceilDiv(w, g.lanes)
		pa, i := unsafe.SliceData(a), g.RowPanel(p0, g.m)
		for p := p0; p < p1; p++ {
			rows := g.RowPanel(p+1, g.m) - i
			g.tiles[nv][rows-1](&g.columns[w], pa, pb, &g.c[i*g.ldc+j], at(bias, i), k, 4*nv*g.lanes, 4*g.ldc, flags)
			pa, i = index(pa, rows*k), i+rows
		}
		pb = index(pb, nv*g.lanes*k)
	}
}

// at returns the address of s[i], or nil if s is nil.
func at(s []float32, i int) *float32 {
	if s == nil {
		return nil
	}
	return &s[i]
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// alignment is the number of values in a cache line, to which scratch is
// aligned.
const alignment = 16

// aligned returns s from its first value at a cache line's start on.
func aligned(s []float32) []float32 {
	skip := -uintptr(unsafe.Pointer(unsafe.SliceData(s))) / 4 % alignment
	return s[min(int(skip), len(s)):]
}
