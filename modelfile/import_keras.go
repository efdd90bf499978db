package modelfile

import (
	"fmt"
	"slices"

	"github.com/lince-ml/lince/weights"
)

// kerasNote is the note of package weights that names the application of Keras that weights are from; kerasOption is the option of those
// architectures that compute something else there.
const (
	kerasNote   = "keras.application"
	kerasOption = "keras"
)

// normalizeAsKeras sets mean and deviation as preprocess_input of the application does it. That of ResNet takes blue, green and red from 0 to 255 less their means,
// so the first convolution's weights change the places of red and blue.
func (m *Model) normalizeAsKeras(f *weights.File) (said string) {
	in := &m.Input
	switch f.Metadata[kerasNote] {
	case "ResNet":
		in.Mean, in.Std = []float32{123.68 / 255, 116.779 / 255, 103.939 / 255}, []float32{1. / 255, 1. / 255, 1. / 255}
		w := m.Weights["conv1.weight"]
		plane := w.Shape().Dim(2) * w.Shape().Dim(3)
		for v := w.F32(); len(v) >= 3*plane; v = v[3*plane:] {
			for i := range plane {
				v[i], v[2*plane+i] = v[2*plane+i], v[i]
			}
		}
	case "DenseNet":
		return m.normalize(imageNet())
	default:
		in.Mean, in.Std = slices.Repeat([]float32{0.5}, in.Channels), slices.Repeat([]float32{0.5}, in.Channels)
	}
	return fmt.Sprintf("mean %v and deviation %v", in.Mean, in.Std)
}
