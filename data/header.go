package data

import (
	"bytes"
	"image"

	"github.com/lince-ml/lince/data/jpeg"
)

// A Header is what a file says of its image before it is decoded.
type Header struct {
	Format string // as the decoders call it: jpeg, png, gif, bmp, webp, tiff, pgm, ppm
	W, H   int    // pixels, once it is upright
	Turned bool   // an orientation says that it is to be shown otherwise than it is stored
}

// ReadHeader reads the beginning of a file. Errors and limits are those of Decode.
func ReadHeader(content []byte, maxPixels int) (Header, error) {
	f, err := open(bytes.NewReader(content), maxPixels)
	if err != nil {
		return Header{}, err
	}
	h := Header{Format: "jpeg", W: f.w, H: f.h, Turned: f.orientation != upright}
	if !jpeg.IsJPEG(content) {
		_, h.Format, err = image.DecodeConfig(bytes.NewReader(content))
	}
	return h, err
}
