package kernel

import "fmt"

// A Workload is one call of a kernel on data that stay in the first-level cache, for benchmarks.
type Workload struct {
	Size  string // of the operands, such as "1024", or of a register tile with the length of its sums, "14x32x256"
	Flops int    // floating-point operations; 0 for kernels that do not live by multiply-adds
	Bytes int    // read and written, each operand once; 0 where Flops says more
	Run   func()
}

const (
	workLength = 1024   // values of a vector
	workRowSum = 64     // columns of workLength values whose rows are summed
	workDepth  = blockK // terms of the sums of a register tile
	workRows   = 8      // of images and of matrices that are moved
	workCols   = 32     // workRows*workCols is workDepth
	workPlane  = workRows * workCols
	workPeak   = 1 << 14 // rounds of PeakLoop
)

// Workload returns the work on which benchmarks measure the row. It panics for a signature that it does not know: a new kind of
// kernel must be added here.
func (r Row) Workload() Workload {
	switch f := r.Func.(type) {
	case tileFunc:
		return r.tileWork(f)
	case convFunc:
		return r.convWork(f)
	case wtileFunc:
		return r.weightWork(f)
	case rowTileFunc:
		return r.rowTileWork(f)
	case outerTileFunc:
		return r.outerTileWork(f)
	case dtileFunc:
		return r.dotWork(f)
	case moveFunc:
		return r.moveWork(f)
	case gatherFunc:
		return r.gatherWork(f)
	case gridFunc:
		return r.gridWork(f)
	case pool2Func:
		x, y := numbers(4*workPlane), numbers(workPlane)
		if r.Name == "AvgPoolGrad2" {
			x, y = y, x
		}
		return poolWork(5, func(rows, cols int) { f(&y[0], &x[0], rows, cols, 2*cols) })
	case windowFunc:
		return r.windowWork(f)
	case windowMulFunc:
		return r.windowMulWork(f)
	case pool2GradFunc:
		x, dx, dy := numbers(4*workPlane), numbers(4*workPlane), numbers(workPlane)
		return poolWork(9, func(rows, cols int) { f(&dx[0], &x[0], &dy[0], rows, cols, 2*cols) })
	case func(dst, src []uint8, weights []uint32, pitch int):
		const rows = 4
		src, dst := make([]uint8, rows*workLength), make([]uint8, workLength)
		weights := []uint32{1 << 20, 1 << 20, 1 << 20, 1 << 20}
		return Workload{Size: fmt.Sprintf("%dx%d", rows, workLength), Bytes: (rows + 1) * workLength, Run: func() { f(dst, src, weights, workLength) }}
	case func(y, cb, cr []uint8) int:
		y, cb, cr := make([]uint8, workLength), make([]uint8, workLength), make([]uint8, workLength)
		return Workload{Size: fmt.Sprint(workLength), Bytes: 6 * workLength, Run: func() { f(y, cb, cr) }}
	case func(dst []uint8, pitch int, coefs *[64]int16):
		dst, coefs := make([]uint8, 64), &[64]int16{100, 30, -20, 8: 40, 9: -10}
		return Workload{Size: "8x8", Bytes: 3 * 64, Run: func() { f(dst, 8, coefs) }}
	case func(rounds int):
		return Workload{Size: fmt.Sprint(workPeak), Flops: workPeak * peakFlops(r.Level), Run: func() { f(workPeak) }}
	}
	return r.vectorWork()
}

// windowWork folds windows of 3x3. No index is a tap's number.
func (r Row) windowWork(f windowFunc) Workload {
	const pitch = workCols + 2
	x, y, dst := numbers((workRows+2)*pitch), numbers((workRows+2)*pitch), numbers(workPlane)
	var taps []tap
	for i := range 9 {
		taps = append(taps, tap{int64(4 * (i/3*pitch + i%3)), float32(i)})
	}
	return poolWork(2, func(rows, cols int) { f(&dst[0], &x[0], &y[0], &taps[0], len(taps), rows, cols, 4*cols, 4*pitch) })
}

// windowMulWork multiplies windows of 3x3 of workCols channels at workRows positions with their weights.
func (r Row) windowMulWork(f windowMulFunc) Workload {
	const pitch = (workRows + 2) * workCols
	x, y, dst := numbers(3*pitch), numbers(9*workCols), numbers(9*workCols)
	var taps []weightTap
	for i := range 9 {
		taps = append(taps, weightTap{int64(4 * (i/3*pitch + i%3*workCols)), int64(4 * i * workCols)})
	}
	return Workload{Size: fmt.Sprintf("%dx%d", workRows, workCols), Flops: 2 * 9 * workPlane,
		Run: func() { f(&dst[0], &x[0], &y[0], &taps[0], len(taps), workRows, workCols, 4*workCols, 4*workCols) }}
}

