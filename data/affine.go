package data

import (
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

// Apply returns a variation of im.
func (a RandomAffine) Apply(r *rand.Rand, im Image) Image {
	within := func(limit float64) float64 { return limit * (2*r.Float64() - 1) }
	const radian = math.Pi / 180
	sin, cos := math.Sincos(within(a.Degrees) * radian)
	scale := 1 + within(a.Scale)
	shear := math.Tan(within(a.Shear) * radian)
	dx, dy := within(a.Translate)*float64(im.W), within(a.Translate)*float64(im.H)

	// The image is sheared, scaled and turned by A = scale·R·S, S = [1 shear; 0 1]; each pixel of the result takes
	// its value from where A⁻¹ = S⁻¹·R⁻¹/scale leads.
	m := matrix{
		xx: (cos + shear*sin) / scale, xy: (sin - shear*cos) / scale,
		yx: -sin / scale, yy: cos / scale,
	}
	cx, cy := float64(im.W-1)/2, float64(im.H-1)/2
	m.x0 = cx - m.xx*(cx+dx) - m.xy*(cy+dy)
	m.y0 = cy - m.yx*(cx+dx) - m.yy*(cy+dy)
	return m.warp(im)
}

// A matrix leads from pixel (x, y) of a result to the place (xx·x + xy·y + x0, yx·x + yy·y + y0) of its source.
type matrix struct{ xx, xy, x0, yx, yy, y0 float64 }

// Places are fixed-point numbers with 32 binary digits, of which the first 8 weigh the neighbours.
const one = 1 << 32

func fixed(x float64) int64 { return int64(math.Round(x * one)) }

// warp returns im as seen through m. So that the inner loop, which takes most of the time of augmentation, need not
// ask whether a neighbour exists, each plane is copied into one with a black frame and places are clamped to that.
func (m matrix) warp(im Image) Image {
	out := NewImage(im.C, im.H, im.W)
	h, w := im.H+3, im.W+3 // a pixel before, one behind, and one more for the neighbour that then has no weight
	framed := make([]uint8, h*w)
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
// goes on by (dx, dy).
func interpolate(row, plane []uint8, h, w int, x, y, dx, dy int64) {
	right, bottom := int64(w-2)*one, int64(h-2)*one
	for i := range row {
		cx, cy := min(max(x, 0), right), min(max(y, 0), bottom)
		fx, fy := uint32(cx>>24)&0xff, uint32(cy>>24)&0xff
		at := int(cy>>32)*w + int(cx>>32)
		p := plane[at : at+w+2]
		above := uint32(p[0])*(256-fx) + uint32(p[1])*fx
		below := uint32(p[w])*(256-fx) + uint32(p[w+1])*fx
		row[i] = uint8((above*(256-fy) + below*fy + 1<<15) >> 16)
		x += dx
		y += dy
	}
}
