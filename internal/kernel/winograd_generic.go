package kernel

import "math"

// A gridWalk says where the vectors of square grids lie, in bytes: the distance of rows, of columns and of grids. The assembly knows
// this layout.
type gridWalk struct{ srcRow, srcCol, srcNext, dstRow, dstCol, dstNext int64 }

// gridFunc transforms n grids X of vectors to M X M' for the matrix M of its name. tmp has room for 36 vectors.
type gridFunc = func(dst, src, tmp *float32, g *gridWalk, n int)

// The matrices of F(2x2, 3x3): the same paper, section 4.1.
var (
	winograd2Input   = [][]float64{{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}}
	winograd2Weights = [][]float64{{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}}
	winograd2Output  = [][]float64{{1, 1, 1, 0}, {0, 1, -1, -1}}
)

// The matrices of F(4x4, 3x3): Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks" (2016), section 4.2, with the points
// 0, -a, a, -b, b and infinity for a = sqrt(1/2), b = sqrt(2). Next to the usual 0, -1, 1, -2, 2 they halve the error, and a*b = 1
// makes most factors simple.
var (
	winogradA, winogradB = math.Sqrt(0.5), math.Sqrt(2)

	winogradInput = [][]float64{
		{1, 0, -2.5, 0, 1, 0},
		{0, -2 * winogradA, -2, winogradA, 1, 0},
		{0, 2 * winogradA, -2, -winogradA, 1, 0},
		{0, -0.5 * winogradB, -0.5, winogradB, 1, 0},
		{0, 0.5 * winogradB, -0.5, -winogradB, 1, 0},
		{0, 1, 0, -2.5, 0, 1},
	}
	winogradWeights = [][]float64{
		{1, 0, 0},
		{-2.0 / 3, -2 * winogradA / 3, -1.0 / 3},
		{-2.0 / 3, 2 * winogradA / 3, -1.0 / 3},
		{1.0 / 6, winogradB / 6, 1.0 / 3},
		{1.0 / 6, -winogradB / 6, 1.0 / 3},
		{0, 0, 1},
	}
	winogradOutput = [][]float64{
		{1, 1, 1, 1, 1, 0},
		{0, winogradA, -winogradA, winogradB, -winogradB, 0},
		{0, 0.5, 0.5, 2, 2, 0},
		{0, 0.5 * winogradA, -0.5 * winogradA, 2 * winogradB, -2 * winogradB, 1},
	}
)

func genericWinogradRows() []Row {
	return []Row{
		{Name: "WinogradInput", Func: gridGeneric(winogradInput)},
		{Name: "WinogradOutput", Func: gridGeneric(winogradOutput)},
		{Name: "WinogradWeights", Func: gridGeneric(winogradWeights)},
		{Name: "WinogradGrad", Func: gridGeneric(transposed(winogradOutput))},
		{Name: "Winograd2Input", Func: gridGeneric(winograd2Input)},
		{Name: "Winograd2Output", Func: gridGeneric(winograd2Output)},
		{Name: "Winograd2Weights", Func: gridGeneric(winograd2Weights)},
		{Name: "WinogradWeightGrad", Func: gridGeneric(transposed(winogradWeights))},
	}
}

func transposed(m [][]float64) [][]float64 {
	t := make([][]float64, len(m[0]))
	for j := range t {
		for _, row := range m {
			t[j] = append(t[j], row[j])
		}
	}
	return t
}

func gridGeneric(m [][]float64) gridFunc {
	out, in := len(m), len(m[0])
	f := make([]float32, 0, out*in)
	for _, row := range m {
		for _, x := range row {
			f = append(f, float32(x))
		}
	}
	return func(dst, src, tmp *float32, g *gridWalk, n int) {
		for range n {
			for i := range out {
				for j := range in {
					combine(index(tmp, 4*(i*in+j)), f[i*in:(i+1)*in], offset(src, j*int(g.srcCol)), int(g.srcRow))
				}
				for j := range out {
					combine(offset(dst, i*int(g.dstRow)+j*int(g.dstCol)), f[j*in:(j+1)*in], index(tmp, 4*i*in), 4*4)
				}
			}
			src, dst = offset(src, int(g.srcNext)), offset(dst, int(g.dstNext))
		}
	}
}

// combine sets dst to the sum of the vectors at x, step bytes apart, each times its factor.
func combine(dst *float32, factors []float32, x *float32, step int) {
	var sum [4]float32
	for i, f := range factors {
		if f != 0 {
			addScaled(&sum, f, vec4(offset(x, i*step)))
		}
	}
	*vec4(dst) = sum
}