// poolWork pools to a plane, values of each of whose elements are read or written.
func poolWork(values int, run func(rows, cols int)) Workload {
	return Workload{Size: fmt.Sprintf("%dx%d", workRows, workCols), Bytes: 4 * values * workPlane, Run: func() { run(workRows, workCols) }}
}

// vectorWork calls a kernel of slices.
func (r Row) vectorWork() Workload {
	const n, s = workLength, 1.0 / 1024
	a, b, c, d := numbers(n), numbers(n), numbers(n), numbers(n)
	var values int
	var run func()
	switch f := r.Func.(type) {
	case func(dst, a []float32):
		values, run = 2*n, func() { f(d, a) }
	case func(dst, a, b []float32):
		values, run = 3*n, func() { f(d, a, b) }
	case func(dst, a, b, c []float32):
		values, run = 4*n, func() { f(d, a, b, c) }
	case func(dst, a []float32, s float32):
		values, run = 2*n, func() { f(d, a, s) }
	case func(dst, a []float32, s, t float32):
		values, run = 2*n, func() { f(d, a, s, s) }
	case func(dst, a, b []float32, s, u, t float32):
		values, run = 3*n, func() { f(d, a, b, s, s, s) }
	case func(a []float32) float32:
		values, run = n, func() { f(a) }
	case func(a, b []float32) float32:
		values, run = 2*n, func() { f(a, b) }
	case func(a []float32, mean float32) float32:
		values, run = n, func() { f(a, s) }
	case func(a, b []float32, mean float32) float32:
		values, run = 2*n, func() { f(a, b, s) }
	case func(dst, x []float32, rows, ld int):
		values, run = n+workRowSum, func() { f(d[:workRowSum], a, n/workRowSum, workRowSum) }
	case func(dst, x, mean []float32, rows, ld int):
		values, run = n+2*workRowSum, func() { f(d[:workRowSum], a, c, n/workRowSum, workRowSum) }
	case func(dst, a, b, mean []float32, rows, ld int):
		values, run = 2*n+2*workRowSum, func() { f(d[:workRowSum], a, b, c, n/workRowSum, workRowSum) }
	case func(dst []float32, src []uint8, scale, bias float32):
		src := make([]uint8, n)
		values, run = n+n/4, func() { f(d, src, s, s) }
	default:
		panic(fmt.Sprintf("kernel: row %s: no workload for a %T", r.Name, r.Func))
	}
	return Workload{Size: fmt.Sprint(n), Bytes: 4 * values, Run: run}
}

// lanes returns the length of the vectors of the row's level.
func (r Row) lanes() int {
	for _, s := range Sets() {
		if s.Level == r.Level {
			return s.lanes
		}
	}
	panic("kernel: no level " + r.Level)
}

// product is the work of a register tile of MR x NR sums.
func (r Row) product(run func()) Workload {
	return Workload{Size: fmt.Sprintf("%dx%dx%d", r.MR, r.NR, workDepth), Flops: 2 * r.MR * r.NR * workDepth, Run: run}
}

// wholeTile is a tile of full vectors, side by side.
func (r Row) wholeTile() *tile {
	t := &tile{full: 1}
	for v := range r.NR / r.lanes() {
		t.src[v], t.dst[v], t.n[v] = int64(4*v*r.lanes()), int64(4*v*r.lanes()), int64(r.lanes())
	}
	return t
}

func (r Row) tileWork(f tileFunc) Workload {
	t, a, b, c := r.wholeTile(), numbers(r.MR*workDepth), numbers(r.NR*workDepth), numbers(r.MR*r.NR)
	return r.product(func() { f(t, &a[0], &b[0], &c[0], nil, workDepth, 4*r.NR, 4*r.NR, 0) })
}

func (r Row) convWork(f convFunc) Workload {
	t, a, b, c := r.wholeTile(), numbers(r.MR*workDepth), numbers(r.NR*workDepth), numbers(r.MR*r.NR)
	off := steps(workDepth, 4*r.NR)
	return r.product(func() { f(t, &a[0], &b[0], &c[0], nil, &off[0], workDepth, 4*r.NR, 0) })
}

