package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/data/open"
)

// TestWrite opens what it writes as the command line does.
func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "food")
	if err := write(dir, 6, 6); err != nil {
		t.Fatal(err)
	}
	sets, note, err := open.Data("items:"+filepath.Join(dir, "trn.csv")+"?item=item&label=healthy", folder.Options{C: 3, H: size, W: size})
	if err != nil || note != "" {
		t.Fatal(err, note)
	}
	if n := sets.Train.Len(); n < 6*4 || n > 6*6 || len(sets.Train.Classes()) != 2 {
		t.Errorf("%d pictures of the classes %v", n, sets.Train.Classes())
	}
	if further, err := os.ReadDir(filepath.Join(dir, "new")); err != nil || len(further) != 6 {
		t.Errorf("%v %v", further, err)
	}
	if err := write(dir, 6, 6); err == nil {
		t.Error("a folder that exists is written to")
	}
}
