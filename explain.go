package lince

import (
	"context"
	"fmt"
	"image"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/task/classify"
)

// A Map is a number for each place of what the model sees of an image (see Prepare), or of a coarser grid over it.
type Map = classify.Map

// GradCAM returns where the feature maps of a layer speak for the class, an index into Classes (Selvaraju et al. 2017); layer is a path such as
// "layer3", or "" for the last layer that has feature maps. Higher layers know more of the class, lower ones more of the place.
func (m *Model) GradCAM(img image.Image, class int, layer string) (Map, error) {
	return explain(m, img, class, layer, (*classify.Explainer).GradCAM)
}

// Saliency returns for each pixel how much it matters for the class: the size of the derivative of its logit (Simonyan et al. 2014).
func (m *Model) Saliency(img image.Image, class int) (Map, error) {
	return explain(m, img, class, "", (*classify.Explainer).Saliency)
}

// FeatureMaps returns what the layer makes of img, a map for each channel; layer is as GradCAM takes it.
func (m *Model) FeatureMaps(img image.Image, layer string) ([]Map, error) {
	return explain(m, img, 0, layer, func(e *classify.Explainer, im data.Image, _ int) ([]Map, error) { return e.Features(im) })
}

// Occlusion returns how much less probable the class is when a square covers a place (Zeiler & Fergus 2014). It takes as long as a few hundred
// predictions.
func (m *Model) Occlusion(ctx context.Context, img image.Image, class int) (Map, error) {
	if err := m.explainable(img, class); err != nil {
		return Map{}, err
	}
	m.use.RLock()
	defer m.use.RUnlock()
	if m.closed {
		return Map{}, ErrClosed
	}
	im, _ := m.Prepare(img)
	return m.classifier.Occlusion(ctx, im, class)
}

// FeatureLayer returns the path of the layer that GradCAM and FeatureMaps look at for "".
func (m *Model) FeatureLayer() (string, error) {
	m.use.RLock()
	defer m.use.RUnlock()
	if m.closed {
		return "", ErrClosed
	}
	m.explaining.Lock()
	defer m.explaining.Unlock()
	e, err := m.explainer("")
	if err != nil {
		return "", err
	}
	return e.Layer, nil
}

// explain asks the explainer of a layer.
func explain[T any](m *Model, img image.Image, class int, layer string, ask func(*classify.Explainer, data.Image, int) (T, error)) (answer T, err error) {
	if err := m.explainable(img, class); err != nil {
		return answer, err
	}
	m.use.RLock()
	defer m.use.RUnlock()
	if m.closed {
		return answer, ErrClosed
	}
	m.explaining.Lock()
	defer m.explaining.Unlock()
	e, err := m.explainer(layer)
	if err != nil {
		return answer, err
	}
	im, _ := m.Prepare(img)
	return ask(e, im, class)
}

func (m *Model) explainable(img image.Image, class int) error {
	if img == nil || img.Bounds().Empty() {
		return fmt.Errorf("lince: the image has no pixels")
	}
	if m.classifier == nil {
		return m.otherTask("classify")
	}
	if class < 0 || class >= len(m.file.Classes) {
		return fmt.Errorf("lince: class %d, expected 0 to %d", class, len(m.file.Classes)-1)
	}
	return nil
}

// explainer returns that of a layer, which is compiled when it is first needed. m.explaining must be held.
func (m *Model) explainer(layer string) (*classify.Explainer, error) {
	if e := m.explainers[layer]; e != nil {
		return e, nil
	}
	task, err := classify.Of(m.file)
	if err != nil {
		return nil, err
	}
	e, err := classify.NewExplainer(m.backend, task, m.file.Weights, layer)
	if err == nil {
		m.explainers[layer] = e
	}
	return e, err
}