func (r Row) weightWork(f wtileFunc) Workload {
	t := &wtile{rows: workRows, cols: workCols, dystep: int64(4 * r.NR), ldc: int64(4 * r.NR), images: 1}
	x, dy, c := numbers(workDepth+r.MR), numbers(workDepth*r.NR), numbers(r.MR*r.NR)
	off := steps(r.MR, 4)
	return r.product(func() { f(t, &c[0], &x[0], &off[0], &dy[0]) })
}

// rowTileWork sums over the channels of one tap, as many as the rows hold.
func (r Row) rowTileWork(f rowTileFunc) Workload {
	a, b, c := numbers(r.MR*workDepth), numbers(r.NR*workDepth), numbers(r.MR*r.NR)
	off := steps(1, 0)
	return r.product(func() { f(&a[0], &b[0], &c[0], &off[0], 1, workDepth, 4*workDepth, 4*r.NR, 0, &a[0], 0) })
}

func (r Row) outerTileWork(f outerTileFunc) Workload {
	a, b, c := numbers(r.MR*workDepth), numbers(r.NR*workDepth), numbers(r.MR*r.NR)
	w := &outerWalk{images: 1, rows: 1, cols: workDepth, a: outerSide{step: int64(4 * r.MR)}, b: outerSide{step: int64(4 * r.NR)}}
	return r.product(func() { f(w, &a[0], &b[0], &c[0], 4*r.NR, 0) })
}

func (r Row) dotWork(f dtileFunc) Workload {
	t := &dtile{rows: workRows, chunks: int64(workCols / r.lanes()), plane: 4 * workDepth}
	x, dy, c := numbers(workDepth+r.NR), numbers(workDepth*r.MR), numbers(r.MR*r.NR)
	off := steps(r.NR, 4)
	return r.product(func() { f(t, &c[0], &x[0], &off[0], &dy[0], 4*r.MR) })
}

// moveWork moves workRows rows of workCols values, or, to transpose, a strip of as many rows as a vector has values.
func (r Row) moveWork(f moveFunc) Workload {
	rows, cols, ldd, lds := workRows, workCols, workCols, workCols
	switch r.Name {
	case "EvenRows":
		lds *= 2
	case "SpreadRows":
		ldd *= 2
	case "TransposeStrip":
		rows = r.lanes()
		ldd = rows
	}
	// PadRows writes up to a vector beyond the last row.
	dst, src := numbers(rows*cols*2+r.lanes()), numbers(rows*lds)
	run := func() { f(&dst[0], &src[0], 4*ldd, 4*lds, rows, cols) }
	return Workload{Size: fmt.Sprintf("%dx%d", rows, cols), Bytes: 8 * rows * cols, Run: run}
}

// gridWork transforms grids of at most 6x6 vectors in a row.
func (r Row) gridWork(f gridFunc) Workload {
	const grids, edge = 8, 6
	n := r.lanes()
	v := int64(4 * n)
	src, dst, tmp := numbers(grids*edge*edge*n), numbers(grids*edge*edge*n), numbers(edge*edge*n)
	g := &gridWalk{edge * v, v, edge * edge * v, edge * v, v, edge * edge * v}
	return Workload{Size: fmt.Sprint(grids), Bytes: 4 * (len(src) + len(dst)), Run: func() { f(&dst[0], &src[0], &tmp[0], g, grids) }}
}

// gatherWork gathers two vectors for each of workDepth taps.
func (r Row) gatherWork(f gatherFunc) Workload {
	n := r.lanes()
	x, dst := numbers(workDepth+3*n), numbers(workDepth*2*n)
	runs := []run{{0, 0, int64(n)}, {int64(8 * n), int64(4 * n), int64(n)}}
	off := steps(workDepth, 4)
	return Workload{Size: fmt.Sprintf("%dx%d", workDepth, 2*n), Bytes: 4 * (len(dst) + len(dst)),
		Run: func() { f(&dst[0], &x[0], &off[0], &runs[0], len(runs), workDepth, 8*n) }}
}

// steps returns n offsets, so many bytes apart.
func steps(n, bytes int) []int64 {
	off := make([]int64, n)
	for i := range off {
		off[i] = int64(i * bytes)
	}
	return off
}

// numbers returns n values from 0.5 to 1.5, at the start of a cache line.
func numbers(n int) []float32 {
	s := aligned(make([]float32, n+alignment))[:n]
	for i := range s {
		s[i] = 0.5 + float32(i%1000)/1000
	}
	return s
}
