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

	// What the other parts of an R-CNN say of boxes, of which each is looked at on the map of its level.
	Boxes    [][]float32
	Levels   []int
	BoxRows  []float64 `json:"box_rows"`
	Labels   []int32
	MaskStep int       `json:"mask_step"`
	Masks    []float64 // every MaskStep-th cell
}

// detectors are the architectures for detection, but for those of lince's own.
func detectors() (list []models.Spec) {
	for _, spec := range models.All() {
		if (spec.Task == "detect" || spec.Task == "instances") && !strings.HasPrefix(spec.Name, "lince") {
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
			if c.Boxes != nil {
				c.checkBoxes(t, spec)
			}
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
	var some []float32
	for i := range c.Rows {
		some = append(some, got.F32()[i/columns*c.Step*columns+i%columns])
	}
	alike(t, "rows", some, c.Rows)
}

func alike(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, torchvision has %d", what, len(got), len(want))
	}
	worst, most := 0.0, 0.0
	for i, w := range want {
		worst, most = math.Max(worst, math.Abs(float64(got[i])-w)), math.Max(most, math.Abs(w))
	}
	if !(worst <= 1e-4*most) {
		t.Errorf("%s: off by %g where the largest is %g", what, worst, most)
	}
}

// checkBoxes has the parts of the network that look at boxes do so.
func (c *goldenDetector) checkBoxes(t *testing.T, spec models.Spec) {
	st, err := models.LookupStages(spec.Name, models.Args{Classes: goldenClasses})
	if err != nil {
		t.Fatal(err)
	}
	const pixels, channels = 512, 256 // of the image, of its maps
	k := len(c.Boxes)
	store := nntest.Store{}
	var vars []nn.Variable
	g := nntest.Trace(t, func(g *graph.Graph) {
		in := models.BoxesIn{Boxes: g.Const(tensor.Of(tensor.ShapeOf(k, 4), slices.Concat(c.Boxes...)...))}
		if c.Labels != nil {
			classes := make([]int32, k)
			for i, l := range c.Labels {
				classes[i] = l - 1
			}
			in.Classes = g.Const(tensor.Of(tensor.ShapeOf(k), classes...))
		}
		for m := range st.Maps {
			name, size := fmt.Sprint("map.", m), pixels>>(2+m)
			x := graph.F32(1, channels, size, size)
			store[name] = tensor.Of(x.Shape, nntest.Draw(name, x.Shape.Size())...)
			in.Features = append(in.Features, g.Input(name, x))
			images := make([]int32, k)
			for i, level := range c.Levels {
				if level != m {
					images[i] = -1
				}
			}
			in.Images = append(in.Images, g.Const(tensor.Of(tensor.ShapeOf(k), images...)))
		}
		s := nn.NewScope(g, nn.Eval)
		g.Output("boxes", st.Boxes(s, in))
		if st.Masks != nil {
			g.Output("masks", st.Masks(s, in))
		}
		vars = s.Variables()
	})
	for _, v := range vars {
		store[v.Name] = goldenValue(t, v.Name, v.Node.Shape())
	}
	got := store.RunOn(t, newCPU(t), g)
	rows := got["boxes"].F32()
	columns := len(rows) / k
	var logits, deltas []float64 // torchvision's, which differ in size
	var ours [2][]float32
	for i := range k {
		row, theirs := rows[i*columns:(i+1)*columns], c.BoxRows[i*columns:(i+1)*columns]
		n := goldenClasses + 1
		ours[0], ours[1] = append(ours[0], row[:n]...), append(ours[1], row[n:]...)
		logits, deltas = append(logits, theirs[:n]...), append(deltas, theirs[n:]...)
	}
	alike(t, "logits of boxes", ours[0], logits)
	alike(t, "deltas of boxes", ours[1], deltas)
	if st.Masks != nil {
		var some []float32
		for i := 0; i < got["masks"].Size(); i += c.MaskStep {
			some = append(some, got["masks"].F32()[i])
		}
		alike(t, "masks", some, c.Masks)
	}
}
