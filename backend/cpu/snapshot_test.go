package cpu

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/lince-ml/lince/internal/kernel"
)

var update = flag.Bool("update", false, "rewrite testdata from what the compiler does now")

// TestSnapshot compares the steps of a training step with the committed ones, so that a change of what is fused can be reviewed.
func TestSnapshot(t *testing.T) {
	k, err := kernel.Select("generic") // tiles, and so tasks, differ from level to level
	if err != nil {
		t.Fatal(err)
	}
	b := newBackend(1, k)
	g, _ := trainingStep(t, 8)
	p, err := b.compile(g, false)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	if err := p.Dump(&got); err != nil {
		t.Fatal(err)
	}
	const file = "testdata/training_step.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the compiled program has changed; if that is meant, go test ./backend/cpu -update. It is\n%s", got.String())
	}
}
