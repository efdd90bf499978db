package tensor

import (
	"fmt"
	"math"
	"math/bits"
)

// Convert returns t with its elements converted to type to; t itself if they have it.
//
//   - To a type of real numbers: rounded to the nearest, ties to even, once. What is too large becomes infinity, in
//     F8E4M3, which has none, NaN. NaN stays NaN. (IEEE 754-2019, sections 4.3.1 and 7.4.)
//   - To an integer or Bool: exact. A value that the type does not have is an error; true is 1.
func Convert(t *Tensor, to DType) (*Tensor, error) {
	if t.dtype == to {
		return t, nil
	}
	out := New(to, t.shape)
	if t.dtype.IsFloat() && to.IsFloat() {
		var block [256]float64
		for i := 0; i < t.Size(); i += len(block) {
			part := block[:min(len(block), t.Size()-i)]
			t.loadFloats(part, i)
			out.storeFloats(part, i)
		}
		return out, nil
	}
	for i := range t.Size() {
		if !convertElement(out, t, i) {
			return nil, fmt.Errorf("element %d is %s, which %v cannot hold", i, t.text(i), to)
		}
	}
	return out, nil
}

// convertElement converts element i where one of the two types is no float.
func convertElement(out, t *Tensor, i int) bool {
	var n integer
	if t.dtype.IsFloat() {
		var v [1]float64
		t.loadFloats(v[:], i)
		var ok bool
		if n, ok = integerOf(v[0]); !ok {
			return false
		}
	} else {
		n = t.integer(i)
	}
	if out.dtype.IsFloat() {
		v := [1]float64{n.float(out.dtype)}
		out.storeFloats(v[:], i)
		return true
	}
	return out.setInteger(i, n)
}

// text returns element i for a message.
func (t *Tensor) text(i int) string {
	if t.dtype.IsFloat() {
		var v [1]float64
		t.loadFloats(v[:], i)
		return fmt.Sprint(v[0])
	}
	n := t.integer(i)
	if n.negative {
		return fmt.Sprintf("-%d", n.size)
	}
	return fmt.Sprint(n.size)
}

// A format is a type of real numbers that Go does not have: a sign bit, a biased exponent, a mantissa.
type format struct {
	bias, mantissa int
	infinity       uint16 // bits of infinity; of the only NaN if there is no infinity
	nan            uint16
}

var (
	formatF16    = format{15, 10, 0x7c00, 0x7e00}
	formatBF16   = format{127, 7, 0x7f80, 0x7fc0}
	formatF8E4M3 = format{7, 3, 0x7f, 0x7f} // Micikevicius et al., "FP8 formats for deep learning", 2022, table 1
	formatF8E5M2 = format{15, 2, 0x7c, 0x7e}
)

// decode returns the number whose bits, without the sign, are b. It is exact.
func (f format) decode(b uint16) float64 {
	exponent, fraction := int(b>>f.mantissa), uint64(b)&(1<<f.mantissa-1)
	switch {
	case b == f.infinity && f.infinity != f.nan:
		return math.Inf(1)
	case b >= f.infinity:
		return math.NaN()
	case exponent == 0: // subnormal
		return float64(fraction) * power(1-f.bias-f.mantissa)
	}
	return math.Float64frombits(uint64(exponent-f.bias+1023)<<52 | fraction<<(52-f.mantissa))
}

// encode returns the bits, without the sign, of the number nearest to v >= 0.
func (f format) encode(v float64) uint16 {
	if v != v {
		return f.nan
	}
	if math.IsInf(v, 1) {
		return f.infinity
	}
	exponent := max(int(math.Float64bits(v)>>52)-1023, 1-f.bias)
	// v in units of its last place; a result of 2^(mantissa+1) carries into the exponent below.
	units := math.RoundToEven(v * power(f.mantissa-exponent))
	b := int64(units) + int64(exponent+f.bias-1)<<f.mantissa
	return uint16(min(b, int64(f.infinity)))
}

// power returns 2^n for a normal float64.
func power(n int) float64 { return math.Float64frombits(uint64(n+1023) << 52) }

// loadFloats reads the elements from i on as float64, which all types of real numbers fit.
func (t *Tensor) loadFloats(dst []float64, i int) {
	switch t.dtype {
	case F64:
		copy(dst, t.F64()[i:])
	case F32:
		for j, v := range t.F32()[i : i+len(dst)] {
			dst[j] = float64(v)
		}
	case F16:
		load(formatF16, dst, View[uint16](t.data)[i:], 15)
	case BF16:
		load(formatBF16, dst, View[uint16](t.data)[i:], 15)
	case F8E4M3:
		load(formatF8E4M3, dst, t.data[i:], 7)
	case F8E5M2:
		load(formatF8E5M2, dst, t.data[i:], 7)
	}
}

