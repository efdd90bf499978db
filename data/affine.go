package data

import (
	"image"
	"math"
	"math/rand/v2"
)

// RandomAffine turns, scales, shears and moves images about their middle, by amounts drawn evenly from the ranges.
// Its Apply is a Transform:
//
//	data.Loader{Transform: data.RandomAffine{Degrees: 10, Scale: 0.1}.Apply}
//
// Values between pixels are interpolated bilinearly; what comes in from outside is black.
type RandomAffine struct {
	Degrees   float64 // turn by -Degrees to Degrees
	Scale     float64 // enlarge by 1-Scale to 1+Scale; less than 1
	Shear     float64 // slant by -Shear to Shear, in degrees
	Translate float64 // move by -Translate to Translate, as a fraction of width and height
}

// Apply returns a variation of s.
func (a RandomAffine) Apply(r *rand.Rand, s Sample) Sample {
	within := func(limit float64) float64 { return limit * (2*r.Float64() - 1) }
	h, w := s.Image.H, s.Image.W
	const radian = math.Pi / 180
	sin, cos := math.Sincos(within(a.Degrees) * radian)
	scale := 1 + within(a.Scale)
	shear := math.Tan(within(a.Shear) * radian)
	dx, dy := within(a.Translate)*float64(w), within(a.Translate)*float64(h)

	// The image is sheared, scaled and turned by A = scale·R·S, S = [1 shear; 0 1]; each pixel of the result takes
	// its value from where A⁻¹ = S⁻¹·R⁻¹/scale leads.
	m := matrix{
		xx: (cos + shear*sin) / scale, xy: (sin - shear*cos) / scale,
		yx: -sin / scale, yy: cos / scale,
	}
	cx, cy := float64(w-1)/2, float64(h-1)/2
	m.x0 = cx - m.xx*(cx+dx) - m.xy*(cy+dy)
	m.y0 = cy - m.yx*(cx+dx) - m.yy*(cy+dy)
	s.warp(m)
	return s
}

// A matrix leads from pixel (x, y) of a result to the place (xx·x + xy·y + x0, yx·x + yy·y + y0) of its source. Both are counted from the
// middle of the first pixel.
type matrix struct{ xx, xy, x0, yx, yy, y0 float64 }

// around returns m with its origin at (cx, cy), which it moves by (dx, dy); all are counted from the corner of the image.
func (m matrix) around(cx, cy, dx, dy float64) matrix {
	x, y := cx+dx-0.5, cy+dy-0.5
	m.x0 = cx - 0.5 - m.xx*x - m.xy*y
	m.y0 = cy - 0.5 - m.yx*x - m.yy*y
	return m
}

// warp changes s to what is seen through m. What comes in from outside is black.
func (s *Sample) warp(m matrix) {
	h, w := s.Image.H, s.Image.W
	s.Image = m.warp(s.Image)
	det := m.xx*m.yy - m.xy*m.yx
	s.follow(h, w, func(x, y float64) (float64, float64) {
		x, y = x-0.5-m.x0, y-0.5-m.y0
		return (m.yy*x-m.xy*y)/det + 0.5, (m.xx*y-m.yx*x)/det + 0.5
	}, nearestMask(func(x, y float64) (float64, float64) { return m.xx*x + m.xy*y + m.x0, m.yx*x + m.yy*y + m.y0 }))
}

// nearestMask moves masks so that pixels have the values of those that are nearest to where from leads.
func nearestMask(from func(x, y float64) (float64, float64)) moveMask {
	return func(m *Mask, in image.Rectangle, outside uint16) *Mask {
		out := &Mask{m.H, m.W, make([]uint16, len(m.Pix))}
		for v := in.Min.Y; v < in.Max.Y; v++ {
			for u := in.Min.X; u < in.Max.X; u++ {
				fx, fy := from(float64(u), float64(v))
				x, y := math.Floor(fx+0.5), math.Floor(fy+0.5)
				value := outside
				if x >= 0 && x < float64(m.W) && y >= 0 && y < float64(m.H) {
					value = m.Pix[int(y)*m.W+int(x)]
				}
				out.Pix[v*m.W+u] = value
			}
		}
		return out
	}
}

// Places are fixed-point numbers with 32 binary digits, of which the first 8 weigh the neighbours.
const one = 1 << 32

func fixed(x float64) int64 { return int64(math.Round(x * one)) }

// warp returns im as seen through m. Each plane is first given a black frame, one pixel wide, so that the inner loop,
// which takes most of the time of augmentation, need not ask whether a neighbour exists.
func (m matrix) warp(im Image) Image {
	out := NewImage(im.C, im.H, im.W)
	h, w := im.H+2, im.W+2
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	framed := room(&s.a, h*w)
	clear(framed)
	for c := range im.C {
		for y := range im.H {
			copy(framed[(y+1)*w+1:], im.Pix[(c*im.H+y)*im.W:][:im.W])
		}
		for y := range im.H {
			x0, y0 := fixed(m.xy*float64(y)+m.x0+1), fixed(m.yy*float64(y)+m.y0+1)
			interpolate(out.Pix[(c*im.H+y)*im.W:][:im.W], framed, h, w, x0, y0, fixed(m.xx), fixed(m.yx))
		}
	}
	return out
}

// interpolate fills row with the bilinear values of the h x w pixels of plane on the line that begins at (x, y) and
// goes on by (dx, dy). Where the line is outside, row keeps its zeros.
func interpolate(row, plane []uint8, h, w int, x, y, dx, dy int64) {
	begin, end := inside(0, len(row), x, dx, int64(w-1)*one)
	begin, end = inside(begin, end, y, dy, int64(h-1)*one)
	x += int64(begin) * dx
	y += int64(begin) * dy
	for i := begin; i < end; i++ {
		fx, fy := int32(x>>24)&0xff, int32(y>>24)&0xff
		at := int(y>>32)*w + int(x>>32)
		p, q := plane[at:at+2], plane[at+w:at+w+2]
		above := int32(p[0])<<8 + (int32(p[1])-int32(p[0]))*fx
		below := int32(q[0])<<8 + (int32(q[1])-int32(q[0]))*fx
		row[i] = uint8((above<<8 + (below-above)*fy + 1<<15) >> 16)
		x += dx
		y += dy
	}
}

// inside returns the part of begin to end in which 0 <= x + i·dx < limit.
func inside(begin, end int, x, dx, limit int64) (int, int) {
	for begin < end && uint64(x+int64(begin)*dx) >= uint64(limit) {
		begin++
	}
	for begin < end && uint64(x+int64(end-1)*dx) >= uint64(limit) {
		end--
	}
	return begin, end
}
