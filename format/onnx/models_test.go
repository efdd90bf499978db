package onnx

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lince-ml/lince/tensor"
)

// LINCE_ONNX_MODELS names folders of whole models with inputs and outputs, in the form of ONNX's backend tests, beside those in
// testdata/models.tar.gz (see testdata/export.py).
const modelsVariable = "LINCE_ONNX_MODELS"

// A model passes if its outputs are within a part of their largest element: one in 10,000, or, if it quantises on its way, a few steps of a hundredth, since
// what is rounded up here may be rounded down there. (ONNX Runtime's own optimised and unoptimised results differ as much.)
func tolerance(m *Model) float64 {
	for _, o := range m.Operators() {
		if strings.Contains(o.Op, "QuantizeLinear") {
			return 0.03
		}
	}
	return 1e-4
}

func TestModels(t *testing.T) {
	folders := append(filepath.SplitList(os.Getenv(modelsVariable)), extract(t, "testdata/models.tar.gz"))
	b := backends(t)[1]
	for _, folder := range folders {
		models, err := filepath.Glob(filepath.Join(folder, "*", "model.onnx"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range models {
			t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
				start := time.Now()
				m, err := Read(path)
				if err != nil {
					t.Fatal(err)
				}
				set := filepath.Join(filepath.Dir(path), "test_data_set_0")
				in, err := readTensors(set, "input", m.Inputs)
				if err != nil {
					t.Fatal(err)
				}
				want, err := readTensors(set, "output", m.Outputs)
				if err != nil {
					t.Fatal(err)
				}
				read := time.Since(start)
				g, err := m.graphFor(in)
				if err != nil {
					t.Fatal(err)
				}
				built := time.Since(start)
				got, err := run(b, g, in)
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("read in %v, graph of %d nodes made in %v, compiled and run in %v", read, len(g.Live()), built-read, time.Since(start)-built)
				for i, o := range m.Outputs {
					d, err := distance(got[i], want[o.Name])
					if err != nil || !(d <= tolerance(m)) {
						t.Errorf("output %s: %v, off by %g of the largest", o.Name, err, d)
					} else {
						t.Logf("output %s: off by %.2g of the largest", o.Name, d)
					}
				}
			})
		}
	}
}

// distance returns the largest difference, relative to the largest element of want.
func distance(got, want *tensor.Tensor) (float64, error) {
	if got.DType() != want.DType() || got.Shape() != want.Shape() {
		return 0, fmt.Errorf("%v, want %v", got, want)
	}
	largest, off := 0.0, 0.0
	for i := range want.Size() {
		g, w := numberAt(got, i), numberAt(want, i)
		largest, off = math.Max(largest, math.Abs(w)), math.Max(off, math.Abs(g-w))
	}
	if largest == 0 {
		return off, nil
	}
	return off / largest, nil
}
