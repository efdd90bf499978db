package data

import (
	"math"
	"math/rand/v2"
)

// RandomPerspective shows the image as if it were seen from aside: each corner moves inwards, by up to Distortion of half the width and
// height. Its Apply is a Transform.
type RandomPerspective struct {
	Distortion float64 // 0 to 1
	P          float64 // the share of the images, 0 to 1
}

// Apply returns a variation of s.
func (p RandomPerspective) Apply(r *rand.Rand, s Sample) Sample {
	if r.Float64() >= p.P {
		return s
	}
	h, w := float64(s.Image.H), float64(s.Image.W)
	inward := func(size float64) float64 { return p.Distortion * size / 2 * r.Float64() }
	s.project([4][2]float64{
		{inward(w), inward(h)}, {w - inward(w), inward(h)}, {w - inward(w), h - inward(h)}, {inward(w), h - inward(h)},
	})
	return s
}

// project moves the corners of the image, clockwise from the top left, to those given. What comes in from outside is black.
func (s *Sample) project(corners [4][2]float64) {
	h, w := s.Image.H, s.Image.W
	to := toQuadrilateral(corners, float64(w), float64(h))
	from := to.adjugate() // the inverse but for a factor, which the division takes out
	back := func(x, y float64) (float64, float64) {
		x, y = from.apply(x+0.5, y+0.5)
		return x - 0.5, y - 0.5
	}
	im := s.Image
	s.Image = NewImage(im.C, h, w)
	for i := range h * w {
		x, y := back(float64(i%w), float64(i/w))
		bilinear(s.Image.Pix[i:], im, x, y)
	}
	s.follow(h, w, to.apply, nearestMask(back))
}

// bilinear sets dst[0], dst[h·w], ... to the values of the planes of im at (x, y), counted from the middle of the first pixel.
func bilinear(dst []uint8, im Image, x, y float64) {
	if !(x > -1 && y > -1 && x < float64(im.W) && y < float64(im.H)) {
		return
	}
	left, top := math.Floor(x), math.Floor(y)
	fx, fy := float32(x-left), float32(y-top)
	plane := im.H * im.W
	for c := range im.C {
		at := func(dx, dy int) float32 {
			px, py := int(left)+dx, int(top)+dy
			if px < 0 || py < 0 || px >= im.W || py >= im.H {
				return 0
			}
			return float32(im.Pix[c*plane+py*im.W+px])
		}
		above := at(0, 0) + (at(1, 0)-at(0, 0))*fx
		below := at(0, 1) + (at(1, 1)-at(0, 1))*fx
		dst[c*plane] = uint8(above + (below-above)*fy + 0.5)
	}
}

// A homography leads from (x, y) to ((h0·x + h1·y + h2)/z, (h3·x + h4·y + h5)/z) with z = h6·x + h7·y + h8.
type homography [9]float64

func (h homography) apply(x, y float64) (float64, float64) {
	z := h[6]*x + h[7]*y + h[8]
	return (h[0]*x + h[1]*y + h[2]) / z, (h[3]*x + h[4]*y + h[5]) / z
}

func (h homography) adjugate() homography {
	return homography{
		h[4]*h[8] - h[5]*h[7], h[2]*h[7] - h[1]*h[8], h[1]*h[5] - h[2]*h[4],
		h[5]*h[6] - h[3]*h[8], h[0]*h[8] - h[2]*h[6], h[2]*h[3] - h[0]*h[5],
		h[3]*h[7] - h[4]*h[6], h[1]*h[6] - h[0]*h[7], h[0]*h[4] - h[1]*h[3],
	}
}

// toQuadrilateral returns what leads from the corners of a w x h rectangle to q, both clockwise from the top left (Heckbert 1989,
// "Fundamentals of Texture Mapping and Image Warping", section 2.2.3).
func toQuadrilateral(q [4][2]float64, w, h float64) homography {
	dx1, dy1 := q[1][0]-q[2][0], q[1][1]-q[2][1]
	dx2, dy2 := q[3][0]-q[2][0], q[3][1]-q[2][1]
	sx, sy := q[0][0]-q[1][0]+q[2][0]-q[3][0], q[0][1]-q[1][1]+q[2][1]-q[3][1]
	det := dx1*dy2 - dx2*dy1
	g, k := (sx*dy2-dx2*sy)/det, (dx1*sy-sx*dy1)/det
	return homography{
		(q[1][0] - q[0][0] + g*q[1][0]) / w, (q[3][0] - q[0][0] + k*q[3][0]) / h, q[0][0],
		(q[1][1] - q[0][1] + g*q[1][1]) / w, (q[3][1] - q[0][1] + k*q[3][1]) / h, q[0][1],
		g / w, k / h, 1,
	}
}
