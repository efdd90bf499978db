package modelfile

import (
	"maps"

	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/weights"
)

// A Usage says how weights that another program has written must be used to compute what they were trained for. It is zero if that is not known.
type Usage struct {
	Options   map[string]string // that they ask of the architecture
	Mean, Std []float32         // of red, green and blue
}

// kerasNote is the note of package weights that names the application of Keras that weights are from.
const kerasNote = "keras.application"

// UsageOf knows published weights by the SHA-256 of their file, and those of Keras's applications by the names of their layers. The architecture is the
// one that they are to be used in.
func UsageOf(f *weights.File, architecture string) (Usage, error) {
	if application, ok := f.Metadata[kerasNote]; ok {
		return kerasUsage(application, architecture)
	}
	if _, err := models.LookupPretrained(architecture); err != nil {
		return Usage{}, nil // none are published
	}
	sum, err := f.SHA256()
	if err != nil {
		return Usage{}, err
	}
	p, ok := models.PublishedAs(sum)
	if !ok || p.Model != architecture {
		return Usage{}, nil
	}
	return usageOf(p), nil
}

func usageOf(p models.Pretrained) Usage {
	u := Usage{Options: p.Options}
	for c := range p.Input.Mean {
		u.Mean, u.Std = append(u.Mean, float32(p.Input.Mean[c])), append(u.Std, float32(p.Input.Std[c]))
	}
	return u
}

// kerasUsage has mean and deviation as preprocess_input of the application does it.
func kerasUsage(application, architecture string) (Usage, error) {
	var u Usage
	switch application {
	case "ResNet":
		u.Mean, u.Std = []float32{123.68 / 255, 116.779 / 255, 103.939 / 255}, []float32{1. / 255, 1. / 255, 1. / 255}
	case "DenseNet":
		u = usageOf(imageNet())
	default:
		u.Mean, u.Std = []float32{0.5, 0.5, 0.5}, []float32{0.5, 0.5, 0.5}
	}
	spec, err := models.Lookup(architecture)
	if err != nil {
		return u, err
	}
	const option = "keras" // of architectures that compute something else there
	for _, o := range spec.Options {
		if o.Name == option {
			u.Options = map[string]string{option: "true"}
		}
	}
	return u, nil
}

// Complete returns the options that a user has given, and those of u that he has not.
func (u Usage) Complete(given map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, u.Options)
	maps.Copy(all, given)
	return all
}
