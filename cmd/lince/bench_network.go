package main

import (
	"fmt"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/format/onnx"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/internal/measure"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task"
	"github.com/spf13/cobra"
)

func benchTrainCommand(c *console) *cobra.Command {
	f := &networkFlags{}
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Measure training steps",
		Long: "Train measures the step that `lince train` runs for networks that classify: forward and backward pass, and stochastic gradient descent with " +
			"momentum and weight decay. Images and labels are noise; their preparation is not measured.",
		Example: "  lince bench train --model resnet18 --batch 8\n  lince bench train --model lenet5:activation=relu,pool=max --batch 128 --threads 2 --json",
		Args:    arguments(0, 0),
		RunE:    func(*cobra.Command, []string) error { return f.measure(c, measure.Training) },
	}
	f.register(cmd.Flags(), 8)
	return cmd
}

// inferFlags are those of a prediction.
type inferFlags struct {
	networkFlags
	masks  bool
	export string
}

func benchInferCommand(c *console) *cobra.Command {
	f := &inferFlags{}
	cmd := &cobra.Command{
		Use:   "infer",
		Short: "Measure predictions",
		Long: "Infer measures predictions by a network with random weights, from the bytes of the images to what the network says: probabilities, or of " +
			"detectors boxes with scores, before suppression. The weights are part of the program. Of networks in stages it is the part that looks at images; " +
			"--masks measures the one that makes masks, of --batch boxes in one image.",
		Example: "  lince bench infer --model resnet50\n  lince bench infer --model inception_v3 --batch 8 --json\n" +
			"  lince bench infer --model resnet18:width=0.5 --task localize\n  lince bench infer --model lince-mask --masks --batch 16\n" +
			"  lince bench infer --model lince-det --export det.onnx      then time det.onnx elsewhere",
		Args: arguments(0, 0),
		RunE: func(*cobra.Command, []string) error {
			switch {
			case f.export != "":
				return f.write(c)
			case f.masks:
				return f.measure(c, measure.Masks)
			}
			return f.measure(c, measure.Inference)
		},
	}
	f.register(cmd.Flags(), 1)
	cmd.Flags().StringVar(&f.task, "task", "", "what a network for classification is used for: localize; empty for what the architecture is for")
	cmd.Flags().BoolVar(&f.masks, "masks", false, "the part of a network in stages that makes masks of boxes")
	cmd.Flags().StringVar(&f.export, "export", "", "measure nothing, but write what would be measured to `FILE.onnx`, for batches of any size")
	return cmd
}

// write writes the network with its random weights as an ONNX model.
func (f *inferFlags) write(c *console) error {
	if !onnx.Named(f.export) {
		return usagef("--export %s: expected a name that ends in .onnx", f.export)
	}
	n, err := f.network()
	if err != nil {
		return err
	}
	m, err := n.Random()
	if err != nil {
		return err
	}
	program := onnxMasks
	if !f.masks {
		program = func(m *modelfile.Model) (onnx.Program, error) { return onnxProgram(m, task.Exchange{}) }
	}
	p, err := program(m)
	if err == nil {
		err = onnx.ExportFile(f.export, p)
	}
	if err == nil {
		c.printf("%s: %s with random weights\n", f.export, f.model)
	}
	return err
}

// measure measures what compile makes of the network.
func (f *networkFlags) measure(c *console, compile func(*cpu.Backend, measure.Network) (*measure.Program, error)) error {
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
