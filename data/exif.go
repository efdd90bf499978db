package data

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
)

// An orientation says how stored pixels are to be shown, as the tag of that name in TIFF and EXIF does (EXIF 2.32, 4.6.4 A): where the first row and the
// first column of the file are, 1 for top and left.
type orientation int

const upright orientation = 1

// sideways reports whether rows are to be shown as columns.
func (o orientation) sideways() bool { return o >= 5 }

// orientationOf returns what the tag in a TIFF structure says, upright if there is none or it makes no sense.
func orientationOf(tiff []byte) orientation {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(tiff) < 8:
		return upright
	case tiff[0] == 'M':
		order = binary.BigEndian
	case tiff[0] != 'I':
		return upright
	}
	const tag, short = 274, 3
	at := int64(order.Uint32(tiff[4:])) // of the first directory
	if at+2 > int64(len(tiff)) {
		return upright
	}
	entries := tiff[at+2:]
	for n := order.Uint16(tiff[at:]); n > 0 && len(entries) >= 12; n-- {
		if order.Uint16(entries) == tag && order.Uint16(entries[2:]) == short {
			if o := orientation(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return upright
		}
		entries = entries[12:]
	}
	return upright
}

// exifOf returns the TIFF structure within a PNG, WebP or TIFF file that tells the orientation, nil if there is none.
func exifOf(b []byte) []byte {
	switch {
	case bytes.HasPrefix(b, []byte("II*\x00")) || bytes.HasPrefix(b, []byte("MM\x00*")):
		return b
	case bytes.HasPrefix(b, []byte("\x89PNG")):
		return chunk(b[8:], "eXIf", func(b []byte) (name string, size, skip int64) {
			return string(b[4:8]), int64(binary.BigEndian.Uint32(b)), 4 // the checksum follows
		})
	case bytes.HasPrefix(b, []byte("RIFF")) && len(b) > 12:
		exif := chunk(b[12:], "EXIF", func(b []byte) (name string, size, skip int64) {
			size = int64(binary.LittleEndian.Uint32(b[4:]))
			return string(b[:4]), size, size % 2
		})
		return bytes.TrimPrefix(exif, []byte("Exif\x00\x00")) // which some writers put before it, against the rules
	}
	return nil
}

// chunk returns the content of the chunk called want. header reads the 8 bytes that begin a chunk: its name, the size of its content, and how many bytes
// follow that.
func chunk(b []byte, want string, header func([]byte) (name string, size, skip int64)) []byte {
	for len(b) >= 8 {
		name, size, skip := header(b)
		b = b[8:]
		if size > int64(len(b)) {
			return nil
		}
		if name == want {
			return b[:size]
		}
		b = b[min(size+skip, int64(len(b))):]
	}
	return nil
}

// turn writes the pixels of src, w x h of size bytes each, to dst as o shows them.
func (o orientation) turn(dst []byte, dstStride int, src []byte, srcStride, w, h, size int) {
	// Where the first pixel of the result stands, and where the ones to its right and below.
	first, right, below := 0, size, srcStride
	lastX, lastY := (w-1)*size, (h-1)*srcStride
	switch o {
	case 2:
		first, right = lastX, -size
	case 3:
		first, right, below = lastX+lastY, -size, -srcStride
	case 4:
		first, below = lastY, -srcStride
	case 5:
		right, below = srcStride, size
	case 6:
		first, right, below = lastY, -srcStride, size
	case 7:
		first, right, below = lastX+lastY, -srcStride, -size
	case 8:
		first, right, below = lastX, srcStride, -size
	}
	if o.sideways() {
		w, h = h, w
	}
	for y := range h {
		row, from := dst[y*dstStride:], first+y*below
		for x := range w {
			copy(row[x*size:(x+1)*size], src[from:from+size])
			from += right
		}
	}
}

// turnImage returns img as o shows it.
func (o orientation) turnImage(img image.Image) image.Image {
	if o == upright {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if o.sideways() {
		w, h = h, w
	}
	in := image.NewNRGBA(b)
	draw.Draw(in, b, img, b.Min, draw.Src)
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	o.turn(out.Pix, out.Stride, in.Pix[in.PixOffset(b.Min.X, b.Min.Y):], in.Stride, b.Dx(), b.Dy(), 4)
	return out
}

// stored returns the frame of the pixels as they are stored that o shows as f.
func (o orientation) stored(f frame) frame {
	if o.sideways() {
		f = frame{fullW: f.fullH, fullH: f.fullW, left: f.top, top: f.left, w: f.h, h: f.w}
	}
	if o == 2 || o == 3 || o == 7 || o == 8 {
		f.left = f.fullW - f.left - f.w
	}
	if o == 3 || o == 4 || o == 6 || o == 7 {
		f.top = f.fullH - f.top - f.h
	}
	return f
}

// turnPlanes returns im as o shows it.
func (o orientation) turnPlanes(im Image) Image {
	if o == upright {
		return im
	}
	out := NewImage(im.C, im.H, im.W)
	if o.sideways() {
		out.H, out.W = im.W, im.H
	}
	for c := range im.C {
		o.turn(out.plane(c), out.W, im.plane(c), im.W, im.W, im.H, 1)
	}
	return out
}
