package models

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/nn"
)

// An Option is a choice that an architecture offers: between values, or of a number.
type Option struct {
	Name   string
	Values []string // the first is the default; none if the option is a number
	Number Number
}

// A Number is an option's Default and range: Min <= x < Below.
type Number struct{ Default, Min, Below float64 }

// Default returns the value that the option has unless one is given.
func (o Option) Default() string {
	if o.Values != nil {
		return o.Values[0]
	}
	return formatNumber(o.Number.Default)
}

// complete returns value as Args keep it, or what is wrong with it.
func (o Option) complete(value string) (string, error) {
	if o.Values != nil {
		if !slices.Contains(o.Values, value) {
			return "", nearest.Error("value of "+o.Name, value, o.Values)
		}
		return value, nil
	}
	v, err := strconv.ParseFloat(value, 64)
	if err != nil || !(v >= o.Number.Min && v < o.Number.Below) {
		return "", fmt.Errorf("%s is %q, a number from %v to less than %v expected", o.Name, value, o.Number.Min, o.Number.Below)
	}
	return formatNumber(v), nil
}

func formatNumber(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// completeOptions returns the value of each of the architecture's options, as given or else its default.
func (s Spec) completeOptions(given map[string]string) (map[string]string, error) {
	all := map[string]string{}
	var names []string
	for _, o := range s.Options {
		names = append(names, o.Name)
		value, ok := given[o.Name]
		if !ok {
			value = o.Default()
		}
		var err error
		if all[o.Name], err = o.complete(value); err != nil {
			return nil, fmt.Errorf("model %s: %w", s.Name, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("model %s: %w", s.Name, nearest.Error("option", name, names))
		}
	}
	return all, nil
}

// The options that several architectures offer.

// zeroInit makes each residual branch begin as 0; see [nn.ScaleInit].
var zeroInit = flag("zero-init", false)

// keras makes the network compute what keras.applications does, for weights from there, where that differs from torchvision.
var keras = flag("keras", false)

// dropout is the rate of the dropout before the output, or of all dropouts if they have one rate.
func dropout(rate float64) Option { return rateOption("dropout", rate) }

// width multiplies the channels of all layers.
var width = Option{Name: "width", Number: Number{Default: 1, Min: 0.05, Below: 16}}

// normEps is what normalisations add to the variance. Some detectors were trained with 0, see torchvision's overwrite_eps.
var normEps = Option{Name: "norm-eps", Number: Number{Default: 1e-5, Below: 1}}

func flag(name string, byDefault bool) Option {
	return Option{Name: name, Values: []string{strconv.FormatBool(byDefault), strconv.FormatBool(!byDefault)}}
}

func rateOption(name string, byDefault float64) Option {
	return Option{Name: name, Number: Number{Default: byDefault, Below: 1}}
}

// has reports whether the flag called name is set.
func (a Args) has(name string) bool { return a.Options[name] == "true" }

// number returns the value of the number called name.
func (a Args) number(name string) float64 {
	v, _ := strconv.ParseFloat(a.Options[name], 64) // Complete has checked it
	return v
}

// channels returns n channels times the width, one or more.
func (a Args) channels(n int) int { return max(1, int(math.Round(float64(n)*a.number(width.Name)))) }

// dropout returns the dropout with the rate that the option called name says.
func (a Args) dropout(name string) nn.Layer { return nn.Dropout(float32(a.number(name))) }

// lastScale returns how the last normalisation of a residual branch begins; see zeroInit.
func (a Args) lastScale() nn.Init {
	if a.has(zeroInit.Name) {
		return nn.Zeros
	}
	return nn.Ones
}

// norm returns a batch normalisation with the architecture's normEps, if it has that option.
func (a Args) norm(options ...nn.BatchNormOption) nn.Layer {
	if _, ok := a.Options[normEps.Name]; ok {
		options = append(options, nn.Eps(float32(a.number(normEps.Name))))
	}
	return nn.BatchNorm(options...)
}
