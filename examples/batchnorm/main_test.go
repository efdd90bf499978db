package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/mnist"
	"github.com/lince-ml/lince/train"
)

// TestRun is the example on a hundredth of the images, with a rate at which a loss is not finite.
func TestRun(t *testing.T) {
	learn, test, err := mnist.Open()
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	out := filepath.Join(t.TempDir(), "out.png")
	if err := run(t.Context(), &table, out, train.Data{Train: first(learn, 600), Test: first(test, 100)}, []float64{0.1, 1e6}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(out); err != nil || strings.Count(table.String(), "\n") != 3 || !strings.Contains(table.String(), "90.00 %") {
		t.Errorf("%v, table:\n%s", err, &table)
	}
}

func first(d data.Dataset, n int) data.Dataset {
	indices := make([]int, n)
	for i := range indices {
		indices[i] = i
	}
	return data.Subset(d, indices)
}
