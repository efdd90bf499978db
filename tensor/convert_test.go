package tensor

import (
	"math"
	"math/big"
	"strings"
	"testing"
)

// all returns a tensor of type d that holds each pattern of bits once.
func all(d DType) *Tensor {
	n := 1 << (8 * d.Size())
	t := New(d, ShapeOf(n))
	for i := range n {
		t.data[i*d.Size()] = byte(i)
		if d.Size() == 2 {
			t.data[2*i+1] = byte(i >> 8)
		}
	}
	return t
}

func convert(t *testing.T, x *Tensor, to DType) *Tensor {
	t.Helper()
	y, err := Convert(x, to)
	if err != nil {
		t.Fatal(err)
	}
	return y
}

var smallFloats = []struct {
	dtype    DType
	format   format
	infinity bool
}{{F16, formatF16, true}, {BF16, formatBF16, true}, {F8E4M3, formatF8E4M3, false}, {F8E5M2, formatF8E5M2, true}}

// TestEverySmallFloat compares the value of each pattern with its definition, computed with other means, and converts it back.
func TestEverySmallFloat(t *testing.T) {
	for _, c := range smallFloats {
		x := all(c.dtype)
		n, size := x.Size(), 8*c.dtype.Size()
		wide, single := convert(t, x, F64).F64(), convert(t, x, F32)
		back, backSingle := convert(t, convert(t, x, F64), c.dtype), convert(t, single, c.dtype)
		for i := range n {
			b := i & (n/2 - 1)
			exponent, fraction := b>>c.format.mantissa, b&(1<<c.format.mantissa-1)
			last := exponent == n/2>>c.format.mantissa-1
			want := math.Ldexp(float64(fraction), 1-c.format.bias-c.format.mantissa)
			switch {
			case c.infinity && last && fraction == 0:
				want = math.Inf(1)
			case c.infinity && last, !c.infinity && b == n/2-1:
				want = math.NaN()
			case exponent > 0:
				want = math.Ldexp(1+math.Ldexp(float64(fraction), -c.format.mantissa), exponent-c.format.bias)
			}
			if i>>(size-1) == 1 {
				want = -want
			}
			if want != want {
				if wide[i] == wide[i] || single.F32()[i] == single.F32()[i] || b == 0 {
					t.Errorf("%v %#x: %v and %v, want NaN", c.dtype, i, wide[i], single.F32()[i])
				}
				continue
			}
			if math.Float64bits(wide[i]) != math.Float64bits(want) || math.Float32bits(single.F32()[i]) != math.Float32bits(float32(want)) {
				t.Errorf("%v %#x: %v and %v, want %v", c.dtype, i, wide[i], single.F32()[i], want)
			}
			for _, y := range []*Tensor{back, backSingle} {
				if s := c.dtype.Size(); string(y.data[i*s:(i+1)*s]) != string(x.data[i*s:(i+1)*s]) {
					t.Errorf("%v %#x comes back as %#x", c.dtype, i, y.data[i*s:(i+1)*s])
				}
			}
		}
	}
}

// TestEveryRounding converts what lies between each two neighbours: the middle, and what is next to it on both sides.
func TestEveryRounding(t *testing.T) {
	for _, c := range smallFloats {
		for b := range c.format.infinity - 1 {
			lo, hi := c.format.decode(b), c.format.decode(b+1)
			middle := (lo + hi) / 2 // exact: few bits
			even := b + b&1
			for v, want := range map[float64]uint16{math.Nextafter(middle, 0): b, middle: even, math.Nextafter(middle, hi): b + 1} {
				if got := c.format.encode(v); got != want {
					t.Errorf("%v: %v becomes %#x, want %#x", c.dtype, v, got, want)
				}
			}
		}
		largest := c.format.decode(c.format.infinity - 1)
		next := largest + (largest - c.format.decode(c.format.infinity-2))
		middle := (largest + next) / 2
		if c.format.encode(math.Nextafter(middle, 0)) != c.format.infinity-1 {
			t.Errorf("%v: below %v is beyond the largest", c.dtype, middle)
		}
		beyond := middle // a tie goes to the even one, which is infinity; F8E4M3's largest is even itself
		if !c.infinity {
			beyond = math.Nextafter(middle, next)
		}
		for _, v := range []float64{beyond, next, 1e300, math.MaxFloat64, math.Inf(1)} {
			if got := c.format.encode(v); got != c.format.infinity {
				t.Errorf("%v: %v becomes %#x", c.dtype, v, got)
			}
		}
	}
}

// TestKnownFloats has values from the literature: the largest and smallest, and pi.
func TestKnownFloats(t *testing.T) {
	for _, c := range []struct {
		dtype DType
		v     float64
		bits  uint16
	}{
		{F16, 65504, 0x7bff}, {F16, 65520, 0x7c00}, {F16, 0x1p-24, 1}, {F16, 0x1p-25, 0}, {F16, 0x1p-14, 0x400}, {F16, math.Pi, 0x4248}, {F16, -2, 0xc000},
		{BF16, 1, 0x3f80}, {BF16, math.Pi, 0x4049}, {BF16, 0x1p-133, 1}, {BF16, 3.4e38, 0x7f80}, {BF16, 3.38e38, 0x7f7e},
		{F8E4M3, 448, 0x7e}, {F8E4M3, 0x1p-9, 1}, {F8E5M2, 57344, 0x7b}, {F8E5M2, 0x1p-16, 1},
	} {
		got := convert(t, Of(ShapeOf(1), c.v), c.dtype).data
		bits := uint16(got[0])
		if len(got) == 2 {
			bits |= uint16(got[1]) << 8
		}
		if bits != c.bits {
			t.Errorf("%v as %v: %#x, want %#x", c.v, c.dtype, bits, c.bits)
		}
	}
}

