package main

import (
	"slices"
	"time"

	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/internal/measure"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/spf13/cobra"
)

func benchKernelsCommand(c *console) *cobra.Command {
	f := &benchFlags{}
	var all bool
	cmd := &cobra.Command{
		Use:   "kernels [NAME...]",
		Short: "Measure the rows of the kernel table, on one thread and data in the first-level cache",
		Long: "Kernels measures each row of the kernel table of the level in use, or only those called NAME, such as Tile. A row is written " +
			"LEVEL/NAME/SIZE; the size of a register tile is rows x columns x length of the sums.",
		Example: "  lince bench kernels\n  lince bench kernels Tile ConvTile --all\n  LINCE_CPU=avx2 lince bench kernels --json",
		Args:    arguments(0, -1),
		RunE: func(_ *cobra.Command, args []string) error {
			rows, err := kernelRows(args, all)
			if err != nil {
				return err
			}
			return f.kernels(c, rows)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "all levels that this CPU runs")
	cmd.Flags().IntVar(&f.steps, "steps", 0, "steps of 64 calls to time, in up to seven runs of which the median counts; 0 for as many as a good figure takes")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// kernelRows returns the rows of the level in use, or of all; only those with one of names, if there are any.
func kernelRows(names []string, all bool) ([]kernel.Row, error) {
	k, err := kernel.Default()
	if err != nil {
		return nil, err
	}
	var rows []kernel.Row
	var known []string
	for _, r := range kernel.Table() {
		if !all && r.Level != k.Level {
			continue
		}
		if !slices.Contains(known, r.Name) {
			known = append(known, r.Name)
		}
		if len(names) == 0 || slices.Contains(names, r.Name) {
			rows = append(rows, r)
		}
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			slices.Sort(known)
			return nil, usageError{nearest.Error("kernel", n, known)}
		}
	}
	return rows, nil
}

func (f *benchFlags) kernels(c *console, rows []kernel.Row) error {
	if err := f.check(); err != nil {
		return err
	}
	effort := f.effort(measure.Effort{Runs: 7, Least: 2 * time.Millisecond})
	if !f.json {
		figureHead(c, "kernel")
	}
	list := []measure.Figure{}
	for _, r := range rows {
		figure, err := effort.Kernel(r)
		if err != nil {
			return err
		}
		if list = append(list, figure); !f.json {
			figureLine(c, figure)
		}
	}
	if f.json {
		return c.json(list)
	}
	return peakLine(c, list)
}
