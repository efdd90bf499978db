package main

import (
	"fmt"
	"strings"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/internal/measure"
	"github.com/lince-ml/lince/models"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func benchCommand(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench WHAT",
		Short: "Measure how fast lince is on this machine",
		Long: "Bench measures kernels, single ops, training steps and predictions, on noise. Each figure stands beside the peak: the rate of " +
			"multiply-adds on registers on as many threads, measured right before. A multiply-add counts as two operations, and only those of " +
			"convolutions and matrix products count. LINCE_CPU=avx2 or generic takes other kernels than the best.",
		Example: "  lince bench train --model resnet18 --batch 8\n  lince bench infer --model resnet50 --json\n  lince bench conv --model resnet18",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownVerb(cmd, args[0])
		},
	}
	cmd.AddCommand(benchKernelsCommand(c), benchConvCommand(c), benchGemmCommand(c),
		benchTrainCommand(c), benchInferCommand(c), benchProfileCommand(c))
	return cmd
}

// benchFlags are those of all that is measured.
type benchFlags struct {
	threads int
	steps   int
	json    bool
}

func (f *benchFlags) register(s *pflag.FlagSet) {
	s.IntVar(&f.threads, "threads", 0, "threads, 0 for one per CPU")
	s.IntVar(&f.steps, "steps", 0, "steps to time, in up to seven runs of which the median counts; 0 for as many as a good figure takes")
	s.BoolVar(&f.json, "json", false, "print JSON")
}

func (f *benchFlags) check() error {
	if f.threads < 0 {
		return usagef("--threads %d: expected 0 or more", f.threads)
	}
	if f.steps < 0 {
		return usagef("--steps %d: expected 0 or more", f.steps)
	}
	return nil
}

// effort returns the usual effort, limited to --steps.
func (f *benchFlags) effort(usual measure.Effort) measure.Effort {
	usual.Steps = f.steps
	return usual
}

// networkFlags say which network is measured.
type networkFlags struct {
	benchFlags
	model string
	task  string // empty for what the architecture is for
	batch int
	size  int
}

func (f *networkFlags) register(s *pflag.FlagSet, batch int) {
	s.SortFlags = false
	s.StringVar(&f.model, "model", "resnet18", "`NAME` of the architecture, with options as NAME:KEY=VALUE,... (`lince models` lists them)")
	s.IntVar(&f.batch, "batch", batch, "images per step")
	s.IntVar(&f.size, "image-size", 0, "height and width of the images, 0 for the architecture's own")
	f.benchFlags.register(s)
}

// network returns what the flags say.
func (f *networkFlags) network() (measure.Network, error) {
	if err := f.check(); err != nil {
		return measure.Network{}, err
	}
	if f.batch < 1 {
		return measure.Network{}, usagef("--batch %d: expected 1 or more", f.batch)
	}
	if f.size < 0 {
		return measure.Network{}, usagef("--image-size %d: expected 0 or more", f.size)
	}
	name, options, err := parseModel(f.model)
	if err != nil {
		return measure.Network{}, err
	}
	spec, err := models.Lookup(name)
	if err != nil {
		return measure.Network{}, usageError{err}
	}
	if _, err := spec.Complete(models.Args{Options: options}); err != nil {
		return measure.Network{}, usageError{err}
	}
	return measure.Network{Model: name, Task: f.task, Options: options, Batch: f.batch, Size: f.size}, nil
}

// with calls measured with a backend of the given number of threads.
func with(threads int, measured func(b *cpu.Backend) error) error {
	b, err := cpu.New(threads)
	if err != nil {
		return err
	}
	defer b.Close()
	return measured(b)
}

// figureHead and figureLine print figures in a table, a line as soon as it is known.
func figureHead(c *console, what string) {
	c.printf("%s\n", c.faint(fmt.Sprintf("%-52s %10s %10s %10s %9s", what, "ms", "GFLOP/s", "GB/s", "of peak")))
}

func figureLine(c *console, f measure.Figure) {
	rates := []string{fmt.Sprintf("%.1f", f.GFLOPS), fmt.Sprintf("%.1f", f.GBPerSecond), fmt.Sprintf("%.1f %%", 100*f.ShareOfPeak)}
	if f.GFLOPS == 0 {
		rates[0], rates[2] = "", ""
	}
	if f.GBPerSecond == 0 {
		rates[1] = ""
	}
	c.printf("%s\n", strings.TrimRight(fmt.Sprintf("%-52s %10.5f %10s %10s %9s", f.Name, f.MS, rates[0], rates[1], rates[2]), " "))
}

// peakLine says beside which peak the figures stand.
func peakLine(c *console, figures []measure.Figure) error {
	k, err := kernel.Default()
	if err != nil || len(figures) == 0 {
		return err
	}
	low, high := figures[0].PeakGFLOPS, figures[0].PeakGFLOPS
	for _, f := range figures {
		low, high = min(low, f.PeakGFLOPS), max(high, f.PeakGFLOPS)
	}
	c.printf("\n%s kernels, threads: %d, peak measured beside each: %.0f to %.0f GFLOP/s\n", k.Level, figures[0].Threads, low, high)
	return nil
}
