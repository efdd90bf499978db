package train

import (
	"context"
	"encoding/json"
	"path/filepath"

	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/task"
)

// PredictionsFile is the file of a run folder with what the best weights say of the test images, of a classifier; see classify.Predictions.
const PredictionsFile = "predictions.csv.gz"

// finish measures the test images with the best weights, as they are in the file, and writes predictions.csv.gz and result.json.
func (r *Run) finish(ctx context.Context) (*Outcome, error) {
	best := filepath.Join(r.dir, modelfile.Best)
	m, err := modelfile.Read(best)
	if err != nil {
		return nil, err
	}
	o := &Outcome{Result: r.result(m), History: r.progress.History, Model: m, Test: r.data.Test}
	if r.data.Test != nil {
		if o.Report, err = r.test(ctx, m); err != nil {
			return nil, err
		}
		if r.kind.record != nil {
			if err := r.kind.record(filepath.Join(r.dir, PredictionsFile), o.Report, r.data.Test); err != nil {
				return nil, err
			}
		}
		o.Result.Test = o.Report.Summary()
		scoreOf(o.Report).metrics("test.", m.Metrics)
		if err := modelfile.Write(best, m); err != nil {
			return nil, err
		}
	}
	text, err := json.MarshalIndent(o.Result, "", "  ")
	if err != nil {
		return nil, err
	}
	return o, writeFile(filepath.Join(r.dir, ResultFile), append(text, '\n'))
}

func (r *Run) test(ctx context.Context, m *modelfile.Model) (task.Report, error) {
	l, err := LearnerOf(m)
	if err != nil {
		return nil, err
	}
	return l.Measurer(r.backend, m.Weights, false).Evaluate(ctx, r.data.Test, r.cfg.Workers)
}

// result returns the result but for the test.
func (r *Run) result(best *modelfile.Model) Result {
	p, vars := &r.progress, r.trainer.variables
	res := Result{
		Task: r.cfg.Task, Model: r.cfg.Model, Epochs: p.Epoch, Seed: r.cfg.Seed,
		ParamsSHA256:     modelfile.ParameterSum(vars, best.Weights),
		LastParamsSHA256: modelfile.ParameterSum(vars, r.trainer.values),
		BestEpoch:        p.Best, Validation: p.History[p.Best-1].Validation, EarlyStopped: p.Epoch < r.cfg.Epochs,
		Data: r.model.Data, Version: r.model.Version,
	}
	for _, v := range nn.Trainable(vars) {
		res.Parameters += v.Node.Shape().Size()
	}
	var steps float64 // seconds
	for _, e := range p.History {
		res.TrainSeconds += e.Seconds
		steps += float64(r.imagesPerEpoch()) / e.ImagesPerSecond
	}
	res.ImagesPerSecond = float64(len(p.History)*r.imagesPerEpoch()) / steps
	return res
}

func (r *Run) imagesPerEpoch() int { return r.loader.Len() * r.cfg.Batch }
