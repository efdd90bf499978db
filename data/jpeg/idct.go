package jpeg

import (
	"encoding/binary"

	"github.com/lince-ml/lince/internal/kernel"
)

// The transforms to less than 8 x 8 samples work on integers as that of package kernel: factors have 13 bits behind the point, and what goes from the
// columns to the rows 2.
const (
	factorBits  = 13
	columnShift = factorBits - 2
	rowShift    = factorBits + 2 + 3 // both passes leave results too large by the square root of 8
)

// transform makes samples of the coefficients of block (x, y); last is the zigzag place of the last one that is not zero.
func (c *component) transform(coefs *[64]int16, last, x, y int) {
	n := c.size
	out := c.pix[y*n*c.stride+x*n:]
	switch {
	case last == 0 || n == 1:
		fill(out, c.stride, n, clamp((int32(coefs[0])+4)>>3+128))
	case n == 8:
		kernel.Images().InverseDCT(out, c.stride, coefs)
	case n == 4:
		inverse4(coefs, out, c.stride)
	default:
		inverse2(coefs, out, c.stride)
	}
}

func clamp(v int32) byte { return byte(min(max(v, 0), 255)) }

// fill sets n x n samples.
func fill(out []byte, stride, n int, v byte) {
	if n == 8 {
		all := 0x0101010101010101 * uint64(v)
		for y := range 8 {
			binary.LittleEndian.PutUint64(out[y*stride:], all)
		}
		return
	}
	for y := range n {
		row := out[y*stride:][:n]
		for x := range row {
			row[x] = v
		}
	}
}

// The factors of averages: each is a product of sqrt(2), cos(n pi/16) for the value at the middle of the pixels that are averaged, and cos or sin of another
// multiple of pi/16, which the averaging brings in.
const (
	pair1a, pair1b = 10498, 4348 // sqrt(2) c1 c2, sqrt(2) c1 c6
	pair3a, pair3b = 3686, 8900  // sqrt(2) c3 c6, sqrt(2) c3 c2
	pair5a, pair5b = 2463, 5946  // sqrt(2) s3 c6, sqrt(2) s3 c2
	pair7a, pair7b = 2088, 865   // sqrt(2) s1 c2, sqrt(2) s1 c6
	pair2, pair6   = 7568, 3135  // c2, s2
	quad1, quad3   = 7423, -2607 // c1 c2, -c3 s2
	quad5, quad7   = 1742, -1477 // s3 s2, -s1 c2
)

// average4 gives the four averages of two neighbours each among the 8 results of the transform. The average of the cosine of frequency u over the pixels 2k and 2k+1 is
// cos(u pi/16) cos((2k+1) u pi/8), in which 8-u is the same wave as u, but for the sign: so the 8 coefficients fold to 4.
func average4(x0, x1, x2, x3, x5, x6, x7 int32) (y0, y1, y2, y3 int32) {
	even := x2*pair2 - x6*pair6
	e0, e1 := x0<<factorBits+even, x0<<factorBits-even
	o0 := x1*pair1a - x7*pair7a + x3*pair3a - x5*pair5a
	o1 := x1*pair1b - x7*pair7b - x3*pair3b + x5*pair5b
	return e0 + o0, e1 + o1, e1 - o1, e0 - o0
}

// average2 gives the two averages of four neighbours each.
func average2(x0, x1, x3, x5, x7 int32) (y0, y1 int32) {
	odd := x1*quad1 + x3*quad3 + x5*quad5 + x7*quad7
	return x0<<factorBits + odd, x0<<factorBits - odd
}

// inverse4 writes 4 x 4 samples, each the average of 2 x 2 of those of the whole block.
func inverse4(in *[64]int16, out []byte, stride int) {
	const half = 1 << (columnShift - 1)
	var mid [32]int32
	for x := range 8 {
		if x == 4 {
			continue
		}
		y0, y1, y2, y3 := average4(int32(in[x]), int32(in[8+x]), int32(in[16+x]), int32(in[24+x]), int32(in[40+x]), int32(in[48+x]), int32(in[56+x]))
		mid[x], mid[8+x], mid[16+x], mid[24+x] = (y0+half)>>columnShift, (y1+half)>>columnShift, (y2+half)>>columnShift, (y3+half)>>columnShift
	}
	const middle = 128<<rowShift + 1<<(rowShift-1)
	for y := range 4 {
		m := (*[8]int32)(mid[8*y : 8*y+8])
		y0, y1, y2, y3 := average4(m[0]+middle>>factorBits, m[1], m[2], m[3], m[5], m[6], m[7])
		row := uint32(clamp(y0>>rowShift)) | uint32(clamp(y1>>rowShift))<<8 | uint32(clamp(y2>>rowShift))<<16 | uint32(clamp(y3>>rowShift))<<24
		binary.LittleEndian.PutUint32(out[y*stride:], row)
	}
}

// inverse2 writes 2 x 2 samples, each the average of 4 x 4 of those of the whole block.
func inverse2(in *[64]int16, out []byte, stride int) {
	const half = 1 << (columnShift - 1)
	var mid [2][8]int32
	for _, x := range [...]int{0, 1, 3, 5, 7} {
		y0, y1 := average2(int32(in[x]), int32(in[8+x]), int32(in[24+x]), int32(in[40+x]), int32(in[56+x]))
		mid[0][x], mid[1][x] = (y0+half)>>columnShift, (y1+half)>>columnShift
	}
	const middle = 128<<rowShift + 1<<(rowShift-1)
	for y := range 2 {
		m := &mid[y]
		y0, y1 := average2(m[0]+middle>>factorBits, m[1], m[3], m[5], m[7])
		out[y*stride], out[y*stride+1] = clamp(y0>>rowShift), clamp(y1>>rowShift)
	}
}
