package cpu

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
)

var update = flag.Bool("update", false, "rewrite testdata from what the compiler does now")

// TestSnapshot compares the steps of programs with the committed ones, so that a change of what is fused, or how it lies, can be reviewed.
func TestSnapshot(t *testing.T) {
	k, err := kernel.Select("generic") // tiles, and so tasks, differ from level to level
	if err != nil {
		t.Fatal(err)
	}
	b := newBackend(1, k)
	step, _ := trainingStep(t, 8)
	for name, g := range map[string]*graph.Graph{"training_step": step, "residual_block": residualBlock(t)} {
		p, err := b.compile(g, false)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		if err := p.Dump(&got); err != nil {
			t.Fatal(err)
		}
		file := "testdata/" + name + ".txt"
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
			t.Errorf("the compiled %s has changed; if that is meant, go test ./backend/cpu -update. It is\n%s", name, got.String())
		}
	}
}

// residualBlock is the gradient of a block with a stem and a projection, whose channels are enough to lie side by side.
func residualBlock(t *testing.T) *graph.Graph {
	t.Helper()
	branch := nn.Seq(nn.Conv(48, 3, nn.Stride(2), nn.Pad(1), nn.NoBias), nn.BatchNorm(), nn.Relu, nn.Conv(48, 1, nn.NoBias), nn.BatchNorm())
	shortcut := nn.Seq(nn.Conv(48, 1, nn.Stride(2), nn.NoBias), nn.BatchNorm())
	net := nn.Seq(nn.Conv(32, 7, nn.Stride(2), nn.Pad(3), nn.NoBias), nn.BatchNorm(), nn.Relu, nn.MaxPool(3, nn.Stride(2), nn.Pad(1)),
		nn.Residual(nn.Named("branch", branch), nn.Named("shortcut", shortcut)), nn.Relu, nn.GlobalAvgPool, nn.Flatten, nn.Dense(10))
	g, err := graph.Trace(func(g *graph.Graph) {
		x, y := g.Input("x", graph.F32(2, 3, 64, 64)), g.Input("y", graph.TypeOf(tensor.I32, 2))
		s := nn.NewScope(g, nn.Train)
		loss := nn.CrossEntropy(net(s, x), y, 0)
		var nodes []*graph.Node
		for _, p := range nn.Trainable(s.Variables()) {
			nodes = append(nodes, p.Node)
		}
		for i, d := range graph.Grad(loss, nodes) {
			g.Output(fmt.Sprint(i), d)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}
