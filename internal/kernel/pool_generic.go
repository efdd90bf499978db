package kernel

import (
	"math"
	"unsafe"
)

var negInf = float32(math.Inf(-1))

// pool2Func does rows rows of cols windows of 2x2 side by side. The inputs of a row
// of windows are two rows, pitch values apart, that follow those of the row before;
// only two values for each window are read or written. dst is the pooled image and x
// the inputs, or the other way round for the gradient of the mean. Rows and columns
// are at least 1.
type pool2Func = func(dst, x *float32, rows, cols, pitch int)

// pool2GradFunc is the gradient dx of a pool2Func of x from that of its result.
type pool2GradFunc = func(dx, x, dy *float32, rows, cols, pitch int)

// A tap leads from an output to a value of its window. The assembly knows this layout.
type tap struct {
	off    int64   // in bytes, of the value for the first output
	number float32 // of the tap in its window, in row-major order
}

// tapsOf numbers the taps at the given offsets.
func tapsOf(off []int64, number func(i int) int) []tap {
	taps := make([]tap, len(off))
	for i, o := range off {
		taps[i] = tap{o, float32(number(i))}
	}
	return taps
}

// windowFunc computes rows rows of cols outputs, each from the values x that n taps lead
// to. Rows of outputs are ldd bytes apart, rows of x ldx. Rows, cols and n are at least 1.
type windowFunc = func(dst, x, y *float32, taps *tap, n, rows, cols, ldd, ldx int)

// pooling is the part of a Set behind Pool.
type pooling struct {
	maxPool2, avgPool2, avgPoolGrad2 pool2Func
	maxPoolGrad2                     pool2GradFunc

	windowMax, windowSum windowFunc // y is not used
	windowArg            windowFunc // number of the tap of the first maximum; that in y [rows,cols] if all are -Inf
	windowIndex          windowFunc // number of the tap of the first maximum; of the first tap if all are -Inf; y is not used
	windowPick           windowFunc // sum of the values of y, laid out as x, where x is the number of the tap
}

// add takes a row that is a field of pooling.
func (p *pooling) add(r Row) bool {
	switch r.Name {
	case "MaxPool2":
		p.maxPool2 = r.Func.(pool2Func)
	case "MaxPoolGrad2":
		p.maxPoolGrad2 = r.Func.(pool2GradFunc)
	case "AvgPool2":
		p.avgPool2 = r.Func.(pool2Func)
	case "AvgPoolGrad2":
		p.avgPoolGrad2 = r.Func.(pool2Func)
	case "WindowMax":
		p.windowMax = r.Func.(windowFunc)
	case "WindowSum":
		p.windowSum = r.Func.(windowFunc)
	case "WindowArg":
		p.windowArg = r.Func.(windowFunc)
	case "WindowIndex":
		p.windowIndex = r.Func.(windowFunc)
	case "WindowPick":
		p.windowPick = r.Func.(windowFunc)
	default:
		return false
	}
	return true
}

func windowMaxGeneric(dst, x, _ *float32, taps *tap, n, rows, cols, ldd, ldx int) {
	for i := range rows {
		out := unsafe.Slice(offset(dst, i*ldd), cols)
		fillWith(out, negInf)
		for _, t := range unsafe.Slice(taps, n) {
			for j, v := range unsafe.Slice(offset(x, i*ldx+int(t.off)), cols) {
				if v > out[j] || v != v {
					out[j] = v
				}
			}
		}
	}
}

func windowSumGeneric(dst, x, _ *float32, taps *tap, n, rows, cols, ldd, ldx int) {
	for i := range rows {
		out := unsafe.Slice(offset(dst, i*ldd), cols)
		clear(out)
		for _, t := range unsafe.Slice(taps, n) {
			for j, v := range unsafe.Slice(offset(x, i*ldx+int(t.off)), cols) {
				out[j] += v
			}
		}
	}
}

