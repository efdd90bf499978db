// Package jpeg decodes JPEG files (ITU-T T.81): baseline, extended sequential and progressive, Huffman-coded, with 8 bits per sample, grey,
// YCbCr, RGB, CMYK or YCCK, in any subsampling by whole numbers. It gives the planes as they were coded, since who resizes a picture need not bring
// its colours to full size first, and can decode a half, a quarter or an eighth of the size for a part of the work.
//
// Files are not trusted: memory is bounded by their size, and what is truncated or damaged is an error.
package jpeg

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"strings"
)

// A Model says what the planes of a picture mean.
type Model int

// The models. In CMYK and YCCK the values are those of Adobe's programs, 255 for no ink; YCCK has the YCbCr of the complements of the inks.
const (
	Grey  Model = iota
	YCbCr       // of ITU-R BT.601 with all 256 values, as JFIF has it
	RGB
	CMYK
	YCCK
)

// A Plane is one component of a picture: H rows of W samples, sample (y, x) is Pix[y*Stride+x]. Each stands for SubX x SubY pixels, the last of a row or
// column maybe for fewer.
type Plane struct {
	Pix        []byte
	Stride     int
	W, H       int
	SubX, SubY int
}

// A Picture is what Decode returns.
type Picture struct {
	W, H   int // pixels: those of the file divided by the scale, rounded up
	Model  Model
	Planes []Plane

	memory *memory
}

// A Decoder holds a file whose header has been read.
type Decoder struct {
	Width, Height int
	Model         Model
	Exif          []byte // the TIFF structure of the EXIF segment, nil if there is none
	Progressive   bool

	data       []byte
	pos        int // of what is to be read next
	components []component
	hMax, vMax int // the largest sampling factors

	quant   [4]*[64]uint16 // in zigzag order, nil where none is defined
	dc, ac  [4]*table
	restart int // MCUs between restart markers, 0 for none
	scans   int
	ended   bool // the end-of-image marker has been seen

	jfif           bool
	adobe          bool
	adobeTransform byte
}

// A component is one of the planes, while it is decoded.
type component struct {
	id       byte
	h, v     int // sampling factors
	tq       byte
	blocksX  int // blocks that hold pixels; interleaved scans have more
	blocksY  int
	paddedX  int
	paddedY  int
	quant    *[64]uint16 // that of the component's first scan, nil before it
	coefs    []int16     // of progressive files, all blocks, each in natural order
	complete bool        // sequential: its scan is done; progressive: its DC values have come

	size   int // rows and columns of samples that are made of a block: 8, 4, 2 or 1
	window image.Rectangle
	pix    []byte
	stride int
	dcPred int32
}

// The markers (T.81, table B.1).
const (
	sof0  = 0xc0
	sof1  = 0xc1
	sof2  = 0xc2
	dht   = 0xc4
	rst0  = 0xd0
	rst7  = 0xd7
	soi   = 0xd8
	eoi   = 0xd9
	sos   = 0xda
	dqt   = 0xdb
	dnl   = 0xdc
	dri   = 0xdd
	app0  = 0xe0
	app1  = 0xe1
	app14 = 0xee
)

// IsJPEG reports whether a file that begins with start is a JPEG.
func IsJPEG(start []byte) bool {
	return len(start) >= 3 && start[0] == 0xff && start[1] == soi && start[2] == 0xff
}

var errTruncated = errors.New("jpeg: truncated")

// Open reads the header of the file whose bytes are data, which must not change while the Decoder is used.
func Open(data []byte) (*Decoder, error) {
	if !IsJPEG(data) {
		return nil, errors.New("jpeg: no JPEG file, expected one that begins with FF D8 FF")
	}
	d := &Decoder{data: data, pos: 2}
	for d.components == nil {
		marker, segment, err := d.segment()
		if err != nil {
			return nil, err
		}
		if marker == eoi || marker == sos {
			return nil, errors.New("jpeg: no frame header before the image data")
		}
		if err := d.header(marker, segment); err != nil {
			return nil, err
		}
	}
	// What says how colours are meant may stand behind the frame header.
	for start := d.pos; ; {
		marker, segment, err := d.segment()
		if err != nil {
			return nil, err
		}
		if marker == sos || marker == eoi {
			d.pos = start
			break
		}
		d.application(marker, segment)
	}
	return d, d.findModel()
}

