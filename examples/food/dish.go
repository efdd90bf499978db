package main

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
)

const size = 128 // of a picture, in pixels

// A kind of dish puts its parts onto the plate. The plate's centre is 0, its radius 1.
type kind struct {
	name, healthy string // healthy is as in trn.csv
	serve         func(*dish, *rand.Rand)
}

var kinds = []kind{
	{"salad", "1", salad}, {"burger", "0", burger}, {"vegetables", "1", vegetables},
	{"chips", "0", chips}, {"fruit", "1", fruit}, {"pizza", "0", pizza},
}

// A rgb is a colour, 0 to 1.
type rgb [3]float64

var (
	lettuce, dark   = rgb{0.45, 0.68, 0.25}, rgb{0.20, 0.45, 0.16}
	tomato, pepper  = rgb{0.80, 0.18, 0.12}, rgb{0.30, 0.55, 0.18}
	bread, crust    = rgb{0.80, 0.58, 0.30}, rgb{0.66, 0.42, 0.18}
	meat, cheese    = rgb{0.36, 0.20, 0.12}, rgb{0.95, 0.78, 0.35}
	potato, carrot  = rgb{0.93, 0.77, 0.36}, rgb{0.92, 0.52, 0.15}
	orange, apple   = rgb{0.96, 0.60, 0.14}, rgb{0.72, 0.74, 0.25}
	grape, cucumber = rgb{0.36, 0.17, 0.36}, rgb{0.62, 0.78, 0.45}

	cloths = []rgb{{0.50, 0.34, 0.20}, {0.30, 0.45, 0.28}, {0.85, 0.82, 0.76}, {0.28, 0.34, 0.48}, {0.62, 0.24, 0.20}, {0.80, 0.68, 0.40}, {0.20, 0.20, 0.21}}
	plates = []rgb{{0.95, 0.95, 0.93}, {0.85, 0.82, 0.72}, {0.45, 0.55, 0.65}, {0.60, 0.40, 0.25}, {0.25, 0.25, 0.27}, {0.60, 0.72, 0.55}}
)

// A part is an ellipse, or a rectangle, with half axes a and b, turned by angle.
type part struct {
	x, y, a, b, angle float64
	square            bool
	colour            rgb
}

// A dish is what its pictures have in common.
type dish struct {
	cloth  rgb
	stripe float64 // of the cloth, in plates; 0 means none
	parts  []part
}

func newDish(r *rand.Rand, k kind) dish {
	d := dish{cloth: vary(r, cloths[r.IntN(len(cloths))], 0.08)}
	if r.IntN(2) == 0 {
		d.stripe = 0.1 + 0.4*r.Float64()
	}
	plate := vary(r, plates[r.IntN(len(plates))], 0.04)
	d.add(part{a: 1, b: 1, colour: plate, square: r.IntN(4) == 0})
	d.add(part{a: 0.8, b: 0.8, colour: shade(plate, 0.92)})
	k.serve(&d, r)
	return d
}

func (d *dish) add(p ...part) { d.parts = append(d.parts, p...) }

// scatter adds n parts like p, at places within the radius, of different sizes, angles and tones.
func (d *dish) scatter(r *rand.Rand, n int, radius float64, p part) {
	for range n {
		q := p
		at, far := 2*math.Pi*r.Float64(), radius*math.Sqrt(r.Float64())
		q.x, q.y, q.angle = p.x+far*math.Cos(at), p.y+far*math.Sin(at), math.Pi*r.Float64()
		grow := 0.75 + 0.5*r.Float64()
		q.a, q.b, q.colour = p.a*grow, p.b*grow, vary(r, p.colour, 0.08)
		d.add(q)
	}
}

// some returns a number from lo to hi.
func some(r *rand.Rand, lo, hi int) int { return lo + r.IntN(hi-lo+1) }

func salad(d *dish, r *rand.Rand) {
	d.scatter(r, some(r, 12, 25), 0.6, part{a: 0.28, b: 0.14, colour: dark})
	d.scatter(r, some(r, 20, 35), 0.6, part{a: 0.25, b: 0.12, colour: lettuce})
	d.scatter(r, some(r, 0, 8), 0.5, part{a: 0.12, b: 0.12, colour: tomato})
	d.scatter(r, some(r, 0, 8), 0.5, part{a: 0.13, b: 0.13, colour: cucumber})
	d.scatter(r, some(r, 0, 10), 0.5, part{a: 0.08, b: 0.08, square: true, colour: bread})
}

func vegetables(d *dish, r *rand.Rand) {
	for _, c := range []rgb{carrot, dark, pepper, potato, tomato} {
		d.scatter(r, some(r, 2, 12), 0.55, part{a: 0.17, b: 0.11, colour: c})
	}
}

func fruit(d *dish, r *rand.Rand) {
	for _, c := range []rgb{orange, apple, tomato, grape} {
		n := some(r, 0, 3)
		if c == grape {
			d.scatter(r, 4*n, 0.5, part{a: 0.09, b: 0.09, colour: c})
			continue
		}
		d.scatter(r, n+1, 0.45, part{a: 0.26, b: 0.25, colour: c})
	}
}

