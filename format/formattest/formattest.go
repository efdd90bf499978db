// Package formattest holds what the tests of the weight formats share.
package formattest

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/tensor"
)

// Content returns the file called name in testdata.
func Content(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Types are the element types of which Sample has a tensor.
var Types = []tensor.DType{
	tensor.F64, tensor.F32, tensor.F16, tensor.BF16, tensor.F8E4M3, tensor.F8E5M2,
	tensor.I64, tensor.I32, tensor.I16, tensor.I8, tensor.U64, tensor.U32, tensor.U16, tensor.U8, tensor.Bool,
}

// Sample returns the tensors that the scripts in the formats' testdata write too: of each of the given types "layer.TYPE" with
// [[0 1 2] [3 4 100]] (truth values: whether that is not 0; F8E5M2 has 96 for 100), a "scalar" 7 of type i64, and "none", f32 of [0 3].
func Sample(types ...tensor.DType) []format.Entry {
	var sample []format.Entry
	for _, d := range types {
		values := []float32{0, 1, 2, 3, 4, 100}
		if d == tensor.Bool {
			values = []float32{0, 1, 1, 1, 1, 1}
		}
		t, err := tensor.Convert(tensor.Of(tensor.ShapeOf(2, 3), values...), d)
		if err != nil {
			panic(err)
		}
		sample = append(sample, format.EntryOf("layer."+d.String(), t))
	}
	return append(sample, format.EntryOf("scalar", tensor.Of(tensor.Shape{}, int64(7))), format.EntryOf("none", tensor.New(tensor.F32, tensor.ShapeOf(0, 3))))
}

// Equal checks that got has the tensors of want, in any order.
func Equal(t testing.TB, got, want []format.Entry) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d tensors, want %d", len(got), len(want))
	}
	for _, w := range want {
		i := slices.IndexFunc(got, func(e format.Entry) bool { return e.Name == w.Name })
		if i < 0 {
			t.Errorf("no tensor %q", w.Name)
			continue
		}
		x, y := Read(t, got[i]), Read(t, w)
		if x.DType() != y.DType() || x.Shape() != y.Shape() || !bytes.Equal(x.Bytes(), y.Bytes()) {
			t.Errorf("tensor %q: %v %x, want %v %x", w.Name, x, x.Bytes(), y, y.Bytes())
		}
	}
}

// Read returns the tensor of e, after a check that it is of the type and shape that e says.
func Read(t testing.TB, e format.Entry) *tensor.Tensor {
	t.Helper()
	x, err := e.Read()
	if err != nil {
		t.Fatalf("tensor %q: %v", e.Name, err)
	}
	if x.DType() != e.DType || x.Shape() != e.Shape {
		t.Fatalf("tensor %q: %v, announced as %v%v", e.Name, x, e.DType, e.Shape)
	}
	return x
}

// ReadAll reads all entries, and returns the first error.
func ReadAll(entries []format.Entry) error {
	for _, e := range entries {
		if _, err := e.Read(); err != nil {
			return err
		}
	}
	return nil
}

// Allocated returns the bytes that f allocates.
func Allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
