package jpeg

import (
	"errors"
	"fmt"
)

// maxScans bounds the work that a small progressive file can ask for. Encoders make 10 or so.
const maxScans = 100

// A scan is the header of a scan (T.81, B.2.3).
type scan struct {
	components []*component
	dc, ac     []*table // of each component
	start, end int      // the first and the last coefficient
	high, low  int      // Ah and Al, the bit positions of successive approximation
}

// readScan reads the header of a scan.
func (d *Decoder) readScan(b []byte) (*scan, error) {
	if len(b) < 1 || b[0] < 1 || b[0] > 4 || len(b) != 4+2*int(b[0]) {
		return nil, errors.New("jpeg: scan header of wrong length")
	}
	if d.scans++; d.scans > maxScans {
		return nil, fmt.Errorf("jpeg: more than %d scans", maxScans)
	}
	n := int(b[0])
	last := b[1+2*n:]
	s := &scan{start: int(last[0]), end: int(last[1]), high: int(last[2] >> 4), low: int(last[2] & 15)}
	blocks := 0
	for i := range n {
		c := d.find(b[1+2*i])
		if c == nil {
			return nil, fmt.Errorf("jpeg: scan of component %d, which there is not", b[1+2*i])
		}
		for _, other := range s.components {
			if other == c {
				return nil, fmt.Errorf("jpeg: scan with component %d twice", c.id)
			}
		}
		dc, ac := b[2+2*i]>>4, b[2+2*i]&15
		if dc > 3 || ac > 3 {
			return nil, fmt.Errorf("jpeg: scan with Huffman tables %d and %d, expected 0 to 3", dc, ac)
		}
		s.components, s.dc, s.ac = append(s.components, c), append(s.dc, d.dc[dc]), append(s.ac, d.ac[ac])
		blocks += c.h * c.v
		if c.quant == nil {
			if c.quant = d.quant[c.tq]; c.quant == nil {
				return nil, fmt.Errorf("jpeg: component %d without its quantisation table %d", c.id, c.tq)
			}
		}
	}
	if n > 1 && blocks > 10 {
		return nil, fmt.Errorf("jpeg: scan with %d blocks in an MCU, expected at most 10", blocks)
	}
	return s, d.checkScan(s)
}

func (d *Decoder) find(id byte) *component {
	for i := range d.components {
		if d.components[i].id == id {
			return &d.components[i]
		}
	}
	return nil
}

// checkScan checks that a scan has the tables it needs and, in a progressive file, asks for what may be asked for (T.81, G.1.1.1).
func (d *Decoder) checkScan(s *scan) error {
	needDC, needAC := true, true
	if !d.Progressive {
		s.start, s.end, s.high, s.low = 0, 63, 0, 0 // some encoders write nonsense here
	} else {
		needDC, needAC = s.start == 0 && s.high == 0, s.start > 0
		dcOnly := s.start == 0 && s.end == 0
		ac := 1 <= s.start && s.start <= s.end && s.end <= 63 && len(s.components) == 1
		if !dcOnly && !ac || s.low > 13 || s.high != 0 && s.high != s.low+1 {
			return fmt.Errorf("jpeg: scan of coefficients %d to %d, bits %d to %d, of %d components, which is not allowed",
				s.start, s.end, s.high, s.low, len(s.components))
		}
	}
	for i, c := range s.components {
		if needDC && s.dc[i] == nil || needAC && s.ac[i] == nil {
			return fmt.Errorf("jpeg: component %d without its Huffman tables", c.id)
		}
	}
	return nil
}

