package main

import (
	"path/filepath"
	"testing"
)

func TestRun(t *testing.T) {
	out := filepath.Join(t.TempDir(), "grid.png")
	if err := run(out); err != nil {
		t.Fatal(err)
	}
	if err := run(filepath.Join(t.TempDir(), "again.png"), out); err != nil { // of the grid itself
		t.Error(err)
	}
}
