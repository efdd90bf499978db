package data

// Follow returns s, which is known of a picture of w x h pixels, as it is of the Image that f makes of it: boxes, their shapes, mask and points move with the
// pixels. Where all of the picture stays, so do all boxes, however small they become; where it is cut, those of which too little is left are dropped, as by
// transforms.
func (f Fit) Follow(s Sample, w, h int) Sample {
	m := f.move(w, h)
	if s.Mask != nil {
		s.Mask = m.mask(s.Mask, Ignore)
	}
	if s.Boxes != nil {
		boxes := make([]Box, 0, len(s.Boxes))
		for _, b := range s.Boxes {
			moved := b.moved(m.point)
			cut, ok := moved.within(float32(m.h), float32(m.w))
			if !ok && m.cuts {
				continue
			}
			cut.Shape = m.shape(b.Shape)
			boxes = append(boxes, cut)
		}
		s.Boxes = boxes
	}
	s.movePoints(m.h, m.w, m.point)
	return s
}

// A move leads from the pixels of a picture to those of the Image that becomes of it.
type move struct {
	w, h           int // of the image
	scaleX, scaleY float64
	left, top      float64 // where the corner of the picture comes to lie
	cuts           bool    // parts of the picture are lost
}

func (f Fit) move(w, h int) move {
	fr := f.frame(w, h)
	m := move{
		w: fr.w, h: fr.h, scaleX: float64(fr.fullW) / float64(w), scaleY: float64(fr.fullH) / float64(h), left: float64(-fr.left), top: float64(-fr.top),
		cuts: fr.w < fr.fullW || fr.h < fr.fullH,
	}
	if f.Framing == Contain {
		m.w, m.h, m.left, m.top = f.W, f.H, float64((f.W-fr.w)/2), float64((f.H-fr.h)/2)
	}
	return m
}

func (m move) point(x, y float64) (float64, float64) { return x*m.scaleX + m.left, y*m.scaleY + m.top }

// mask returns what becomes of a mask: the values that are nearest, and outside where there is none.
func (m move) mask(from *Mask, outside uint16) *Mask {
	out := &Mask{m.h, m.w, make([]uint16, m.h*m.w)}
	columns := make([]int, m.w)
	for x := range columns {
		columns[x] = nearestPixel((float64(x)+0.5-m.left)/m.scaleX, from.W)
	}
	for y := range m.h {
		row := out.Pix[y*m.w:][:m.w]
		line := nearestPixel((float64(y)+0.5-m.top)/m.scaleY, from.H)
		for x, column := range columns {
			if row[x] = outside; line >= 0 && column >= 0 {
				row[x] = from.Pix[line*from.W+column]
			}
		}
	}
	return out
}

// nearestPixel returns the pixel, of n, that a place lies in; -1 if it is outside.
func nearestPixel(place float64, n int) int {
	if !(place >= 0 && place < float64(n)) {
		return -1
	}
	return int(place)
}

func (m move) shape(s *Shape) *Shape {
	if s == nil {
		return nil
	}
	if s.Mask != nil {
		return &Shape{Mask: m.mask(s.Mask, 0)}
	}
	polygons := make([][]float32, len(s.Polygons))
	for i, p := range s.Polygons {
		polygons[i] = make([]float32, len(p)&^1)
		for k := 0; k+1 < len(p); k += 2 {
			x, y := m.point(float64(p[k]), float64(p[k+1]))
			polygons[i][k], polygons[i][k+1] = float32(x), float32(y)
		}
	}
	return &Shape{Polygons: polygons}
}

// Size returns how many rows and columns the Image of a picture of h x w has.
func (f Fit) Size(h, w int) (rows, columns int) {
	m := f.move(w, h)
	return m.h, m.w
}
