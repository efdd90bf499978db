package jpeg

import "errors"

// progressive decodes a scan of a progressive file (T.81, annex G), which gives some bits of some coefficients.
func (d *Decoder) progressive(s *scan, b *bits) error {
	run := 0 // blocks that have no more coefficients in this scan
	reset := func() {
		run = 0
		for _, c := range s.components {
			c.dcPred = 0
		}
	}
	return d.walk(s, b, reset, func(i, x, y int) (err error) {
		c := s.components[i]
		at := 64 * (y*c.paddedX + x)
		coefs := (*[64]int16)(c.coefs[at : at+64])
		switch {
		case s.start == 0 && s.high == 0:
			c.complete = true
			err = b.firstDC(coefs, s.dc[i], &c.dcPred, s.low)
		case s.start == 0:
			b.refineDC(coefs, s.low)
		case s.high == 0:
			run, err = b.firstAC(coefs, s, run)
		default:
			run, err = b.refineAC(coefs, s, run)
		}
		return err
	})
}

// take returns the next n bits, at most 16.
func (b *bits) take(n int) uint32 {
	if n == 0 {
		return 0
	}
	if b.n < 16 {
		b.acc, b.n = b.refill(b.acc, b.n)
	}
	v := uint32(b.acc >> (64 - n))
	b.acc <<= n
	b.n -= n
	return v
}

// code returns the symbol of the next code.
func (b *bits) code(t *table) (byte, error) {
	if b.n < 16 {
		b.acc, b.n = b.refill(b.acc, b.n)
	}
	symbol, n := t.symbol(b.acc)
	if n == 0 {
		return 0, errCode
	}
	b.acc <<= n
	b.n -= n
	return symbol, nil
}

func (b *bits) firstDC(coefs *[64]int16, t *table, pred *int32, low int) error {
	size, err := b.code(t)
	if err != nil {
		return err
	}
	if size > 15 {
		return errCode
	}
	if size > 0 {
		*pred += extend(b.take(int(size)), int(size))
	}
	coefs[0] = int16(*pred << low)
	return nil
}

func (b *bits) refineDC(coefs *[64]int16, low int) {
	coefs[0] |= int16(b.take(1) << low)
}

var errBlock = errors.New("jpeg: damaged: a block of more than 64 coefficients")

// firstAC decodes the first bits of coefficients s.start to s.end (T.81, G.1.2.2). run is how many blocks, this one included, are known to have none; the
// new run is returned.
func (b *bits) firstAC(coefs *[64]int16, s *scan, run int) (int, error) {
	if run > 0 {
		return run - 1, nil
	}
	for k := s.start; k <= s.end; k++ {
		symbol, err := b.code(s.ac[0])
		if err != nil {
			return 0, err
		}
		zeros, size := int(symbol>>4), int(symbol&15)
		if size == 0 {
			if zeros < 15 {
				return 1<<zeros - 1 + int(b.take(zeros)), nil
			}
			k += 15
			continue
		}
		if k += zeros; k > s.end {
			return 0, errBlock
		}
		coefs[zigzag[k&63]] = int16(extend(b.take(size), size) << s.low)
	}
	return 0, nil
}

// refineAC decodes one more bit of coefficients s.start to s.end (T.81, G.1.2.3): a correction for each that is not zero already, and where new ones begin.
func (b *bits) refineAC(coefs *[64]int16, s *scan, run int) (int, error) {
	bit := int16(1) << s.low
	k := s.start
	for ; run == 0 && k <= s.end; k++ {
		symbol, err := b.code(s.ac[0])
		if err != nil {
			return 0, err
		}
		zeros, value := int(symbol>>4), int16(0)
		switch size := symbol & 15; {
		case size == 1:
			if value = -bit; b.take(1) == 1 {
				value = bit
			}
		case size != 0:
			return 0, errors.New("jpeg: damaged: a new coefficient of more than one bit in a scan that refines")
		case zeros < 15:
			run = 1<<zeros + int(b.take(zeros))
		}
		if run > 0 {
			break
		}
		if k = b.correct(coefs, k, s.end, zeros, bit); value != 0 {
			if k > s.end {
				return 0, errBlock
			}
			coefs[zigzag[k&63]] = value
		}
	}
	if run == 0 {
		return 0, nil
	}
	b.correct(coefs, k, s.end, 64, bit)
	return run - 1, nil
}

// correct reads a bit for each coefficient from k on that is not zero, and stops at a zero behind as many zeros, or behind end. It returns where.
func (b *bits) correct(coefs *[64]int16, k, end, zeros int, bit int16) int {
	for ; k <= end; k++ {
		c := &coefs[zigzag[k&63]]
		switch {
		case *c == 0:
			if zeros == 0 {
				return k
			}
			zeros--
		case b.take(1) == 0 || *c&bit != 0:
		case *c > 0:
			*c += bit
		default:
			*c -= bit
		}
	}
	return k
}
