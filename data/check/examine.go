package check

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	goimage "image"
	"io"

	"github.com/lince-ml/lince/data"
)

// maxFile is how large a file may be.
const maxFile = 1 << 30

// examine fills in what is to be known about the image, and adds its pixels and what is on it to sums.
func (im *image) examine(d data.Dataset, sums *sums) {
	var s data.Sample
	im.boxes = -1
	im.label, im.labels, im.err = data.Labels(d, im.index)
	if im.err == nil {
		s, im.err = im.read(d)
	}
	if im.err != nil {
		return
	}
	picture := s.Image
	im.planes, im.w, im.h = picture.C, picture.W, picture.H
	im.examineAnnotations(d, s, sums)
	h := sha256.New()
	binary.Write(h, binary.LittleEndian, [3]int32{int32(picture.C), int32(picture.H), int32(picture.W)})
	h.Write(picture.Pix)
	copy(im.digest[:], h.Sum(nil))
	im.look = lookOf(picture)
	sums.addPicture(picture)
}

// read returns the whole picture as it is, grey or in colour. If it comes from no file, what is on it is there, too.
func (im *image) read(d data.Dataset) (data.Sample, error) {
	f, ok, err := data.OpenFile(d, im.index)
	if err != nil {
		return data.Sample{}, cause(err)
	}
	if !ok {
		return d.Sample(im.index)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return data.Sample{}, err
	}
	switch {
	case len(content) == 0:
		return data.Sample{}, errors.New("an empty file")
	case len(content) > maxFile:
		return data.Sample{}, fmt.Errorf("more than %d bytes", maxFile)
	}
	header, err := data.ReadHeader(content, 0)
	if err != nil {
		return data.Sample{}, err
	}
	im.format, im.turned = header.Format, header.Turned
	decoded, err := data.Decode(bytes.NewReader(content), 0)
	if err != nil {
		return data.Sample{}, err
	}
	if o, ok := decoded.(interface{ Opaque() bool }); ok {
		im.alpha = !o.Opaque()
	}
	planes := 3
	switch decoded.(type) {
	case *goimage.Gray, *goimage.Gray16:
		planes = 1
	}
	b := decoded.Bounds()
	return data.Sample{Image: grey(data.FromImage(decoded, planes, b.Dy(), b.Dx()))}, nil
}

// grey returns the one plane of a picture whose three are equal, so that a grey picture is the same whichever way it was saved.
func grey(im data.Image) data.Image {
	n := im.H * im.W
	if im.C == 3 && bytes.Equal(im.Pix[:n], im.Pix[n:2*n]) && bytes.Equal(im.Pix[:n], im.Pix[2*n:]) {
		return data.Image{C: 1, H: im.H, W: im.W, Pix: im.Pix[:n]}
	}
	return im
}

// cause returns the reason of an error that names the file, which stands beside it anyway.
func cause(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}
