package format

import (
	"slices"

	"github.com/lince-ml/lince/tensor"
)

// Gather returns the tensor whose element (i, j, ...) is element i*stride[0] + j*stride[1] + ... of from, which must have them all.
func Gather(d tensor.DType, s tensor.Shape, stride []int64, from []byte) *tensor.Tensor {
	t := tensor.New(d, s)
	size := d.Size()
	var index [tensor.MaxRank]int
	place := int64(0)
	for to := t.Bytes(); len(to) > 0; to = to[size:] {
		copy(to[:size], from[place*int64(size):])
		for i := s.Rank() - 1; i >= 0; i-- {
			index[i]++
			place += stride[i]
			if index[i] < s.Dim(i) {
				break
			}
			place -= stride[i] * int64(index[i])
			index[i] = 0
		}
	}
	return t
}

// SwapBytes turns the bytes of each element of the given size round: big-endian to little-endian, and back.
func SwapBytes(b []byte, size int) {
	for ; len(b) >= size; b = b[size:] {
		slices.Reverse(b[:size])
	}
}