func TestFloat64ToFloat32(t *testing.T) {
	x := Of(ShapeOf(6), 0.1, -1e300, 1e-46, math.NaN(), math.Inf(-1), 16777217)
	y := convert(t, x, F32).F32()
	want := []float32{0.1, float32(math.Inf(-1)), 0, 0, float32(math.Inf(-1)), 16777216}
	for i, w := range want {
		if i == 3 && y[i] != y[i] {
			continue
		}
		if y[i] != w {
			t.Errorf("%v becomes %v, want %v", x.F64()[i], y[i], w)
		}
	}
}

// TestIntegersRoundOnce compares with big numbers, near the ties where rounding twice would show.
func TestIntegersRoundOnce(t *testing.T) {
	var values []int64
	for shift := 20; shift < 63; shift++ {
		for _, half := range []int{shift - 8, shift - 24, shift - 9, shift - 25} {
			for d := int64(-1); d <= 1; d++ {
				n := int64(1)<<shift + int64(1)<<max(half, 0) + d
				values = append(values, n, -n)
			}
		}
	}
	x := Of(ShapeOf(len(values)), values...)
	single, brain, double := convert(t, x, F32).F32(), convert(t, x, BF16), convert(t, x, F64).F64()
	brains := convert(t, brain, F64).F64()
	for i, n := range values {
		round := func(bits uint) float64 {
			f, _ := new(big.Float).SetPrec(bits).SetInt64(n).Float64() // SetInt64 rounds to nearest even
			return f
		}
		if float64(single[i]) != round(24) || brains[i] != round(8) || double[i] != round(53) {
			t.Errorf("%d becomes %v, %v and %v, want %v, %v and %v", n, single[i], brains[i], double[i], round(24), round(8), round(53))
		}
	}
}

func TestIntegersAreExact(t *testing.T) {
	for _, c := range []struct {
		x  *Tensor
		to DType
		ok bool
	}{
		{Of(ShapeOf(2), int64(-128), 127), I8, true}, {Of(ShapeOf(1), int64(128)), I8, false}, {Of(ShapeOf(1), int64(-1)), U64, false},
		{Of(ShapeOf(1), uint64(math.MaxUint64)), I64, false}, {Of(ShapeOf(1), uint64(1<<63)), I64, false}, {Of(ShapeOf(1), int64(math.MinInt64)), I64, true},
		{Of(ShapeOf(1), float64(-1<<63)), I64, true}, {Of(ShapeOf(1), float64(1<<63)), I64, false}, {Of(ShapeOf(1), float64(1<<63)), U64, true},
		{Of(ShapeOf(1), 0x1p64), U64, false}, {Of(ShapeOf(1), math.NaN()), I32, false}, {Of(ShapeOf(1), float32(1.5)), I32, false},
		{Of(ShapeOf(1), float32(-7)), I16, true}, {Of(ShapeOf(1), uint16(65535)), U32, true}, {Of(ShapeOf(1), uint16(65535)), I16, false},
		{Of(ShapeOf(2), true, false), U8, true}, {Of(ShapeOf(2), uint8(1), 0), Bool, true}, {Of(ShapeOf(1), uint8(2)), Bool, false},
		{Of(ShapeOf(1), float32(1)), Bool, true}, {Of(ShapeOf(1), math.Copysign(0, -1)), U8, true},
	} {
		y, err := Convert(c.x, c.to)
		if (err == nil) != c.ok {
			t.Errorf("%v %s to %v: error %v", c.x, c.x.text(0), c.to, err)
		}
		if err != nil {
			if !strings.Contains(err.Error(), "cannot hold") {
				t.Errorf("error %v", err)
			}
			continue
		}
		if back := convert(t, y, c.x.dtype); back.text(0) != strings.TrimPrefix(c.x.text(0), "-0") && c.x.text(0) != "-0" {
			t.Errorf("%v %s comes back as %s", c.x, c.x.text(0), back.text(0))
		}
	}
	if x := Of(ShapeOf(1), float32(1)); convert(t, x, F32) != x {
		t.Error("a conversion to the same type copies")
	}
}

func TestFirstOverflow(t *testing.T) {
	x := New(F32, ShapeOf(600))
	x.F32()[1], x.F32()[2] = float32(math.Inf(1)), float32(math.NaN())
	if i := FirstOverflow(x, convert(t, x, F16)); i != -1 {
		t.Errorf("element %d", i)
	}
	x.F32()[500] = 65520
	for d, want := range map[DType]int{F16: 500, F8E4M3: 500, BF16: -1, F64: -1} {
		if i := FirstOverflow(x, convert(t, x, d)); i != want {
			t.Errorf("%v: element %d, want %d", d, i, want)
		}
	}
}
