package main

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/tensor"
	"github.com/spf13/cobra"
)

type modelInfo struct {
	Name       string `json:"name"`
	Summary    string `json:"summary"`
	Paper      string `json:"paper"`
	Input      [3]int `json:"input"` // channels, height, width
	Classes    int    `json:"classes"`
	Parameters int    `json:"parameters"`
	FLOPs      int64  `json:"flops"` // of one image
	// The choices that the architecture offers; the first value is the default.
	Options map[string][]string `json:"options,omitempty"`
}

func modelsCommand(c *console) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "models",
		Short:   "List the architectures, with their parameters and the arithmetic of one image",
		Example: "  lince models\n  lince models --json",
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
			if asJSON {
				return c.json(list)
			}
			return printModels(c, list)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// describe returns what the architecture is at its usual size.
func describe(spec models.Spec) (modelInfo, error) {
	net, err := spec.Build(models.Args{})
	if err != nil {
		return modelInfo{}, err
	}
	one := graph.Type{DType: tensor.F32, Shape: tensor.ShapeOf(1, spec.Channels, spec.Height, spec.Width)}
	s, err := models.Summarize(net, one)
	if err != nil {
		return modelInfo{}, err
	}
	m := modelInfo{spec.Name, spec.Summary, spec.Paper, [3]int{spec.Channels, spec.Height, spec.Width}, spec.Classes, s.Parameters, s.FLOPs, map[string][]string{}}
	for _, o := range spec.Options {
		m.Options[o.Name] = o.Values
	}
	return m, nil
}

func printModels(c *console, list []modelInfo) error {
	t := c.table()
	fmt.Fprintln(t, "model\tinput\tclasses\tparameters\tFLOPs\tsummary")
	for _, m := range list {
		fmt.Fprintf(t, "%s\t%dx%dx%d\t%d\t%s\t%s\t%s\n", m.Name, m.Input[0], m.Input[1], m.Input[2], m.Classes,
			thousands(int64(m.Parameters)), magnitude(m.FLOPs), m.Summary)
	}
	return t.Flush()
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
