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

// examine fills in what is to be known about the image, and returns the sums of its pixels.
func (im *image) examine(d data.Dataset) (sums pixels) {
	var picture data.Image
	im.label, im.labels, im.err = data.Labels(d, im.index)
	if im.err == nil {
		picture, im.err = im.read(d)
	}
	if im.err != nil {
		return sums
	}
	im.planes, im.w, im.h = picture.C, picture.W, picture.H
	im.examineAnnotations(d)
	h := sha256.New()
	binary.Write(h, binary.LittleEndian, [3]int32{int32(picture.C), int32(picture.H), int32(picture.W)})
	h.Write(picture.Pix)
	copy(im.digest[:], h.Sum(nil))
	im.look = lookOf(picture)
	sums.n, sums.planes = uint64(picture.H*picture.W), picture.C
	for c := range picture.C {
		for _, v := range picture.Pix[c*picture.H*picture.W : (c+1)*picture.H*picture.W] {
			sums.sum[c] += uint64(v)
			sums.square[c] += uint64(v) * uint64(v)
		}
	}
	for c := picture.C; c < 3; c++ { // grey, for a mean with colours
		sums.sum[c], sums.square[c] = sums.sum[0], sums.square[0]
	}
	return sums
}

// read returns the whole picture as it is, grey or in colour.
func (im *image) read(d data.Dataset) (data.Image, error) {
	f, ok, err := data.OpenFile(d, im.index)
	if err != nil {
		return data.Image{}, cause(err)
	}
	if !ok {
		s, err := d.Sample(im.index)
		return s.Image, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return data.Image{}, err
	}
	switch {
	case len(content) == 0:
		return data.Image{}, errors.New("an empty file")
	case len(content) > maxFile:
		return data.Image{}, fmt.Errorf("more than %d bytes", maxFile)
	}
	header, err := data.ReadHeader(content, 0)
	if err != nil {
		return data.Image{}, err
	}
	im.format, im.turned = header.Format, header.Turned
	decoded, err := data.Decode(bytes.NewReader(content), 0)
	if err != nil {
		return data.Image{}, err
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
	return grey(data.FromImage(decoded, planes, b.Dy(), b.Dx())), nil
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
