package data

import (
	"image"
	"image/draw"

	"github.com/lince-ml/lince/data/jpeg"
	"github.com/lince-ml/lince/internal/kernel"
)

// A source is what Images are made of: planes as a file has them. Those of colour may have fewer samples.
type source struct {
	w, h    int     // pixels
	ew, eh  float64 // the same, where a reduced picture ends within its last pixels
	model   jpeg.Model
	planes  []jpeg.Plane
	release func()
}

// fromImage returns the picture of img. Transparent parts become white.
func fromImage(img image.Image) source {
	b := img.Bounds()
	p := source{w: b.Dx(), h: b.Dy(), ew: float64(b.Dx()), eh: float64(b.Dy())}
	switch im := img.(type) {
	case *image.Gray:
		p.planes = []jpeg.Plane{{Pix: im.Pix[im.PixOffset(b.Min.X, b.Min.Y):], Stride: im.Stride, W: p.w, H: p.h, SubX: 1, SubY: 1}}
		return p
	case *image.YCbCr:
		if planes := fromYCbCr(im); planes != nil {
			p.model, p.planes = jpeg.YCbCr, planes
			return p
		}
	}
	rgba := image.NewRGBA(image.Rect(0, 0, p.w, p.h))
	draw.Draw(rgba, rgba.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(rgba, rgba.Rect, img, b.Min, draw.Over)
	p.model, p.planes = jpeg.RGB, make([]jpeg.Plane, 3)
	for c := range p.planes {
		pix := make([]byte, p.w*p.h)
		for i := range pix {
			pix[i] = rgba.Pix[4*i+c]
		}
		p.planes[c] = jpeg.Plane{Pix: pix, Stride: p.w, W: p.w, H: p.h, SubX: 1, SubY: 1}
	}
	return p
}

// ratios are the pixels per sample of colour.
var ratios = map[image.YCbCrSubsampleRatio][2]int{
	image.YCbCrSubsampleRatio444: {1, 1}, image.YCbCrSubsampleRatio422: {2, 1}, image.YCbCrSubsampleRatio420: {2, 2},
	image.YCbCrSubsampleRatio440: {1, 2}, image.YCbCrSubsampleRatio411: {4, 1}, image.YCbCrSubsampleRatio410: {4, 2},
}

// fromYCbCr returns the planes of im without copying them, or nil if it begins amid a sample of colour.
func fromYCbCr(im *image.YCbCr) []jpeg.Plane {
	sub, b := ratios[im.SubsampleRatio], im.Rect
	if b.Min.X%sub[0] != 0 || b.Min.Y%sub[1] != 0 {
		return nil
	}
	y, c := im.YOffset(b.Min.X, b.Min.Y), im.COffset(b.Min.X, b.Min.Y)
	w, h := (b.Dx()+sub[0]-1)/sub[0], (b.Dy()+sub[1]-1)/sub[1]
	return []jpeg.Plane{
		{Pix: im.Y[y:], Stride: im.YStride, W: b.Dx(), H: b.Dy(), SubX: 1, SubY: 1},
		{Pix: im.Cb[c:], Stride: im.CStride, W: w, H: h, SubX: sub[0], SubY: sub[1]},
		{Pix: im.Cr[c:], Stride: im.CStride, W: w, H: h, SubX: sub[0], SubY: sub[1]},
	}
}

// fromJPEG returns the picture of p, which was decoded at 1/scale of the size of d.
func fromJPEG(p *jpeg.Picture, d *jpeg.Decoder, scale int) source {
	s := float64(scale)
	pic := source{w: p.W, h: p.H, ew: float64(d.Width) / s, eh: float64(d.Height) / s, model: p.Model, planes: p.Planes, release: p.Release}
	if p.Model == jpeg.CMYK || p.Model == jpeg.YCCK {
		pic.mixInks()
	}
	return pic
}

// whole is the frame of a picture that is neither resized nor cut.
func (p source) whole() frame {
	return frame{fullW: p.w, fullH: p.h, w: p.w, h: p.h}
}

// mixInks makes RGB of the four planes of CMYK or YCCK.
func (p *source) mixInks() {
	model, f := p.model, p.whole()
	flat := *p
	flat.ew, flat.eh = float64(p.w), float64(p.h)
	inks := NewImage(4, p.h, p.w)
	s := scratches.Get().(*scratch)
	for c, plane := range p.planes {
		flat.resample(inks.plane(c), plane, f, s)
	}
	scratches.Put(s)
	if model == jpeg.YCCK {
		kernel.Images().ToRGB(inks.plane(0), inks.plane(1), inks.plane(2))
	}
	black := inks.plane(3)
	planes := make([]jpeg.Plane, 3)
	for c := range planes {
		pix := inks.plane(c)
		for i, v := range pix {
			if model == jpeg.YCCK {
				v = 255 - v
			}
			pix[i] = uint8((int(v)*int(black[i]) + 127) / 255)
		}
		planes[c] = jpeg.Plane{Pix: pix, Stride: p.w, W: p.w, H: p.h, SubX: 1, SubY: 1}
	}
	p.close()
	p.model, p.planes = jpeg.RGB, planes
}

// close gives back the memory of the planes, if they came from a decoder.
func (p *source) close() {
	if p.release != nil {
		p.release()
		p.release = nil
	}
}

// image makes the Image of c planes of what f frames.
func (p source) image(c int, f frame) Image {
	im := NewImage(c, f.h, f.w)
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	if c == 1 && p.model == jpeg.RGB {
		rgb := NewImage(3, f.h, f.w)
		for i, plane := range p.planes {
			p.resample(rgb.plane(i), plane, f, s)
		}
		toGrey(im.Pix, rgb)
		return im
	}
	for i, plane := range p.planes[:min(c, len(p.planes))] { // the first plane of YCbCr is the grey image
		p.resample(im.plane(i), plane, f, s)
	}
	switch {
	case c == 3 && p.model == jpeg.Grey:
		copy(im.plane(1), im.plane(0))
		copy(im.plane(2), im.plane(0))
	case c == 3 && p.model == jpeg.YCbCr:
		kernel.Images().ToRGB(im.plane(0), im.plane(1), im.plane(2))
	}
	return im
}

// plane returns the pixels of plane c.
func (im Image) plane(c int) []uint8 {
	n := im.H * im.W
	return im.Pix[c*n : (c+1)*n : (c+1)*n]
}

// resample makes one plane of an image of what f frames of one plane of the picture: it makes the rows, and then, of the result lying on its side so that
// the same loop serves, the columns.
func (p source) resample(dst []uint8, plane jpeg.Plane, f frame, s *scratch) {
	smooth := plane.SubX <= 2 && plane.SubY <= 2
	columns, rows := f.columns(p.ew), f.rows(p.eh)
	columns.axis(&s.columns, p.w, plane.W, plane.SubX, smooth)
	rows.axis(&s.rows, p.h, plane.H, plane.SubY, smooth)
	s.left, s.width = s.columns.rebase()
	s.resample(dst, plane.Pix, plane.Stride)
}

// resample makes one plane of the columns and rows of s.
func (s *scratch) resample(dst, src []byte, stride int) {
	w, h := len(s.columns.taps), len(s.rows.taps)
	src = src[s.left:]
	if s.columns.copies() {
		blend(dst, w, src, stride, w, &s.rows)
		return
	}
	a, b := room(&s.a, s.width*h), room(&s.b, s.width*h)
	blend(a, s.width, src, stride, s.width, &s.rows)
	transpose(b, h, a, s.width, s.width, h)
	a = room(&s.a, w*h)
	blend(a, h, b, h, h, &s.columns)
	transpose(dst, w, a, h, h, w)
}

// copies reports whether each pixel is the sample behind that of the pixel before.
func (a *axis) copies() bool {
	for i, t := range a.taps {
		if t.to-t.from != 1 || t.first != a.taps[0].first+i {
			return false
		}
	}
	return true
}

// rebase counts samples from the first one that is used, and returns which that is and how many there are up to the last.
func (a *axis) rebase() (first, n int) {
	first, end := a.taps[0].first, 0
	for _, t := range a.taps {
		first, end = min(first, t.first), max(end, t.first+t.to-t.from)
	}
	for i := range a.taps {
		a.taps[i].first -= first
	}
	return first, end - first
}

func clamp(v int32) uint8 { return uint8(min(max(v, 0), 255)) }

// toGrey writes the luma of rgb, that of ITU-R BT.601 as in package image/color.
func toGrey(dst []uint8, rgb Image) {
	r, g, b := rgb.plane(0), rgb.plane(1), rgb.plane(2)
	for i := range dst {
		dst[i] = uint8((19595*uint32(r[i]) + 38470*uint32(g[i]) + 7471*uint32(b[i]) + 1<<15) >> 16)
	}
}

// toImage returns the source, as o shows it, as an image of package image: in YCbCr if it is upright and that package knows the subsampling.
func (p source) toImage(o orientation) image.Image {
	bounds := image.Rect(0, 0, p.w, p.h)
	switch {
	case o == upright && p.model == jpeg.Grey:
		return &image.Gray{Pix: p.planes[0].Pix, Stride: p.planes[0].Stride, Rect: bounds}
	case o == upright && p.model == jpeg.YCbCr:
		y, cb, cr := p.planes[0], p.planes[1], p.planes[2]
		for ratio, sub := range ratios {
			if y.SubX == 1 && y.SubY == 1 && [2]int{cb.SubX, cb.SubY} == sub && [2]int{cr.SubX, cr.SubY} == sub && cb.Stride == cr.Stride {
				return &image.YCbCr{Y: y.Pix, Cb: cb.Pix, Cr: cr.Pix, YStride: y.Stride, CStride: cb.Stride, SubsampleRatio: ratio, Rect: bounds}
			}
		}
	case p.model == jpeg.Grey:
		grey := o.turnPlanes(p.image(1, p.whole()))
		p.close()
		return &image.Gray{Pix: grey.Pix, Stride: grey.W, Rect: image.Rect(0, 0, grey.W, grey.H)}
	}
	rgb := o.turnPlanes(p.image(3, p.whole()))
	p.close()
	out := image.NewRGBA(image.Rect(0, 0, rgb.W, rgb.H))
	r, g, b := rgb.plane(0), rgb.plane(1), rgb.plane(2)
	for i := range r {
		out.Pix[4*i], out.Pix[4*i+1], out.Pix[4*i+2], out.Pix[4*i+3] = r[i], g[i], b[i], 255
	}
	return out
}