// storeFloats writes src to the elements from i on.
func (t *Tensor) storeFloats(src []float64, i int) {
	switch t.dtype {
	case F64:
		copy(t.F64()[i:], src)
	case F32:
		dst := t.F32()[i:]
		for j, v := range src {
			dst[j] = float32(v)
		}
	case F16:
		store(formatF16, View[uint16](t.data)[i:], src, 15)
	case BF16:
		store(formatBF16, View[uint16](t.data)[i:], src, 15)
	case F8E4M3:
		store(formatF8E4M3, t.data[i:], src, 7)
	case F8E5M2:
		store(formatF8E5M2, t.data[i:], src, 7)
	}
}

func load[T uint8 | uint16](f format, dst []float64, src []T, signBit int) {
	for j := range dst {
		b := src[j]
		v := f.decode(uint16(b &^ (1 << signBit)))
		dst[j] = math.Float64frombits(math.Float64bits(v) | uint64(b>>signBit)<<63)
	}
}

func store[T uint8 | uint16](f format, dst []T, src []float64, signBit int) {
	for j, v := range src {
		dst[j] = T(f.encode(math.Abs(v))) | T(math.Float64bits(v)>>63)<<signBit
	}
}

// An integer is any that a tensor can hold.
type integer struct {
	negative bool
	size     uint64
}

// integerOf returns v as an integer; ok is false if it is none of 64 bits.
func integerOf(v float64) (n integer, ok bool) {
	size := math.Abs(v)
	if !(size < 1<<64) || size != math.Trunc(size) {
		return integer{}, false
	}
	return integer{v < 0, uint64(size)}, true
}

func signed(n int64) integer {
	if n < 0 {
		return integer{true, -uint64(n)}
	}
	return integer{false, uint64(n)}
}

// float returns n as a float64 that is rounded to the type d as n itself would be. For types of fewer bits than float64 it is
// rounded to odd, which keeps the second rounding right (Boldo & Melquiond, "When double rounding is odd", 2005).
func (n integer) float(d DType) float64 {
	v := float64(n.size)
	if drop := bits.Len64(n.size) - 53; drop > 0 && d != F64 {
		kept := n.size >> drop
		if kept<<drop != n.size {
			kept |= 1
		}
		v = float64(kept << drop)
	}
	if n.negative {
		return -v
	}
	return v
}

// integer returns element i of a tensor of integers or truth values.
func (t *Tensor) integer(i int) integer {
	switch t.dtype {
	case I8:
		return signed(int64(t.I8()[i]))
	case I16:
		return signed(int64(t.I16()[i]))
	case I32:
		return signed(int64(t.I32()[i]))
	case I64:
		return signed(t.I64()[i])
	case U16:
		return integer{false, uint64(t.U16()[i])}
	case U32:
		return integer{false, uint64(t.U32()[i])}
	case U64:
		return integer{false, t.U64()[i]}
	}
	return integer{false, uint64(t.data[i])} // U8, Bool
}

// setInteger makes n element i, and returns false if its type does not have n.
func (t *Tensor) setInteger(i int, n integer) bool {
	v := int64(n.size) // of the types of 64 bits, the same bits
	if n.negative {
		v = -v
	}
	switch t.dtype {
	case I8:
		t.I8()[i] = int8(v)
	case I16:
		t.I16()[i] = int16(v)
	case I32:
		t.I32()[i] = int32(v)
	case I64:
		t.I64()[i] = v
	case U8:
		t.U8()[i] = uint8(v)
	case U16:
		t.U16()[i] = uint16(v)
	case U32:
		t.U32()[i] = uint32(v)
	case U64:
		t.U64()[i] = uint64(v)
	case Bool:
		t.Bool()[i] = v == 1
	}
	return t.integer(i) == n
}

// FirstOverflow returns the first element that is finite in t and not in c, to which t was converted; -1 if there is none. Both must be of real
// numbers and of one shape.
func FirstOverflow(t, c *Tensor) int {
	if c.dtype.largest() >= t.dtype.largest() {
		return -1
	}
	finite := func(v float64) bool { return !math.IsInf(v, 0) && v == v }
	var before, after [256]float64
	for i := 0; i < t.Size(); i += len(before) {
		n := min(len(before), t.Size()-i)
		t.loadFloats(before[:n], i)
		c.loadFloats(after[:n], i)
		for j := range n {
			if finite(before[j]) && !finite(after[j]) {
				return i + j
			}
		}
	}
	return -1
}

// largest returns the largest finite number of a type of real numbers.
func (d DType) largest() float64 {
	switch d {
	case F64:
		return math.MaxFloat64
	case F32:
		return math.MaxFloat32
	case F16:
		return formatF16.decode(formatF16.infinity - 1)
	case BF16:
		return formatBF16.decode(formatBF16.infinity - 1)
	case F8E4M3:
		return formatF8E4M3.decode(formatF8E4M3.infinity - 1)
	}
	return formatF8E5M2.decode(formatF8E5M2.infinity - 1)
}
