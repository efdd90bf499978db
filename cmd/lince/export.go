package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/lince-ml/lince/format/onnx"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task/classify"
	"github.com/spf13/pflag"
)

// exportFlags say how a model becomes an ONNX model.
type exportFlags struct {
	importFlags
	exchange classify.Exchange
}

func (f *exportFlags) register(s *pflag.FlagSet) {
	f.importFlags.register(s)
	s.BoolVar(&f.exchange.Pixels, "pixels", false, "OUT.onnx takes pixels from 0 to 255, as float32, and normalises them itself")
	s.BoolVar(&f.exchange.Probabilities, "probabilities", false, "OUT.onnx has a second output, \"probabilities\"")
}

// convertToONNX writes the model at in as the ONNX model out.
func convertToONNX(c *console, in, out string, f exportFlags) error {
	m, err := f.read(c, in)
	if err != nil {
		return err
	}
	p, err := onnxProgram(m, f.exchange)
	if err == nil {
		err = onnx.ExportFile(out, p)
	}
	if err != nil {
		return err
	}
	c.printf("%s: %s for batches of any size, from %s\n", out, m.Architecture, in)
	return nil
}

// onnxProgram returns what is exported of m: the input is "images", f32 [N, C, H, W], the output "logits", f32 [N, classes]; x says what
// else there is. Class names, normalisation and architecture are in the metadata.
func onnxProgram(m *modelfile.Model, x classify.Exchange) (onnx.Program, error) {
	task, err := classify.Of(m)
	if err != nil {
		return onnx.Program{}, err
	}
	metadata, err := exportMetadata(m, x)
	return onnx.Program{
		Name:     m.Architecture,
		Doc:      exportDoc(m, x),
		Metadata: metadata,
		Weights:  m.Weights,
		Trace:    func(n int) (*graph.Graph, error) { return task.Logits(n, x) },
	}, err
}

// exportMetadata returns what else there is to know of m: a name as such, all else as JSON. Elements of the input are (pixel/255 - mean)/std, also
// where the network takes pixels.
func exportMetadata(m *modelfile.Model, x classify.Exchange) (map[string]string, error) {
	in := m.Input
	if x.Pixels {
		in.Mean, in.Std = make([]float32, in.Channels), slices.Repeat([]float32{1.0 / 255}, in.Channels)
	}
	notes := map[string]any{"options": m.Options, "classes": m.Classes, "mean": in.Mean, "std": in.Std, "border": in.Border, "kind": m.Kind.String()}
	if in.Resize != 0 {
		notes["resize"] = in.Resize
	}
	if m.Temperature != 0 {
		notes["temperature"] = m.Temperature
	}
	if m.Thresholds != nil {
		notes["thresholds"] = m.Thresholds
	}
	metadata := map[string]string{"architecture": m.Architecture}
	for key, value := range notes {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		metadata[key] = string(text)
	}
	return metadata, nil
}

func exportDoc(m *modelfile.Model, x classify.Exchange) string {
	in := m.Input
	elements := "(pixel/255 - mean)/std by channel, mean and std as in the metadata"
	if x.Pixels {
		elements = "pixels from 0 to 255; the model normalises them itself"
	}
	return fmt.Sprintf("Classifies images into %d classes. Input %q: float32 [N %d %d %d], %s.",
		len(m.Classes), classify.Images, in.Channels, in.Height, in.Width, elements)
}
