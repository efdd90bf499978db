// Package plot draws the pictures of a training: curves, the confusion matrix, grids of labelled images and the filters of a
// convolution. Each function returns the picture; WritePNG saves one.
package plot

import (
	"image"
	"image/color"
	"image/png"
	"io"

	"github.com/lince-ml/lince/internal/atomicfile"
	"golang.org/x/image/font"
	gplot "gonum.org/v1/plot"
	gfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// dpi is the resolution of all pictures: sharp on today's screens, small as a file.
const dpi = 144

// The colours are those of Okabe & Ito ("Color universal design", 2008), which colour-blind people can tell apart.
var (
	blue   = color.RGBA{0x00, 0x72, 0xb2, 0xff}
	orange = color.RGBA{0xd5, 0x5e, 0x00, 0xff}
	green  = color.RGBA{0x00, 0x80, 0x62, 0xff}
	ink    = color.RGBA{0x22, 0x22, 0x22, 0xff}
	pale   = color.RGBA{0x77, 0x77, 0x77, 0xff}
	rule   = color.RGBA{0xe4, 0xe4, 0xe4, 0xff}
)

// WritePNG writes the picture to the file at path, whole or not at all.
func WritePNG(path string, m image.Image) error {
	return atomicfile.Write(path, func(w io.Writer) error { return png.Encode(w, m) })
}

// newCanvas returns a white canvas of w x h, and the image that it draws on.
func newCanvas(w, h vg.Length) (*vgimg.Canvas, image.Image) {
	c := vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(color.White))
	return c, c.Image()
}

// sans returns the font of all pictures at a size in points, the same that gonum/plot writes with.
func sans(size vg.Length, bold bool) gfont.Font {
	f := gfont.From(gplot.DefaultFont, size)
	f.Variant = "Sans"
	if bold {
		f.Weight = font.WeightBold
	}
	return f
}

// face is sans for drawing on an image.
func face(size vg.Length, bold bool) font.Face {
	f := gfont.DefaultCache.Lookup(sans(size, bold), size)
	return f.FontFace(dpi)
}
