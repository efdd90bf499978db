package weights

import (
	"fmt"
	"slices"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
)

// A Guess is the model that weights seem to be for.
type Guess struct {
	Spec       models.Spec
	Args       models.Args
	Missing    []string // variables of the model that the file has not
	Unexpected []string // tensors of the file that the model has not
	OtherShape []string // and those that both have: "fc.weight is f32[10 512], the model has f32[1000 512]"
}

// Guess compares names and shapes with those of all models, and returns the one that is most alike; nil if none is much alike. The numbers of
// classes and channels are the file's.
func (f *File) Guess() (*Guess, error) {
	entries := f.byName()
	var best *Guess
	most := 0.0
	for _, spec := range models.All() {
		vars, err := variablesOf(spec, models.Args{})
		if err != nil {
			return nil, err
		}
		if score := alike(vars, entries); score > most {
			most, best = score, &Guess{Spec: spec}
		}
	}
	const enough = 0.8
	if most < enough {
		return nil, nil
	}
	return best, best.fit(entries)
}

// As compares the file with a model of the given options. The numbers of classes and channels are the file's.
func (f *File) As(spec models.Spec, options map[string]string) (*Guess, error) {
	g := &Guess{Spec: spec, Args: models.Args{Options: options}}
	return g, g.fit(f.byName())
}

func (f *File) byName() map[string]format.Entry {
	entries := map[string]format.Entry{}
	for _, e := range f.Variables() {
		entries[e.Name] = e
	}
	return entries
}

func variablesOf(spec models.Spec, a models.Args) ([]nn.Variable, error) {
	net, err := spec.Build(a)
	if err != nil {
		return nil, err
	}
	a, err = spec.Complete(a)
	if err != nil {
		return nil, err
	}
	vars, err := models.Variables(net, graph.F32(1, a.Channels, a.Height, a.Width))
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", spec.Name, err)
	}
	return vars, nil
}

// alike returns the share of names that both have, among those that either has, and a little less for each shape that differs. Shapes may
// differ in one size: those of the first and the last layers do.
func alike(vars []nn.Variable, entries map[string]format.Entry) float64 {
	both, same := 0, 0
	for _, v := range vars {
		e, ok := entries[v.Name]
		if !ok || e.Shape.Rank() != v.Node.Shape().Rank() {
			continue
		}
		both++
		if e.Shape == v.Node.Shape() {
			same++
		}
	}
	if both == 0 || same*10 < both*7 {
		return 0
	}
	return float64(both)/float64(len(vars)+len(entries)-both) + 0.01*float64(same)/float64(both)
}

// fit takes the numbers of classes and channels from the file, and lists what does not fit.
func (g *Guess) fit(entries map[string]format.Entry) error {
	vars, err := variablesOf(g.Spec, g.Args)
	if err != nil {
		return err
	}
	for _, v := range vars {
		e, ok := entries[v.Name]
		want := v.Node.Shape()
		if !ok || e.Shape == want || e.Shape.Rank() == 0 || e.Shape.Rank() != want.Rank() {
			continue
		}
		if want.Dim(0) == g.Spec.Classes && e.Shape.With(0, want.Dim(0)) == want {
			g.Args.Classes = e.Shape.Dim(0)
		}
		if want.Rank() == 4 && want.Dim(1) == g.Spec.Channels && e.Shape.With(1, want.Dim(1)) == want {
			g.Args.Channels = e.Shape.Dim(1)
		}
	}
	if g.Args, err = g.Spec.Complete(g.Args); err != nil {
		return err
	}
	if adapted, err := variablesOf(g.Spec, g.Args); err == nil { // some numbers of channels make no network
		vars = adapted
	}
	g.compare(vars, entries)
	return nil
}

func (g *Guess) compare(vars []nn.Variable, entries map[string]format.Entry) {
	known := map[string]bool{}
	for _, v := range vars {
		known[v.Name] = true
		e, ok := entries[v.Name]
		if !ok {
			g.Missing = append(g.Missing, v.Name)
		} else if want := v.Node.Shape(); e.Shape != want {
			g.OtherShape = append(g.OtherShape, fmt.Sprintf("%s is %v%v, the model has %v%v", v.Name, e.DType, e.Shape, tensor.F32, want))
		}
	}
	for name := range entries {
		if !known[name] {
			g.Unexpected = append(g.Unexpected, name)
		}
	}
	slices.Sort(g.Unexpected)
}