// segment returns the next marker and what belongs to it. Bytes before it that are no marker are skipped, as every decoder does.
func (d *Decoder) segment() (marker byte, segment []byte, err error) {
	for {
		for d.pos+1 < len(d.data) && (d.data[d.pos] != 0xff || d.data[d.pos+1] == 0 || d.data[d.pos+1] == 0xff) {
			d.pos++
		}
		if d.pos+1 >= len(d.data) {
			return 0, nil, errTruncated
		}
		marker = d.data[d.pos+1]
		d.pos += 2
		if marker >= rst0 && marker <= soi || marker == 1 {
			continue // a lone one, which means nothing here
		}
		break
	}
	if marker == eoi {
		return marker, nil, nil
	}
	if d.pos+2 > len(d.data) {
		return 0, nil, errTruncated
	}
	n := int(binary.BigEndian.Uint16(d.data[d.pos:]))
	if n < 2 {
		return 0, nil, fmt.Errorf("jpeg: segment FF %02X of %d bytes, expected at least 2", marker, n)
	}
	if d.pos+n > len(d.data) {
		return 0, nil, errTruncated
	}
	segment = d.data[d.pos+2 : d.pos+n]
	d.pos += n
	return marker, segment, nil
}

// header takes in a segment that is no scan.
func (d *Decoder) header(marker byte, segment []byte) error {
	switch {
	case marker == dht:
		return d.defineTables(segment)
	case marker == dqt:
		return d.defineQuant(segment)
	case marker == dri:
		if len(segment) != 2 {
			return fmt.Errorf("jpeg: restart interval of %d bytes, expected 2", len(segment))
		}
		d.restart = int(binary.BigEndian.Uint16(segment))
	case marker == dnl:
		return errors.New("jpeg: the height is given behind the image, which is not supported")
	case marker >= sof0 && marker <= 0xcf:
		return d.frame(marker, segment)
	default:
		d.application(marker, segment)
	}
	return nil
}

// application takes what the segments for applications say of orientation and colours.
func (d *Decoder) application(marker byte, segment []byte) {
	switch {
	case marker == app0 && strings.HasPrefix(string(segment), "JFIF\x00"):
		d.jfif = true
	case marker == app1 && strings.HasPrefix(string(segment), "Exif\x00\x00") && d.Exif == nil:
		d.Exif = segment[6:]
	case marker == app14 && len(segment) >= 12 && strings.HasPrefix(string(segment), "Adobe"):
		d.adobe, d.adobeTransform = true, segment[11]
	}
}

// defineQuant reads tables of quantisation (T.81, B.2.4.1).
func (d *Decoder) defineQuant(b []byte) error {
	for len(b) > 0 {
		wide, id := b[0]>>4, b[0]&15
		b = b[1:]
		if wide > 1 || id > 3 {
			return fmt.Errorf("jpeg: quantisation table %d of precision %d, expected 0 to 3 and 0 or 1", id, wide)
		}
		size := 64 << wide
		if len(b) < size {
			return errors.New("jpeg: quantisation table is cut off")
		}
		q := new([64]uint16)
		for i := range q {
			if wide == 1 {
				q[i] = binary.BigEndian.Uint16(b[2*i:])
			} else {
				q[i] = uint16(b[i])
			}
		}
		d.quant[id] = q
		b = b[size:]
	}
	return nil
}

