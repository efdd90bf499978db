package kernel

import "math"

// genericRows are the portable kernels: what every other level is tested
// against, and what runs where there is no assembly.
func genericRows() []Row {
	rows := []Row{
		{Name: "Add", Func: addGeneric},
		{Name: "Sub", Func: subGeneric},
		{Name: "Mul", Func: mulGeneric},
		{Name: "Div", Func: divGeneric},
		{Name: "Max", Func: maxGeneric},
		{Name: "Min", Func: minGeneric},
		{Name: "Neg", Func: negGeneric},
		{Name: "Abs", Func: absGeneric},
		{Name: "Sqrt", Func: sqrtGeneric},
		{Name: "Reciprocal", Func: reciprocalGeneric},
		{Name: "Relu", Func: reluGeneric},
		{Name: "Exp", Func: expGeneric},
		{Name: "Log", Func: logGeneric},
		{Name: "Tanh", Func: tanhGeneric},
		{Name: "Sigmoid", Func: sigmoidGeneric},
		{Name: "Erf", Func: erfGeneric},
		{Name: "AddScalar", Func: addScalarGeneric},
		{Name: "MulScalar", Func: mulScalarGeneric},
		{Name: "MulAdd", Func: mulAddGeneric},
		{Name: "Axpy", Func: axpyGeneric},
		{Name: "Gate", Func: gateGeneric},
		{Name: "ScaleShift", Func: scaleShiftGeneric},
		{Name: "ScaleShiftRelu", Func: scaleShiftReluGeneric},
		{Name: "Blend", Func: blendGeneric},
		{Name: "U8ToF32", Func: u8ToF32Generic},
		{Name: "MixRows", Func: mixRowsGeneric},
		{Name: "ToRGBBlocks", Func: toRGBBlocksGeneric},
		{Name: "InverseDCT", Func: inverseDCTGeneric},
		{Name: "Sum", Func: sumGeneric},
		{Name: "SumSquares", Func: sumSquaresGeneric},
		{Name: "Dot", Func: dotGeneric},
		{Name: "SumSquaresAbout", Func: sumSquaresAboutGeneric},
		{Name: "DotAbout", Func: dotAboutGeneric},
		{Name: "MaxOf", Func: maxOfGeneric},
		{Name: "SumRows", Func: sumRowsGeneric},
		{Name: "SquaresAboutRows", Func: squaresAboutRowsGeneric},
		{Name: "DotAboutRows", Func: dotAboutRowsGeneric},
		{Name: "MaxPool2", Func: maxPool2Generic},
		{Name: "MaxPoolGrad2", Func: maxPoolGrad2Generic},
		{Name: "AvgPool2", Func: avgPool2Generic},
		{Name: "AvgPoolGrad2", Func: avgPoolGrad2Generic},
		{Name: "WindowMax", Func: windowMaxGeneric},
		{Name: "WindowSum", Func: windowSumGeneric},
		{Name: "WindowArg", Func: windowArgGeneric},
		{Name: "WindowIndex", Func: windowIndexGeneric},
		{Name: "WindowPick", Func: windowPickGeneric},
		{Name: "WindowMulAdd", Func: windowMulAddGeneric},
		{Name: "WindowMulSum", Func: windowMulSumGeneric},
		{Name: "PeakLoop", Func: peakLoopGeneric},
	}
	rows = append(rows, genericTileRows()...)
	rows = append(rows, genericWinogradRows()...)
	for i := range rows {
		rows[i].Arch, rows[i].Level = "any", "generic"
	}
	return rows
}

func addGeneric(dst, a, b []float32) {
	b = b[:len(dst)]
	for i, x := range a[:len(dst)] {
		dst[i] = x + b[i]
	}
}

func subGeneric(dst, a, b []float32) {
	b = b[:len(dst)]
	for i, x := range a[:len(dst)] {
		dst[i] = x - b[i]
	}
}

func mulGeneric(dst, a, b []float32) {
	b = b[:len(dst)]
	for i, x := range a[:len(dst)] {
		dst[i] = x * b[i]
	}
}

func divGeneric(dst, a, b []float32) {
	b = b[:len(dst)]
	for i, x := range a[:len(dst)] {
		dst[i] = x / b[i]
	}
}

func maxGeneric(dst, a, b []float32) {
	b = b[:len(dst)]
	for i, x := range a[:len(dst)] {
		if y := b[i]; !(x > y || x != x) {
			x = y
		}
		dst[i] = x
	}
}

func minGeneric(dst, a, b []float32) {
	b = b[:len(dst)]
	for i, x := range a[:len(dst)] {
		if y := b[i]; !(x < y || x != x) {
			x = y
		}
		dst[i] = x
	}
}

func negGeneric(dst, a []float32) {
	for i, x := range a[:len(dst)] {
		dst[i] = -x
	}
}

func absGeneric(dst, a []float32) {
	for i, x := range a[:len(dst)] {
		dst[i] = math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
	}
}

func sqrtGeneric(dst, a []float32) {
	for i, x := range a[:len(dst)] {
		dst[i] = float32(math.Sqrt(float64(x)))
	}
}

func reciprocalGeneric(dst, a []float32) {
	for i, x := range a[:len(dst)] {
		dst[i] = 1 / x
	}
}

func reluGeneric(dst, a []float32) {
	for i, x := range a[:len(dst)] {
		if x < 0 {
			x = 0
		}
		dst[i] = x
	}
}

func addScalarGeneric(dst, a []float32, s float32) {
	for i, x := range a[:len(dst)] {
		dst[i] = x + s
	}
}

func mulScalarGeneric(dst, a []float32, s float32) {
	for i, x := range a[:len(dst)] {
		dst[i] = x * s
	}
}

func mulAddGeneric(dst, a, b, c []float32) {
	b, c = b[:len(dst)], c[:len(dst)]
	for i, x := range a[:len(dst)] {
		dst[i] = x*b[i] + c[i]
	}
}

func axpyGeneric(dst, a []float32, s float32) {
	for i, x := range a[:len(dst)] {
		dst[i] += s * x
	}
}

func gateGeneric(dst, a, x []float32) {
	x = x[:len(dst)]
	for i, v := range a[:len(dst)] {
		if !(x[i] > 0) {
			v = 0
		}
		dst[i] = v
	}
}

func scaleShiftGeneric(dst, a []float32, s, t float32) {
	for i, x := range a[:len(dst)] {
		dst[i] = x*s + t
	}
}

func scaleShiftReluGeneric(dst, a []float32, s, t float32) {
	for i, x := range a[:len(dst)] {
		x = x*s + t
		if x < 0 {
			x = 0
		}
		dst[i] = x
	}
}

func blendGeneric(dst, a, b []float32, s, u, t float32) {
	b = b[:len(dst)]
	for i, x := range a[:len(dst)] {
		dst[i] = x*s + (b[i]*u + t)
	}
}

func u8ToF32Generic(dst []float32, src []uint8, scale, bias float32) {
	for i, x := range src[:len(dst)] {
		dst[i] = scale*float32(x) + bias
	}
}
