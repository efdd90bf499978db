package kernel

// A featureMap is what a convolution reads or makes of each image: planes [channels,h,w], or, if last, the channels of a position side by
// side, [h,w,channels].
type featureMap struct {
	channels, h, w int
	last           bool
}

// input returns the map that s reads.
func (s ConvShape) input() featureMap { return featureMap{s.C, s.H, s.W, s.XLast} }

// output returns the map that s makes.
func (s ConvShape) output() featureMap { return featureMap{s.O, s.OutH(), s.OutW(), s.YLast} }

func (m *featureMap) size() int { return m.channels * m.h * m.w }

// row copies the first cols of each step-th position of row y of an image, n channels from c on, to dst, positions ld values apart. Only
// channels side by side can be picked with a step.
func (m *featureMap) row(s *Set, dst []float32, ld int, x []float32, image, c, n, y, cols, step int) {
	if m.last {
		s.CopyMatrix(dst, ld, x[image*m.size()+y*m.w*m.channels+c:], step*m.channels, cols, n)
		return
	}
	s.Transpose(dst, ld, x[image*m.size()+c*m.h*m.w+y*m.w:], m.h*m.w, n, cols)
}

// store copies channels c to end of rows y0 to y1 of an image from src, positions ld values apart.
func (m *featureMap) store(s *Set, x []float32, image, c, end, y0, y1 int, src []float32, ld int) {
	positions := (y1 - y0) * m.w
	if m.last {
		s.CopyMatrix(x[image*m.size()+y0*m.w*m.channels+c:], m.channels, src, ld, positions, end-c)
		return
	}
	s.Transpose(x[image*m.size()+c*m.h*m.w+y0*m.w:], m.h*m.w, src, ld, positions, end-c)
}

// rows returns rows from up to end, those of all images in order, if they lie in one piece, else nothing.
func (m *featureMap) rows(x []float32, from, end int) []float32 {
	if !m.last {
		return nil
	}
	return x[from*m.w*m.channels : end*m.w*m.channels]
}

// rowOf returns row step*b of a map of height h, or its end, among the rows of all images, where each image has n values of b.
func rowOf(b, n, step, h int) int { return b/n*h + min(b%n*step, h) }
