package modelfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/lince-ml/lince/format/safetensors"
	"github.com/lince-ml/lince/tensor"
)

// The files of a run folder that hold weights.
const (
	Best = "best.safetensors" // the model with the best validation result
	Last = "last.safetensors" // a checkpoint: where the training is
)

const (
	modelKey    = "lince.model"
	trainingKey = "lince.training"
	optimPrefix = "optim." // of the optimiser's tensors, as package optim names them
)

// Write writes m to path as a whole or, on an error, not at all.
func Write(path string, m *Model) error {
	f, err := encode(m)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return safetensors.WriteFile(path, f)
}

func encode(m *Model) (*safetensors.File, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	f := &safetensors.File{Tensors: maps.Clone(m.Weights), Metadata: map[string]string{modelKey: string(text)}}
	if m.Training != nil {
		f.Metadata[trainingKey] = string(m.Training.State)
		maps.Copy(f.Tensors, m.Training.Optim)
	}
	return f, nil
}

// Read reads the model at path, a model file or a run folder, whose best.safetensors is taken. It checks that the weights
// are those that the architecture asks for. Errors name the file.
func Read(path string) (*Model, error) {
	path, err := PathOf(path)
	if err != nil {
		return nil, err
	}
	f, err := safetensors.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := decode(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return m, nil
}

// PathOf returns the file of weights that name stands for: itself, or best.safetensors of a run folder.
func PathOf(name string) (string, error) {
	if info, err := os.Stat(name); err != nil || !info.IsDir() {
		return name, nil
	}
	path := filepath.Join(name, Best)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read %s: a folder without %s: no run, or one that stopped before the end of its first epoch", name, Best)
	}
	return path, nil
}

// Describes reports whether a safetensors file with this metadata is a model, and not weights alone.
func Describes(metadata map[string]string) bool {
	_, ok := metadata[modelKey]
	return ok
}

func decode(f *safetensors.File) (*Model, error) {
	text, ok := f.Metadata[modelKey]
	if !ok {
		return nil, fmt.Errorf("weights without a description of the network (metadata %q): not a model that lince has written", modelKey)
	}
	m := &Model{Weights: map[string]*tensor.Tensor{}}
	if err := json.Unmarshal([]byte(text), m); err != nil {
		return nil, fmt.Errorf("metadata %q: %w", modelKey, err)
	}
	if state, ok := f.Metadata[trainingKey]; ok {
		m.Training = &Training{State: json.RawMessage(state), Optim: map[string]*tensor.Tensor{}}
	}
	for name, t := range f.Tensors {
		if t.DType().IsFloat() { // lince convert --dtype may have made it smaller
			var err error
			if t, err = tensor.Convert(t, tensor.F32); err != nil {
				return nil, fmt.Errorf("tensor %q: %w", name, err)
			}
		}
		if m.Training != nil && strings.HasPrefix(name, optimPrefix) {
			m.Training.Optim[name] = t
		} else {
			m.Weights[name] = t
		}
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, m.checkWeights()
}
