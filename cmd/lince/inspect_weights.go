package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/weights"
)

// weightsInfo is what `lince inspect --json` prints of a file of weights.
type weightsInfo struct {
	Format   string            `json:"format"`
	Metadata map[string]string `json:"metadata"`
	Tensors  []tensorInfo      `json:"tensors"` // in the order of the file
	Numbers  int64             `json:"numbers"` // in all tensors together
	Bytes    int64             `json:"bytes"`
	Model    *guessInfo        `json:"model"` // that the weights seem to be for; null if none is much alike
}

type tensorInfo struct {
	Name  string `json:"name"`
	DType string `json:"dtype"`
	Shape []int  `json:"shape"`
	Bytes int    `json:"bytes"`
}

type guessInfo struct {
	Name       string   `json:"name"`
	Classes    int      `json:"classes"`
	Channels   int      `json:"channels"`
	Missing    []string `json:"missing"`     // variables that the file has not
	Unexpected []string `json:"unexpected"`  // tensors that the model has not
	OtherShape []string `json:"other_shape"` // of both, in words
}

// inspectWeights prints what a file of weights has.
func inspectWeights(c *console, f *weights.File, asJSON bool) error {
	g, err := f.Guess()
	if err != nil {
		return err
	}
	i := weightsInfo{Format: f.Format, Metadata: f.Metadata, Tensors: []tensorInfo{}}
	for _, e := range f.Entries {
		i.Tensors = append(i.Tensors, tensorInfo{e.Name, e.DType.String(), append([]int{}, e.Shape.Dims()...), e.Bytes()})
		i.Numbers += int64(e.Shape.Size())
		i.Bytes += int64(e.Bytes())
	}
	if g != nil {
		some := func(names []string) []string { return append([]string{}, names...) } // not null
		i.Model = &guessInfo{g.Spec.Name, g.Args.Classes, g.Args.Channels, some(g.Missing), some(g.Unexpected), some(g.OtherShape)}
	}
	if asJSON {
		return c.json(i)
	}
	return i.print(c, f.Path)
}

func (i *weightsInfo) print(c *console, path string) error {
	c.printf("%s: weights in the format of %s, without a description of the network\n", c.bold(path), i.Format)
	for _, k := range slices.Sorted(maps.Keys(i.Metadata)) {
		c.printf("  %s: %s\n", oneLine(k), shortText(i.Metadata[k]))
	}
	if g := i.Model; g != nil {
		c.printf("they look like those of the model %s for %d classes and %d channels: %s\n", c.bold(g.Name), g.Classes, g.Channels, g.difference())
	} else {
		c.printf("they look like those of none of lince's models\n")
	}
	c.printf("\n")
	t := c.table()
	fmt.Fprintln(t, "tensor\ttype\tshape\tsize")
	for _, e := range i.Tensors {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", oneLine(e.Name), e.DType, dimensions(e.Shape), byteCount(e.Bytes))
	}
	fmt.Fprintf(t, "total of %s\t\t%s\t%s\n", metric.Thousands(len(i.Tensors)), metric.Thousands(i.Numbers), byteCount(int(i.Bytes)))
	return t.Flush()
}

// difference says how the file differs from what the model asks for.
func (g *guessInfo) difference() string {
	var parts []string
	for _, p := range []struct {
		what  string
		names []string
	}{{"missing", g.Missing}, {"unexpected", g.Unexpected}, {"of another shape", g.OtherShape}} {
		if len(p.names) > 0 {
			parts = append(parts, fmt.Sprintf("%d %s (%s)", len(p.names), p.what, shorten(p.names)))
		}
	}
	if parts == nil {
		return "all names and shapes"
	}
	return strings.Join(parts, ", ")
}

// dimensions writes sizes as "64x3x7x7".
func dimensions(dims []int) string {
	if len(dims) == 0 {
		return "scalar"
	}
	return shape(append([]int{0}, dims...))
}

// shortText keeps a note to one line.
func shortText(s string) string {
	runes := []rune(oneLine(s))
	if len(runes) > 100 {
		return string(runes[:100]) + "..."
	}
	return string(runes)
}
