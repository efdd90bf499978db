package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/format/onnx"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/train"
	"github.com/lince-ml/lince/weights"
	"github.com/spf13/cobra"
)

// inspection is what `lince inspect --json` prints.
type inspection struct {
	Task         string             `json:"task"`
	Architecture string             `json:"architecture"`
	Options      map[string]string  `json:"options"`
	Input        modelfile.Input    `json:"input"`
	Classes      []string           `json:"classes"`
	Layers       []layerInfo        `json:"layers"`
	Parameters   int                `json:"parameters"`
	FLOPs        int64              `json:"flops"` // of one image
	Memory       memoryInfo         `json:"memory"`
	Metrics      map[string]float64 `json:"metrics"`
	Data         modelfile.Data     `json:"data"`
	Version      string             `json:"version"`
	ParamsSHA256 string             `json:"params_sha256"`
}

type layerInfo struct {
	Name       string `json:"name"`
	Op         string `json:"op"`
	Output     []int  `json:"output"`
	Parameters int    `json:"parameters"`
	FLOPs      int64  `json:"flops"`
}

type memoryInfo struct {
	Weights int `json:"weights_bytes"`
	Running int `json:"running_bytes"` // what one image takes beside, on its way through the network
}

func inspectCommand(c *console) *cobra.Command {
	var asJSON, asGraph, asProgram bool
	batch := 1
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Show what a model, or a file of weights, consists of",
		Long: "Inspect prints the layers of a model, a run folder or a model file: shapes for one image, parameters, FLOPs and memory, and what it was trained on.\n\n" +
			"Of a file of weights (safetensors, PyTorch, numpy, Keras) it prints the tensors, and which of lince's models they seem to be for.\n\n" +
			"Of an ONNX model it prints inputs, outputs and operators, and those that are not supported.",
		Example: "  lince inspect runs/mnist-lenet5-1\n  lince inspect runs/mnist-lenet5-1 --graph\n" +
			"  lince inspect runs/mnist-lenet5-1 --program --batch 8\n  lince inspect resnet50.pth\n  lince inspect resnet50.onnx",
		Args: arguments(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			if asGraph && (asJSON || asProgram) {
				return usagef("--graph: not with --json or --program, expected one of them")
			}
			if batch < 1 {
				return usagef("--batch %d: expected 1 or more", batch)
			}
			if onnx.Named(args[0]) {
				if asGraph || asProgram {
					return fmt.Errorf("%s: --graph and --program are for models that lince has written", args[0])
				}
				return inspectONNX(c, args[0], asJSON)
			}
			if foreign, err := openForeign(args[0]); err != nil {
				return meant(args[0], err)
			} else if foreign != nil {
				defer foreign.Close()
				if asGraph || asProgram {
					return fmt.Errorf("%s: weights without a description of the network: --graph and --program are for models that lince has written", args[0])
				}
				return inspectWeights(c, foreign, asJSON)
			}
			m, err := modelfile.Read(args[0])
			if err != nil {
				return meant(args[0], err)
			}
			if asGraph {
				return dump(c, m)
			}
			if asProgram {
				return inspectProgram(c, m, batch, asJSON)
			}
			i, err := inspect(m)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if asJSON {
				return c.json(i)
			}
			return i.print(c)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&asGraph, "graph", false, "print the graph of a prediction, one node a line")
	cmd.Flags().BoolVar(&asProgram, "program", false, "print the steps that the CPU backend compiles a prediction to")
	cmd.Flags().IntVar(&batch, "batch", batch, "images of the prediction, for --program")
	return cmd
}

// openForeign opens a file of weights that is no model of lince's; nil if path is one, or a run folder.
func openForeign(path string) (*weights.File, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, nil
	}
	f, err := weights.Open(path)
	if err != nil || !modelfile.Describes(f.Metadata) {
		return f, err
	}
	return nil, f.Close()
}

