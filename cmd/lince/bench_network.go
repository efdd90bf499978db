package main

import (
	"fmt"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/internal/measure"
	"github.com/spf13/cobra"
)

func benchTrainCommand(c *console) *cobra.Command {
	return benchNetworkCommand(c, &cobra.Command{
		Use:   "train",
		Short: "Measure training steps",
		Long: "Train measures the step that `lince train` runs: forward and backward pass, and stochastic gradient descent with momentum and " +
			"weight decay. Images and labels are noise; their preparation is not measured.",
		Example: "  lince bench train --model resnet18 --batch 8\n  lince bench train --model lenet5:activation=relu,pool=max --batch 128 --threads 2 --json",
	}, 8, measure.Training)
}

func benchInferCommand(c *console) *cobra.Command {
	return benchNetworkCommand(c, &cobra.Command{
		Use:     "infer",
		Short:   "Measure predictions",
		Long:    "Infer measures predictions by a network with random weights, from the bytes of the images to the probabilities. The weights are part of the program.",
		Example: "  lince bench infer --model resnet50\n  lince bench infer --model inception_v3 --batch 8 --json",
	}, 1, measure.Inference)
}

// benchNetworkCommand completes the verb that measures what compile makes of a network.
func benchNetworkCommand(c *console, cmd *cobra.Command, batch int, compile func(*cpu.Backend, measure.Network) (*measure.Program, error)) *cobra.Command {
	f := &networkFlags{}
	f.register(cmd.Flags(), batch)
	cmd.Args = arguments(0, 0)
	cmd.RunE = func(*cobra.Command, []string) error {
		n, err := f.network()
		if err != nil {
			return err
		}
		return with(f.threads, func(b *cpu.Backend) error {
			p, err := compile(b, n)
			if err != nil {
				return err
			}
			figure, err := f.effort(measure.Usual).Measure(p)
			if err != nil {
				return err
			}
			if f.json {
				return c.json(figure)
			}
			return printFigure(c, figure)
		})
	}
	return cmd
}

func printFigure(c *console, f measure.Figure) error {
	k, err := kernel.Default()
	if err != nil {
		return err
	}
	c.printf("%s, threads: %d, %s kernels\n", c.bold(f.Name), f.Threads, k.Level)
	c.printf("  %s images/s, %.3f ms a step (%.3f to %.3f; %d steps timed)\n", c.bold(fmt.Sprintf("%.1f", f.ImagesPerSecond)), f.MS, f.MSMin, f.MSMax, f.Steps)
	c.printf("  %.1f GFLOP/s, %.1f %% of the peak of %.0f\n", f.GFLOPS, 100*f.ShareOfPeak, f.PeakGFLOPS)
	c.printf("  %.0f MiB at most, %d allocations a step\n", f.RSSMiB, f.AllocsPerStep)
	return nil
}
