// Package pnm reads the grey and colour images of Netpbm: PGM (P2, P5) and PPM (P3, P6), as text or binary, with 8
// or 16 bits per value (https://netpbm.sourceforge.net/doc/pgm.html). Importing it registers the formats with
// package image.
package pnm

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
)

func init() {
	for _, magic := range []string{"P2", "P3", "P5", "P6"} {
		image.RegisterFormat("pnm", magic, Decode, DecodeConfig)
	}
}

// maxPixels keeps products of sizes within an int on every machine.
const maxPixels = 1 << 28

// A header is what stands before the pixels.
type header struct {
	text          bool // values are decimal numbers, not bytes
	planes        int  // 1 grey, 3 colour
	width, height int
	maxval        int // the value that means full brightness
}

// DecodeConfig returns the size and the colour model without reading the pixels.
func DecodeConfig(r io.Reader) (image.Config, error) {
	h, err := readHeader(bufio.NewReader(r))
	if err != nil {
		return image.Config{}, err
	}
	return image.Config{ColorModel: h.model(), Width: h.width, Height: h.height}, nil
}

// Decode reads an image: an *image.Gray, *image.Gray16, *image.RGBA or *image.RGBA64. Memory grows with what r
// holds, not with what its header claims.
func Decode(r io.Reader) (image.Image, error) {
	b := bufio.NewReader(r)
	h, err := readHeader(b)
	if err != nil {
		return nil, err
	}
	values, err := h.readValues(b)
	if err != nil {
		return nil, err
	}
	return h.image(values), nil
}

// model returns the colour model of the image that Decode gives.
func (h header) model() color.Model {
	switch {
	case h.planes == 1 && h.maxval < 256:
		return color.GrayModel
	case h.planes == 1:
		return color.Gray16Model
	case h.maxval < 256:
		return color.RGBAModel
	}
	return color.RGBA64Model
}

func readHeader(b *bufio.Reader) (header, error) {
	magic := make([]byte, 2)
	if _, err := io.ReadFull(b, magic); err != nil {
		return header{}, truncated(err)
	}
	h, ok := map[string]header{
		"P2": {text: true, planes: 1}, "P3": {text: true, planes: 3}, "P5": {planes: 1}, "P6": {planes: 3},
	}[string(magic)]
	if !ok {
		return h, fmt.Errorf("pnm: begins with %q, expected P2, P3, P5 or P6", magic)
	}
	for _, p := range []*int{&h.width, &h.height, &h.maxval} {
		n, err := readNumber(b)
		if err != nil {
			return h, err
		}
		*p = n
	}
	switch {
	case h.width == 0 || h.height == 0 || h.width > maxPixels/h.height:
		return h, fmt.Errorf("pnm: %d x %d pixels, expected 1 to %d", h.width, h.height, maxPixels)
	case h.maxval == 0 || h.maxval > 65535:
		return h, fmt.Errorf("pnm: largest value %d, expected 1 to 65535", h.maxval)
	}
	return h, nil
}

// readNumber reads a decimal number and the one byte of white space that ends it. White space and comments, from #
// to the end of the line, may stand before.
func readNumber(b *bufio.Reader) (int, error) {
	c, err := skipSpace(b)
	n := 0
	for ; err == nil && '0' <= c && c <= '9'; c, err = b.ReadByte() {
		if n = 10*n + int(c-'0'); n > maxPixels {
			return 0, fmt.Errorf("pnm: number above %d", maxPixels)
		}
		if _, err := b.Peek(1); err == io.EOF {
			return n, nil // the last value of a text file may end it
		}
	}
	switch {
	case err != nil:
		return 0, truncated(err)
	case !isSpace(c):
		return 0, fmt.Errorf("pnm: found %q, expected a number", c)
	}
	return n, nil
}

// skipSpace returns the first byte that is neither white space nor comment.
func skipSpace(b *bufio.Reader) (byte, error) {
	for comment := false; ; {
		c, err := b.ReadByte()
		switch {
		case err != nil:
			return 0, err
		case c == '#':
			comment = true
		case c == '\n' || c == '\r':
			comment = false
		case !comment && !isSpace(c):
			return c, nil
		}
	}
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// readValues reads all values, in the order of the file.
func (h header) readValues(b *bufio.Reader) ([]uint16, error) {
	n := h.width * h.height * h.planes
	values := make([]uint16, 0, min(n, 1<<16)) // more as the file turns out to hold more
	for range n {
		v, err := h.readValue(b)
		if err != nil {
			return nil, fmt.Errorf("%w after %d of %d values", err, len(values), n)
		}
		if v > h.maxval {
			return nil, fmt.Errorf("pnm: value %d, above the largest, which the header says is %d", v, h.maxval)
		}
		values = append(values, uint16(v))
	}
	return values, nil
}

func (h header) readValue(b *bufio.Reader) (int, error) {
	if h.text {
		return readNumber(b)
	}
	v, err := b.ReadByte()
	if h.maxval < 256 || err != nil {
		return int(v), truncated(err)
	}
	low, err := b.ReadByte()
	return int(v)<<8 | int(low), truncated(err)
}

// image makes an image of values, scaled so that maxval becomes full brightness.
func (h header) image(values []uint16) image.Image {
	wide := h.maxval > 255
	full := uint32(255)
	if wide {
		full = 65535
	}
	var pix []byte // as package image has it: big-endian, with an alpha behind each colour
	add := func(v uint32) {
		if wide {
			pix = append(pix, byte(v>>8))
		}
		pix = append(pix, byte(v))
	}
	for i, v := range values {
		add((uint32(v)*full + uint32(h.maxval)/2) / uint32(h.maxval))
		if h.planes == 3 && i%3 == 2 {
			add(full)
		}
	}
	stride, bounds := len(pix)/h.height, image.Rect(0, 0, h.width, h.height)
	switch h.model() {
	case color.GrayModel:
		return &image.Gray{Pix: pix, Stride: stride, Rect: bounds}
	case color.Gray16Model:
		return &image.Gray16{Pix: pix, Stride: stride, Rect: bounds}
	case color.RGBAModel:
		return &image.RGBA{Pix: pix, Stride: stride, Rect: bounds}
	}
	return &image.RGBA64{Pix: pix, Stride: stride, Rect: bounds}
}

// truncated turns the end of the file in mid-image into an error that says so.
func truncated(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("pnm: truncated")
	}
	return err
}