func dump(c *console, m *modelfile.Model) error {
	g, err := train.PredictionOf(m, 1)
	if err != nil {
		return err
	}
	return g.Dump(c.out)
}

func inspect(m *modelfile.Model) (*inspection, error) {
	net, err := m.Network()
	if err != nil {
		return nil, err
	}
	vars, err := m.Variables()
	if err != nil {
		return nil, err
	}
	s, err := models.Summarize(net, graph.F32(1, m.Input.Channels, m.Input.Height, m.Input.Width))
	if err != nil {
		return nil, err
	}
	i := &inspection{
		Task: m.Task, Architecture: m.Architecture, Options: m.Options, Input: m.Input, Classes: m.Classes, Parameters: s.Parameters, FLOPs: s.FLOPs,
		Metrics: m.Metrics, Data: m.Data, Version: m.Version, ParamsSHA256: modelfile.ParameterSum(vars, m.Weights),
	}
	for _, l := range s.Layers {
		i.Layers = append(i.Layers, layerInfo{l.Path, l.Op, l.Output.Shape.Dims(), l.Parameters, l.FLOPs})
	}
	for _, w := range m.Weights {
		i.Memory.Weights += len(w.Bytes())
	}
	i.Memory.Running, err = arena(m)
	return i, err
}

// arena returns the memory, in bytes, in which the CPU backend predicts one image.
func arena(m *modelfile.Model) (int, error) {
	g, err := train.PredictionOf(m, 1)
	if err != nil {
		return 0, err
	}
	b, err := cpu.New(1)
	if err != nil {
		return 0, err
	}
	defer b.Close()
	p, err := b.Compile(g)
	if err != nil {
		return 0, err
	}
	return p.(*cpu.Program).Arena(), nil
}

func (i *inspection) print(c *console) error {
	c.printf("%s", c.bold(i.Architecture))
	for _, k := range slices.Sorted(maps.Keys(i.Options)) {
		c.printf(" %s=%s", k, i.Options[k])
	}
	c.printf(": %dx%dx%d images to %d classes (%s)\n", i.Input.Channels, i.Input.Height, i.Input.Width, len(i.Classes), shorten(i.Classes))
	if i.Task != classify.Name {
		c.printf("task %s\n", i.Task)
	}
	c.printf("learned from %s, %s images before parts were set aside, by lince %s\n", i.Data.Name, metric.Thousands(i.Data.Train), i.Version)
	for _, k := range slices.Sorted(maps.Keys(i.Metrics)) {
		c.printf("  %s %.5g\n", k, i.Metrics[k])
	}
	c.printf("\n")
	t := c.table()
	fmt.Fprintln(t, "layer\top\toutput\tparameters\tFLOPs")
	for _, l := range i.Layers {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", l.Name, l.Op, shape(l.Output), metric.Thousands(l.Parameters), metric.Thousands(l.FLOPs))
	}
	fmt.Fprintf(t, "total\t\t\t%s\t%s\n", metric.Thousands(i.Parameters), metric.Thousands(i.FLOPs))
	if err := t.Flush(); err != nil {
		return err
	}
	c.printf("\nmemory: %s weights, and %s for one image\n", byteCount(i.Memory.Weights), byteCount(i.Memory.Running))
	c.printf("parameters: sha256 %s\n", i.ParamsSHA256)
	return nil
}

// shape writes sizes as "6x28x28", without the first, which counts images.
func shape(dims []int) string {
	var parts []string
	for _, d := range dims[min(1, len(dims)):] {
		parts = append(parts, fmt.Sprint(d))
	}
	return strings.Join(parts, "x")
}

// shorten lists names, at most ten of them.
func shorten(names []string) string {
	if len(names) <= 10 {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:10], ", ") + ", ..."
}

// byteCount writes a number of bytes with a metric prefix.
func byteCount(n int) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	return magnitude(int64(n)) + "B"
}
