package kernel

import "encoding/binary"

// mixBits is how many bits the weights of MixRows have behind the point.
const mixBits = 22

// mixLanes are the bytes 0 and 4 of a word: two samples with room for their products.
const mixLanes = 0x000000ff000000ff

// mixRowsGeneric works on eight samples at once, in the lanes of four words.
func mixRowsGeneric(dst, src []uint8, weights []uint32, pitch int) {
	if len(dst) < 8 {
		mixNarrow(dst, src, weights, pitch)
		return
	}
	const half = 1<<(mixBits-1) | 1<<(mixBits-1+32)
	for x := 0; x < len(dst); x += 8 {
		x = min(x, len(dst)-8) // the last ones anew, if they are not eight
		s0, s1, s2, s3 := uint64(half), uint64(half), uint64(half), uint64(half)
		at := x
		for _, w := range weights {
			v, w := binary.LittleEndian.Uint64(src[at:]), uint64(w)
			s0 += (v & mixLanes) * w
			s1 += (v >> 8 & mixLanes) * w
			s2 += (v >> 16 & mixLanes) * w
			s3 += (v >> 24 & mixLanes) * w
			at += pitch
		}
		v := s0>>mixBits&mixLanes | (s1>>mixBits&mixLanes)<<8 | (s2>>mixBits&mixLanes)<<16 | (s3>>mixBits&mixLanes)<<24
		binary.LittleEndian.PutUint64(dst[x:], v)
	}
}

// mixNarrow is mixRowsGeneric for rows of less than eight samples.
func mixNarrow(dst, src []uint8, weights []uint32, pitch int) {
	for x := range dst {
		sum := uint32(1 << (mixBits - 1))
		for k, w := range weights {
			sum += uint32(src[k*pitch+x]) * w
		}
		dst[x] = uint8(sum >> mixBits)
	}
}

// toRGBBlocksGeneric leaves all pixels to ToRGB.
func toRGBBlocksGeneric(y, cb, cr []uint8) int { return 0 }

// ToRGB replaces planes of YCbCr by red, green and blue, as JFIF says it (ITU-T T.871, section 7), with 16 bits behind the point.
func (s *Set) ToRGB(y, cb, cr []uint8) {
	cb, cr = cb[:len(y)], cr[:len(y)]
	done := s.ToRGBBlocks(y, cb, cr)
	for i := done; i < len(y); i++ {
		l, b, r := int32(y[i]), int32(cb[i])-128, int32(cr[i])-128
		y[i] = clampU8(l + (91881*r+1<<15)>>16)           // 1.402
		cb[i] = clampU8(l + (-22554*b-46802*r+1<<15)>>16) // 0.344136, 0.714136
		cr[i] = clampU8(l + (116130*b+1<<15)>>16)         // 1.772
	}
}

func clampU8(v int32) uint8 { return uint8(min(max(v, 0), 255)) }

// The inverse transform of JPEG works on integers: factors have 13 bits behind the point, and what goes from the columns to the rows 2, so results are within 1
// of the exact ones. Coefficients that no encoder makes may overflow, in the same way at all levels.
const (
	dctBits        = 13
	dctColumnShift = dctBits - 2
	dctRowShift    = dctBits + 2 + 3 // both passes leave results too large by the square root of 8
)

// The factors: a sum such as c1+c3 is that of sqrt(2) cos(n pi/16) over its n, in 2^-13.
const (
	dctC6       = 4433
	dctC3       = 9633
	dctC2PlusC6 = 15137
	dctC2LessC6 = 6270

	dctOdd7     = 2446  // -c1+c3+c5-c7
	dctOdd5     = 16819 // c1+c3-c5+c7
	dctOdd3     = 25172 // c1+c3+c5-c7
	dctOdd1     = 12299 // c1+c3-c5-c7
	dctC3LessC7 = 7373
	dctC1PlusC3 = 20995
	dctC3PlusC5 = 16069
	dctC3LessC5 = 3196
)

// inverseDCT8 is the one-dimensional inverse transform of 8 values, with results in 2^-13, by the fast algorithm of Loeffler, Ligtenberg and Moschytz (Practical
// fast 1-D DCT algorithms with 11 multiplications, ICASSP 1989) in its form of 12 multiplications, none of which waits for another.
func inverseDCT8(x0, x1, x2, x3, x4, x5, x6, x7 int32) (y0, y1, y2, y3, y4, y5, y6, y7 int32) {
	turn := (x2 + x6) * dctC6
	low, high := turn+x2*dctC2LessC6, turn-x6*dctC2PlusC6
	sum, diff := (x0+x4)<<dctBits, (x0-x4)<<dctBits
	e0, e1, e2, e3 := sum+low, diff+high, diff-high, sum-low

	a, b := x7+x3, x5+x1
	both := (a + b) * dctC3
	a, b = both-a*dctC3PlusC5, both-b*dctC3LessC5
	c, d := (x7+x1)*dctC3LessC7, (x5+x3)*dctC1PlusC3
	o3, o2, o1, o0 := x7*dctOdd7-c+a, x5*dctOdd5-d+b, x3*dctOdd3-d+a, x1*dctOdd1-c+b
	return e0 + o0, e1 + o1, e2 + o2, e3 + o3, e3 - o3, e2 - o2, e1 - o1, e0 - o0
}

func inverseDCTGeneric(dst []uint8, pitch int, coefs *[64]int16) {
	const half = 1 << (dctColumnShift - 1)
	var mid [64]int32
	for x := range 8 {
		x0, x1, x2, x3 := int32(coefs[x]), int32(coefs[8+x]), int32(coefs[16+x]), int32(coefs[24+x])
		x4, x5, x6, x7 := int32(coefs[32+x]), int32(coefs[40+x]), int32(coefs[48+x]), int32(coefs[56+x])
		if x1|x2|x3|x4|x5|x6|x7 == 0 {
			v := x0 << (dctBits - dctColumnShift)
			mid[x], mid[8+x], mid[16+x], mid[24+x], mid[32+x], mid[40+x], mid[48+x], mid[56+x] = v, v, v, v, v, v, v, v
			continue
		}
		y0, y1, y2, y3, y4, y5, y6, y7 := inverseDCT8(x0, x1, x2, x3, x4, x5, x6, x7)
		mid[x], mid[8+x], mid[16+x], mid[24+x] = (y0+half)>>dctColumnShift, (y1+half)>>dctColumnShift, (y2+half)>>dctColumnShift, (y3+half)>>dctColumnShift
		mid[32+x], mid[40+x], mid[48+x], mid[56+x] = (y4+half)>>dctColumnShift, (y5+half)>>dctColumnShift, (y6+half)>>dctColumnShift, (y7+half)>>dctColumnShift
	}
	const middle = (128<<dctRowShift + 1<<(dctRowShift-1)) >> dctBits
	const s = dctRowShift
	for y := range 8 {
		m := (*[8]int32)(mid[8*y : 8*y+8])
		y0, y1, y2, y3, y4, y5, y6, y7 := inverseDCT8(m[0]+middle, m[1], m[2], m[3], m[4], m[5], m[6], m[7])
		row := uint64(clampU8(y0>>s)) | uint64(clampU8(y1>>s))<<8 | uint64(clampU8(y2>>s))<<16 | uint64(clampU8(y3>>s))<<24 |
			uint64(clampU8(y4>>s))<<32 | uint64(clampU8(y5>>s))<<40 | uint64(clampU8(y6>>s))<<48 | uint64(clampU8(y7>>s))<<56
		binary.LittleEndian.PutUint64(dst[y*pitch:], row)
	}
}