// frame reads the frame header (T.81, B.2.2).
func (d *Decoder) frame(marker byte, b []byte) error {
	switch {
	case d.components != nil:
		return errors.New("jpeg: a second frame, expected one")
	case marker > sof2:
		return fmt.Errorf("jpeg: %s, expected baseline, extended sequential or progressive with Huffman codes", processes[marker])
	case len(b) < 6 || len(b) != 6+3*int(b[5]):
		return errors.New("jpeg: frame header of wrong length")
	case b[0] != 8:
		return fmt.Errorf("jpeg: %d bits per sample, expected 8", b[0])
	}
	d.Progressive = marker == sof2
	d.Height, d.Width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	n := int(b[5])
	switch {
	case d.Height == 0:
		return errors.New("jpeg: the height is given behind the image, which is not supported")
	case d.Width == 0:
		return errors.New("jpeg: image without pixels")
	case n != 1 && n != 3 && n != 4:
		return fmt.Errorf("jpeg: %d components, expected 1, 3 or 4", n)
	}
	d.components = make([]component, n)
	for i := range d.components {
		c := &d.components[i]
		c.id, c.h, c.v, c.tq = b[6+3*i], int(b[7+3*i]>>4), int(b[7+3*i]&15), b[8+3*i]
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.tq > 3 {
			return fmt.Errorf("jpeg: component %d with sampling %dx%d and quantisation table %d, expected 1 to 4 and 0 to 3", i, c.h, c.v, c.tq)
		}
		for j := range i {
			if d.components[j].id == c.id {
				return fmt.Errorf("jpeg: two components are called %d", c.id)
			}
		}
		d.hMax, d.vMax = max(d.hMax, c.h), max(d.vMax, c.v)
	}
	return d.layOut()
}

// processes names what is not supported.
var processes = map[byte]string{
	0xc3: "lossless", 0xc5: "hierarchical", 0xc6: "hierarchical", 0xc7: "hierarchical and lossless", 0xc8: "a JPEG extension", 0xc9: "arithmetic coding",
	0xca: "arithmetic coding", 0xcb: "arithmetic coding, lossless", 0xcc: "arithmetic coding", 0xcd: "hierarchical", 0xce: "hierarchical", 0xcf: "hierarchical",
}

// layOut counts the blocks of each component.
func (d *Decoder) layOut() error {
	if len(d.components) == 1 { // its sampling has no meaning (T.81, A.2.2)
		d.components[0].h, d.components[0].v, d.hMax, d.vMax = 1, 1, 1, 1
	}
	mcusX, mcusY := ceilDiv(d.Width, 8*d.hMax), ceilDiv(d.Height, 8*d.vMax)
	blocks := 0
	for i := range d.components {
		c := &d.components[i]
		if d.hMax%c.h != 0 || d.vMax%c.v != 0 {
			return fmt.Errorf("jpeg: component %d is sampled %dx%d of %dx%d, expected whole ratios", i, c.h, c.v, d.hMax, d.vMax)
		}
		c.blocksX, c.blocksY = ceilDiv(ceilDiv(d.Width*c.h, d.hMax), 8), ceilDiv(ceilDiv(d.Height*c.v, d.vMax), 8)
		c.paddedX, c.paddedY = mcusX*c.h, mcusY*c.v
		blocks += c.blocksX * c.blocksY
	}
	// Each block takes a bit at least, so memory is bounded by the file: under 2 KB for each of its bytes.
	if blocks/8 > len(d.data) {
		return fmt.Errorf("jpeg: %d bytes, too few for %d x %d pixels", len(d.data), d.Width, d.Height)
	}
	return nil
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// findModel decides what the components mean, as libjpeg does: by JFIF, else by Adobe's segment, else by their names.
func (d *Decoder) findModel() error {
	switch {
	case len(d.components) == 1:
		d.Model = Grey
	case len(d.components) == 4:
		d.Model = CMYK
		if d.adobe && d.adobeTransform == 2 {
			d.Model = YCCK
		}
	default:
		d.Model = YCbCr
		names := string([]byte{d.components[0].id, d.components[1].id, d.components[2].id})
		if !d.jfif && (d.adobe && d.adobeTransform == 0 || !d.adobe && names == "RGB") {
			d.Model = RGB
		}
	}
	return nil
}
