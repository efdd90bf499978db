package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/lince-ml/lince/format/onnx"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/task/detect"
	"github.com/lince-ml/lince/task/instances"
	"github.com/lince-ml/lince/task/localize"
	"github.com/lince-ml/lince/task/segment"
	"github.com/lince-ml/lince/train"
	"github.com/spf13/pflag"
)

// exportFlags say how a model becomes an ONNX model.
type exportFlags struct {
	importFlags
	exchange task.Exchange
}

func (f *exportFlags) register(s *pflag.FlagSet) {
	f.importFlags.register(s)
	s.BoolVar(&f.exchange.Pixels, "pixels", false, "OUT.onnx takes pixels from 0 to 255, as float32, and normalises them itself")
	s.BoolVar(&f.exchange.Probabilities, "probabilities", false, "OUT.onnx has \"probabilities\" beside \"logits\"")
}

// convertToONNX writes the model at in as the ONNX model out. What makes masks of boxes is a second one beside it.
func convertToONNX(c *console, in, out string, f exportFlags) error {
	m, err := f.read(c, in)
	if err != nil {
		return err
	}
	if f.exchange.Probabilities && (m.Task == detect.Name || m.Task == instances.Name) {
		return usagef("--probabilities: the scores of a model for the task %s are probabilities; expected no such flag", m.Task)
	}
	p, err := onnxProgram(m, f.exchange)
	if err == nil {
		err = onnx.ExportFile(out, p)
	}
	if err != nil {
		return err
	}
	c.printf("%s: %s for batches of any size, from %s\n", out, m.Architecture, in)
	if m.Task != instances.Name {
		return nil
	}
	masks := strings.TrimSuffix(out, ".onnx") + ".masks.onnx"
	if p, err = onnxMasks(m); err == nil {
		err = onnx.ExportFile(masks, p)
	}
	if err != nil {
		return err
	}
	c.printf("%s: its masks, for any number of boxes in an image\n", masks)
	return nil
}

// onnxProgram returns what is exported of m. The input is "images", f32 [N, C, H, W]; exportOutputs has the outputs. Class names, normalisation and
// architecture are in the metadata.
func onnxProgram(m *modelfile.Model, x task.Exchange) (onnx.Program, error) {
	l, err := train.LearnerOf(m)
	if err != nil {
		return onnx.Program{}, err
	}
	metadata, err := exportMetadata(m, x)
	return onnx.Program{
		Name:     m.Architecture,
		Doc:      exportDoc(m, x),
		Metadata: metadata,
		Weights:  m.Weights,
		Trace:    func(n int) (*graph.Graph, error) { return l.Export(n, x) },
	}, err
}

// onnxMasks returns the part of m that makes masks of boxes.
func onnxMasks(m *modelfile.Model) (onnx.Program, error) {
	t, err := instances.Of(m)
	return onnx.Program{
		Name: m.Architecture + " masks",
		Doc: "Makes masks of boxes in one image, float32 [N 4] of x0, y0, x1, y1 in pixels, by the image's features. " +
			"Of the 28 x 28 cells of a box, those of 0.5 or more are the thing.",
		Weights: m.Weights,
		Trace:   t.ExportMasks,
	}, err
}

// exportMetadata returns what else there is to know of m: a name as such, all else as JSON. Elements of the input are (pixel/255 - mean)/std, also
// where the network takes pixels.
func exportMetadata(m *modelfile.Model, x task.Exchange) (map[string]string, error) {
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
	if m.Threshold != 0 {
		notes["threshold"] = m.Threshold
	}
	metadata := map[string]string{"architecture": m.Architecture, "task": m.Task}
	for key, value := range notes {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		metadata[key] = string(text)
	}
	return metadata, nil
}

// exportOutputs says what the outputs of each task are.
var exportOutputs = map[string]string{
	classify.Name: `Classifies images: "logits", float32 [N classes].`,
	localize.Name: `Classifies images and says where the thing is: "logits", float32 [N classes]; "boxes", float32 [N 4], x0, y0, x1, y1 as shares of width and height.`,
	segment.Name:  `Classifies the pixels of images: "logits", float32 [N classes H W].`,
	detect.Name: `Finds things in images: "boxes", float32 [N A 4], x0, y0, x1, y1 in pixels of the input, and "scores", float32 [N A classes], 0 to 1, ` +
		`of each of A places. Non-maximum suppression is left to do.`,
	instances.Name: `Finds things in images: "boxes", float32 [N A 4], x0, y0, x1, y1 in pixels of the input, and "scores", float32 [N A classes], 0 to 1, ` +
		`of each of A places. Non-maximum suppression is left to do. The features of an image, and boxes in it, are for the model that makes masks.`,
}

func exportDoc(m *modelfile.Model, x task.Exchange) string {
	in := m.Input
	elements := "(pixel/255 - mean)/std by channel, mean and std as in the metadata"
	if x.Pixels {
		elements = "pixels from 0 to 255; the model normalises them itself"
	}
	return fmt.Sprintf("%s There are %d classes. Input %q: float32 [N %d %d %d], %s.",
		exportOutputs[m.Task], len(m.Classes), task.Images, in.Channels, in.Height, in.Width, elements)
}
