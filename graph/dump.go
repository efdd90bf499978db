package graph

import (
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Dump writes the live nodes as text, one a line, in order. The text depends only on what the program computes, so that
// it can be compared with a committed one.
func (g *Graph) Dump(w io.Writer) error {
	var b strings.Builder
	names := map[*Node]string{}
	for i, n := range g.Live() {
		names[n] = fmt.Sprintf("%%%d", i)
		fmt.Fprintf(&b, "%s = %s(", names[n], Describe(n.op))
		for j, in := range n.in {
			if j > 0 {
				b.WriteString(", ")
			}
			b.WriteString(names[in])
		}
		fmt.Fprintf(&b, ") %v", n.typ)
		if n.path != "" {
			fmt.Fprintf(&b, "  # %s", n.path)
		}
		b.WriteByte('\n')
	}
	for _, o := range g.outputs {
		verb := "output"
		if o.Updates >= 0 {
			verb = "update"
		}
		fmt.Fprintf(&b, "%s %s = %s\n", verb, o.Name, names[o.Node])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Describe returns an op's name with those of its attributes that are not zero, such as "Conv2D{Pad:[2 2 2 2]}".
func Describe(op Op) string {
	var attrs []string
	var add func(v reflect.Value)
	add = func(v reflect.Value) {
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch {
			case f.Anonymous && f.Type.Kind() == reflect.Struct:
				add(v.Field(i))
			case f.IsExported() && !v.Field(i).IsZero():
				attrs = append(attrs, fmt.Sprintf("%s:%v", f.Name, v.Field(i)))
			}
		}
	}
	if v := reflect.ValueOf(op); v.Kind() == reflect.Struct {
		add(v)
	}
	if len(attrs) == 0 {
		return op.Name()
	}
	return op.Name() + "{" + strings.Join(attrs, " ") + "}"
}
