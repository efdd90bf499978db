package jpeg

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// lookupBits is how many bits of the stream one look into a table takes in. Of the codes of a photograph, with the bits of the values behind them, nearly
// all are shorter.
const lookupBits = 10

// A table decodes Huffman codes (T.81, annex F.2.2.3).
type table struct {
	// fast has for each lookupBits bits how many of them to drop in its low 8 bits, 0 if the code is longer; then 8 bits of symbol; then, in the upper 16,
	// the value behind the code, if the bits hold all of it, and 0 if not. Values of a size above 0 are never 0.
	fast [1 << lookupBits]uint32

	limit   [17]uint32 // limit[n]: the codes of n bits are below it, with zeros behind them to 16 bits
	offset  [17]int32  // offset[n] plus a code of n bits is the place of its symbol
	symbols [256]byte
}

// zigzag[k] is the place of coefficient k in the natural order (T.81, figure A.6).
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// defineTables reads Huffman tables (T.81, B.2.4.2).
func (d *Decoder) defineTables(b []byte) error {
	for len(b) > 0 {
		class, id := b[0]>>4, b[0]&15
		if class > 1 || id > 3 {
			return fmt.Errorf("jpeg: Huffman table %d of class %d, expected 0 to 3 and 0 or 1", id, class)
		}
		if len(b) < 17 {
			return errors.New("jpeg: Huffman table is cut off")
		}
		n := 0
		for _, count := range b[1:17] {
			n += int(count)
		}
		if n > 256 || len(b) < 17+n {
			return fmt.Errorf("jpeg: Huffman table of %d codes, expected at most 256 and as many as there are symbols", n)
		}
		t, err := newTable(b[1:17], b[17:17+n])
		if err != nil {
			return err
		}
		if class == 0 {
			d.dc[id] = t
		} else {
			d.ac[id] = t
		}
		b = b[17+n:]
	}
	return nil
}

// newTable makes the table with counts[n-1] codes of n bits.
func newTable(counts, symbols []byte) (*table, error) {
	t := &table{}
	copy(t.symbols[:], symbols)
	code, place := uint32(0), 0
	for n := 1; n <= 16; n++ {
		t.offset[n] = int32(place) - int32(code)
		for range counts[n-1] {
			if code >= 1<<n {
				return nil, errors.New("jpeg: Huffman table with more codes than there can be")
			}
			if n <= lookupBits {
				t.enter(code, n, symbols[place])
			}
			code++
			place++
		}
		t.limit[n] = code << (16 - n)
		code <<= 1
	}
	return t, nil
}

// enter writes symbol, whose code has n bits, into each entry of fast that begins with the code.
func (t *table) enter(code uint32, n int, symbol byte) {
	free := lookupBits - n
	size := int(symbol & 15)
	for rest := range uint32(1) << free {
		entry := uint32(n) | uint32(symbol)<<8
		if size > 0 && size <= free {
			value := extend(rest>>(free-size), size)
			entry = uint32(n+size) | uint32(symbol)<<8 | uint32(uint16(value))<<16
		}
		t.fast[code<<free|rest] = entry
	}
}

// extend returns the value that bits, of the given number, stand for (T.81, F.2.2.1, table F.1).
func extend(bits uint32, size int) int32 {
	// Without a branch, since which half it is in is chance: below is all ones for the lower half.
	below := int32(bits>>((size-1)&31)) - 1
	return int32(bits) + below&(1-1<<(size&31))
}

// slow decodes a code that is longer than lookupBits, from the top of acc; n is 0 if there is none.
func (t *table) slow(acc uint64) (symbol byte, n int) {
	code := uint32(acc >> 48)
	for n = lookupBits + 1; n <= 16; n++ {
		if code < t.limit[n] {
			return t.symbols[uint8(t.offset[n]+int32(code>>(16-n)))], n
		}
	}
	return 0, 0
}

// long decodes the code at the top of acc, for which e is the entry of fast, and the value behind it, which needs more bits than e tells. length counts all
// bits.
func (t *table) long(acc uint64, e uint32) (symbol byte, value int32, length uint, err error) {
	symbol, n := byte(e>>8), int(e&0xff)
	if n == 0 {
		if symbol, n = t.slow(acc); n == 0 {
			return 0, 0, 0, errCode
		}
	}
	length = uint(n)
	if size := uint(symbol & 15); size > 0 {
		value = extend(uint32(acc<<(length&63)>>((64-size)&63)), int(size))
		length += size
	}
	return symbol, value, length, nil
}

var errCode = errors.New("jpeg: damaged: no Huffman code has these bits")

// symbol decodes a code without the value behind it, from the top of acc; n is 0 if there is none.
func (t *table) symbol(acc uint64) (symbol byte, n int) {
	e := t.fast[acc>>(64-lookupBits)]
	if e == 0 {
		return t.slow(acc)
	}
	symbol, n = byte(e>>8), int(e&0xff)
	if e>>16 != 0 {
		n -= int(symbol & 15)
	}
	return symbol, n
}

// bits are the entropy-coded bytes of a scan up to the next marker, behind which zeros are read. The next n bits are the top of acc; what is below them is
// either zero or what the next bytes hold.
type bits struct {
	data []byte
	pos  int // of the next byte to put into acc
	acc  uint64
	n    int
	pad  int // bits of acc, or already used, that are behind the end
}

// refill returns acc and n with at least 56 bits.
func (b *bits) refill(acc uint64, n int) (uint64, int) {
	if b.pos+8 <= len(b.data) {
		next := binary.BigEndian.Uint64(b.data[b.pos:])
		if inverted := ^next; (inverted-0x0101010101010101)&next&0x8080808080808080 == 0 { // no byte is FF
			acc |= next >> n
			b.pos += (63 - n) >> 3
			return acc, n | 56
		}
	}
	for ; n <= 56; n += 8 {
		if b.pos >= len(b.data) {
			b.pad += 8
			continue
		}
		c := b.data[b.pos]
		if c == 0xff {
			if b.pos+1 >= len(b.data) || b.data[b.pos+1] != 0 {
				b.pad += 8
				continue
			}
			b.pos++
		}
		b.pos++
		acc |= uint64(c) << (56 - n)
	}
	return acc, n
}

// check returns an error if more bits have been used than there were.
func (b *bits) check() error {
	if b.pad > b.n {
		if b.pos+1 >= len(b.data) {
			return errTruncated
		}
		return fmt.Errorf("jpeg: damaged: marker FF %02X within the image data", b.data[b.pos+1])
	}
	return nil
}

// restart goes on behind the restart marker with number i, which must come next.
func (b *bits) restart(i int) error {
	if err := b.check(); err != nil {
		return err
	}
	for b.pos+1 < len(b.data) && (b.data[b.pos] != 0xff || b.data[b.pos+1] == 0 || b.data[b.pos+1] == 0xff) {
		b.pos++
	}
	if b.pos+1 >= len(b.data) {
		return errTruncated
	}
	if found, want := b.data[b.pos+1], byte(rst0+i%8); found != want {
		return fmt.Errorf("jpeg: damaged: marker FF %02X, expected restart FF %02X", found, want)
	}
	*b = bits{data: b.data, pos: b.pos + 2}
	return nil
}
