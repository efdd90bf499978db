package jpeg

import "encoding/binary"

// The inverse transforms work on integers: factors have 13 bits behind the point, and what goes from the columns to the rows 2, so results are within 1 of
// the exact ones. Coefficients that no encoder makes may overflow; the picture is damaged then anyway.
const (
	factorBits  = 13
	passBits    = 2
	columnShift = factorBits - passBits
	rowShift    = factorBits + passBits + 3 // both passes leave results too large by the square root of 8
)

// The factors: a sum such as c1+c3 is that of sqrt(2) cos(n pi/16) over its n, in 2^-13.
const (
	c2       = 10703
	c6       = 4433
	c3       = 9633
	c2PlusC6 = 15137
	c2LessC6 = 6270

	// Odd part.
	odd7     = 2446  // -c1+c3+c5-c7
	odd5     = 16819 // c1+c3-c5+c7
	odd3     = 25172 // c1+c3+c5-c7
	odd1     = 12299 // c1+c3-c5-c7
	c3LessC7 = 7373
	c1PlusC3 = 20995
	c3PlusC5 = 16069
	c3LessC5 = 3196
)

// idct8 is the one-dimensional inverse transform of 8 values, with results in 2^-13, by the fast algorithm of Loeffler, Ligtenberg and Moschytz (Practical
// fast 1-D DCT algorithms with 11 multiplications, ICASSP 1989) in its form of 12 multiplications, none of which waits for another.
func idct8(x0, x1, x2, x3, x4, x5, x6, x7 int32) (y0, y1, y2, y3, y4, y5, y6, y7 int32) {
	turn := (x2 + x6) * c6
	low, high := turn+x2*c2LessC6, turn-x6*c2PlusC6
	sum, diff := (x0+x4)<<factorBits, (x0-x4)<<factorBits
	e0, e1, e2, e3 := sum+low, diff+high, diff-high, sum-low

	a, b := x7+x3, x5+x1
	both := (a + b) * c3
	a, b = both-a*c3PlusC5, both-b*c3LessC5
	c, d := (x7+x1)*c3LessC7, (x5+x3)*c1PlusC3
	o3, o2, o1, o0 := x7*odd7-c+a, x5*odd5-d+b, x3*odd3-d+a, x1*odd1-c+b
	return e0 + o0, e1 + o1, e2 + o2, e3 + o3, e3 - o3, e2 - o2, e1 - o1, e0 - o0
}

// transform makes samples of the coefficients of block (x, y); last is the zigzag place of the last one that is not zero.
func (c *component) transform(coefs *[64]int16, last, x, y int) {
	n := c.size
	out := c.pix[y*n*c.stride+x*n:]
	switch {
	case last == 0 || n == 1:
		fill(out, c.stride, n, clamp((int32(coefs[0])+4)>>3+128))
	case n == 8:
		inverse8(coefs, last, out, c.stride)
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

// lowest4 are how many coefficients come in zigzag order before the first that is not among the 4 x 4 lowest.
const lowest4 = 10

// inverse8 writes the 8 x 8 samples of a block.
func inverse8(in *[64]int16, last int, out []byte, stride int) {
	const half = 1 << (columnShift - 1)
	var mid [64]int32
	columns := 8
	if last < lowest4 {
		columns = 4
	}
	for x := range columns {
		x0, x1, x2, x3, x4, x5, x6, x7 := int32(in[x]), int32(in[8+x]), int32(in[16+x]), int32(in[24+x]), int32(in[32+x]), int32(in[40+x]), int32(in[48+x]), int32(in[56+x])
		if x1|x2|x3|x4|x5|x6|x7 == 0 {
			v := x0 << passBits
			mid[x], mid[8+x], mid[16+x], mid[24+x], mid[32+x], mid[40+x], mid[48+x], mid[56+x] = v, v, v, v, v, v, v, v
			continue
		}
		y0, y1, y2, y3, y4, y5, y6, y7 := idct8(x0, x1, x2, x3, x4, x5, x6, x7)
		mid[x], mid[8+x], mid[16+x], mid[24+x] = (y0+half)>>columnShift, (y1+half)>>columnShift, (y2+half)>>columnShift, (y3+half)>>columnShift
		mid[32+x], mid[40+x], mid[48+x], mid[56+x] = (y4+half)>>columnShift, (y5+half)>>columnShift, (y6+half)>>columnShift, (y7+half)>>columnShift
	}
	const middle = 128<<rowShift + 1<<(rowShift-1)
	for y := range 8 {
		m := (*[8]int32)(mid[8*y : 8*y+8])
		y0, y1, y2, y3, y4, y5, y6, y7 := idct8(m[0]+middle>>factorBits, m[1], m[2], m[3], m[4], m[5], m[6], m[7])
		row := uint64(clamp(y0>>rowShift)) | uint64(clamp(y1>>rowShift))<<8 | uint64(clamp(y2>>rowShift))<<16 | uint64(clamp(y3>>rowShift))<<24 |
			uint64(clamp(y4>>rowShift))<<32 | uint64(clamp(y5>>rowShift))<<40 | uint64(clamp(y6>>rowShift))<<48 | uint64(clamp(y7>>rowShift))<<56
		binary.LittleEndian.PutUint64(out[y*stride:], row)
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

// average4 gives the four averages of two neighbours each among the results of idct8. The average of the cosine of frequency u over the pixels 2k and 2k+1 is
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

// inverse4 writes 4 x 4 samples, each the average of 2 x 2 of those of inverse8.
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

// inverse2 writes 2 x 2 samples, each the average of 4 x 4 of those of inverse8.
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
