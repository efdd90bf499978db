package data

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // the formats that Decode knows
	_ "image/jpeg"
	_ "image/png"
	"io"
	"os"

	_ "github.com/lince-ml/lince/data/pnm"
	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/webp"
)

// MaxPixels is how many pixels Decode allows where the caller sets no limit: 100 million, some 400 MB in memory.
const MaxPixels = 100_000_000

// Decode reads a PNG, JPEG, GIF (its first picture), BMP, WebP, PGM or PPM image. An image that by its header has
// more than maxPixels pixels is refused before memory is spent on it; 0 stands for MaxPixels.
func Decode(r io.Reader, maxPixels int) (image.Image, error) {
	if maxPixels == 0 {
		maxPixels = MaxPixels
	}
	var start bytes.Buffer // what DecodeConfig has read, for Decode to read again
	config, _, err := image.DecodeConfig(io.TeeReader(r, &start))
	if errors.Is(err, image.ErrFormat) {
		return nil, errors.New("not an image of a known format (PNG, JPEG, GIF, BMP, WebP, PGM, PPM)")
	}
	if err != nil {
		return nil, truncated(err)
	}
	if config.Width <= 0 || config.Height <= 0 || config.Width > maxPixels/config.Height {
		return nil, fmt.Errorf("image of %d x %d pixels, at most %d are allowed", config.Width, config.Height, maxPixels)
	}
	im, _, err := image.Decode(io.MultiReader(&start, r))
	if err != nil {
		return nil, truncated(err)
	}
	if im.Bounds().Empty() {
		return nil, errors.New("image without pixels")
	}
	return im, nil
}

// DecodeFile is Decode for the file at path. Errors name it.
func DecodeFile(path string, maxPixels int) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
	}
	defer f.Close()
	im, err := Decode(f, maxPixels)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return im, nil
}

// truncated says in words what some decoders report as a bare end of file.
func truncated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("truncated or damaged: %w", err)
	}
	return err
}
