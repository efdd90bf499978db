// Package idx reads the IDX files of MNIST and its relatives (Fashion-MNIST, EMNIST, KMNIST): images and labels as
// arrays of bytes, plain or gzipped. The format is that of http://yann.lecun.com/exdb/mnist.
package idx

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// An Array is the content of an IDX file of unsigned bytes, row-major.
type Array struct {
	Dims []int
	Data []uint8
}

// maxInflate is how far deflate can at most expand its input: a bit for a length of 258 and one for the distance.
const maxInflate = 1032

// Decode reads an IDX file of the given rank, gzipped or plain: rank 1 for labels, 3 for images. It allocates no
// more than the header promises, and no more than file can expand to.
func Decode(file []byte, rank int) (Array, error) {
	var r io.Reader = bytes.NewReader(file)
	limit := int64(len(file))
	if bytes.HasPrefix(file, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return Array{}, damaged(err)
		}
		r, limit = z, limit*maxInflate
	}
	dims, n, err := readHeader(r, rank)
	if err != nil {
		return Array{}, err
	}
	data := make([]byte, min(n, limit))
	if k, err := readFull(r, data); err != nil {
		return Array{}, err
	} else if int64(k) < n {
		return Array{}, fmt.Errorf("truncated: %d bytes promised by the header, %d found", n, k)
	}
	return Array{dims, data}, readEnd(r)
}

// Encode writes a to w as an IDX file.
func Encode(w io.Writer, a Array) error {
	header := []byte{0, 0, 8, byte(len(a.Dims))}
	for _, d := range a.Dims {
		header = binary.BigEndian.AppendUint32(header, uint32(d))
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	_, err := w.Write(a.Data)
	return err
}

// readHeader reads
//
//	0, 0, type of the elements (8: unsigned byte), rank; rank sizes of 4 bytes, big-endian
//
// and returns the sizes and their product, the number of bytes that should follow.
func readHeader(r io.Reader, rank int) (dims []int, n int64, err error) {
	header := make([]byte, 4+4*rank)
	k, err := readFull(r, header)
	if err != nil {
		return nil, 0, err
	}
	if want := []byte{0, 0, 8, byte(rank)}; k >= 4 && !bytes.HasPrefix(header, want) {
		return nil, 0, fmt.Errorf("wrong magic: begins with % x, expected % x (IDX, unsigned bytes, rank %d)", header[:4], want, rank)
	}
	if k < len(header) {
		return nil, 0, fmt.Errorf("truncated: a header of %d bytes expected, %d found", len(header), k)
	}
	n = 1
	for i := range rank {
		d := int64(binary.BigEndian.Uint32(header[4+4*i:]))
		if d > 0 && n > math.MaxInt32/d {
			return nil, 0, fmt.Errorf("header: the sizes % x give more than 2 GiB", header[4:])
		}
		n *= d
		dims = append(dims, int(d))
	}
	return dims, n, nil
}

// readFull fills b as far as r goes.
func readFull(r io.Reader, b []byte) (int, error) {
	k, err := io.ReadFull(r, b)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return k, nil
	}
	return k, damaged(err)
}

// readEnd checks that nothing follows. At the end of the data gzip compares its checksum.
func readEnd(r io.Reader) error {
	switch _, err := io.ReadFull(r, make([]byte, 1)); err {
	case io.EOF:
		return nil
	case nil:
		return errors.New("too long: bytes follow those promised by the header")
	default:
		return damaged(err)
	}
}

// damaged explains an error of gzip, the only kind that reading from memory can give.
func damaged(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("damaged: %w", err)
}
