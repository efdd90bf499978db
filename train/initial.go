package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/weights"
)

// Initial says what became of the tensors of Config.Weights. It is the content of weights.json in the run folder. A variable that is not
// loaded keeps its random first values.
type Initial struct {
	File       string       `json:"file"`
	SHA256     string       `json:"sha256"`      // of the file
	Normalized string       `json:"normalized"`  // whose mean and deviation the images get: AsSettings, AsWeights or AsImages
	Loaded     []string     `json:"loaded"`      // variables of the network with the values of the file
	Missing    []string     `json:"missing"`     // variables that the file has not
	OtherShape []OtherShape `json:"other_shape"` // variables that are of another type or shape in the file
	Unexpected []string     `json:"unexpected"`  // tensors of the file that the network has not
}

// Values of Initial.Normalized.
const (
	AsSettings = "those of the settings"
	AsWeights  = "those of the weights"
	AsImages   = "those of the training images"
)

// OtherShape is a variable that does not fit, with types such as "f32[10 512]".
type OtherShape struct {
	Name    string `json:"name"`
	File    string `json:"file"`
	Network string `json:"network"`
}

// ModelOf returns the architecture that the weights at path are of, as Config.Weights names them: what a lince model says, otherwise the one whose
// names and shapes are most alike. Options that weights do not tell are missing.
func ModelOf(path string) (name string, args models.Args, err error) {
	s, err := openSource(path)
	if err != nil {
		return "", args, err
	}
	defer s.Close()
	if s.model != nil {
		return s.model.Architecture, s.model.Args(), nil
	}
	g, err := s.Guess()
	if err != nil {
		return "", args, err
	}
	if g == nil {
		return "", args, fmt.Errorf("weights %s: of no model known here: name the one to load them into", path)
	}
	g.Args.Options = nil
	return g.Spec.Name, g.Args, nil
}

// source is an open file of weights.
type source struct {
	*weights.File
	model   *modelfile.Model        // nil if lince has not written the file
	entries map[string]format.Entry // of the network's variables, by their names
}

// openSource opens a file of weights, a model or a run folder.
func openSource(path string) (*source, error) {
	path, err := modelfile.PathOf(path)
	if err != nil {
		return nil, err
	}
	f, err := weights.Open(path)
	if err != nil {
		return nil, err
	}
	s := &source{File: f, entries: map[string]format.Entry{}}
	if err := s.index(); err != nil {
		f.Close()
		return nil, err
	}
	return s, nil
}

func (s *source) index() (err error) {
	if modelfile.Describes(s.Metadata) { // which is read as one: with its checksum, and without the optimiser's state
		if s.model, err = modelfile.Read(s.Path); err != nil {
			return err
		}
		for name, t := range s.model.Weights {
			s.entries[name] = format.EntryOf(name, t)
		}
		return nil
	}
	s.entries, err = s.ByName()
	return err
}

// settle gives cfg the options that the weights ask of the architecture, where it leaves them open, and returns the preprocessing that they were trained with, nil
// if it is not known.
func (s *source) settle(cfg *Config) (*modelfile.Input, error) {
	if s.model != nil {
		return &s.model.Input, nil
	}
	usage, err := modelfile.UsageOf(s.File, cfg.Model)
	if err != nil || usage.Mean == nil {
		return nil, err
	}
	cfg.ModelOptions = usage.Complete(cfg.ModelOptions)
	return &modelfile.Input{Channels: len(usage.Mean), Mean: usage.Mean, Std: usage.Std}, nil
}

// prepare returns a new run with its first weights. It writes nothing.
func prepare(dir string, cfg Config, d Data) (*Run, error) {
	if cfg.Weights == "" {
		return newWhitened(dir, cfg, d, nil)
	}
	s, err := openSource(cfg.Weights)
	if err != nil {
		return nil, err
	}
	input, err := s.settle(&cfg)
	if err != nil {
		s.Close()
		return nil, err
	}
	r, err := newWhitened(dir, cfg, d, input)
	if err != nil {
		s.Close()
		return nil, err
	}
	if err := errors.Join(r.load(s, input), s.Close()); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// load gives the variables that fit the values of s, which were trained with the given input. Fewer than half of them is an error: the file is for another
// network.
func (r *Run) load(s *source, input *modelfile.Input) error {
	sum, err := s.SHA256()
	if err != nil {
		return err
	}
	if want := r.cfg.WeightsSHA256; want != "" && want != sum {
		return fmt.Errorf("weights %s: the SHA-256 begins with %.12s, in the settings with %.12s: not the file of the run to repeat", s.Path, sum, want)
	}
	vars := r.trainer.variables
	in := compare(vars, s.entries)
	if len(in.Loaded)*2 < len(vars) {
		return fmt.Errorf("weights %s: %d of %d variables of %s fit; %s", s.Path, len(in.Loaded), len(vars), r.cfg.Model, s.describe())
	}
	for _, v := range vars {
		if v.Frozen && !slices.Contains(in.Loaded, v.Name) {
			return fmt.Errorf("weights %s: no values for %s, %v, which is to be frozen: freeze less, or load all of it", s.Path, v.Name, v.Node.Type())
		}
	}
	for _, name := range in.Loaded {
		t, err := s.entries[name].Read()
		if err != nil {
			return err
		}
		copy(r.trainer.values[name].Bytes(), t.Bytes())
	}
	r.trainer.beginAverages()
	in.File, in.SHA256, in.Normalized = r.cfg.Weights, sum, r.normalizedAs(input)
	r.cfg.WeightsSHA256, r.initial = sum, in
	return nil
}

// normalizedAs says whose mean and deviation prepareModel has chosen.
func (r *Run) normalizedAs(weights *modelfile.Input) string {
	switch {
	case r.cfg.Mean != nil:
		return AsSettings
	case weights != nil && weights.Channels == r.cfg.Channels:
		return AsWeights
	}
	return AsImages
}

func compare(vars []nn.Variable, entries map[string]format.Entry) *Initial {
	in := &Initial{Loaded: []string{}, Missing: []string{}, OtherShape: []OtherShape{}}
	rest := maps.Clone(entries)
	for _, v := range vars {
		e, ok := entries[v.Name]
		delete(rest, v.Name)
		has, want := graph.Type{DType: e.DType, Shape: e.Shape}, v.Node.Type()
		switch {
		case !ok:
			in.Missing = append(in.Missing, v.Name)
		case has != want:
			in.OtherShape = append(in.OtherShape, OtherShape{v.Name, has.String(), want.String()})
		default:
			in.Loaded = append(in.Loaded, v.Name)
		}
	}
	in.Unexpected = slices.AppendSeq([]string{}, maps.Keys(rest))
	slices.Sort(in.Unexpected)
	return in
}

// describe says what the weights seem to be for.
func (s *source) describe() string {
	if s.model != nil {
		return fmt.Sprintf("the file is a %s for %d classes", s.model.Architecture, len(s.model.Classes))
	}
	if g, err := s.Guess(); err == nil && g != nil {
		return fmt.Sprintf("the file seems to be for %s with %d classes", g.Spec.Name, g.Args.Classes)
	}
	return "the file is for no model known here"
}

// writeInitial writes weights.json, if there is anything to say.
func (r *Run) writeInitial() error {
	if r.initial == nil {
		return nil
	}
	text, err := json.MarshalIndent(r.initial, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(r.dir, WeightsFile), append(text, '\n'))
}
