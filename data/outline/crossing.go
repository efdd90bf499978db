package outline

import (
	"cmp"
	"slices"
)

// Crossing returns a place where a polygon crosses itself; ok is false if it does not. Sides that only touch, or lie on each other, do not cross.
func Crossing(polygon []float32) (x, y float32, ok bool) {
	n := len(polygon) / 2
	sides := make([]side, 0, n)
	for i := range n {
		j := (i + 1) % n
		sides = append(sides, side{i, point{float64(polygon[2*i]), float64(polygon[2*i+1])}, point{float64(polygon[2*j]), float64(polygon[2*j+1])}})
	}
	slices.SortFunc(sides, func(a, b side) int { return cmp.Or(cmp.Compare(a.left(), b.left()), cmp.Compare(a.i, b.i)) })
	var near []side // those that reach as far as the next one begins
	for _, s := range sides {
		near = slices.DeleteFunc(near, func(o side) bool { return max(o.a.x, o.b.x) < s.left() })
		for _, o := range near {
			if at, ok := s.crossing(o); ok {
				return float32(at.x), float32(at.y), true
			}
		}
		near = append(near, s)
	}
	return 0, 0, false
}

type point struct{ x, y float64 }

type side struct {
	i    int
	a, b point
}

func (s side) left() float64 { return min(s.a.x, s.b.x) }

// beside returns on which side of the line through s a point is: its sign.
func (s side) beside(p point) float64 { return (s.b.x-s.a.x)*(p.y-s.a.y) - (s.b.y-s.a.y)*(p.x-s.a.x) }

func (s side) crossing(o side) (at point, ok bool) {
	c, d := s.beside(o.a), s.beside(o.b)
	if !(c < 0 && d > 0 || c > 0 && d < 0) {
		return at, false
	}
	if e, f := o.beside(s.a), o.beside(s.b); !(e < 0 && f > 0 || e > 0 && f < 0) {
		return at, false
	}
	share := c / (c - d)
	return point{o.a.x + share*(o.b.x-o.a.x), o.a.y + share*(o.b.y-o.a.y)}, true
}