// walk calls block for the blocks of a scan, in the order of the file: block (x, y) of component i of the scan. It goes over the restart markers, where
// predictions begin anew, after calling reset.
func (d *Decoder) walk(s *scan, b *bits, reset func(), block func(i, x, y int) error) error {
	mcusX, mcusY := ceilDiv(d.Width, 8*d.hMax), ceilDiv(d.Height, 8*d.vMax)
	single := len(s.components) == 1
	if single {
		mcusX, mcusY = s.components[0].blocksX, s.components[0].blocksY
	}
	reset()
	left, restarts := d.restart, 0
	for my := range mcusY {
		for mx := range mcusX {
			if d.restart > 0 {
				if left == 0 {
					if err := b.restart(restarts); err != nil {
						return err
					}
					reset()
					left = d.restart
					restarts++
				}
				left--
			}
			if single {
				if err := block(0, mx, my); err != nil {
					return err
				}
				continue
			}
			for i, c := range s.components {
				for y := my * c.v; y < (my+1)*c.v; y++ {
					for x := mx * c.h; x < (mx+1)*c.h; x++ {
						if err := block(i, x, y); err != nil {
							return err
						}
					}
				}
			}
		}
		if err := b.check(); err != nil { // here, so that a truncated file does not cost the time of a whole one
			return err
		}
	}
	return nil
}

// sequential decodes a scan of a baseline or extended sequential file, and makes samples of its blocks at once.
func (d *Decoder) sequential(s *scan, b *bits) error {
	tables := make([]*quantizer, len(s.components))
	for i, c := range s.components {
		tables[i] = newQuantizer(c.quant)
		c.complete = true
	}
	reset := func() {
		for _, c := range s.components {
			c.dcPred = 0
		}
	}
	var coefs [64]int16 // zero between blocks
	return d.walk(s, b, reset, func(i, x, y int) error {
		c := s.components[i]
		last, err := b.block(&coefs, s.dc[i], s.ac[i], tables[i], &c.dcPred)
		if err != nil {
			return err
		}
		if (c.window.Min.X <= x && x < c.window.Max.X) && (c.window.Min.Y <= y && y < c.window.Max.Y) {
			c.transform(&coefs, last, x, y)
		}
		if last == 0 {
			coefs[0] = 0
		} else {
			clear(coefs[:])
		}
		return nil
	})
}

// A quantizer has for each place in zigzag order its factor, above 8 bits of the place in natural order.
type quantizer [64]uint32

func newQuantizer(q *[64]uint16) *quantizer {
	t := &quantizer{}
	for k, factor := range q {
		t[k] = uint32(factor)<<8 | uint32(zigzag[k])
	}
	return t
}

// block decodes a block (T.81, F.2.2) into coefs, which is zero: dequantised, in natural order. last is the zigzag place of the last one that is not zero.
//
// Half the time of decoding goes by here. The masks of shifts, which change nothing, let the compiler leave out what it does for shifts by 64 and more.
func (b *bits) block(coefs *[64]int16, dc, ac *table, q *quantizer, pred *int32) (last int, err error) {
	acc, n := b.acc, b.n
	if n < 32 {
		acc, n = b.refill(acc, n)
	}
	e := dc.fast[acc>>(64-lookupBits)]
	diff, length := int32(e)>>16, uint(e&0xff)
	if diff == 0 {
		var symbol byte
		if symbol, diff, length, err = dc.long(acc, e); err != nil {
			return 0, err
		}
		if symbol > 15 {
			return 0, errCode
		}
	}
	acc <<= length & 63
	n -= int(length)
	*pred += diff
	coefs[0] = int16(*pred * int32(q[0]>>8))

	for k := 1; k < 64; k++ {
		if n < 32 {
			acc, n = b.refill(acc, n)
		}
		e := ac.fast[acc>>(64-lookupBits)]
		value, length := int32(e)>>16, uint(e&0xff)
		run := int(e >> 12 & 15)
		if value == 0 {
			var symbol byte
			if symbol, value, length, err = ac.long(acc, e); err != nil {
				return 0, err
			}
			run = int(symbol >> 4)
			if symbol&15 == 0 {
				acc <<= length & 63
				n -= int(length)
				if run != 15 {
					break // the rest is zero
				}
				k += 15
				continue
			}
		}
		if k += run; k > 63 {
			return 0, errBlock
		}
		acc <<= length & 63
		n -= int(length)
		place := q[k&63]
		coefs[place&63] = int16(value * int32(place>>8))
		last = k
	}
	b.acc, b.n = acc, n
	return last, nil
}
