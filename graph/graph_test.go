package graph

import (
	"errors"
	"strings"
	"testing"

	"github.com/lince-ml/lince/tensor"
)

func TestCSE(t *testing.T) {
	g, err := Trace(func(g *Graph) {
		x, y := g.Input("x", F32(2, 3)), g.Input("y", F32(3))
		a, b := Add(x, y), Add(x, y)
		if a != b {
			t.Error("equal ops on equal inputs are two nodes")
		}
		if Add(y, x) == a {
			t.Error("Add(y, x) is taken for Add(x, y)")
		}
		if g.Scalar(1) != g.Fill(F32(), 1) || g.Scalar(1) == g.Scalar(2) {
			t.Error("fills do not compare by value")
		}
		g.Output("sum", a)
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(g.Live()); n != 3 {
		t.Errorf("%d live nodes, 3 expected", n)
	}
}

func TestError(t *testing.T) {
	_, err := Trace(func(g *Graph) {
		x, y := g.Input("x", F32(2, 3)), g.Input("y", F32(4))
		g.Within("features", func() { g.Within("0", func() { Add(x, y) }) })
	})
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v is no *Error", err)
	}
	if !strings.HasPrefix(e.Where, "graph_test.go:") {
		t.Errorf("the error is said to be at %s", e.Where)
	}
	if e.Op != "Add" || e.Path != "features.0" || len(e.In) != 2 {
		t.Errorf("error %+v", e)
	}
	if !strings.Contains(err.Error(), "Add at features.0: shapes [2 3] and [4] do not broadcast") {
		t.Errorf("message %q", err)
	}
}

func TestGradOfBroadcast(t *testing.T) {
	g, err := Trace(func(g *Graph) {
		x, b, unused := g.Input("x", F32(2, 3)), g.Input("b", F32(3)), g.Input("unused", F32(7))
		loss := SumTo(Add(Add(x, b), x), tensor.Shape{})
		for i, d := range Grad(loss, []*Node{x, b, unused}) {
			g.Output([]string{"dx", "db", "du"}[i], d)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := g.Dump(&b); err != nil {
		t.Fatal(err)
	}
	want := `%0 = Input{Label:x Typ:f32[2 3]}() f32[2 3]
%1 = Input{Label:b Typ:f32[3]}() f32[3]
%2 = Input{Label:unused Typ:f32[7]}() f32[7]
%3 = ConstantOfShape{Typ:f32[] Value:1}() f32[]
%4 = Expand{Shape:[2 3]}(%3) f32[2 3]
%5 = SumTo{Shape:[3]}(%4) f32[3]
%6 = Add(%4, %4) f32[2 3]
%7 = ConstantOfShape{Typ:f32[7]}() f32[7]
output dx = %6
output db = %5
output du = %7
`
	if b.String() != want {
		t.Errorf("dump is\n%s\nwant\n%s", b.String(), want)
	}
}
