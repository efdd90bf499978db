package data

import (
	"cmp"
	"image"
	"math"
	"math/rand/v2"
)

// Resize makes the image h x w, whatever its proportions were. Interpolation is linear, widened when it shrinks so that every pixel counts,
// as in Pillow and in torchvision with antialias; masks take the nearest value.
func Resize(h, w int) Transform {
	return func(_ *rand.Rand, s Sample) Sample {
		s.resize(0, 0, s.Image.H, s.Image.W, h, w)
		return s
	}
}

// Letterbox makes the image as large as fits into h x w without a change of proportions, and puts it in the middle of grey, 114 of 255, as
// detectors of the YOLO family are trained on. A mask gets Ignore around it.
func Letterbox(h, w int) Transform {
	return func(_ *rand.Rand, s Sample) Sample {
		ih, iw, top, left := boxed(s.Image.H, s.Image.W, h, w)
		s.resize(0, 0, s.Image.H, s.Image.W, ih, iw)
		s.window(-top, -left, h, w, Grey114)
		return s
	}
}

// boxed returns how large an image of ih x iw is in a letterbox of h x w, and where its corner is.
func boxed(ih, iw, h, w int) (bh, bw, top, left int) {
	bh, bw = fitting(ih, iw, h, w, 1)
	return bh, bw, (h - bh) / 2, (w - bw) / 2
}

// fitting returns the size of an image of ih x iw when it is made as large as fits into h x w, times scale.
func fitting(ih, iw, h, w int, scale float64) (int, int) {
	scale *= min(float64(h)/float64(ih), float64(w)/float64(iw))
	return max(1, int(float64(ih)*scale+0.5)), max(1, int(float64(iw)*scale+0.5))
}

// RandomResizedCrop cuts a part of random size, proportions and place, and makes it H x W: the usual one for ImageNet (Szegedy et al. 2014,
// "Going deeper with convolutions", section 6). Its Apply is a Transform.
type RandomResizedCrop struct {
	H, W  int
	Scale [2]float64 // the part's share of the image's area, from and to; all zero means 0.08 to 1
	Ratio [2]float64 // its width over its height, from and to, even on a logarithmic scale; all zero means 3/4 to 4/3
}

// Apply returns a variation of s.
func (c RandomResizedCrop) Apply(r *rand.Rand, s Sample) Sample {
	c.Scale, c.Ratio = cmp.Or(c.Scale, [2]float64{0.08, 1}), cmp.Or(c.Ratio, [2]float64{3. / 4, 4. / 3})
	top, left, h, w, ok := c.part(r, s.Image.H, s.Image.W)
	if !ok {
		top, left, h, w = c.middle(s.Image.H, s.Image.W)
	}
	s.resize(top, left, h, w, c.H, c.W)
	return s
}

// part chooses a part of an image; ok is false if ten tries do not fit.
func (c RandomResizedCrop) part(r *rand.Rand, ih, iw int) (top, left, h, w int, ok bool) {
	from, to := math.Log(c.Ratio[0]), math.Log(c.Ratio[1])
	for range 10 {
		area := float64(ih*iw) * (c.Scale[0] + (c.Scale[1]-c.Scale[0])*r.Float64())
		ratio := math.Exp(from + (to-from)*r.Float64())
		w, h = int(math.Round(math.Sqrt(area*ratio))), int(math.Round(math.Sqrt(area/ratio)))
		if w > 0 && w <= iw && h > 0 && h <= ih {
			top = r.IntN(ih - h + 1)
			return top, r.IntN(iw - w + 1), h, w, true
		}
	}
	return 0, 0, 0, 0, false
}

// middle returns the largest part in the middle of an image whose proportions are allowed.
func (c RandomResizedCrop) middle(ih, iw int) (top, left, h, w int) {
	h, w = ih, iw
	switch ratio := float64(iw) / float64(ih); {
	case ratio < c.Ratio[0]:
		h = min(ih, max(1, int(math.Round(float64(iw)/c.Ratio[0]))))
	case ratio > c.Ratio[1]:
		w = min(iw, max(1, int(math.Round(float64(ih)*c.Ratio[1]))))
	}
	return (ih - h) / 2, (iw - w) / 2, h, w
}

// resize changes s to its part of ph x pw pixels from row top and column left on, made h x w.
func (s *Sample) resize(top, left, ph, pw, h, w int) {
	if ph == h && pw == w {
		if h != s.Image.H || w != s.Image.W {
			s.window(top, left, h, w, Black)
		}
		return
	}
	s.Image = resized(s.Image, top, left, ph, pw, h, w)
	scaleX, scaleY := float64(pw)/float64(w), float64(ph)/float64(h)
	s.follow(h, w, func(x, y float64) (float64, float64) {
		return (x - float64(left)) / scaleX, (y - float64(top)) / scaleY
	}, func(m *Mask, in image.Rectangle, _ uint16) *Mask {
		out := &Mask{h, w, make([]uint16, h*w)}
		for y := in.Min.Y; y < in.Max.Y; y++ {
			row := m.Pix[(top+int((float64(y)+0.5)*scaleY))*m.W+left:]
			for x := in.Min.X; x < in.Max.X; x++ {
				out.Pix[y*w+x] = row[int((float64(x)+0.5)*scaleX)]
			}
		}
		return out
	})
}

// resized returns the part of ph x pw pixels of im from row top and column left on, made h x w.
func resized(im Image, top, left, ph, pw, h, w int) Image {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	span{float64(pw), w, 0, w}.axis(&s.columns, pw, pw, 1, false)
	span{float64(ph), h, 0, h}.axis(&s.rows, ph, ph, 1, false)
	s.left, s.width = s.columns.rebase()
	out := NewImage(im.C, h, w)
	for c := range im.C {
		s.resample(out.plane(c), im.plane(c)[top*im.W+left:], im.W)
	}
	return out
}
