package main

import (
	"fmt"
	"time"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/internal/measure"
	"github.com/spf13/cobra"
)

// opEffort is what a figure of a single op takes: the time of oneDNN's own benchmark, about.
var opEffort = measure.Effort{Runs: 7, Least: 60 * time.Millisecond}

// convFigure is what `lince bench conv --json` prints for each convolution.
type convFigure struct {
	measure.Figure
	Count int `json:"count"` // how often the network has it; 0 for a total
}

func benchConvCommand(c *console) *cobra.Command {
	f := &networkFlags{}
	cmd := &cobra.Command{
		Use:   "conv [SHAPE...]",
		Short: "Measure convolutions in the three directions of training",
		Long: "Conv measures all convolutions of a training step of --model, each once, and sums up how long they take together, or those of the " +
			"given shapes: images NxCxHxW, filters OxKHxKW and, where they are not the usual ones, stride, pad, dilation and groups. " +
			"The time includes packing the weights and unpacking their gradient.",
		Example: "  lince bench conv --model resnet50 --batch 8\n  lince bench conv 8x64x56x56:64x3x3:pad=1 8x3x224x224:64x7x7:stride=2,pad=3",
		Args:    arguments(0, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := f.network()
			if err != nil {
				return err
			}
			list, err := convolutions(n, args)
			if err != nil {
				return err
			}
			return with(f.threads, func(b *cpu.Backend) error { return f.convolutions(c, b, list, len(args) == 0) })
		},
	}
	f.register(cmd.Flags(), 8)
	return cmd
}

// convolutions returns the given shapes in all directions, or those of the network if there are none.
func convolutions(n measure.Network, shapes []string) ([]measure.Conv, error) {
	if len(shapes) == 0 {
		return measure.Convolutions(n)
	}
	var list []measure.Conv
	for _, d := range measure.Directions {
		for _, s := range shapes {
			conv, err := measure.ParseConv(s)
			if err != nil {
				return nil, usageError{err}
			}
			conv.Direction = d
			list = append(list, conv)
		}
	}
	return list, nil
}

// convolutions measures the list, and their totals if they are those of a network.
func (f *networkFlags) convolutions(c *console, b *cpu.Backend, list []measure.Conv, totals bool) error {
	effort := f.effort(opEffort)
	if !f.json {
		figureHead(c, "convolution, number of them")
	}
	var figures []measure.Figure
	var out []convFigure
	for _, conv := range list {
		p, err := measure.ConvProgram(b, conv)
		if err != nil {
			return err
		}
		figure, err := effort.Measure(p)
		if err != nil {
			return err
		}
		figures, out = append(figures, figure), append(out, convFigure{figure, conv.Count})
		if !f.json {
			figure.Name = fmt.Sprintf("%-47s x%3d", figure.Name, conv.Count)
			figureLine(c, figure)
		}
	}
	if totals {
		for _, d := range measure.Directions {
			total := measure.Total(d, list, figures)
			out = append(out, convFigure{total, 0})
			if !f.json {
				figureLine(c, total)
			}
		}
	}
	if f.json {
		return c.json(out)
	}
	return peakLine(c, figures)
}

func benchGemmCommand(c *console) *cobra.Command {
	f := &benchFlags{}
	cmd := &cobra.Command{
		Use:     "gemm [SHAPE...]",
		Short:   "Measure matrix products",
		Long:    "Gemm measures products of float32 matrices. A SHAPE is MxNxK for M x K times K x N; :ta or :tb behind it says that a factor is stored transposed.",
		Example: "  lince bench gemm\n  lince bench gemm 1024x1024x1024:tb 128x120x400:tb --threads 1",
		Args:    arguments(0, -1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			if len(args) == 0 {
				args = []string{"512x512x512", "1024x1024x1024", "2048x2048x2048", "1024x1024x1024:ta", "1024x1024x1024:tb"}
			}
			return with(f.threads, func(b *cpu.Backend) error { return f.products(c, b, args) })
		},
	}
	f.register(cmd.Flags())
	return cmd
}

func (f *benchFlags) products(c *console, b *cpu.Backend, shapes []string) error {
	if !f.json {
		figureHead(c, "matrix product")
	}
	var list []measure.Figure
	for _, s := range shapes {
		m, n, k, attrs, err := measure.ParseMatMul(s)
		if err != nil {
			return usageError{err}
		}
		p, err := measure.MatMulProgram(b, m, n, k, attrs)
		if err != nil {
			return err
		}
		figure, err := f.effort(opEffort).Measure(p)
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
