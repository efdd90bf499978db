package detection

import "fmt"

// A Mask says which pixels of an image of H x W are a thing's, as lengths of runs: pixels are counted column by column, from the top down. The
// first run, which may be empty, is outside of the thing, the second inside, and so on (the run-length encoding of COCO).
type Mask struct {
	H, W   int
	Counts []uint32
}

// maxPixels limits the size of masks: places in one fit into an uint32, and a file cannot make us count for ever.
const maxPixels = 1 << 30

// NewMask returns the mask of h x w whose pixel (y, x) is inside where inside says so.
func NewMask(h, w int, inside func(y, x int) bool) Mask {
	b := builder{Mask: Mask{H: h, W: w}}
	for x := range w {
		for y := range h {
			b.add(1, inside(y, x))
		}
	}
	return b.Mask
}

// MaskOfCounts returns the mask of h x w with the runs counts, or says why that is none.
func MaskOfCounts(h, w int, counts []int64) (Mask, error) {
	if err := checkSize(h, w); err != nil {
		return Mask{}, err
	}
	m, sum := Mask{h, w, make([]uint32, len(counts))}, int64(0)
	for i, n := range counts {
		if n < 0 || n > maxPixels {
			return Mask{}, fmt.Errorf("a run of %d pixels in a mask of %dx%d", n, w, h)
		}
		m.Counts[i] = uint32(n)
		if sum += n; sum > int64(h)*int64(w) {
			break
		}
	}
	if sum != int64(h)*int64(w) {
		return Mask{}, fmt.Errorf("the runs of a mask of %dx%d do not have %d pixels together", w, h, int64(h)*int64(w))
	}
	return m, nil
}

func checkSize(h, w int) error {
	if h < 1 || w < 1 || int64(h) > maxPixels || int64(w) > maxPixels || int64(h)*int64(w) > maxPixels {
		return fmt.Errorf("a mask of %dx%d, expected 1 to %d pixels", w, h, maxPixels)
	}
	return nil
}

// ParseMask returns the mask of h x w whose runs are text, COCO's compressed form: each character has five bits of a number, lowest first, and
// one that says whether more follow, plus 48; the top bit is the sign. From the fourth on, numbers are differences to the last but one.
func ParseMask(h, w int, text string) (Mask, error) {
	counts := make([]int64, 0, len(text)/2)
	for at := 0; at < len(text); {
		value, shift := int64(0), 0
		for {
			if at == len(text) || text[at] < 48 || text[at] > 48+63 || shift > 30 {
				return Mask{}, fmt.Errorf("the runs of a mask end, or are no runs, at character %d of %d", at, len(text))
			}
			c := int64(text[at]) - 48
			at++
			value |= c & 31 << shift
			shift += 5
			if c&32 == 0 {
				if c&16 != 0 {
					value |= -1 << shift
				}
				break
			}
		}
		if n := len(counts); n > 2 {
			value += counts[n-2]
		}
		counts = append(counts, value)
	}
	return MaskOfCounts(h, w, counts)
}

// Compressed returns the runs in COCO's compressed form, which ParseMask reads.
func (m Mask) Compressed() string {
	text := make([]byte, 0, 2*len(m.Counts))
	for i, n := range m.Counts {
		value := int64(n)
		if i > 2 {
			value -= int64(m.Counts[i-2])
		}
		for {
			c := value & 31
			value >>= 5
			last := value == 0 && c&16 == 0 || value == -1 && c&16 != 0
			if !last {
				c |= 32
			}
			text = append(text, byte(c+48))
			if last {
				break
			}
		}
	}
	return string(text)
}

// Area returns the number of pixels inside.
func (m Mask) Area() int64 {
	sum := int64(0)
	for i := 1; i < len(m.Counts); i += 2 {
		sum += int64(m.Counts[i])
	}
	return sum
}

// Box returns the smallest box around the pixels inside; without any, an empty one.
func (m Mask) Box() Box {
	x0, y0, x1, y1 := m.W, m.H, 0, 0
	at := 0
	for i, n := range m.Counts {
		if i%2 == 1 && n > 0 {
			first, last := at, at+int(n)-1
			x0, x1 = min(x0, first/m.H), max(x1, last/m.H+1)
			if first/m.H != last/m.H { // over the end of a column
				y0, y1 = 0, m.H
			} else {
				y0, y1 = min(y0, first%m.H), max(y1, last%m.H+1)
			}
		}
		at += int(n)
	}
	if x1 == 0 {
		return Box{}
	}
	return Box{float64(x0), float64(y0), float64(x1 - x0), float64(y1 - y0)}
}

// intersection returns how many pixels are inside of both masks, which have the same size.
func (m Mask) intersection(o Mask) int64 {
	sum := int64(0)
	walk(m, o, func(n uint32, a, b bool) {
		if a && b {
			sum += int64(n)
		}
	})
	return sum
}

// union returns the mask of the pixels that are inside of m or o, which have the same size.
func (m Mask) union(o Mask) Mask {
	u := builder{Mask: Mask{H: m.H, W: m.W}}
	walk(m, o, func(n uint32, a, b bool) { u.add(n, a || b) })
	return u.Mask
}

// walk calls f for each run of pixels in which neither mask changes.
func walk(m, o Mask, f func(n uint32, inM, inO bool)) {
	var i, j int
	var left, right uint32 // what remains of the runs before i and j
	for {
		for left == 0 && i < len(m.Counts) {
			left = m.Counts[i]
			i++
		}
		for right == 0 && j < len(o.Counts) {
			right = o.Counts[j]
			j++
		}
		n := min(left, right)
		if n == 0 {
			return
		}
		f(n, i%2 == 0, j%2 == 0)
		left -= n
		right -= n
	}
}

// A builder appends runs to a mask.
type builder struct {
	Mask
	inside bool // of the last run
}

func (b *builder) add(n uint32, inside bool) {
	if len(b.Counts) == 0 {
		b.Counts = append(b.Counts, 0)
	}
	if inside != b.inside {
		b.Counts = append(b.Counts, 0)
		b.inside = inside
	}
	b.Counts[len(b.Counts)-1] += n
}
