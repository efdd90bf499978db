package shapes

import (
	"math"
)

// A colour is red, green and blue, 0 to 255.
type colour [3]int

func (s *scene) colour() (c colour) {
	for i := range c {
		c[i] = 20 + s.r.IntN(216)
	}
	return c
}

// distance returns how different a and b look: the sum over the planes.
func (c colour) distance(d colour) (sum int) {
	for i := range c {
		sum += max(c[i]-d[i], d[i]-c[i])
	}
	return sum
}

// near returns a colour that is up to by away from c in each plane.
func (s *scene) near(c colour, by int) colour {
	for i := range c {
		c[i] = min(max(c[i]+s.r.IntN(2*by+1)-by, 0), 255)
	}
	return c
}

// contrast returns a colour that stands out from the background and from the things: of some, the one that does so most.
func (s *scene) contrast() (best colour) {
	most := -1
	for range 4 {
		c := s.colour()
		least := min(c.distance(s.ground[0]), c.distance(s.ground[1]))
		for _, t := range s.things {
			least = min(least, c.distance(t.colour))
		}
		if least > most {
			best, most = c, least
		}
	}
	return best
}

// A texture returns the share, of 256, of the second of two colours at pixel (x, y).
type texture func(x, y int) int

// background fills the image with two colours that are somewhat alike.
func (s *scene) background() {
	s.ground[0] = s.colour()
	s.ground[1] = s.near(s.ground[0], 50)
	pattern := [...]func() texture{s.slope, s.stripes, s.checks, s.clouds}[s.r.IntN(4)]()
	var mixed [257][3]uint8
	for share := range mixed {
		for c := range 3 {
			a, b := s.ground[0][c], s.ground[1][c]
			mixed[share][c] = uint8((a<<8 + (b-a)*share) >> 8)
		}
	}
	n := s.size * s.size
	for y := range s.size {
		row := s.image.Pix[y*s.size:]
		for x := range s.size {
			m := &mixed[pattern(x, y)]
			row[x], row[n+x], row[2*n+x] = m[0], m[1], m[2]
		}
	}
}

// slope goes from one side to the other.
func (s *scene) slope() texture {
	cos, sin := direction(s.r.Float64())
	dx, dy := int(65536*cos)/(2*s.size), int(65536*sin)/(2*s.size)
	return func(x, y int) int { return min(max((32768+(x-s.size/2)*dx+(y-s.size/2)*dy)>>8, 0), 256) }
}

// stripes are soft.
func (s *scene) stripes() texture {
	wave := s.wave(s.r.Float64(), s.between(0.05, 0.2))
	return func(x, y int) int { return wave(x, y) }
}

// checks have hard edges.
func (s *scene) checks() texture {
	angle, period := s.r.Float64(), s.between(0.1, 0.3)
	a, b := s.wave(angle, period), s.wave(angle+0.25, period)
	return func(x, y int) int {
		if (a(x, y) < 128) != (b(x, y) < 128) {
			return 256
		}
		return 0
	}
}

// wave goes up and down in straight lines, along a direction, with a period that is the given share of the image.
func (s *scene) wave(angle, period float64) texture {
	cos, sin := direction(angle)
	f := 512 * 256 / (period * float64(s.size))
	dx, dy, start := int(cos*f), int(sin*f), s.r.IntN(512*256)
	return func(x, y int) int {
		at := (start + x*dx + y*dy) >> 8 & 511
		return min(at, 512-at)
	}
}

// clouds are random numbers on a lattice, and between them what is interpolated.
func (s *scene) clouds() texture {
	const most = 16
	step := s.size/most + s.r.IntN(s.size/5)
	var lattice [most + 2][most + 2]int
	for i := range lattice {
		for j := range lattice[i] {
			lattice[i][j] = s.r.IntN(257)
		}
	}
	return func(x, y int) int {
		i, j, fx, fy := y/step, x/step, x%step, y%step
		above := lattice[i][j]*(step-fx) + lattice[i][j+1]*fx
		below := lattice[i+1][j]*(step-fx) + lattice[i+1][j+1]*fx
		return (above*(step-fy) + below*fy) / (step * step)
	}
}

// clutter draws n thin lines, which are nothing that is looked for.
func (s *scene) clutter(n int) {
	side := float64(s.size)
	for range n {
		length := s.between(0.05, 0.25) * side
		p := placed{
			outline: strokes([]point{{-1, 0}, {s.between(-0.5, 0.5), s.between(-0.5, 0.5)}, {1, 0}}), r: length, x: s.between(0, side), y: s.between(0, side),
		}
		thin := 0.012 * side / length
		whole := p.outline
		p.outline = func(x, y float64) float64 { return whole(x, y) + stroke - thin }
		p.cos, p.sin = direction(s.r.Float64())
		w := p.window(s.size)
		s.alpha = p.cover(w, s.alpha)
		c := s.colour()
		s.paint(w, c, func(_, _ int) int { return 256 })
	}
}

// light returns how bright a thing is, of 256: more so to one side, and maybe in stripes.
func (s *scene) light(p placed) texture {
	cos, sin := direction(s.r.Float64())
	slope := s.between(0, 0.3) * 256 / p.r
	dx, dy := int(slope*cos*256), int(slope*sin*256)
	x0, y0 := int(p.x), int(p.y)
	striped := s.r.IntN(4) == 0
	wave := s.wave(s.r.Float64(), s.between(0.05, 0.1))
	return func(x, y int) int {
		light := 256 + ((x-x0)*dx+(y-y0)*dy)>>8
		if striped {
			light = light * (192 + wave(x, y)/4) >> 8
		}
		return light
	}
}

// paint lays a colour over the image where s.alpha says.
func (s *scene) paint(w window, c colour, light texture) {
	n := s.size * s.size
	for y := w.top; y < w.top+w.h; y++ {
		row := s.image.Pix[y*s.size+w.left:]
		for x, a := range s.alpha[(y-w.top)*w.w:][:w.w] {
			if a == 0 {
				continue
			}
			bright, share := light(w.left+x, y), int(a)
			for plane, v := range c {
				p := &row[plane*n+x]
				*p = uint8((int(*p)*(255-share) + min(v*bright>>8, 255)*share + 127) / 255)
			}
		}
	}
}

// noise adds to each value of each pixel a number from -strength to strength, of sixteen.
func (s *scene) noise() {
	strength := s.between(4, 32)
	var change [16]int
	for i := range change {
		change[i] = int(math.Round(strength * (float64(i) - 7.5) / 7.5))
	}
	for pix := s.image.Pix; len(pix) > 0; {
		random := s.r.Uint64()
		part := pix[:min(16, len(pix))]
		for i, v := range part {
			part[i] = uint8(min(max(int(v)+change[random&15], 0), 255))
			random >>= 4
		}
		pix = pix[len(part):]
	}
}
