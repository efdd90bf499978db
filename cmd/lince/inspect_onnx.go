package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lince-ml/lince/format/onnx"
	"github.com/lince-ml/lince/metric"
)

// onnxInfo is what `lince inspect --json` prints of an ONNX model.
type onnxInfo struct {
	Name        string            `json:"name"`
	Producer    string            `json:"producer"`
	Opsets      map[string]int64  `json:"opsets"` // by domain; "ai.onnx" is the default one
	Metadata    map[string]string `json:"metadata"`
	Inputs      []onnxValue       `json:"inputs"`
	Outputs     []onnxValue       `json:"outputs"`
	Parameters  int64             `json:"parameters"`
	Operators   []onnxOperator    `json:"operators"`
	Unsupported []onnxUnsupported `json:"unsupported"`
}

type onnxValue struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Shape []any  `json:"shape"` // sizes, and names or "?" where the file leaves them open; null if it does not say how many there are
}

type onnxOperator struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

type onnxUnsupported struct {
	Name   string   `json:"name"`
	Reason string   `json:"reason"`
	Nodes  []string `json:"nodes"`
}

// inspectONNX prints what the ONNX model at path consists of.
func inspectONNX(c *console, path string, asJSON bool) error {
	m, err := onnx.Read(path)
	if err != nil {
		return err
	}
	i := onnxInfo{
		Name: m.Name, Producer: strings.TrimSpace(m.Producer + " " + m.ProducerVersion), Opsets: map[string]int64{}, Metadata: m.Metadata,
		Inputs: onnxValues(m.Inputs), Outputs: onnxValues(m.Outputs), Parameters: m.Parameters(),
		Operators: []onnxOperator{}, Unsupported: []onnxUnsupported{},
	}
	for domain, version := range m.Opsets {
		i.Opsets[cmp.Or(domain, "ai.onnx")] = version
	}
	for _, o := range m.Operators() {
		i.Operators = append(i.Operators, onnxOperator{operatorName(o.Domain, o.Op), o.Count})
	}
	for _, u := range m.Unsupported() {
		i.Unsupported = append(i.Unsupported, onnxUnsupported{operatorName(u.Domain, u.Op), u.Reason, u.Nodes})
	}
	if asJSON {
		return c.json(i)
	}
	return i.print(c, path)
}

func onnxValues(list []onnx.Info) []onnxValue {
	values := []onnxValue{}
	for _, info := range list {
		v := onnxValue{Name: info.Name, Type: info.Type.String()}
		if info.Ranked {
			v.Shape = []any{}
		}
		for _, d := range info.Dims {
			if d.Size >= 0 {
				v.Shape = append(v.Shape, d.Size)
			} else {
				v.Shape = append(v.Shape, d.String())
			}
		}
		values = append(values, v)
	}
	return values
}

// operatorName returns the name with the domain in front, unless that is the default one.
func operatorName(domain, name string) string {
	if domain == "" {
		return name
	}
	return domain + "." + name
}

func (i *onnxInfo) print(c *console, path string) error {
	c.printf("%s: ONNX model %s", c.bold(path), oneLine(i.Name))
	if i.Producer != "" {
		c.printf(", written by %s", oneLine(i.Producer))
	}
	for _, domain := range slices.Sorted(maps.Keys(i.Opsets)) {
		c.printf(", %s %d", oneLine(domain), i.Opsets[domain])
	}
	c.printf("\n")
	for _, key := range slices.Sorted(maps.Keys(i.Metadata)) {
		c.printf("  %s: %s\n", oneLine(key), shortText(i.Metadata[key]))
	}
	t := c.table()
	fmt.Fprintln(t, "\t\ttype\tshape")
	for _, part := range []struct {
		what   string
		values []onnxValue
	}{{"input", i.Inputs}, {"output", i.Outputs}} {
		for _, v := range part.values {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", part.what, oneLine(v.Name), v.Type, v.shape())
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	c.printf("%s parameters\n\n", metric.Thousands(i.Parameters))
	t = c.table()
	fmt.Fprintln(t, "operator\tnodes")
	for _, o := range i.Operators {
		fmt.Fprintf(t, "%s\t%d\n", oneLine(o.Name), o.Count)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(i.Unsupported) == 0 {
		c.printf("\nall of them are supported\n")
		return nil
	}
	c.printf("\nnot supported:\n")
	for _, u := range i.Unsupported {
		c.printf("  %s (%d): %s; nodes %s\n", oneLine(u.Name), len(u.Nodes), u.Reason, oneLine(strings.Join(u.Nodes, ", ")))
	}
	return nil
}

// shape writes the sizes as "batch x3x224x224".
func (v onnxValue) shape() string {
	if v.Shape == nil {
		return "any"
	}
	if len(v.Shape) == 0 {
		return "scalar"
	}
	var parts []string
	for _, d := range v.Shape {
		parts = append(parts, oneLine(fmt.Sprint(d)))
	}
	return strings.Join(parts, " x ")
}
