package data

import (
	"errors"
	"fmt"
	"image"
)

// A Framing says what becomes of a picture whose proportions are not those of H x W.
type Framing int

// The framings.
const (
	Cover   Framing = iota // it is resized until it covers H x W, and cut around its middle
	Stretch                // all of it becomes H x W, whatever its proportions were
	Contain                // all of it, as large as fits into H x W, in the middle of grey, as by Letterbox
)

// A Fit says how a picture of any size becomes an Image.
type Fit struct {
	C      int  // planes: 3 for colour, 1 for grey, which is the luma of ITU-R BT.601
	H, W   int  // rows and columns of the part of the middle that is kept
	Resize int  // what the smaller of H and W is a part of: the picture is resized so that it just covers as much more; 0 stands for min(H, W)
	Whole  bool // all of the picture, resized so that its smaller side is Resize, which must be given then; H and W have no meaning
	Framing
}

// Check returns an error if f makes no sense.
func (f Fit) Check() error {
	switch {
	case f.C != 1 && f.C != 3:
		return fmt.Errorf("images of %d planes asked for, expected 1 or 3", f.C)
	case f.Whole && f.Resize <= 0:
		return fmt.Errorf("whole images with a smaller side of %d pixels asked for, expected at least 1", f.Resize)
	case !f.Whole && (f.H <= 0 || f.W <= 0):
		return fmt.Errorf("images of %d x %d pixels asked for, expected at least 1 x 1", f.H, f.W)
	case f.Framing != Cover && (f.Whole || f.Resize > min(f.H, f.W)):
		return errors.New("images asked for that are cut, and that are not")
	case !f.Whole && f.Resize != 0 && f.Resize < min(f.H, f.W):
		return fmt.Errorf("images of %d x %d pixels asked for, after resizing to %d, which is less", f.H, f.W, f.Resize)
	}
	return nil
}

// A frame is the part of a resized picture that is kept.
type frame struct {
	fullW, fullH int // the size to which the picture is resized
	left, top    int
	w, h         int
}

func (f frame) columns(extent float64) span { return span{extent, f.fullW, f.left, f.w} }
func (f frame) rows(extent float64) span    { return span{extent, f.fullH, f.top, f.h} }

// frame returns what becomes of a picture of w x h pixels. The sizes are those of torchvision's Resize, which rounds down, and CenterCrop, which rounds
// halves to the even number.
func (f Fit) frame(w, h int) frame {
	switch f.Framing {
	case Stretch:
		return frame{fullW: f.W, fullH: f.H, w: f.W, h: f.H}
	case Contain:
		bh, bw, _, _ := boxed(h, w, f.H, f.W)
		return frame{fullW: bw, fullH: bh, w: bw, h: bh}
	}
	// The sides that the resized picture must cover.
	coverW, coverH := int64(f.Resize), int64(f.Resize)
	if !f.Whole {
		small := int64(min(f.W, f.H))
		side := max(small, int64(f.Resize))
		coverW, coverH = int64(f.W)*side/small, int64(f.H)*side/small
	}
	sw, sh := int64(w), int64(h)
	fullW, fullH := coverW, coverH
	if sw*coverH > sh*coverW {
		fullW = max(coverW, sw*coverH/sh)
	} else {
		fullH = max(coverH, sh*coverW/sw)
	}
	fr := frame{fullW: int(fullW), fullH: int(fullH), w: f.W, h: f.H}
	if f.Whole {
		fr.w, fr.h = fr.fullW, fr.fullH
	}
	fr.left, fr.top = halfToEven(fr.fullW-fr.w), halfToEven(fr.fullH-fr.h)
	return fr
}

// halfToEven returns n / 2, rounded to the even number if n is odd.
func halfToEven(n int) int { return (n + n>>1&1) / 2 }

// scale returns by how much a JPEG of w x h pixels may be reduced while it is decoded: the most that leaves it at least as large as it is resized to, so
// the reduction alone never makes pixels up.
func (f frame) scale(w, h int) int {
	s := 8
	for s > 1 && (w/s < f.fullW || h/s < f.fullH) {
		s /= 2
	}
	return s
}

// FromImage makes an Image of c planes, h rows and w columns from img: resized so that it just covers h x w, and
// cut around its middle. c is 3 for colour, or 1 for grey. It panics on another c.
//
// Transparent parts show white, as a page would: drawings come as black lines on nothing. The resizing is linear
// interpolation, widened when it shrinks so that every pixel of img counts, as torchvision and Pillow do it; mere
// bilinear interpolation would lose thin lines.
func FromImage(img image.Image, c, h, w int) Image { return FromMiddle(img, c, h, w, min(h, w)) }

// FromMiddle is FromImage of a smaller part of the middle: img is resized so that the sides that just cover h x w would cover as much more as
// side, which is min(h, w) or more, is more than that. So FromMiddle(img, 3, 224, 224, 256) is torchvision's Resize(256) and CenterCrop(224), to the
// same pixels within 1 for images that are not in YCbCr.
//
// Images in YCbCr, such as Decode makes of JPEG files, are resized before their colours are mixed to RGB. What a file becomes in training is that of Read,
// which may decode it in part; the two differ in single pixels of files that are much larger than the result.
func FromMiddle(img image.Image, c, h, w, side int) Image {
	f := Fit{C: c, H: h, W: w, Resize: max(side, min(h, w))}
	if err := f.Check(); err != nil {
		panic("data: " + err.Error())
	}
	p := fromImage(img)
	return p.image(c, f.frame(p.w, p.h))
}
