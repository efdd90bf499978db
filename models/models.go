// Package models holds the architectures, one file each, and the registry in which they are found by name.
// Parameters have the names that torchvision or the usual PyTorch code gives them.
package models

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/nn"
)

// A Spec describes an architecture. Its input is a batch of images [N, Channels, Height, Width], its output logits
// [N, Classes].
type Spec struct {
	Name    string // as on the command line
	Family  string // what it is listed under, such as "ResNet"
	Task    string // what its output is for; "" stands for classify, and for what only needs more logits of it, such as localize
	Summary string // one line
	Paper   string // where it comes from

	Channels, Height, Width int // the usual image
	Classes                 int // the usual number of classes

	Options []Option
	// Build returns the network. Of a registered Spec it first completes and checks the arguments as Complete does.
	Build func(Args) (nn.Layer, error)
}

// Args say which network of an architecture to build. A number that is 0 and an option that is missing stand for the
// architecture's own.
type Args struct {
	Classes, Channels, Height, Width int
	Options                          map[string]string
}

var registry = map[string]Spec{}

// Register makes s known under its name. It is called from init functions and panics if the name is taken.
func Register(s Spec) {
	if _, taken := registry[s.Name]; taken {
		panic(fmt.Sprintf("models: two architectures called %q", s.Name))
	}
	build := s.Build
	s.Build = func(a Args) (nn.Layer, error) {
		a, err := s.Complete(a)
		if err != nil {
			return nil, err
		}
		return build(a)
	}
	registry[s.Name] = s
}

// Lookup returns the architecture called name. The error suggests the nearest name and lists all.
func Lookup(name string) (Spec, error) {
	s, ok := registry[name]
	if !ok {
		return Spec{}, nearest.Error("model", name, slices.Sorted(maps.Keys(registry)))
	}
	return s, nil
}

// All returns the architectures in the order of their names.
func All() []Spec {
	return slices.SortedFunc(maps.Values(registry), func(a, b Spec) int { return cmp.Compare(a.Name, b.Name) })
}

// Complete returns a with the architecture's own values where a has none, so that it says everything there is to know
// to build the same network again. An unknown option, an unknown value of one, or a negative number is an error.
func (s Spec) Complete(a Args) (Args, error) {
	for _, n := range []struct {
		what  string
		value *int
		own   int
	}{{"classes", &a.Classes, s.Classes}, {"channels", &a.Channels, s.Channels}, {"height", &a.Height, s.Height}, {"width", &a.Width, s.Width}} {
		if *n.value < 0 {
			return Args{}, fmt.Errorf("model %s: %d %s, a positive number expected", s.Name, *n.value, n.what)
		}
		*n.value = cmp.Or(*n.value, n.own)
	}
	var err error
	a.Options, err = s.completeOptions(a.Options)
	return a, err
}
