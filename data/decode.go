package data

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // the formats that Decode knows, with JPEG
	_ "image/png"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/lince-ml/lince/data/jpeg"
	_ "github.com/lince-ml/lince/data/pnm"
	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"
)

// MaxPixels is how many pixels Decode allows where the caller sets no limit: 100 million, some 400 MB in memory.
const MaxPixels = 100_000_000

// DecoderVersion changes with what Read makes of files, so that what was kept of an earlier version is not taken for that of this one.
const DecoderVersion = 1

// Decode reads a JPEG, PNG, GIF (its first picture), BMP, WebP, TIFF (its first picture), PGM or PPM image; its content tells which. It is turned upright as
// the EXIF data of JPEG, PNG and WebP files and the orientation of TIFF files say. An image that by its header has more than maxPixels pixels is refused
// before memory is spent on it; 0 stands for MaxPixels.
func Decode(r io.Reader, maxPixels int) (image.Image, error) {
	f, err := open(r, maxPixels)
	if err != nil {
		return nil, err
	}
	defer f.close()
	if f.jpeg == nil {
		return f.decode()
	}
	p, err := f.jpeg.Decode(jpeg.Options{})
	if err != nil {
		return nil, err
	}
	s := fromJPEG(p, f.jpeg, 1)
	return s.toImage(f.orientation), nil
}

// DecodeFile is Decode for the file at path. Errors name it.
func DecodeFile(path string, maxPixels int) (image.Image, error) {
	return named(path, func(r io.Reader) (image.Image, error) { return Decode(r, maxPixels) })
}

// Read reads an image, as Decode does, and fits it. It is what training, evaluation and prediction make of a file, and quicker than Decode and FromMiddle: a
// JPEG is decoded at a half, a quarter or an eighth of its size where that is still at least as large as it is to become, and only in the part that is kept.
func Read(r io.Reader, fit Fit, maxPixels int) (Image, error) {
	if err := fit.Check(); err != nil {
		return Image{}, err
	}
	f, err := open(r, maxPixels)
	if err != nil {
		return Image{}, err
	}
	defer f.close()
	return f.fit(fit)
}

// ReadFile is Read for the file at path. Errors name it.
func ReadFile(path string, fit Fit, maxPixels int) (Image, error) {
	return named(path, func(r io.Reader) (Image, error) { return Read(r, fit, maxPixels) })
}

// named calls read with the file at path.
func named[T any](path string, read func(io.Reader) (T, error)) (T, error) {
	f, err := os.Open(path)
	if err != nil {
		var none T
		return none, fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
	}
	defer f.Close()
	v, err := read(f)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return v, fmt.Errorf("read %s: %w", path, err)
	}
	return v, nil
}

// A file is an image whose header has been read.
type file struct {
	buffer      *bytes.Buffer
	content     []byte        // that of buffer
	w, h        int           // pixels, once it is upright
	jpeg        *jpeg.Decoder // nil for other formats
	orientation orientation
	maxPixels   int
}

// open reads r and the header of the image.
func open(r io.Reader, maxPixels int) (*file, error) {
	if maxPixels == 0 {
		maxPixels = MaxPixels
	}
	f := &file{buffer: buffers.Get().(*bytes.Buffer), maxPixels: maxPixels}
	if err := f.readAll(r); err != nil {
		f.close()
		return nil, err
	}
	if err := f.readHeader(); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// buffers are for the content of files, which is much larger than what else reading one takes.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// close gives back the memory of the content.
func (f *file) close() {
	f.buffer.Reset()
	buffers.Put(f.buffer)
	f.buffer, f.content = nil, nil
}

// readHeader finds the size of the image, and which way it lies.
func (f *file) readHeader() (err error) {
	content := f.content
	if jpeg.IsJPEG(content) {
		if f.jpeg, err = jpeg.Open(content); err != nil {
			return err
		}
		f.w, f.h, f.orientation = f.jpeg.Width, f.jpeg.Height, orientationOf(f.jpeg.Exif)
	} else {
		config, _, err := image.DecodeConfig(bytes.NewReader(content))
		if len(content) == 0 {
			return errors.New("an empty file")
		}
		if errors.Is(err, image.ErrFormat) {
			return errors.New("not an image of a known format (PNG, JPEG, GIF, BMP, WebP, TIFF, PGM, PPM)")
		}
		if err != nil {
			return truncated(err)
		}
		f.w, f.h, f.orientation = config.Width, config.Height, orientationOf(exifOf(content))
	}
	if f.w <= 0 || f.h <= 0 || f.w > f.maxPixels/f.h {
		return fmt.Errorf("image of %d x %d pixels, at most %d are allowed", f.w, f.h, f.maxPixels)
	}
	if f.orientation.sideways() {
		f.w, f.h = f.h, f.w
	}
	return nil
}

// readAll reads r to its end. A file may be much larger than its pixels, but not without end.
func (f *file) readAll(r io.Reader) error {
	limit := 16*int64(min(f.maxPixels, 1<<30)) + 1<<20
	if s, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := s.Stat(); err == nil && info.Mode().IsRegular() {
			f.buffer.Grow(int(min(info.Size(), limit)) + bytes.MinRead)
		}
	}
	n, err := f.buffer.ReadFrom(io.LimitReader(r, limit+1))
	if err != nil {
		return err
	}
	if n > limit {
		return fmt.Errorf("file of more than %d bytes, which no image of so few pixels needs", limit)
	}
	f.content = f.buffer.Bytes()
	return nil
}

