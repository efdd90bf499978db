package annotation

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/lince-ml/lince/data"
)

// A Mask is a file with a value for each pixel: a number (grey, or the index of a palette) or a colour.
type Mask struct {
	Path   string
	Legend *Legend
}

// A Legend says what the values of masks mean. It is not changed once it is used.
type Legend struct {
	Numbers map[uint16]uint16   // the class of a number, or data.Ignore
	Colours map[[3]uint8]uint16 // the class of a colour; if there are any, palettes stand for their colours
	Rest    bool                // values that are not named count as data.Ignore; else they are an error
	Plain   bool                // numbers stand for themselves
}

// A Value is a value of a mask, as it stands in the file.
type Value struct {
	Number uint16
	Colour *[3]uint8 // instead
}

func (v Value) String() string {
	if v.Colour != nil {
		return fmt.Sprintf("the colour %d %d %d", v.Colour[0], v.Colour[1], v.Colour[2])
	}
	return fmt.Sprintf("the value %d", v.Number)
}

// A ValueError says which value of a mask is no class.
type ValueError struct {
	Value Value
	X, Y  int
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("%v at x %d, y %d is no class; void=VALUE leaves it out, void=rest all that are none", e.Value, e.X, e.Y)
}

// maxMaskBytes is how large the file of a mask may be.
const maxMaskBytes = 1 << 30

// Read returns the classes of the pixels, of which there must be h x w.
func (m *Mask) Read(h, w int) (*data.Mask, error) {
	p, err := readPicture(m.Path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", m.Path, err)
	}
	if p.h != h || p.w != w {
		return nil, fmt.Errorf("read %s: a mask of %d x %d pixels, the image has %d x %d", m.Path, p.w, p.h, w, h)
	}
	out := &data.Mask{H: h, W: w, Pix: make([]uint16, h*w)}
	if bad, at := m.Legend.translate(p, out.Pix); at >= 0 {
		return nil, fmt.Errorf("read %s: %w", m.Path, &ValueError{bad, at % w, at / w})
	}
	return out, nil
}

// A picture is the values of a mask: numbers, or colours if rgb is not nil.
type picture struct {
	h, w    int
	numbers []uint16
	rgb     [][3]uint8
	palette [][3]uint8 // what the numbers stand for, if they do
}

var errJPEG = errors.New("a JPEG, which does not keep values as they are; expected PNG")

// readPicture reads the file of a mask. JPEG files are refused: they change values.
func readPicture(path string) (p picture, err error) {
	f, err := os.Open(path)
	if err != nil {
		return p, errors.Unwrap(err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxMaskBytes+1))
	if err != nil {
		return p, err
	}
	if len(content) > maxMaskBytes {
		return p, fmt.Errorf("more than %d bytes, expected a mask", maxMaskBytes)
	}
	return parsePicture(content)
}

func parsePicture(content []byte) (p picture, err error) {
	header, err := data.ReadHeader(content, 0)
	if err != nil {
		return p, err
	}
	if header.Format == "jpeg" {
		return p, errJPEG
	}
	m, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return p, err
	}
	b := m.Bounds()
	p = picture{h: b.Dy(), w: b.Dx()}
	switch m := m.(type) {
	case *image.Paletted:
		p.numbers = numbers(m.Pix, m.Stride, p.h, p.w)
		for _, c := range m.Palette {
			p.palette = append(p.palette, rgb(c))
		}
	case *image.Gray:
		p.numbers = numbers(m.Pix, m.Stride, p.h, p.w)
		if scale := greyScale(content); scale > 1 {
			for i := range p.numbers {
				p.numbers[i] /= scale
			}
		}
	case *image.Gray16:
		p.numbers = make([]uint16, p.h*p.w)
		for i := range p.numbers {
			p.numbers[i] = m.Gray16At(b.Min.X+i%p.w, b.Min.Y+i/p.w).Y
		}
	default:
		p.rgb = make([][3]uint8, p.h*p.w)
		for i := range p.rgb {
			p.rgb[i] = rgb(m.At(b.Min.X+i%p.w, b.Min.Y+i/p.w))
		}
	}
	return p, nil
}

