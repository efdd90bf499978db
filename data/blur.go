package data

import (
	"math"
	"math/rand/v2"
)

// Blur is a Gaussian blur with the given standard deviation in pixels. It takes in pixels up to three deviations away, and beyond the edges
// sees the image mirrored.
func Blur(sigma float64) Transform { return recolor(func(im Image) { im.blur(sigma) }) }

// A RandomBlur blurs with a deviation that is drawn evenly from Sigma[0] to Sigma[1] pixels. Its Apply is a Transform.
type RandomBlur struct {
	Sigma [2]float64
	P     float64 // the share of the images, 0 to 1
}

// Apply returns a variation of s.
func (b RandomBlur) Apply(r *rand.Rand, s Sample) Sample {
	if r.Float64() >= b.P {
		return s
	}
	return Blur(b.Sigma[0]+(b.Sigma[1]-b.Sigma[0])*r.Float64())(r, s)
}

// Sharpness is a blur over 3x3 pixels for factors from 0 to 1 (which leaves the image as it is), and sharpens for larger ones, as Pillow's.
func Sharpness(factor float64) Transform { return recolor(func(im Image) { im.sharpness(factor) }) }

// maxRadius bounds the work and the memory of a blur; 64 pixels are a deviation of more than 21.
const maxRadius = 64

// blur changes im in place: its rows, then its columns.
func (im Image) blur(sigma float64) {
	radius := min(maxRadius, int(math.Ceil(3*sigma)))
	if radius < 1 {
		return
	}
	var weights [maxRadius + 1]uint32 // by distance, in units of 1/2^16
	gaussian(weights[:radius+1], sigma)
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	rows, wide := room(&s.a, (im.H+2*radius)*im.W), room(&s.b, im.W+2*radius)
	var sums [256]uint32
	for c := range im.C {
		plane := im.plane(c)
		for y := range im.H {
			row := plane[y*im.W:][:im.W]
			windowPlane(wide, row, 0, -radius, 1, len(wide), 1, im.W, Reflect, 0)
			for x := 0; x < im.W; x += len(sums) {
				n := min(len(sums), im.W-x)
				weigh(rows[(y+radius)*im.W+x:][:n], wide[x:], sums[:n], weights[:radius+1], 1)
			}
		}
		for k := range radius {
			copy(rows[k*im.W:][:im.W], rows[(radius+reflected(k-radius, im.H))*im.W:])
			copy(rows[(im.H+radius+k)*im.W:][:im.W], rows[(radius+reflected(im.H+k, im.H))*im.W:])
		}
		for y := range im.H {
			for x := 0; x < im.W; x += len(sums) {
				n := min(len(sums), im.W-x)
				weigh(plane[y*im.W+x:][:n], rows[y*im.W+x:], sums[:n], weights[:radius+1], im.W)
			}
		}
	}
}

// weigh sets dst[i] to the sum of the pixels src[i+k·stride] for k from 0 to twice the radius, each times the weight of its distance to the
// middle one. sums is scratch memory as long as dst.
func weigh(dst, src []uint8, sums, weights []uint32, stride int) {
	radius := len(weights) - 1
	n := len(dst)
	for i, p := range src[radius*stride:][:n] {
		sums[i] = 1<<15 + weights[0]*uint32(p)
	}
	for d := 1; d <= radius; d++ {
		weight := weights[d]
		before, after := src[(radius-d)*stride:][:n], src[(radius+d)*stride:][:n]
		for i := range sums {
			sums[i] += weight * (uint32(before[i]) + uint32(after[i]))
		}
	}
	for i, v := range sums {
		dst[i] = uint8(v >> 16)
	}
}

// gaussian sets weights[d] to the weight of a pixel at distance d; with those on both sides they add up to 2^16.
func gaussian(weights []uint32, sigma float64) {
	at := func(d int) float64 { return math.Exp(-float64(d*d) / (2 * sigma * sigma)) }
	sum := 1.0
	for d := 1; d < len(weights); d++ {
		sum += 2 * at(d)
	}
	rest := uint32(1 << 16)
	for d := 1; d < len(weights); d++ {
		weights[d] = uint32(at(d)/sum*(1<<16) + 0.5)
		rest -= 2 * weights[d]
	}
	weights[0] = rest
}

// sharpness changes im in place. The pixels at the edges, and images less than three pixels wide or high, stay as they are.
func (im Image) sharpness(factor float64) {
	if im.H < 3 || im.W < 3 {
		return
	}
	f := sixteenth(factor)
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	was := room(&s.a, im.H*im.W)
	for c := range im.C {
		plane := im.plane(c)
		copy(was, plane)
		for y := 1; y < im.H-1; y++ {
			above, row, below := was[(y-1)*im.W:][:im.W], was[y*im.W:][:im.W], was[(y+1)*im.W:][:im.W]
			for x := 1; x < im.W-1; x++ {
				sum := int32(above[x-1]) + int32(above[x]) + int32(above[x+1]) + int32(row[x-1]) + 5*int32(row[x]) + int32(row[x+1]) +
					int32(below[x-1]) + int32(below[x]) + int32(below[x+1])
				plane[y*im.W+x] = away((2*sum+13)/26, row[x], f)
			}
		}
	}
}
