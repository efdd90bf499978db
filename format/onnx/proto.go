package onnx

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// The messages of onnx.proto, with those of their fields that matter here. Field numbers are those of onnx/onnx.proto (ONNX 1.18); what
// is not listed there, or not needed here, is skipped.

// maxDepth bounds how deep graphs may be nested in attributes of nodes of graphs.
const maxDepth = 16

type modelProto struct {
	irVersion       int64
	producer        string
	producerVersion string
	domain          string
	modelVersion    int64
	doc             string
	graph           *graphProto
	opsets          map[string]int64 // by domain
	metadata        map[string]string
	functions       []*functionProto
}

func (m *modelProto) decode(b []byte) error {
	m.opsets, m.metadata = map[string]int64{}, map[string]string{}
	return eachField(b, func(number protowire.Number, v field) error {
		switch number {
		case 1:
			return v.int(&m.irVersion)
		case 2:
			return v.string(&m.producer)
		case 3:
			return v.string(&m.producerVersion)
		case 4:
			return v.string(&m.domain)
		case 5:
			return v.int(&m.modelVersion)
		case 6:
			return v.string(&m.doc)
		case 7:
			m.graph = &graphProto{}
			return v.message(m.graph)
		case 8:
			return v.opset(m.opsets)
		case 14:
			return v.pair(m.metadata)
		case 25:
			f := &functionProto{}
			m.functions = append(m.functions, f)
			return v.message(f)
		}
		return nil
	})
}

// opset adds an OperatorSetIdProto. The default domain has two names.
func (v field) opset(to map[string]int64) error {
	domain, version := "", int64(0)
	err := eachField(v.bytes, func(number protowire.Number, v field) error {
		switch number {
		case 1:
			return v.string(&domain)
		case 2:
			return v.int(&version)
		}
		return nil
	})
	to[canonical(domain)] = version
	return err
}

// canonical returns the shorter of the default domain's two names, and other domains as they are.
func canonical(domain string) string {
	if domain == "ai.onnx" {
		return ""
	}
	return domain
}

// pair adds a StringStringEntryProto.
func (v field) pair(to map[string]string) error {
	key, value := "", ""
	err := eachField(v.bytes, func(number protowire.Number, v field) error {
		switch number {
		case 1:
			return v.string(&key)
		case 2:
			return v.string(&value)
		}
		return nil
	})
	to[key] = value
	return err
}

type graphProto struct {
	depth        int
	name         string
	nodes        []*nodeProto
	initializers []*tensorProto
	sparse       int // number of sparse initializers
	inputs       []*valueInfo
	outputs      []*valueInfo
}

func (g *graphProto) decode(b []byte) error {
	if g.depth > maxDepth {
		return fmt.Errorf("graphs are nested more than %d deep", maxDepth)
	}
	return eachField(b, func(number protowire.Number, v field) error {
		switch number {
		case 1:
			return v.node(&g.nodes, g.depth)
		case 2:
			return v.string(&g.name)
		case 5:
			return v.initializer(&g.initializers)
		case 11:
			return v.valueInfo(&g.inputs)
		case 12:
			return v.valueInfo(&g.outputs)
		case 15:
			g.sparse++
		}
		return nil
	})
}

func (v field) initializer(to *[]*tensorProto) error {
	t := &tensorProto{}
	if err := v.message(t); err != nil {
		return err
	}
	if t.name == "" {
		return fmt.Errorf("initializer %d has no name", len(*to))
	}
	*to = append(*to, t)
	return nil
}

type nodeProto struct {
	depth            int
	name, op, domain string
	inputs, outputs  []string
	attributes       []*attributeProto
	overload         string
}

func (v field) node(to *[]*nodeProto, depth int) error {
	n := &nodeProto{depth: depth}
	if err := v.message(n); err != nil {
		return err
	}
	if n.op == "" {
		return fmt.Errorf("node %d has no operator", len(*to))
	}
	*to = append(*to, n)
	return nil
}

func (n *nodeProto) decode(b []byte) error {
	err := eachField(b, func(number protowire.Number, v field) error {
		switch number {
		case 1:
			return v.strings(&n.inputs)
		case 2:
			return v.strings(&n.outputs)
		case 3:
			return v.string(&n.name)
		case 4:
			return v.string(&n.op)
		case 5:
			return v.attribute(&n.attributes, n.depth)
		case 7:
			return v.string(&n.domain)
		case 8:
			return v.string(&n.overload)
		}
		return nil
	})
	n.domain = canonical(n.domain)
	return err
}

// String describes the node by its name, if it has one, or else by what it makes. Only the beginning of a long one is taken: the names of calls become part of those of
// the nodes in the function.
func (n *nodeProto) String() string {
	const most = 256
	switch {
	case n.name != "":
		return n.name[:min(len(n.name), most)]
	case len(n.outputs) > 0:
		return "-> " + n.outputs[0][:min(len(n.outputs[0]), most)]
	}
	return "(unnamed)"
}

// attributeKind says which field of an attribute is in use (AttributeProto.AttributeType).
type attributeKind int32

const (
	kindFloat   attributeKind = 1
	kindInt     attributeKind = 2
	kindString  attributeKind = 3
	kindTensor  attributeKind = 4
	kindGraph   attributeKind = 5
	kindFloats  attributeKind = 6
	kindInts    attributeKind = 7
	kindStrings attributeKind = 8
)

