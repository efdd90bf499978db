package optest

import (
	"math"
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// The ops that draw random numbers: bit for bit the same on every backend.
func init() {
	add(
		Case{Name: "RandomBits", Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			return op.RandomBitsOp{Shape: RandShape(r, 2, 9)}, tensors(randKey(r)...)
		}},
		Case{Name: "RandomUniform", Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			return op.RandomUniformOp{Shape: RandShape(r, 3, 5)}, tensors(randKey(r)...)
		}},
		Case{Name: "Dropout", GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			x := Rand(r, -1, 1, RandShape(r, 1+r.IntN(4), 5).Dims()...)
			return op.DropoutOp{Rate: []float32{0, 0.1, 0.5, 0.75}[r.IntN(4)]}, append(tensors(x), randKey(r)...)
		}},
	)
	// The first two blocks are known answers of the authors' Random123 distribution.
	const f = math.MaxUint32
	zero := tensors(words(0, 0), words(0, 0, 0, 0))
	example(
		Example{"RandomBits", op.RandomBitsOp{Shape: tensor.ShapeOf(4)}, zero, words(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8), 0},
		Example{"RandomBits/ones", op.RandomBitsOp{Shape: tensor.ShapeOf(1, 3)}, tensors(words(f, f), words(f, f, f, f)),
			tensor.Of[uint32](tensor.ShapeOf(1, 3), 0x408f276d, 0x41c83b0e, 0xa20bc7c6), 0},
		// The next counter carries into its third word; by an implementation in Python.
		Example{"RandomBits/carry", op.RandomBitsOp{Shape: tensor.ShapeOf(6)}, tensors(words(1, 2), words(f, f, 7, 0)),
			words(0xe2929704, 0xefe0c3aa, 0x1583ad86, 0x160e62e1, 0x1ae95e95, 0x9e593bfd), 0},
		Example{"RandomUniform", op.RandomUniformOp{Shape: tensor.ShapeOf(2)}, zero, vec(0x6627e8/16777216., 0xe169c5/16777216.), 0},
		// The uniform numbers are 0.40, 0.88, 0.74, 0.61.
		Example{"Dropout", op.DropoutOp{Rate: 0.5}, append(tensors(vec(1, 2, 3, 4)), zero...), vec(0, 4, 6, 8), 0},
		Example{"Dropout/most", op.DropoutOp{Rate: 0.75}, append(tensors(vec(1, 2, 3, 4)), zero...), vec(0, 8, 0, 0), 0},
	)
}

// words returns a vector of u32.
func words(values ...uint32) *tensor.Tensor { return tensor.Of(tensor.ShapeOf(len(values)), values...) }

// randKey returns a key and a counter, sometimes one whose low words are about to wrap around.
func randKey(r *rand.Rand) []*tensor.Tensor {
	counter := words(r.Uint32(), r.Uint32(), r.Uint32(), r.Uint32())
	for i := range r.IntN(5) {
		counter.U32()[i] = math.MaxUint32
	}
	return tensors(words(r.Uint32(), r.Uint32()), counter)
}
