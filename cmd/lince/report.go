package main

import (
	"path/filepath"

	"github.com/lince-ml/lince/report"
	"github.com/spf13/cobra"
)

func reportCommand(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "report RUN",
		Short: "Write the page that says all about a run",
		Long: "Report writes report.html into the folder of a run that has finished, as `lince train` does at the end: settings, data, curves, metrics with " +
			"their intervals, classes, mistakes, and how to repeat it. The page needs no other file and no network.",
		Example: "  lince report runs/mnist-lenet5-1",
		Args:    arguments(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := report.Write(args[0]); err != nil {
				return meant(args[0], err)
			}
			c.printf("%s\n", filepath.Join(args[0], report.File))
			return nil
		},
	}
}
