// Package kernel holds the inner loops of the CPU backend, and of the decoding
// and resizing of images: slices in, slices out, single-threaded. It knows nothing of graphs, tensors or
// threads; whoever calls it splits the work.
//
// A [Set] is one value per instruction-set level ("avx512", "avx2", "neon",
// "generic"). The assembly is written by the generator in gen; every function
// of a level is a row of the kernel [Table], from which dispatch, tests and
// benchmarks are made.
//
// Results depend on the shapes and the level only: never on alignment, on how
// the caller split the work, or on what the scratch memory held.
package kernel

//go:generate go run ./gen .

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
)

// A Set holds the kernels of one level. Elementwise kernels take any length
// and alignment; dst may be one of the inputs but must not overlap one
// otherwise. Inputs at least as long as dst are required (a shorter one
// panics), and len(dst) elements are written. They do not allocate.
type Set struct {
	Level string

	// dst = a OP b. Max and Min are NaN where either input is; between zeros
	// of different sign the second input wins.
	Add, Sub, Mul, Div, Max, Min func(dst, a, b []float32)

	// dst = OP a. Relu is a < 0 ? 0 : a, so NaN stays NaN and -0 stays -0.
	Neg, Abs, Sqrt, Reciprocal, Relu func(dst, a []float32)

	// dst = OP a, with at most 2 units in the last place of error (Sigmoid: 3,
	// Tanh: 5, and never beyond 1), the right values at ±0, ±Inf and NaN, and
	// denormals in and out.
	Exp, Log, Tanh, Sigmoid, Erf func(dst, a []float32)

	AddScalar func(dst, a []float32, s float32) // dst = a + s
	MulScalar func(dst, a []float32, s float32) // dst = a * s
	MulAdd    func(dst, a, b, c []float32)      // dst = a*b + c, rounded once in assembly
	Axpy      func(dst, a []float32, s float32) // dst += s * a
	Gate      func(dst, a, x []float32)         // dst = x > 0 ? a : 0, the gradient of Relu

	// Rounded once for each product in assembly; the term t of Blend joins b*u first.
	ScaleShift     func(dst, a []float32, s, t float32)       // dst = a*s + t
	ScaleShiftRelu func(dst, a []float32, s, t float32)       // then Relu
	Blend          func(dst, a, b []float32, s, u, t float32) // dst = a*s + b*u + t

	U8ToF32 func(dst []float32, src []uint8, scale, bias float32) // dst = scale*src + bias

	// Reductions keep 4 vectors of running values: vector i of the input
	// joins running vector i%4 for as long as four whole vectors are left, the
	// rest joins running vector 0; then (0+1) + (2+3), then the lanes by
	// halves. The generic level runs over the input in order, in float64.
	Sum, SumSquares func(a []float32) float32
	Dot             func(a, b []float32) float32
	SumSquaresAbout func(a []float32, mean float32) float32    // of (a - mean)^2
	DotAbout        func(a, b []float32, mean float32) float32 // of a * (b - mean)
	MaxOf           func(a []float32) float32                  // -Inf of nothing, NaN if any is NaN

	// Sums down the columns of matrices of rows x len(dst) values, ld from row to
	// row, mean being a row. A column is one running sum from zero in the order of
	// the rows, in float64 at the generic level.
	SumRows          func(dst, x []float32, rows, ld int)          // of x
	SquaresAboutRows func(dst, x, mean []float32, rows, ld int)    // of (x - mean)^2
	DotAboutRows     func(dst, a, b, mean []float32, rows, ld int) // of a * (b - mean)

	// Of images. They give the same bits at all levels.
	//
	// MixRows sums the rows of src, which begin pitch apart: dst[x] is the sum of src[k*pitch+x] * weights[k], with 22 bits behind the point, rounded. The
	// weights, of which there must be one, sum up to 1<<22. ToRGBBlocks does what ToRGB does for as many pixels as it says. InverseDCT makes the 8 x 8 samples,
	// pitch from row to row, of a block of a JPEG file: dequantised coefficients in natural order.
	MixRows     func(dst, src []uint8, weights []uint32, pitch int)
	ToRGBBlocks func(y, cb, cr []uint8) int
	InverseDCT  func(dst []uint8, pitch int, coefs *[64]int16)

	// PeakLoop runs rounds of PeakFlops floating-point operations each, as
	// fast as the machine can: independent multiply-adds on registers.
	PeakLoop  func(rounds int)
	PeakFlops int

	tiling
	pooling
	depthwise
}

// A Row is one kernel of one level.
type Row struct {
	Name  string // field of Set, or one of the kernels behind its methods, such as Tile
	Arch  string // GOARCH, or "any"
	Level string
	MR    int // rows and columns of a register tile
	NR    int
	Func  any
}

// sets are the levels that this CPU runs, best first.
var sets = sync.OnceValue(func() []*Set {
	set := newSet(nil, "generic", genericRows())
	all := []*Set{set}
	for _, l := range archLevels() {
		set = newSet(set, l.name, l.rows)
		all = append([]*Set{set}, all...)
	}
	return all
})

// level is one level of the architecture, its kernels among its rows.
type level struct {
	name string
	rows []Row
}

// newSet returns base overlaid with rows.
func newSet(base *Set, name string, rows []Row) *Set {
	set := new(Set)
	if base != nil {
		*set = *base
	}
	set.Level = name
	set.tiling.reset(rows)
	fields := reflect.ValueOf(set).Elem()
	for _, r := range rows {
		if set.tiling.add(r) || set.pooling.add(r) || set.depthwise.add(r) {
			continue
		}
		fields.FieldByName(r.Name).Set(reflect.ValueOf(r.Func))
	}
	set.PeakFlops = peakFlops(name)
	return set
}

// Sets returns the levels that this CPU can run, best first.
func Sets() []*Set { return sets() }

// Table returns the kernels that this CPU can run, best level first.
func Table() []Row {
	rows := genericRows()
	for _, l := range archLevels() {
		rows = append(l.rows[:len(l.rows):len(l.rows)], rows...)
	}
	return rows
}

// Select returns the named level, or the best for "". A name that does not
// exist or that the CPU cannot run is an error.
func Select(name string) (*Set, error) {
	if name == "" {
		return sets()[0], nil
	}
	var have []string
	for _, s := range sets() {
		if s.Level == name {
			return s, nil
		}
		have = append(have, s.Level)
	}
	return nil, fmt.Errorf("kernel: no level %q on this CPU; it has %s", name, strings.Join(have, ", "))
}

// Default returns the level that the environment variable LINCE_CPU names, or
// the best if it is unset. The variable is read once.
var Default = sync.OnceValues(func() (*Set, error) {
	s, err := Select(os.Getenv("LINCE_CPU"))
	if err != nil {
		return nil, fmt.Errorf("LINCE_CPU: %w", err)
	}
	return s, nil
})

// Images is the Default level for work on images, or the best if LINCE_CPU is wrong, which the backend reports: at all levels images are the same.
var Images = sync.OnceValue(func() *Set {
	if s, err := Default(); err == nil {
		return s
	}
	return sets()[0]
})
