package main

import (
	"path/filepath"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/mnist"
)

// TestRun is the example on a hundredth of the images.
func TestRun(t *testing.T) {
	learn, test, err := mnist.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), filepath.Join(t.TempDir(), "run"), 1, first(learn, 600), first(test, 100)); err != nil {
		t.Error(err)
	}
}

func first(d data.Dataset, n int) data.Dataset {
	indices := make([]int, n)
	for i := range indices {
		indices[i] = i
	}
	return data.Subset(d, indices)
}
