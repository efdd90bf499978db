package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/train"
)

// run is what a run folder holds.
type run struct {
	dir         string
	config      train.Config
	history     []train.Epoch
	result      train.Result
	model       *modelfile.Model
	predictions *classify.Predictions // nil if there were no test images, or the run is of an older lince
}

func read(dir string) (*run, error) {
	r := &run{dir: dir}
	text, err := os.ReadFile(filepath.Join(dir, train.ResultFile))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("%s: no %s: not the folder of a run that has finished", dir, train.ResultFile)
	} else if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &r.result); err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Join(dir, train.ResultFile), err)
	}
	if r.config, err = train.ReadConfig(filepath.Join(dir, train.ConfigFile), train.Config{}); err != nil {
		return nil, err
	}
	if r.history, err = readHistory(filepath.Join(dir, train.MetricsFile)); err != nil {
		return nil, err
	}
	if r.model, err = modelfile.Read(dir); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, train.PredictionsFile)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if r.predictions, err = classify.ReadPredictions(file); err != nil {
		return nil, err
	}
	if n := len(r.predictions.Classes); n != len(r.model.Classes) {
		return nil, fmt.Errorf("read %s: %d classes, the model knows %d", file, n, len(r.model.Classes))
	}
	return r, nil
}

func readHistory(path string) (list []train.Epoch, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for d := json.NewDecoder(f); ; {
		var e train.Epoch
		err := d.Decode(&e)
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: line %d: %w", path, len(list)+1, err)
		}
		list = append(list, e)
	}
}