func windowArgGeneric(dst, x, y *float32, taps *tap, n, rows, cols, ldd, ldx int) {
	for i := range rows {
		for j := range cols {
			*offset(dst, i*ldd+4*j) = firstMaximum(offset(x, i*ldx+4*j), taps, n, *index(y, i*cols+j))
		}
	}
}

func windowIndexGeneric(dst, x, _ *float32, taps *tap, n, rows, cols, ldd, ldx int) {
	for i := range rows {
		for j := range cols {
			*offset(dst, i*ldd+4*j) = firstMaximum(offset(x, i*ldx+4*j), taps, n, taps.number)
		}
	}
}

// firstMaximum returns the number of the tap of the first maximum of a window, lowest if all are -Inf.
func firstMaximum(x *float32, taps *tap, n int, lowest float32) float32 {
	best, m := lowest, negInf
	for _, t := range unsafe.Slice(taps, n) {
		if v := *offset(x, int(t.off)); m == m && !(v <= m) {
			best, m = t.number, v
		}
	}
	return best
}

func windowPickGeneric(dst, x, y *float32, taps *tap, n, rows, cols, ldd, ldx int) {
	for i := range rows {
		out := unsafe.Slice(offset(dst, i*ldd), cols)
		clear(out)
		for _, t := range unsafe.Slice(taps, n) {
			at := i*ldx + int(t.off)
			values := unsafe.Slice(offset(y, at), cols)
			for j, number := range unsafe.Slice(offset(x, at), cols) {
				if number == t.number {
					out[j] += values[j]
				}
			}
		}
	}
}

// pairOf returns the two rows of inputs of the i-th row of cols windows.
func pairOf(x *float32, i, cols, pitch int) (top, bottom []float32) {
	x = index(x, 2*i*pitch)
	return unsafe.Slice(x, 2*cols), unsafe.Slice(index(x, pitch), 2*cols)
}

func maxPool2Generic(dst, x *float32, rows, cols, pitch int) {
	for i := range rows {
		top, bottom := pairOf(x, i, cols, pitch)
		for j := range cols {
			m := top[2*j]
			for _, v := range [...]float32{top[2*j+1], bottom[2*j], bottom[2*j+1]} {
				if v > m || v != v {
					m = v
				}
			}
			*index(dst, i*cols+j) = m
		}
	}
}

func maxPoolGrad2Generic(dx, x, dy *float32, rows, cols, pitch int) {
	for i := range rows {
		top, bottom := pairOf(x, i, cols, pitch)
		dtop, dbottom := pairOf(dx, i, cols, pitch)
		for j, g := range unsafe.Slice(index(dy, i*cols), cols) {
			best, m := 0, top[2*j]
			for i, v := range [...]float32{top[2*j+1], bottom[2*j], bottom[2*j+1]} {
				if m == m && !(v <= m) {
					best, m = i+1, v
				}
			}
			var d [4]float32
			d[best] = g
			dtop[2*j], dtop[2*j+1], dbottom[2*j], dbottom[2*j+1] = d[0], d[1], d[2], d[3]
		}
	}
}

func avgPool2Generic(dst, x *float32, rows, cols, pitch int) {
	for i := range rows {
		top, bottom := pairOf(x, i, cols, pitch)
		for j := range cols {
			*index(dst, i*cols+j) = ((top[2*j] + bottom[2*j]) + (top[2*j+1] + bottom[2*j+1])) * 0.25
		}
	}
}

func avgPoolGrad2Generic(dx, dy *float32, rows, cols, pitch int) {
	for i := range rows {
		dtop, dbottom := pairOf(dx, i, cols, pitch)
		for j, g := range unsafe.Slice(index(dy, i*cols), cols) {
			g *= 0.25
			dtop[2*j], dtop[2*j+1], dbottom[2*j], dbottom[2*j+1] = g, g, g, g
		}
	}
}
