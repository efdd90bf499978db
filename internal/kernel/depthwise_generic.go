package kernel

import "unsafe"

// A weightTap leads from an output to a value of its window and to the tap's weights. The
// assembly knows this layout.
type weightTap struct {
	off    int64 // in bytes, of the value for the first output
	weight int64 // in bytes, of the weight of the first channel
}

// windowMulFunc is, as WindowMulAdd, dst[i] = the sum over n taps of x[off + i*ldx] *
// w[weight], for rows rows i, ldd apart, of cols values; each is one sum in the order of the taps.
//
// As WindowMulSum, dst[weight] += the sum over rows i of x[off + i*ldx] * w[i*ldd] for each of n
// taps; each is one sum in the order of the rows. Both are rounded once for each product in assembly.
// Rows, cols and n are at least 1, distances in bytes.
type windowMulFunc = func(dst, x, w *float32, taps *weightTap, n, rows, cols, ldd, ldx int)

// depthwise is the part of a Set behind DepthwiseConv.
type depthwise struct{ windowMulAdd, windowMulSum windowMulFunc }

// add takes a row that is a field of depthwise.
func (d *depthwise) add(r Row) bool {
	switch r.Name {
	case "WindowMulAdd":
		d.windowMulAdd = r.Func.(windowMulFunc)
	case "WindowMulSum":
		d.windowMulSum = r.Func.(windowMulFunc)
	default:
		return false
	}
	return true
}

func windowMulAddGeneric(dst, x, w *float32, taps *weightTap, n, rows, cols, ldd, ldx int) {
	for i := range rows {
		out := unsafe.Slice(offset(dst, i*ldd), cols)
		clear(out)
		for _, t := range unsafe.Slice(taps, n) {
			addProducts(out, offset(x, i*ldx+int(t.off)), offset(w, int(t.weight)))
		}
	}
}

func windowMulSumGeneric(dst, x, y *float32, taps *weightTap, n, rows, cols, ldy, ldx int) {
	for _, t := range unsafe.Slice(taps, n) {
		sums := unsafe.Slice(offset(dst, int(t.weight)), cols)
		for i := range rows {
			addProducts(sums, offset(x, i*ldx+int(t.off)), offset(y, i*ldy))
		}
	}
}

// addProducts adds the products of len(dst) values from a and b on.
func addProducts(dst []float32, a, b *float32) {
	w := unsafe.Slice(b, len(dst))
	for c, v := range unsafe.Slice(a, len(dst)) {
		dst[c] += v * w[c]
	}
}