func burger(d *dish, r *rand.Rand) {
	layers := []part{
		{y: 0.30, a: 0.52, b: 0.20, colour: bread}, {y: 0.14, a: 0.58, b: 0.15, colour: meat},
		{y: 0.06, a: 0.58, b: 0.10, colour: cheese}, {y: -0.02, a: 0.60, b: 0.11, colour: lettuce}, {y: -0.20, a: 0.54, b: 0.26, colour: bread},
	}
	if r.IntN(3) == 0 {
		layers = append(layers[:2:2], layers[3:]...)
	}
	if r.IntN(2) == 0 {
		d.scatter(r, some(r, 4, 12), 0.75, part{a: 0.24, b: 0.05, square: true, colour: potato})
	}
	for _, p := range layers {
		p.colour = vary(r, p.colour, 0.08)
		d.add(p)
	}
	d.scatter(r, some(r, 0, 14), 0.3, part{y: -0.25, a: 0.03, b: 0.02, colour: cheese})
}

func chips(d *dish, r *rand.Rand) {
	d.scatter(r, some(r, 25, 50), 0.55, part{a: 0.34, b: 0.055, square: true, colour: potato})
	d.scatter(r, some(r, 5, 15), 0.55, part{a: 0.34, b: 0.055, square: true, colour: bread})
	d.scatter(r, some(r, 0, 1), 0.5, part{a: 0.2, b: 0.17, colour: tomato})
	d.scatter(r, some(r, 0, 5), 0.6, part{a: 0.16, b: 0.1, colour: lettuce})
}

func pizza(d *dish, r *rand.Rand) {
	d.add(part{a: 0.85, b: 0.83, colour: vary(r, crust, 0.06)}, part{a: 0.74, b: 0.72, colour: tomato}, part{a: 0.70, b: 0.68, colour: vary(r, cheese, 0.08)})
	d.scatter(r, some(r, 4, 9), 0.5, part{a: 0.14, b: 0.14, colour: shade(tomato, 0.85)})
	d.scatter(r, some(r, 0, 12), 0.55, part{a: 0.14, b: 0.08, colour: pepper})
	d.scatter(r, some(r, 0, 8), 0.55, part{a: 0.07, b: 0.07, colour: meat})
}

// photograph draws the dish from some place, in some light, with the grain of a cheap camera.
func (d dish) photograph(r *rand.Rand) image.Image {
	scale, angle, squeeze := 40+22*r.Float64(), 0.5*r.NormFloat64(), 0.75+0.25*r.Float64()
	x0, y0 := size/2+9*r.NormFloat64(), size/2+9*r.NormFloat64()
	light, warm := 0.65+0.5*r.Float64(), 0.1*r.NormFloat64()
	fall, from := 0.5*r.Float64(), 2*math.Pi*r.Float64() // the light is stronger on one side
	grain := 0.02 + 0.05*r.Float64()
	sin, cos := math.Sincos(angle)
	im := image.NewRGBA(image.Rect(0, 0, size, size))
	for j := range size {
		for i := range size {
			dx, dy := (float64(i)-x0)/scale, (float64(j)-y0)/(scale*squeeze)
			c := d.at(cos*dx+sin*dy, cos*dy-sin*dx)
			bright := light * (1 + fall*(math.Cos(from)*(float64(i)/size-0.5)+math.Sin(from)*(float64(j)/size-0.5)))
			var v [3]uint8
			for k := range c {
				tint := 1 + warm*float64(1-k)
				v[k] = uint8(255 * min(1, max(0, c[k]*bright*tint+grain*r.NormFloat64())))
			}
			im.SetRGBA(i, j, color.RGBA{v[0], v[1], v[2], 255})
		}
	}
	return im
}

// at returns the colour at a place on the table.
func (d dish) at(x, y float64) rgb {
	c := d.cloth
	if d.stripe > 0 && math.Mod(math.Abs(x+10), 2*d.stripe) < d.stripe {
		c = shade(c, 0.8)
	}
	for _, p := range d.parts {
		dx, dy := x-p.x, y-p.y
		if reach := 1.5 * max(p.a, p.b); math.Abs(dx) > reach || math.Abs(dy) > reach {
			continue // most parts, without their sines
		}
		sin, cos := math.Sincos(p.angle)
		u, v := math.Abs(cos*dx+sin*dy)/p.a, math.Abs(cos*dy-sin*dx)/p.b
		far := math.Hypot(u, v)
		if p.square {
			far = max(u, v)
		}
		if far < 1 {
			c = shade(p.colour, 1.08-0.25*far*far) // round things are darker at the rim
		}
	}
	return c
}

// vary returns a colour near c.
func vary(r *rand.Rand, c rgb, by float64) rgb {
	all := r.NormFloat64()
	for k := range c {
		c[k] = min(1, max(0, c[k]+by*(0.7*all+0.5*r.NormFloat64())))
	}
	return c
}

func shade(c rgb, by float64) rgb { return rgb{c[0] * by, c[1] * by, c[2] * by} }
