package torch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/lince-ml/lince/format"
)

// magic is the number that the first pickle of the legacy layout consists of, little-endian.
var magic = []byte{0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19}

// IsLegacy reports whether a file that begins with start, 14 bytes or more, is of the legacy layout.
func IsLegacy(start []byte) bool {
	return len(start) >= 14 && start[0] == opProto && bytes.Contains(start[:min(len(start), 32)], magic)
}

// legacyVersion is the only version of the legacy layout; 1000 was a tar archive.
const legacyVersion = 1001

// decodeLegacy reads five pickles: magic number, version, machine, the objects, the keys of the storages. Then comes each
// storage: the number of its elements, 8 bytes, and these.
func decodeLegacy(r format.Reader) (any, error) {
	in := newInput(io.NewSectionReader(r, 0, r.Size()), r.Size())
	if v, err := unpickle(in, noStorages); err != nil {
		return nil, err
	} else if n, ok := v.(long); !ok || !bytes.Equal(n, magic) {
		return nil, errors.New("magic number: not a file of torch.save")
	}
	if v, err := unpickle(in, noStorages); err != nil {
		return nil, err
	} else if v != int64(legacyVersion) {
		return nil, fmt.Errorf("version %v of the layout, expected %d", v, legacyVersion)
	}
	machine, err := unpickle(in, noStorages)
	if err != nil {
		return nil, err
	}
	all := storages{}
	root, err := unpickle(in, all.load)
	if err != nil {
		return nil, err
	}
	keys, err := unpickle(in, noStorages)
	if err != nil {
		return nil, err
	}
	return root, all.findBehind(r, in.at, keys, bigEndian(machine))
}

func noStorages(tuple) (any, error) { return nil, errors.New("a storage where none is expected") }

// bigEndian reports whether the file says that it is from a big-endian machine.
func bigEndian(machine any) bool {
	if d, ok := machine.(*dict); ok {
		for i, k := range d.keys {
			if k == "little_endian" {
				return d.values[i] == false
			}
		}
	}
	return false
}

// findBehind says where the bytes of the storages are, which begin at byte at, in the order of keys.
func (all storages) findBehind(r format.Reader, at int64, keys any, big bool) error {
	l, ok := keys.(*list)
	if !ok {
		return errors.New("storages: expected a list of their keys")
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if big {
		order = binary.BigEndian
	}
	for _, k := range l.items {
		key, _ := k.(string)
		s := all[key]
		if s == nil || s.bytes != nil {
			return fmt.Errorf("storage %q: unknown, or there twice", format.Shorten(key))
		}
		size := int64(s.typ.size)
		b, err := format.ReadBytes(r, at, 8)
		if err != nil {
			return fmt.Errorf("storage %q: %w", format.Shorten(key), err)
		}
		n := int64(order.Uint64(b))
		if at += 8; n != s.numel {
			return fmt.Errorf("storage %q: %d elements, expected %d", format.Shorten(key), n, s.numel)
		}
		if n > (r.Size()-at)/size {
			return fmt.Errorf("storage %q: truncated: %d elements of %d bytes at byte %d expected, the end is at %d", format.Shorten(key), n, size, at, r.Size())
		}
		data := format.SectionOf(r, at, n*size)
		s.bytes, s.swap = func() (format.Reader, error) { return data, nil }, big
		at += n * size
	}
	for key, s := range all {
		if s.bytes == nil {
			return fmt.Errorf("storage %q: the file does not have it", format.Shorten(key))
		}
	}
	return nil
}
