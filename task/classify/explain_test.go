package classify

import (
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
)

// spots is a task that one can see through: two feature maps are the image times 1 and times -1, then their means are the logits.
var (
	spots = Task{
		Net:     nn.Seq(nn.Conv(2, 1, nn.NoBias), nn.Relu, nn.GlobalAvgPool, nn.Flatten),
		Input:   modelfile.Input{Channels: 1, Height: 10, Width: 10, Mean: []float32{0.5}, Std: []float32{0.5}},
		Classes: 2,
	}
	spotWeights = map[string]*tensor.Tensor{"0.weight": tensor.Of(tensor.ShapeOf(2, 1, 1, 1), float32(1), -1)}
)

// spot is grey with one bright and one dark pixel.
func spot() data.Image {
	im := data.NewImage(1, 10, 10)
	for i := range im.Pix {
		im.Pix[i] = 128
	}
	im.Pix[23], im.Pix[77] = 255, 0
	return im
}

func peak(m Map) int {
	best := 0
	for i, v := range m.V {
		if v > m.V[best] {
			best = i
		}
	}
	return best
}

func TestGradCAM(t *testing.T) {
	e, err := NewExplainer(ref.Backend{}, spots, spotWeights, "")
	if err != nil {
		t.Fatal(err)
	}
	for class, want := range []int{23, 77} {
		m, err := e.GradCAM(spot(), class)
		if err != nil || m.H != 10 || m.W != 10 || peak(m) != want {
			t.Errorf("class %d: peak at %d, want %d, error %v", class, peak(m), want, err)
		}
		if want := float32(0.01); !near(float64(m.V[peak(m)]), float64(want)) { // the mean of 100 places has the derivative 1/100, the pixel is 1 or -1
			t.Errorf("class %d: %v at the peak, want %v", class, m.V[peak(m)], want)
		}
		if m, err = e.Saliency(spot(), class); err != nil || !near(float64(m.V[want]), 0.01) || class == 0 && m.V[77] != 0 {
			t.Errorf("class %d: saliency %v, error %v", class, m.V[want], err)
		}
	}
	maps, err := e.Features(spot())
	if err != nil || len(maps) != 2 || peak(maps[0]) != 23 || peak(maps[1]) != 77 {
		t.Errorf("features %v, error %v", maps, err)
	}
	if _, err := e.GradCAM(data.NewImage(3, 10, 10), 0); err == nil || !strings.Contains(err.Error(), "image of 3x10x10") {
		t.Errorf("error %v", err)
	}
}

func TestOcclusion(t *testing.T) {
	c := New(ref.Backend{}, spots, spotWeights)
	for class, want := range []int{23, 77} {
		m, err := c.Occlusion(t.Context(), spot(), class)
		if err != nil || m.V[want] != slices.Max(m.V) || m.V[want] <= 0 || m.V[0] > m.V[want]/10 {
			t.Errorf("class %d: %v, largest %v, error %v", class, m.V[want], slices.Max(m.V), err)
		}
	}
}

func TestExplainBinary(t *testing.T) {
	task := spots
	task.Net, task.Kind = nn.Seq(nn.Conv(1, 1, nn.NoBias), nn.Relu, nn.GlobalAvgPool, nn.Flatten), modelfile.Binary
	e, err := NewExplainer(ref.Backend{}, task, map[string]*tensor.Tensor{"0.weight": tensor.Of(tensor.ShapeOf(1, 1, 1, 1), float32(1))}, "")
	if err != nil {
		t.Fatal(err)
	}
	yes, err := e.GradCAM(spot(), 1)
	no, err2 := e.GradCAM(spot(), 0)
	if err != nil || err2 != nil || peak(yes) != 23 || slices.Max(no.V) != 0 {
		t.Errorf("the second class has its peak at %d, the first one of %v; errors %v, %v", peak(yes), slices.Max(no.V), err, err2)
	}
}

// TestEveryArchitecture has feature maps to look at, which the logits depend on.
func TestEveryArchitecture(t *testing.T) {
	for _, spec := range models.All() {
		if spec.Task != "" {
			continue
		}
		m := &modelfile.Model{Task: Name, Architecture: spec.Name, Classes: make([]string, spec.Classes), Input: modelfile.Input{
			Channels: spec.Channels, Height: spec.Height, Width: spec.Width, Mean: make([]float32, spec.Channels), Std: slices.Repeat([]float32{1}, spec.Channels),
		}}
		task, err := Of(m)
		if err != nil {
			t.Fatal(err)
		}
		g, layer, err := task.explanation("")
		if err != nil {
			t.Errorf("%s: %v", spec.Name, err)
			continue
		}
		for _, o := range g.Outputs() {
			if _, constant := o.Node.Op().(graph.FillOp); constant {
				t.Errorf("%s, layer %s: no gradient reaches %s", spec.Name, layer, o.Name)
			}
			if s := o.Node.Shape(); o.Name == featuresOutput && (s.Dim(2) < 2 || s.Dim(3) < 2) {
				t.Errorf("%s, layer %s: %v", spec.Name, layer, s)
			} else if o.Name == featuresOutput {
				t.Logf("%s: %s %v", spec.Name, layer, s)
			}
		}
	}
}

func TestLayers(t *testing.T) {
	e, err := NewExplainer(ref.Backend{}, spots, spotWeights, "0")
	if err != nil {
		t.Fatal(err)
	}
	if maps, err := e.Features(spot()); err != nil || maps[0].V[0] > 0.1 || maps[1].V[23] > -0.9 { // before the Relu
		t.Errorf("layer 0: %v, error %v", maps, err)
	}
	if _, err := NewExplainer(ref.Backend{}, spots, spotWeights, "conv"); err == nil || !strings.Contains(err.Error(), `unknown layer "conv"`) {
		t.Errorf("error %v", err)
	}
	if _, err := NewExplainer(ref.Backend{}, toy, weights, ""); err == nil || !strings.Contains(err.Error(), "no feature maps") {
		t.Errorf("error %v", err)
	}
}
