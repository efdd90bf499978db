package lince

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	m, img := open(t, digits), decode(t, seven)
	layer, err := m.FeatureLayer()
	if err != nil || layer == "" {
		t.Errorf("layer %q, error %v", layer, err)
	}
	cam, err := m.GradCAM(img, 7, "")
	if err != nil || len(cam.V) != cam.H*cam.W || slices.Max(cam.V) <= 0 {
		t.Errorf("Grad-CAM %v, error %v", cam, err)
	}
	again, err := m.GradCAM(img, 7, layer)
	if err != nil || !slices.Equal(again.V, cam.V) {
		t.Errorf("of %s: %v, error %v", layer, again, err)
	}
	for name, ask := range map[string]func() (Map, error){
		"saliency":  func() (Map, error) { return m.Saliency(img, 7) },
		"occlusion": func() (Map, error) { return m.Occlusion(t.Context(), img, 7) },
	} {
		if v, err := ask(); err != nil || v.H != 28 || v.W != 28 || slices.Max(v.V) <= 0 {
			t.Errorf("%s: %v, error %v", name, v, err)
		}
	}
	maps, err := m.FeatureMaps(img, "")
	if err != nil || len(maps) < 2 || maps[0].H != cam.H {
		t.Errorf("%d maps, error %v", len(maps), err)
	}
	if _, err := m.GradCAM(img, 10, ""); err == nil || !strings.Contains(err.Error(), "class 10, expected 0 to 9") {
		t.Errorf("error %v", err)
	}
	if _, err := m.GradCAM(nil, 1, ""); err == nil || !strings.Contains(err.Error(), "no pixels") {
		t.Errorf("error %v", err)
	}
	m.Close()
	if _, err := m.GradCAM(img, 1, ""); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v", err)
	}
}
