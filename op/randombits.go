package op

import (
	"cmp"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/philox"
	"github.com/lince-ml/lince/tensor"
)

// RandomBitsOp is a tensor of random words.
type RandomBitsOp struct{ Shape tensor.Shape }

// RandomBits returns u32 random words, a pure function of key u32[2] and counter u32[4], the lowest word first, by Philox4x32-10
// (Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011). In row-major order, element i is word
// i mod 4 of the block of key and counter + floor(i/4), where the counter is one 128-bit number that wraps around.
func RandomBits(key, counter *graph.Node, dims ...int) *graph.Node {
	return graph.Apply(RandomBitsOp{tensor.ShapeOf(dims...)}, key, counter)
}

// Name returns "RandomBits".
func (RandomBitsOp) Name() string { return "RandomBits" }

// Infer checks the types of key and counter.
func (o RandomBitsOp) Infer(in []graph.Type) (graph.Type, error) {
	return graph.Type{DType: tensor.U32, Shape: o.Shape}, expectKey(in)
}

// expectKey returns an error unless the inputs are a key and a counter.
func expectKey(in []graph.Type) error {
	if err := expect(in, "key u32[2]", "counter u32[4]"); err != nil {
		return err
	}
	return cmp.Or(
		expectType("key", in[0], graph.TypeOf(tensor.U32, 2)),
		expectType("counter", in[1], graph.TypeOf(tensor.U32, 4)))
}

// Eval computes the reference value.
func (RandomBitsOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	y := out.U32()
	words(in[0], in[1], len(y), func(i int, word uint32) { y[i] = word })
}

// words calls f with each of the first n random words that belong to key and counter.
func words(key, counter *tensor.Tensor, n int, f func(i int, word uint32)) {
	k, c := [2]uint32(key.U32()), [4]uint32(counter.U32())
	for i := range n {
		f(i, philox.Block(k, philox.Add(c, uint64(i/4)))[i%4])
	}
}

// Grad returns nil: random numbers depend on nothing.
func (RandomBitsOp) Grad(_, _ *graph.Node) []*graph.Node { return nil }

// FLOPs returns 0: the arithmetic is on integers.
func (RandomBitsOp) FLOPs([]graph.Type, graph.Type) int64 { return 0 }