type attributeProto struct {
	depth   int
	name    string
	ref     string // the attribute of the enclosing function that this one's value is
	kind    attributeKind
	f       float32
	i       int64
	s       string
	tensor  *tensorProto
	graph   *graphProto
	floats  []float32
	ints    []int64
	strings []string
}

func (v field) attribute(to *[]*attributeProto, depth int) error {
	a := &attributeProto{depth: depth}
	if err := v.message(a); err != nil {
		return err
	}
	if a.name == "" {
		return fmt.Errorf("attribute %d of a node has no name", len(*to))
	}
	*to = append(*to, a)
	return nil
}

func (a *attributeProto) decode(b []byte) error {
	return eachField(b, func(number protowire.Number, v field) error {
		switch number {
		case 1:
			return v.string(&a.name)
		case 2:
			return v.float(&a.f)
		case 3:
			return v.int(&a.i)
		case 4:
			return v.string(&a.s)
		case 5:
			a.tensor = &tensorProto{}
			return v.message(a.tensor)
		case 6:
			a.graph = &graphProto{depth: a.depth + 1}
			return v.message(a.graph)
		case 7:
			return v.floats(&a.floats)
		case 8:
			return v.ints(&a.ints)
		case 9:
			return v.strings(&a.strings)
		case 20:
			return v.int32((*int32)(&a.kind))
		case 21:
			return v.string(&a.ref)
		}
		return nil
	})
}

// A functionProto is an operator that is made of others.
type functionProto struct {
	name, domain, overload string
	inputs, outputs        []string
	attributes             []string          // those without a default
	defaults               []*attributeProto // those with one
	nodes                  []*nodeProto
	opsets                 map[string]int64
}

func (f *functionProto) decode(b []byte) error {
	f.opsets = map[string]int64{}
	err := eachField(b, func(number protowire.Number, v field) error {
		switch number {
		case 1:
			return v.string(&f.name)
		case 4:
			return v.strings(&f.inputs)
		case 5:
			return v.strings(&f.outputs)
		case 6:
			return v.strings(&f.attributes)
		case 7:
			return v.node(&f.nodes, 0)
		case 9:
			return v.opset(f.opsets)
		case 10:
			return v.string(&f.domain)
		case 11:
			return v.attribute(&f.defaults, 0)
		case 13:
			return v.string(&f.overload)
		}
		return nil
	})
	f.domain = canonical(f.domain)
	return err
}

// A valueInfo is the name and type of an input or output.
type valueInfo struct {
	name  string
	kind  string // "tensor", or what else it is
	typ   DataType
	shape bool // whether the file says how many dimensions there are
	dims  []Dim
}

func (v field) valueInfo(to *[]*valueInfo) error {
	i := &valueInfo{kind: "value without a type"}
	if err := v.message(i); err != nil {
		return err
	}
	if i.name == "" {
		return fmt.Errorf("input or output %d has no name", len(*to))
	}
	*to = append(*to, i)
	return nil
}

func (i *valueInfo) decode(b []byte) error {
	return eachField(b, func(number protowire.Number, v field) error {
		switch number {
		case 1:
			return v.string(&i.name)
		case 2:
			return eachField(v.bytes, i.decodeType)
		}
		return nil
	})
}

// valueKinds are the fields of TypeProto.
var valueKinds = map[protowire.Number]string{
	1: "tensor", 4: "sequence", 5: "map", 7: "opaque value", 8: "sparse tensor", 9: "optional value",
}

func (i *valueInfo) decodeType(number protowire.Number, v field) error {
	if kind, ok := valueKinds[number]; ok {
		i.kind = kind
	}
	if number != 1 {
		return nil
	}
	return eachField(v.bytes, func(number protowire.Number, v field) error {
		switch number {
		case 1:
			return v.int32((*int32)(&i.typ))
		case 2:
			i.shape = true
			return eachField(v.bytes, func(number protowire.Number, v field) error {
				if number != 1 {
					return nil
				}
				return i.decodeDim(v.bytes)
			})
		}
		return nil
	})
}

func (i *valueInfo) decodeDim(b []byte) error {
	d := Dim{Size: -1}
	err := eachField(b, func(number protowire.Number, v field) error {
		switch number {
		case 1:
			var size int64
			err := v.int(&size)
			d.Size = int(size)
			return err
		case 2:
			return v.string(&d.Name)
		}
		return nil
	})
	i.dims = append(i.dims, d)
	return err
}

type tensorProto struct {
	name     string
	typ      DataType
	dims     []int64
	raw      []byte // the values as bytes, or else as one of the fields below
	hasRaw   bool
	values   []field           // of the repeated fields of numbers, not yet decoded
	external bool              // the values are in another file
	location map[string]string // where, if external
}

func (t *tensorProto) decode(b []byte) error {
	return eachField(b, func(number protowire.Number, v field) error {
		switch number {
		case 1:
			return v.ints(&t.dims)
		case 2:
			return v.int32((*int32)(&t.typ))
		case 3:
			return fmt.Errorf("tensor %q is a segment of a larger one, which is not supported", t.name)
		case 4, 5, 7, 10, 11:
			t.values = append(t.values, v)
		case 8:
			return v.string(&t.name)
		case 9:
			t.hasRaw = true
			return v.blob(&t.raw)
		case 13:
			if t.location == nil {
				t.location = map[string]string{}
			}
			return v.pair(t.location)
		case 14:
			var location int64
			err := v.int(&location)
			t.external = location == 1
			return err
		}
		return nil
	})
}
