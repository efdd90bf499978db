package kernel

import "math"

func sumGeneric(a []float32) float32 {
	var s float64
	for _, x := range a {
		s += float64(x)
	}
	return float32(s)
}

func sumSquaresGeneric(a []float32) float32 {
	var s float64
	for _, x := range a {
		s += float64(x) * float64(x)
	}
	return float32(s)
}

func dotGeneric(a, b []float32) float32 {
	var s float64
	b = b[:len(a)]
	for i, x := range a {
		s += float64(x) * float64(b[i])
	}
	return float32(s)
}

func sumSquaresAboutGeneric(a []float32, mean float32) float32 {
	var s float64
	for _, x := range a {
		d := float64(x) - float64(mean)
		s += d * d
	}
	return float32(s)
}

func dotAboutGeneric(a, b []float32, mean float32) float32 {
	var s float64
	b = b[:len(a)]
	for i, x := range a {
		s += float64(x) * (float64(b[i]) - float64(mean))
	}
	return float32(s)
}

func maxOfGeneric(a []float32) float32 {
	m := float32(math.Inf(-1))
	for _, x := range a {
		if !(m > x || m != m) {
			m = x
		}
	}
	return m
}

// genericPeakFlops is the work of one round of peakLoopGeneric.
const genericPeakFlops = 16

// peakSink keeps the compiler from dropping the loop.
//
//lint:ignore U1000 it is only written
var peakSink float32

func peakLoopGeneric(rounds int) {
	var a, b, c, d, e, f, g, h float32
	x, y := float32(1.0000001), float32(1e-9)
	for range rounds {
		a, b, c, d = a*x+y, b*x+y, c*x+y, d*x+y
		e, f, g, h = e*x+y, f*x+y, g*x+y, h*x+y
	}
	peakSink = a + b + c + d + e + f + g + h
}
