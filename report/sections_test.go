package report

import (
	"strings"
	"testing"

	"github.com/lince-ml/lince/metric/coco"
	"github.com/lince-ml/lince/metric/detection"
	"github.com/lince-ml/lince/metric/segmentation"
)

func TestSections(t *testing.T) {
	box := detection.Box{W: 40, H: 40}
	s := &detection.Set{
		Images: []string{"<a>.jpg"}, Classes: []string{"cat", "dog", "yeti"},
		Things:     []detection.Thing{{Box: box, Area: 1600}, {Box: box, Class: 1, Area: 1600}},
		Detections: []detection.Detection{{Box: box, Score: 0.75}},
	}
	pixels := segmentation.New(2)
	if err := pixels.Add([]uint16{0, 0, 0, 1}, []uint16{0, 0, 0, 0}, 9); err != nil {
		t.Fatal(err)
	}
	sections := append(Detection(s, coco.Evaluate(s), detection.Analyze(s)), Segmentation(pixels, []string{"road", "sky"})...)
	var page strings.Builder
	for _, s := range sections {
		html, err := s.HTML()
		if err != nil {
			t.Fatal(err)
		}
		page.WriteString(string(html))
	}
	for _, want := range []string{
		"<h2>Metrics</h2>", `<tr><td>AP, IoU 0.50 to 0.95<td class="n">50.00 %`, `<tr><td>cat<td class="n">1<td class="n">1<td class="n">100.00 %`,
		"1 class has neither", `<tr><td>missed<td class="n">1<td class="n">`, "&lt;a&gt;.jpg", "score from 0.75", "recall 50.00 %",
		`<tr><td>mean IoU<td class="n">37.50 %`, `<tr><td>road<td class="n">3<td class="n">75.00 %`,
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("%q is not in\n%s", want, page.String())
		}
	}
}
