package train

import (
	"fmt"

	"github.com/lince-ml/lince/data"
	"go.yaml.in/yaml/v3"
)

// Augment says how training images vary at random. All zero means not at all.
type Augment struct {
	Degrees   float64 `yaml:"degrees"`   // turn by up to this
	Scale     float64 `yaml:"scale"`     // enlarge or shrink by up to this share
	Shear     float64 `yaml:"shear"`     // slant by up to this, in degrees
	Translate float64 `yaml:"translate"` // move by up to this share of width and height
	Flip      Flip    `yaml:"flip"`      // mirror left and right: true for every other time by chance, or alternating
}

// A Flip says which images are mirrored. In config.yaml it is false, true or alternating.
type Flip string

// The kinds of Flip.
const (
	FlipNever  Flip = ""
	FlipRandom Flip = "true"
)

// UnmarshalYAML implements yaml.Unmarshaler.
func (f *Flip) UnmarshalYAML(n *yaml.Node) error {
	switch n.Value {
	case "false", "":
		*f = FlipNever
	case "true":
		*f = FlipRandom
	default:
		return fmt.Errorf("line %d: augment.flip is %q, expected true or false", n.Line, n.Value)
	}
	return nil
}

// MarshalYAML implements yaml.Marshaler.
func (f Flip) MarshalYAML() (any, error) { return f == FlipRandom, nil }

// transform returns what the loader applies, nil for nothing.
func (a Augment) transform() data.Transform {
	var list []data.Transform
	if affine := (data.RandomAffine{Degrees: a.Degrees, Scale: a.Scale, Shear: a.Shear, Translate: a.Translate}); affine != (data.RandomAffine{}) {
		list = append(list, affine.Apply)
	}
	if a.Flip == FlipRandom {
		list = append(list, data.RandomFlip())
	}
	if list == nil {
		return nil
	}
	return data.Compose(list...)
}

// check reports the first setting that is out of its range, by its key in config.yaml.
func (a Augment) check() error {
	for _, r := range []struct {
		key   string
		value float64
		ok    bool
		want  string
	}{
		{"degrees", a.Degrees, a.Degrees >= 0 && a.Degrees <= 180, "0 to 180"},
		{"scale", a.Scale, a.Scale >= 0 && a.Scale < 1, "0 or more and less than 1"},
		{"shear", a.Shear, a.Shear >= 0 && a.Shear <= 80, "0 to 80"},
		{"translate", a.Translate, a.Translate >= 0 && a.Translate <= 1, "0 to 1"},
	} {
		if !r.ok {
			return fmt.Errorf("augment.%s is %v, expected %s", r.key, r.value, r.want)
		}
	}
	return nil
}
