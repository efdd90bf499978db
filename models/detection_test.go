package models_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/tensor"
)

// A goldenDetector is what testdata/detection.py has had from torchvision for one network.
type goldenDetector struct {
	Model  string
	State  string
	Images string
	Shape  []int
	Step   int
	Size   []int
	Rows   []float64 // every Step-th of the first image
}

// detectors are the architectures for detection, but for those of lince's own.
func detectors() (list []models.Spec) {
	for _, spec := range models.All() {
		if spec.Task == "detect" && !strings.HasPrefix(spec.Name, "lince") {
			list = append(list, spec)
		}
	}
	return list
}

// TestDetectors compares the rows of the output, and the names and shapes of all variables, with torchvision's.
func TestDetectors(t *testing.T) {
	for _, spec := range detectors() {
		t.Run(spec.Name, func(t *testing.T) {
			text, err := os.ReadFile("testdata/detection/" + spec.Name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var c goldenDetector
			if err := json.Unmarshal(text, &c); err != nil {
				t.Fatal(err)
			}
			if got := stateOf(variablesOf(t, spec)); got != c.State {
				t.Errorf("names and shapes have digest %s, torchvision's have %s", got, c.State)
			}
			if testing.Short() {
				t.Skip("a large network")
			}
			c.check(t, spec)
		})
	}
}

// stateOf returns the digest of names and shapes, sorted.
func stateOf(vars []nn.Variable) string {
	var lines []string
	for _, v := range vars {
		lines = append(lines, fmt.Sprintf("%s [%s]\n", v.Name, strings.Trim(strings.ReplaceAll(fmt.Sprint(v.Node.Shape()), " ", ", "), "[]")))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(sum[:])
}

func (c *goldenDetector) check(t *testing.T, spec models.Spec) {
	net, err := spec.Build(models.Args{Classes: goldenClasses, Height: c.Shape[2], Width: c.Shape[3]})
	if err != nil {
		t.Fatal(err)
	}
	x := graph.F32(c.Shape...)
	store := nntest.Store{"x": tensor.Of(x.Shape, nntest.Draw(c.Images, x.Shape.Size())...)}
	var vars []nn.Variable
	g := nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Eval)
		g.Output("rows", net(s, g.Input("x", x)))
		vars = s.Variables()
	})
	for _, v := range vars {
		store[v.Name] = goldenValue(t, v.Name, v.Node.Shape())
	}
	got := store.RunOn(t, newCPU(t), g)["rows"]
	if got.Shape() != tensor.ShapeOf(c.Size...) {
		t.Fatalf("output of shape %v, torchvision has %v", got.Shape(), c.Size)
	}
	columns := c.Size[2]
	worst, most := 0.0, 0.0
	for i, want := range c.Rows {
		v := float64(got.F32()[i/columns*c.Step*columns+i%columns])
		worst, most = math.Max(worst, math.Abs(v-want)), math.Max(most, math.Abs(want))
	}
	if !(worst <= 1e-4*most) {
		t.Errorf("off by %g where the largest is %g", worst, most)
	}
}