// decode decodes a file that is no JPEG.
func (f *file) decode() (image.Image, error) {
	img, format, err := image.Decode(bytes.NewReader(f.content))
	if err != nil {
		return nil, truncated(err)
	}
	if format == "webp" {
		widenRange(img)
	}
	if img.Bounds().Empty() {
		return nil, errors.New("image without pixels")
	}
	return f.orientation.turnImage(img), nil
}

// widenRange brings the values of a lossy WebP, which like those of video are 16 to 235 and 16 to 240 for colour (RFC 6386, section 9.2), to the whole range
// that package image takes for granted.
func widenRange(img image.Image) {
	var y, cb, cr []uint8
	switch im := img.(type) {
	case *image.YCbCr:
		y, cb, cr = im.Y, im.Cb, im.Cr
	case *image.NYCbCrA:
		y, cb, cr = im.Y, im.Cb, im.Cr
	}
	for i, v := range y {
		y[i] = clamp((2*255*(int32(v)-16) + 219) / (2 * 219))
	}
	for _, plane := range [][]uint8{cb, cr} {
		for i, v := range plane {
			plane[i] = clamp((2*255*(int32(v)-128) + 2*224*128 + 224) / (2 * 224))
		}
	}
}

// fit decodes the file and makes of it what fit says.
func (f *file) fit(fit Fit) (Image, error) {
	im, err := f.framed(fit)
	if err != nil || fit.Framing != Contain {
		return im, err
	}
	return window(im, -(fit.H-im.H)/2, -(fit.W-im.W)/2, fit.H, fit.W, Grey114), nil
}

// framed makes the part of the image that fit shows.
func (f *file) framed(fit Fit) (Image, error) {
	frame := fit.frame(f.w, f.h)
	if frame.w > f.maxPixels/frame.h {
		return Image{}, fmt.Errorf("image of %d x %d pixels, which would become one of %d x %d, at most %d are allowed", f.w, f.h, frame.w, frame.h, f.maxPixels)
	}
	if f.jpeg != nil {
		return f.fitJPEG(fit.C, frame)
	}
	img, err := f.decode()
	if err != nil {
		return Image{}, err
	}
	s := fromImage(img)
	return s.image(fit.C, fit.frame(s.w, s.h)), nil
}

// fitJPEG decodes what frame shows of a JPEG, reduced, and makes an Image of c planes of it. The pixels are turned last, when they are few.
func (f *file) fitJPEG(c int, frame frame) (Image, error) {
	frame = f.orientation.stored(frame)
	scale := frame.scale(f.jpeg.Width, f.jpeg.Height)
	left, right := frame.columns(float64(f.jpeg.Width) / float64(scale)).used((f.jpeg.Width + scale - 1) / scale)
	top, bottom := frame.rows(float64(f.jpeg.Height) / float64(scale)).used((f.jpeg.Height + scale - 1) / scale)
	p, err := f.jpeg.Decode(jpeg.Options{Scale: scale, Window: image.Rect(left, top, right, bottom), Grey: c == 1})
	if err != nil {
		return Image{}, err
	}
	s := fromJPEG(p, f.jpeg, scale)
	defer s.close()
	return f.orientation.turnPlanes(s.image(c, frame)), nil
}

// truncated says in words what some decoders report as a bare end of file.
func truncated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("truncated or damaged: %w", err)
	}
	return err
}
