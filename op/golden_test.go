package op_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/format/safetensors"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// TestGolden compares values and gradients with PyTorch's; testdata/golden.py made the files and says what is in them.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/golden/*.safetensors")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, path := range paths {
		f, err := safetensors.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, about := range f.Metadata {
			t.Run(name, func(t *testing.T) {
				part := func(what string) *tensor.Tensor { return f.Tensors[name+"/"+what] }
				golden(t, name, about, part)
			})
		}
	}
}

// golden runs the case called name, whose tensors are what part returns.
func golden(t *testing.T, name, about string, part func(string) *tensor.Tensor) {
	var c struct {
		Attrs json.RawMessage
		Tol   float64
	}
	if err := json.Unmarshal([]byte(about), &c); err != nil {
		t.Fatal(err)
	}
	var in []*tensor.Tensor
	for x := part("in0"); x != nil; x = part(fmt.Sprintf("in%d", len(in))) {
		in = append(in, x)
	}
	node := opCalled(t, name, c.Attrs)
	want := map[string]*tensor.Tensor{}
	g, err := graph.Trace(func(g *graph.Graph) {
		inputs := optest.Inputs(g, in)
		y := graph.Apply(node, inputs...)
		output := func(what string, n *graph.Node) {
			if w := part(what); w != nil {
				want[what] = w
				g.Output(what, n)
			}
		}
		output("y", y)
		if dy := part("dy"); dy != nil {
			for i, d := range graph.Grad(op.ReduceSum(op.Mul(y, g.Const(dy)), false), inputs) {
				output(fmt.Sprintf("grad%d", i), d)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range optest.Run(t, ref.Backend{}, g, in) {
		what := g.Outputs()[i].Name
		optest.Compare(t, what, got, want[what], c.Tol)
	}
}

// opCalled returns the op with the name before the slash, and with attributes from JSON. The types are those that
// package optest has cases for.
func opCalled(t *testing.T, name string, attrs []byte) graph.Op {
	t.Helper()
	name, _, _ = strings.Cut(name, "/")
	for _, c := range optest.Cases() {
		if of, _, _ := strings.Cut(c.Name, "/"); of != name {
			continue
		}
		node, _ := c.Make(rand.New(rand.NewPCG(0, 0)))
		v := reflect.New(reflect.TypeOf(node))
		d := json.NewDecoder(bytes.NewReader(attrs))
		d.DisallowUnknownFields()
		if err := d.Decode(v.Interface()); err != nil {
			t.Fatalf("attributes of %s: %v", name, err)
		}
		return v.Elem().Interface().(graph.Op)
	}
	t.Fatalf("no case in optest makes a %s", name)
	return nil
}
