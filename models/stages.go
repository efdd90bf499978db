package models

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
)

// Stages are the parts of a network that looks at images and then at boxes in them, since what becomes of the boxes that it has found itself is decided
// between the parts.
type Stages struct {
	// Rows returns what a detector says of images [N, C, H, W], a row for each of its anchors, and features of the images for the other parts: Maps maps
	// [N, C, h, w], the largest first.
	Rows func(s nn.Scope, x *graph.Node) (rows *graph.Node, features []*graph.Node)
	Maps int
	// Boxes returns a row for each of K boxes: the logits of the background and of the classes, and four deltas for each of these. Nil: rows tell
	// classes and boxes themselves.
	Boxes func(s nn.Scope, in BoxesIn) *graph.Node
	// Masks returns for each of K boxes a logit for each of its cells, [K, side, side]. Nil: there are no masks.
	Masks func(s nn.Scope, in BoxesIn) *graph.Node
}

// BoxesIn is what a part of a network that looks at boxes takes.
type BoxesIn struct {
	Features []*graph.Node // of the images
	Boxes    *graph.Node   // f32 [K, 4], in pixels of the images
	Images   []*graph.Node // for each map i32 [K]: the number of the box's image, or -1 where another map is to be looked at
	Classes  *graph.Node   // i32 [K], for masks
}

var stagesOf = map[string]func(Args) Stages{}

// registerStages registers an architecture that consists of stages.
func registerStages(spec Spec, build func(Args) Stages) {
	stagesOf[spec.Name] = build
	spec.Build = func(a Args) (nn.Layer, error) { return build(a).layer, nil }
	Register(spec)
}

// LookupStages returns the parts of the architecture called name; of most there is one.
func LookupStages(name string, a Args) (Stages, error) {
	spec, err := Lookup(name)
	if err != nil {
		return Stages{}, err
	}
	if build, ok := stagesOf[name]; ok {
		a, err := spec.Complete(a)
		return build(a), err
	}
	net, err := spec.Build(a)
	if err != nil {
		return Stages{}, err
	}
	return Stages{Rows: func(s nn.Scope, x *graph.Node) (*graph.Node, []*graph.Node) { return net(s, x), nil }}, nil
}

// layer is the network as one layer, which returns the rows of the images: it looks at a box of its own, so that all variables are declared.
func (st Stages) layer(s nn.Scope, x *graph.Node) *graph.Node {
	rows, features := st.Rows(s, x)
	g := x.Graph()
	one := g.Fill(graph.TypeOf(tensor.I32, 1), 0)
	in := BoxesIn{Features: features, Boxes: g.Fill(graph.F32(1, 4), 0), Classes: one}
	for range features {
		in.Images = append(in.Images, one)
	}
	for _, part := range []func(nn.Scope, BoxesIn) *graph.Node{st.Boxes, st.Masks} {
		if part != nil {
			part(s, in)
		}
	}
	return rows
}
