package shapes

import "math"

// classNames are the classes of things: those of outlines, in their order. None of the digits is another one when it is mirrored.
var classNames = []string{"circle", "square", "triangle", "star", "ring", "cross", "0", "1", "2", "3"}

// firstDigit is the class of the digit 0.
const firstDigit = 6

// An outline returns how far (x, y), y down, is outside of the shape: less than 0 inside. It is exact near the edge, and nowhere
// says more than the distance is. Shapes lie in the circle of radius 1.
type outline func(x, y float64) float64

var outlines = [...]outline{
	func(x, y float64) float64 { return math.Sqrt(dot(x, y, x, y)) - 1 },
	func(x, y float64) float64 { return max(math.Abs(x), math.Abs(y)) - 1/math.Sqrt2 },
	triangle, star,
	func(x, y float64) float64 { return math.Abs(math.Sqrt(dot(x, y, x, y))-0.77) - 0.23 },
	cross,
	strokes(arc(0, 0, 0.42, 0.72, 0, 1)),
	strokes([]point{{-0.24, -0.44}, {0.04, -0.72}, {0.04, 0.72}}, []point{{-0.26, 0.72}, {0.34, 0.72}}),
	strokes(append(arc(0, -0.32, 0.4, 0.4, -0.5, 0.1), point{-0.42, 0.72}, point{0.44, 0.72})),
	strokes(append(arc(-0.02, -0.38, 0.38, 0.34, -0.42, 0.25), arc(-0.02, 0.34, 0.42, 0.38, -0.25, 0.42)...)),
}

// stroke is half of the width of the lines of digits.
const stroke = 0.155

// dot returns ax·bx + ay·by.
func dot(ax, ay, bx, by float64) float64 { return float64(ax*bx) + float64(ay*by) }

// direction returns cosine and sine of a share of the whole angle. Processors may differ in the last bit of either, so some are cut off.
func direction(share float64) (cos, sin float64) {
	const digits = 1 << 24
	sin, cos = math.Sincos(2 * math.Pi * share)
	return math.Round(cos*digits) / digits, math.Round(sin*digits) / digits
}

// thirds and fifths are the directions of the edges of the triangle, and of the points of the star.
var thirds, fifths = directions(3), directions(5)

func directions(n int) []point {
	list := make([]point, n)
	for i := range list {
		list[i].x, list[i].y = direction(float64(i) / float64(n))
	}
	return list
}

// triangle is equilateral.
func triangle(x, y float64) float64 {
	d := -1.0
	for _, n := range thirds {
		d = max(d, dot(x, y, n.x, n.y)-0.5)
	}
	return d
}

// star has five points. Only the one that is nearest matters, and of that, mirrored, the upper edge.
func star(x, y float64) float64 {
	along, aside := -2.0, 0.0
	for _, d := range fifths {
		if a := dot(x, y, d.x, d.y); a > along {
			along, aside = a, math.Abs(dot(x, y, -d.y, d.x))
		}
	}
	return dot(along-1, aside, starEdge.x, starEdge.y)
}

// starEdge is at a right angle to the edge from (1, 0) to the inner corner, a tenth of the whole angle further.
var starEdge = func() point {
	const inner = 0.45
	cos, sin := direction(0.1)
	x, y := inner*sin, 1-float64(inner*cos)
	length := math.Sqrt(dot(x, y, x, y))
	return point{x / length, y / length}
}()

func cross(x, y float64) float64 {
	x, y = math.Abs(x), math.Abs(y)
	return max(max(x, y)-0.95, min(x, y)-0.29)
}

type point struct{ x, y float64 }

// arc returns points of an ellipse around (cx, cy) from one angle to another, as shares of the whole: 0 is to the right, 0.25 below.
func arc(cx, cy, rx, ry, from, to float64) []point {
	n := max(6, int(20*(to-from)))
	list := make([]point, n+1)
	for i := range list {
		cos, sin := direction(from + (to-from)*float64(i)/float64(n))
		list[i] = point{cx + float64(rx*cos), cy + float64(ry*sin)}
	}
	return list
}

// strokes returns the outline of lines of some width with round ends.
func strokes(lines ...[]point) outline {
	type segment struct{ from, along point } // along, divided by its squared length
	var segments []segment
	var spans []point
	for _, l := range lines {
		for i := range l[1:] {
			d := point{l[i+1].x - l[i].x, l[i+1].y - l[i].y}
			n := dot(d.x, d.y, d.x, d.y)
			if n == 0 {
				continue
			}
			segments = append(segments, segment{l[i], point{d.x / n, d.y / n}})
			spans = append(spans, d)
		}
	}
	return func(x, y float64) float64 {
		nearest := 4.0
		for i, s := range segments {
			dx, dy := x-s.from.x, y-s.from.y
			t := min(max(dot(dx, dy, s.along.x, s.along.y), 0), 1)
			dx, dy = dx-float64(t*spans[i].x), dy-float64(t*spans[i].y)
			nearest = min(nearest, dot(dx, dy, dx, dy))
		}
		return math.Sqrt(nearest) - stroke
	}
}

// placed is an outline of radius r around (x, y), turned.
type placed struct {
	outline
	r, x, y  float64
	cos, sin float64
}

// A window is a part of the image.
type window struct{ left, top, w, h int }

// window returns the part of an image that p may be seen in.
func (p placed) window(size int) window {
	cut := func(v float64) int { return int(min(max(v, 0), float64(size))) }
	reach := p.r + 1
	w := window{left: cut(p.x - reach), top: cut(p.y - reach)}
	w.w, w.h = cut(p.x+reach+1)-w.left, cut(p.y+reach+1)-w.top
	return w
}

// half is the cover of a pixel whose middle is on the edge of a thing.
const half = 128

// cover returns how much of each pixel of w the thing covers, of 255, in the memory of alpha. Within a distance from the edge nothing changes, so the pixels there
// follow from one of them.
func (p placed) cover(w window, alpha []uint8) []uint8 {
	alpha = append(alpha[:0], make([]uint8, w.w*w.h)...)
	for y := range w.h {
		row := alpha[y*w.w:][:w.w]
		for x := 0; x < w.w; {
			d := p.distance(w.left+x, w.top+y)
			a := uint8(min(max(float64(255*(0.5-d))+0.5, 0), 255)) // 0.5 - d is the share, if the edge is straight
			for end := min(x+1+int(max(math.Abs(d)-0.5, 0)), w.w); x < end; x++ {
				row[x] = a
			}
		}
	}
	return alpha
}

// distance returns how many pixels the middle of pixel (x, y) is outside of the thing.
func (p placed) distance(x, y int) float64 {
	dx, dy := float64(x)+0.5-p.x, float64(y)+0.5-p.y
	u, v := dot(dx, dy, p.cos, p.sin)/p.r, dot(dx, dy, -p.sin, p.cos)/p.r
	return float64(p.outline(u, v) * p.r)
}
