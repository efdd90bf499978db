package kernel

import "math"

// The portable transcendental functions go through float64, so they are
// correctly rounded but for rare halfway cases.

func expGeneric(dst, a []float32) {
	for i, x := range a[:len(dst)] {
		dst[i] = float32(math.Exp(float64(x)))
	}
}

func logGeneric(dst, a []float32) {
	for i, x := range a[:len(dst)] {
		dst[i] = float32(math.Log(float64(x)))
	}
}

func tanhGeneric(dst, a []float32) {
	for i, x := range a[:len(dst)] {
		dst[i] = float32(math.Tanh(float64(x)))
	}
}

func sigmoidGeneric(dst, a []float32) {
	for i, x := range a[:len(dst)] {
		dst[i] = float32(1 / (1 + math.Exp(-float64(x))))
	}
}

func erfGeneric(dst, a []float32) {
	for i, x := range a[:len(dst)] {
		dst[i] = float32(math.Erf(float64(x)))
	}
}
