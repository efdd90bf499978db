package data

import (
	"fmt"
	"image"
	"image/color"

	"golang.org/x/image/draw"
)

// FromImage makes an Image of c planes, h rows and w columns from img: resized so that it just covers h x w, and
// cut around its middle. c is 3 for colour, or 1 for grey, which is the luma of ITU-R BT.601 as in package
// image/color. It panics on another c.
//
// Transparent parts show white, as a page would: drawings come as black lines on nothing. The resizing is linear
// interpolation, widened when it shrinks so that every pixel of img counts, as torchvision and Pillow do it; mere
// bilinear interpolation would lose thin lines.
func FromImage(img image.Image, c, h, w int) Image { return FromMiddle(img, c, h, w, min(h, w)) }

// FromMiddle is FromImage of a smaller part of the middle: img is resized so that the sides that just cover h x w would cover as much more as
// side, which is min(h, w) or more, is more than that. So FromMiddle(img, 3, 224, 224, 256) is torchvision's Resize(256) and CenterCrop(224).
func FromMiddle(img image.Image, c, h, w, side int) Image {
	if c != 1 && c != 3 {
		panic(fmt.Sprintf("data: image with %d planes, expected 1 or 3", c))
	}
	rgba := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(rgba, rgba.Bounds(), image.White, image.Point{}, draw.Src)
	src := shrink(middle(img.Bounds(), h, w), float64(min(h, w))/float64(side))
	if src.Dx() == w && src.Dy() == h {
		draw.Draw(rgba, rgba.Bounds(), img, src.Min, draw.Over)
	} else {
		draw.BiLinear.Scale(rgba, rgba.Bounds(), img, src, draw.Over, nil)
	}
	im := NewImage(c, h, w)
	for i := range h * w {
		p := rgba.Pix[4*i : 4*i+4]
		if c == 1 {
			im.Pix[i] = color.GrayModel.Convert(color.RGBA{p[0], p[1], p[2], p[3]}).(color.Gray).Y
			continue
		}
		for plane := range 3 {
			im.Pix[plane*h*w+i] = p[plane]
		}
	}
	return im
}

// shrink returns the middle of b, whose sides are share of those of b, at least a pixel.
func shrink(b image.Rectangle, share float64) image.Rectangle {
	sw, sh := max(1, int(float64(b.Dx())*share+0.5)), max(1, int(float64(b.Dy())*share+0.5))
	corner := b.Min.Add(image.Pt((b.Dx()-sw)/2, (b.Dy()-sh)/2))
	return image.Rectangle{corner, corner.Add(image.Pt(sw, sh))}
}

// middle returns the largest part of b that has the proportions of h x w, around its middle, at least a pixel wide.
func middle(b image.Rectangle, h, w int) image.Rectangle {
	sh, sw := b.Dy(), b.Dx()
	if sw*h > sh*w {
		sw = max(1, (sh*w+h/2)/h)
	} else {
		sh = max(1, (sw*h+w/2)/w)
	}
	corner := b.Min.Add(image.Pt((b.Dx()-sw)/2, (b.Dy()-sh)/2))
	return image.Rectangle{corner, corner.Add(image.Pt(sw, sh))}
}
