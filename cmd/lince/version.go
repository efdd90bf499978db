package main

import (
	"runtime"

	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/internal/version"
	"github.com/spf13/cobra"
)

type versionInfo struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Kernels string `json:"kernels"` // the instruction-set level of the CPU backend
	Threads int    `json:"threads"`
}

func versionCommand(c *console) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version, and what it was built for and runs on",
		Example: "  lince version --json",
		Args:    arguments(0, 0),
		RunE: func(*cobra.Command, []string) error {
			k, err := kernel.Default()
			if err != nil {
				return err
			}
			v := versionInfo{version.String(), runtime.Version(), runtime.GOOS, runtime.GOARCH, k.Level, runtime.GOMAXPROCS(0)}
			if asJSON {
				return c.json(v)
			}
			c.printf("lince %s, %s, %s/%s, %s kernels, %d threads\n", v.Version, v.Go, v.OS, v.Arch, v.Kernels, v.Threads)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
