package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/lince-ml/lince/format/onnx"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task/classify"
)

// exportONNX writes m as an ONNX model whose input is "images", f32 [N, C, H, W], and whose output is "logits", f32 [N, classes]; x
// says what else there is. Class names, normalisation and architecture are in the metadata.
func exportONNX(w io.Writer, m *modelfile.Model, x classify.Exchange) error {
	task, err := classify.Of(m)
	if err != nil {
		return err
	}
	metadata, err := exportMetadata(m)
	if err != nil {
		return err
	}
	return onnx.Export(w, onnx.Program{
		Name:     m.Architecture,
		Doc:      exportDoc(m, x),
		Metadata: metadata,
		Weights:  m.Weights,
		Trace:    func(n int) (*graph.Graph, error) { return task.Logits(n, x) },
	})
}

// exportMetadata returns what else there is to know of m: a name as such, all else as JSON.
func exportMetadata(m *modelfile.Model) (map[string]string, error) {
	metadata := map[string]string{"architecture": m.Architecture}
	for key, value := range map[string]any{"options": m.Options, "classes": m.Classes, "mean": m.Input.Mean, "std": m.Input.Std} {
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