func numbers(pix []uint8, stride, h, w int) []uint16 {
	n := make([]uint16, h*w)
	for y := range h {
		for x, v := range pix[y*stride:][:w] {
			n[y*w+x] = uint16(v)
		}
	}
	return n
}

// greyScale returns what package png has multiplied the values of a grey PNG of fewer than 8 bits by (PNG specification, section 11.2.2).
func greyScale(content []byte) uint16 {
	if len(content) < 26 || content[0] != 0x89 || content[25] != 0 {
		return 1
	}
	switch content[24] {
	case 1:
		return 255
	case 2:
		return 85
	case 4:
		return 17
	}
	return 1
}

func rgb(c color.Color) [3]uint8 {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return [3]uint8{n.R, n.G, n.B}
}

// translate writes the classes of p to dst. Where a value has none, it returns it and its place, which is -1 if all have.
func (l *Legend) translate(p picture, dst []uint16) (bad Value, at int) {
	if p.rgb == nil && (len(l.Colours) == 0 || p.palette == nil) {
		return l.translateNumbers(p, dst)
	}
	colour := func(i int) [3]uint8 {
		if p.rgb != nil {
			return p.rgb[i]
		}
		if n := int(p.numbers[i]); n < len(p.palette) {
			return p.palette[n]
		}
		return [3]uint8{}
	}
	var last [3]uint8
	var class uint16
	for i := range dst {
		c := colour(i)
		if i == 0 || c != last {
			var ok bool
			if class, ok = l.Colours[c]; !ok {
				if !l.Rest {
					return Value{Colour: &c}, i
				}
				class = data.Ignore
			}
			last = c
		}
		dst[i] = class
	}
	return Value{}, -1
}

func (l *Legend) translateNumbers(p picture, dst []uint16) (bad Value, at int) {
	if l.Plain {
		copy(dst, p.numbers)
		return Value{}, -1
	}
	var classes [256]int32 // -1: none
	for n := range classes {
		classes[n] = l.class(uint16(n))
	}
	for i, n := range p.numbers {
		class := int32(-1)
		if n < 256 {
			class = classes[n]
		} else {
			class = l.class(n)
		}
		if class < 0 {
			return Value{Number: n}, i
		}
		dst[i] = uint16(class)
	}
	return Value{}, -1
}

func (l *Legend) class(n uint16) int32 {
	if c, ok := l.Numbers[n]; ok {
		return int32(c)
	}
	if l.Rest {
		return data.Ignore
	}
	return -1
}

// maxColours is how many colours masks may have where no legend names them.
const maxColours = 256

// Values returns the values that there are in masks, sorted: numbers, or colours if one of them has colours. Files that cannot be read are left out, and found again
// when sets are made.
func Values(paths []string) ([]Value, error) {
	var mu sync.Mutex
	numbers, colours := map[uint16]bool{}, map[[3]uint8]bool{}
	parallel(len(paths), func(i int) {
		p, err := readPicture(paths[i])
		if err != nil {
			return
		}
		var seen [1 << 16]bool
		for _, n := range p.numbers {
			seen[n] = true
		}
		mu.Lock()
		defer mu.Unlock()
		for n, ok := range seen {
			if ok {
				numbers[uint16(n)] = true
			}
		}
		var last [3]uint8
		for k, c := range p.rgb {
			if (k == 0 || c != last) && len(colours) <= maxColours {
				colours[c], last = true, c
			}
		}
	})
	if len(numbers) > 0 && len(colours) > 0 {
		return nil, errors.New("masks with numbers and masks with colours, expected one or the other, or a file that names the colours")
	}
	if len(colours) > maxColours {
		return nil, fmt.Errorf("masks of more than %d colours, expected a file that names them", maxColours)
	}
	var values []Value
	for n := range numbers {
		values = append(values, Value{Number: n})
	}
	for c := range colours {
		values = append(values, Value{Colour: &c})
	}
	if values == nil {
		return nil, errors.New("no mask that can be read")
	}
	slices.SortFunc(values, func(a, b Value) int {
		if a.Colour != nil {
			return slices.Compare(a.Colour[:], b.Colour[:])
		}
		return cmp.Compare(a.Number, b.Number)
	})
	return values, nil
}
