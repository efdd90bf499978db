package jpeg

import (
	"errors"
	"fmt"
	"image"
	"sync"
)

// Options say what Decode is to do.
type Options struct {
	Scale  int             // 1, 2, 4 or 8: each pixel is the average of so many in each direction; 0 stands for 1
	Window image.Rectangle // the pixels of the result that are wanted, the others are left undefined; an empty one stands for all
	Grey   bool            // only the brightness: of YCbCr only the first plane is made
}

// Decode decodes the file. It may be called once.
func (d *Decoder) Decode(opt Options) (*Picture, error) {
	scale := max(opt.Scale, 1)
	if scale > 8 || scale&(scale-1) != 0 {
		return nil, fmt.Errorf("jpeg: scale of %d, expected 1, 2, 4 or 8", scale)
	}
	p := d.plan(scale, opt)
	if err := d.scanAll(); err != nil {
		p.Release()
		return nil, err
	}
	if d.Progressive {
		d.finish()
	}
	return p, nil
}

// plan makes room for the picture and says which blocks of each component are wanted, and in which size.
func (d *Decoder) plan(scale int, opt Options) *Picture {
	p := &Picture{W: ceilDiv(d.Width, scale), H: ceilDiv(d.Height, scale), Model: d.Model}
	if opt.Grey && d.Model == YCbCr {
		p.Model = Grey
	}
	window := image.Rect(0, 0, p.W, p.H)
	if !opt.Window.Empty() {
		window = window.Intersect(opt.Window)
	}
	total := 0
	for i := range d.components {
		c := &d.components[i]
		// What is coded with fewer samples need not shrink as much as the others.
		c.size = 8 / scale
		subX, subY := d.hMax/c.h, d.vMax/c.v
		for c.size < 8 && subX%2 == 0 && subY%2 == 0 {
			c.size, subX, subY = 2*c.size, subX/2, subY/2
		}
		if i > 0 && p.Model == Grey {
			continue
		}
		// A pixel more on each side, for who interpolates.
		c.window = image.Rect((window.Min.X/subX-1)/c.size, (window.Min.Y/subY-1)/c.size,
			(ceilDiv(window.Max.X, subX)+c.size)/c.size, (ceilDiv(window.Max.Y, subY)+c.size)/c.size).
			Intersect(image.Rect(0, 0, c.blocksX, c.blocksY))
		c.stride = c.paddedX * c.size
		total += c.stride * c.paddedY * c.size
		p.Planes = append(p.Planes, Plane{Stride: c.stride, SubX: subX, SubY: subY,
			W: ceilDiv(d.Width*c.h*c.size, d.hMax*8), H: ceilDiv(d.Height*c.v*c.size, d.vMax*8)})
	}
	coefs := 0
	if d.Progressive {
		for i := range d.components {
			coefs += 64 * d.components[i].paddedX * d.components[i].paddedY
		}
	}
	p.memory = take(total, coefs)
	pix, rest := p.memory.pix, p.memory.coefs
	for i := range p.Planes {
		c := &d.components[i]
		n := c.stride * c.paddedY * c.size
		c.pix, pix = pix[:n:n], pix[n:]
		p.Planes[i].Pix = c.pix
	}
	for i := range d.components {
		c := &d.components[i]
		if d.Progressive {
			n := 64 * c.paddedX * c.paddedY
			c.coefs, rest = rest[:n:n], rest[n:]
		}
	}
	return p
}

// scanAll reads the rest of the file.
func (d *Decoder) scanAll() error {
	for {
		marker, segment, err := d.segment()
		switch {
		case err != nil && !d.Progressive && d.complete():
			return nil // only the end marker is missing
		case err != nil:
			return err
		case marker == eoi:
			if !d.complete() {
				return errors.New("jpeg: the file ends before all components have come")
			}
			return nil
		case marker != sos:
			err = d.header(marker, segment)
		default:
			err = d.scan(segment)
			if err == nil && !d.Progressive && d.complete() {
				return nil
			}
		}
		if err != nil {
			return err
		}
	}
}

func (d *Decoder) complete() bool {
	for i := range d.components {
		if !d.components[i].complete {
			return false
		}
	}
	return true
}

// scan decodes a scan.
func (d *Decoder) scan(segment []byte) error {
	s, err := d.readScan(segment)
	if err != nil {
		return err
	}
	b := &bits{data: d.data, pos: d.pos}
	if d.Progressive {
		err = d.progressive(s, b)
	} else {
		err = d.sequential(s, b)
	}
	d.pos = b.pos
	return err
}

// finish makes samples of the coefficients of a progressive file.
func (d *Decoder) finish() {
	for i := range d.components {
		c := &d.components[i]
		var factors [64]int32 // in natural order
		for k, place := range zigzag {
			factors[place] = int32(c.quant[k])
		}
		var coefs [64]int16
		for y := c.window.Min.Y; y < c.window.Max.Y; y++ {
			for x := c.window.Min.X; x < c.window.Max.X; x++ {
				at := 64 * (y*c.paddedX + x)
				in := (*[64]int16)(c.coefs[at : at+64])
				last, any := 0, int16(0)
				for k, v := range in[1:] {
					coefs[k+1] = int16(int32(v) * factors[k+1])
					any |= v
				}
				if coefs[0] = int16(int32(in[0]) * factors[0]); any != 0 {
					last = 63
				}
				c.transform(&coefs, last, x, y)
			}
		}
	}
}

// memory is what pictures are made in. It is used again, since fresh memory costs more than the decoding of small pictures.
type memory struct {
	pix   []byte
	coefs []int16
}

var memories = sync.Pool{New: func() any { return new(memory) }}

// take returns memory for so many samples, whatever they hold, and so many coefficients, which are zero.
func take(pix, coefs int) *memory {
	m := memories.Get().(*memory)
	if cap(m.pix) < pix {
		m.pix = make([]byte, pix)
	}
	m.pix = m.pix[:pix]
	if cap(m.coefs) < coefs {
		m.coefs = make([]int16, coefs)
	} else {
		m.coefs = m.coefs[:coefs]
		clear(m.coefs)
	}
	return m
}

// Release gives the memory of the planes back, for the next pictures. They must not be used any more.
func (p *Picture) Release() {
	if p.memory != nil {
		memories.Put(p.memory)
	}
	p.memory, p.Planes = nil, nil
}
