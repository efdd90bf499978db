package data

import (
	"bytes"
	"image"
	"io"

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

// ReadFileHeader is ReadHeader for the file at path. Of a JPEG, it reads only the beginning if that will do; other formats may say at their end which way they lie.
// Errors name the file.
func ReadFileHeader(path string, maxPixels int) (Header, error) {
	const part = 16 << 10
	return named(path, func(r io.Reader) (Header, error) {
		start, err := io.ReadAll(io.LimitReader(r, part))
		if err != nil {
			return Header{}, err
		}
		if jpeg.IsJPEG(start) || len(start) < part {
			if h, err := ReadHeader(start, maxPixels); err == nil || len(start) < part {
				return h, err
			}
		}
		all, err := open(io.MultiReader(bytes.NewReader(start), r), maxPixels)
		if err != nil {
			return Header{}, err
		}
		defer all.close()
		return ReadHeader(all.content, maxPixels)
	})
}
