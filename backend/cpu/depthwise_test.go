package cpu

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/backend/backendtest"
	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// TestDepthwiseSameBits runs blocks with depthwise and grouped convolutions on any number of threads.
func TestDepthwiseSameBits(t *testing.T) {
	for _, k := range kernel.Sets() {
		for seed := range uint64(6) {
			g, in, err := backendtest.InvertedResidual(rand.New(rand.NewPCG(seed, 7)), 1+int(seed%2))
			if err != nil {
				t.Fatal(err)
			}
			var want []*tensor.Tensor
			for _, threads := range []int{1, 2, 3, 8} {
				b := newBackend(threads, k)
				b.minLast = 16
				got := optest.Run(t, b, g, in)
				b.Close()
				if want == nil {
					want = got
				}
				for i := range want {
					if !slices.Equal(got[i].Bytes(), want[i].Bytes()) {
						t.Errorf("%s, seed %d: %d threads give another %s than one", k.Level, seed, threads, g.Outputs()[i].Name)
					}
				}
			}
		}
	}
}

// separable traces a depthwise convolution of 40 channels between two of 1x1, normalised, with constant weights.
func separable(r *rand.Rand, x *tensor.Tensor) (*graph.Graph, error) {
	return graph.Trace(func(g *graph.Graph) {
		vector := func(lo, hi float64) *graph.Node { return g.Const(optest.Rand(r, lo, hi, 40)) }
		y := op.Conv2D(optest.Inputs(g, []*tensor.Tensor{x})[0], g.Const(optest.Rand(r, -1, 1, 40, 3, 1, 1)), op.ConvAttrs{})
		y = op.Conv2D(y, g.Const(optest.Rand(r, -1, 1, 40, 1, 3, 3)), op.ConvAttrs{Pad: [4]int{1, 1, 1, 1}, Groups: 40})
		y = op.Clip(op.BatchNorm(y, vector(-1, 1), vector(-1, 1), vector(-1, 1), vector(0.5, 1), 1e-5), 0, 6)
		g.Output("y", op.Conv2D(y, g.Const(optest.Rand(r, -1, 1, 3, 40, 1, 1)), op.ConvAttrs{}))
	})
}

// TestDepthwiseFolds checks that a depthwise convolution between others reads and writes what lies as theirs does, with its normalisation
// and activation on the way, and that constant weights are packed beforehand.
func TestDepthwiseFolds(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	x := optest.Rand(r, -1, 1, 2, 3, 8, 9)
	g, err := separable(r, x)
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(1)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p, err := b.compile(g, false)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range p.Steps() {
		got = append(got, strings.Join(s.Ops, " "))
	}
	if want := []string{"Conv2D", "Conv2D Add Clip", "Conv2D"}; !slices.Equal(got, want) {
		t.Errorf("the steps are %q, want %q", got, want)
	}
	in := []*tensor.Tensor{x}
	optest.Compare(t, "y", optest.Run(t, b, g, in)[0], optest.Run(t, ref.Backend{}, g, in)[0], 1e-5)
}
