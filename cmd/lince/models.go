package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/models"
	"github.com/spf13/cobra"
)

type modelInfo struct {
	Name         string        `json:"name"`
	Family       string        `json:"family"`
	Summary      string        `json:"summary"`
	Paper        string        `json:"paper"`
	Input        [3]int        `json:"input"` // channels, height, width
	Classes      int           `json:"classes"`
	Parameters   int           `json:"parameters"`
	Auxiliary    int           `json:"auxiliary,omitempty"` // parameters of heads that only training has
	MultiplyAdds int64         `json:"multiply_adds"`       // of convolutions and matrix products, for one image
	FLOPs        int64         `json:"flops"`               // of everything; a multiply-add counts as two
	Options      []modelOption `json:"options,omitempty"`
}

// A modelOption is a choice that the architecture offers: of one of the values, or of a number with min <= number < below.
type modelOption struct {
	Name    string   `json:"name"`
	Default string   `json:"default"`
	Values  []string `json:"values,omitempty"`
	Min     *float64 `json:"min,omitempty"`
	Below   *float64 `json:"below,omitempty"`
}

func modelsCommand(c *console) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "models",
		Short:   "List the architectures, with their parameters and the arithmetic of one image",
		Example: "  lince models\n  lince models --json\n  lince models pull resnet50",
		Args:    arguments(0, 0),
		RunE: func(*cobra.Command, []string) error {
			var list []modelInfo
			for _, spec := range models.All() {
				m, err := describe(spec)
				if err != nil {
					return fmt.Errorf("%s: %w", spec.Name, err)
				}
				list = append(list, m)
			}
			slices.SortFunc(list, func(a, b modelInfo) int {
				return cmp.Or(cmp.Compare(strings.ToLower(a.Family), strings.ToLower(b.Family)), cmp.Compare(a.Parameters, b.Parameters))
			})
			if asJSON {
				return c.json(list)
			}
			printModels(c, list)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.AddCommand(pullCommand(c))
	return cmd
}

// describe returns what the architecture is at its usual size.
func describe(spec models.Spec) (modelInfo, error) {
	net, err := spec.Build(models.Args{})
	if err != nil {
		return modelInfo{}, err
	}
	s, err := models.Summarize(net, graph.F32(1, spec.Channels, spec.Height, spec.Width))
	if err != nil {
		return modelInfo{}, err
	}
	m := modelInfo{
		Name: spec.Name, Family: spec.Family, Summary: spec.Summary, Paper: spec.Paper,
		Input: [3]int{spec.Channels, spec.Height, spec.Width}, Classes: spec.Classes,
		Parameters: s.Parameters, Auxiliary: s.Auxiliary, MultiplyAdds: s.MultiplyAdds, FLOPs: s.FLOPs,
	}
	for _, o := range spec.Options {
		option := modelOption{Name: o.Name, Default: o.Default(), Values: o.Values}
		if o.Values == nil {
			option.Min, option.Below = &o.Number.Min, &o.Number.Below
		}
		m.Options = append(m.Options, option)
	}
	return m, nil
}

// printModels prints a table with a line of its own for each family and its paper.
func printModels(c *console, list []modelInfo) {
	name := 0
	for _, m := range list {
		name = max(name, len(m.Name))
	}
	c.printf("%-*s  %-9s  %11s  %13s  %s\n", name+2, "model", "input", "parameters", "multiply-adds", "summary")
	family := ""
	for _, m := range list {
		if m.Family != family {
			family = m.Family
			c.printf("\n%s: %s\n", c.bold(family), m.Paper)
		}
		input := fmt.Sprintf("%dx%dx%d", m.Input[0], m.Input[1], m.Input[2])
		c.printf("  %-*s  %-9s  %11s  %13s  %s\n", name, m.Name, input, metric.Thousands(m.Parameters), magnitude(m.MultiplyAdds), m.Summary)
	}
}

// magnitude writes a large number with three digits and a metric prefix: 1.23 M.
func magnitude(n int64) string {
	v, prefix := float64(n), ""
	for _, p := range []string{"k", "M", "G", "T"} {
		if v < 999.5 {
			break
		}
		v, prefix = v/1000, " "+p
	}
	return fmt.Sprintf("%.3g%s", v, prefix)
}
