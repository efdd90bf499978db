package segment

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

type goldenLosses struct {
	Shape   []int
	Logits  []float32
	Pixels  []int32
	Weights []float32
	Cases   []struct {
		Loss     string
		Weighted bool
		Value    float32
		Gradient []float32
	}
}

func readLosses(t *testing.T) (g goldenLosses) {
	t.Helper()
	b, err := os.ReadFile("testdata/losses.json")
	if err == nil {
		err = json.Unmarshal(b, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// program outputs the loss and its gradient.
func (o Objective) program(t *testing.T, shape []int) *graph.Graph {
	t.Helper()
	g, err := graph.Trace(func(g *graph.Graph) {
		logits := g.Input("logits", graph.F32(shape...))
		pixels := g.Input("pixels", graph.TypeOf(tensor.I32, shape[0], shape[2], shape[3]))
		weights := g.Input("weights", graph.F32(shape[0], shape[2], shape[3]))
		loss := o.loss(logits, op.OneHotAt(pixels, shape[1], 1), weights)
		g.Output("loss", loss)
		g.Output("gradient", graph.Grad(loss, []*graph.Node{logits})[0])
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestLosses compares values and gradients with PyTorch's, and gradients with differences of values.
func TestLosses(t *testing.T) {
	golden := readLosses(t)
	s := golden.Shape
	for _, c := range golden.Cases {
		o, err := ParseLoss(c.Loss)
		if err != nil {
			t.Fatal(err)
		}
		if c.Weighted {
			o.Weights = golden.Weights
		}
		weights := make([]float32, len(golden.Pixels))
		o.pixelWeights(golden.Pixels, weights)
		g := o.program(t, s)
		run := func(logits []float32) (loss float64, gradient *tensor.Tensor) {
			out := optest.Run(t, ref.Backend{}, g, []*tensor.Tensor{
				tensor.Of(tensor.ShapeOf(s...), logits...), tensor.Of(tensor.ShapeOf(s[0], s[2], s[3]), golden.Pixels...), tensor.Of(tensor.ShapeOf(s[0], s[2], s[3]), weights...)})
			return float64(out[0].F32()[0]), out[1]
		}
		loss, gradient := run(golden.Logits)
		optest.Compare(t, c.Loss, tensor.Of(tensor.Shape{}, float32(loss)), tensor.Of(tensor.Shape{}, c.Value), 2e-6)
		optest.Compare(t, "gradient of "+c.Loss, gradient, tensor.Of(tensor.ShapeOf(s...), c.Gradient...), 2e-6)
		for i := 0; i < len(golden.Logits); i += 7 {
			const step = 1.0 / 64
			moved := append([]float32(nil), golden.Logits...)
			moved[i] += step
			above, _ := run(moved)
			moved[i] -= 2 * step
			below, _ := run(moved)
			if d := (above - below) / (2 * step); math.Abs(d-float64(gradient.F32()[i])) > 1e-4 {
				t.Errorf("%s: derivative %g by logit %d, differences say %g", c.Loss, gradient.F32()[i], i, d)
			}
		}
	}
}

// TestNothingKnown: a batch of which no pixel is known has a loss that is a number, and no gradient.
func TestNothingKnown(t *testing.T) {
	for _, loss := range []string{"ce", "focal", "dice"} {
		o, err := ParseLoss(loss)
		if err != nil {
			t.Fatal(err)
		}
		out := optest.Run(t, ref.Backend{}, o.program(t, []int{1, 2, 1, 1}), []*tensor.Tensor{
			tensor.Of(tensor.ShapeOf(1, 2, 1, 1), float32(1), 2), tensor.Of(tensor.ShapeOf(1, 1, 1), int32(-1)), tensor.Of(tensor.ShapeOf(1, 1, 1), float32(0))})
		optest.Compare(t, loss, out[0], tensor.Of(tensor.Shape{}, float32(0)), 0)
		optest.Compare(t, "gradient of "+loss, out[1], tensor.Of(tensor.ShapeOf(1, 2, 1, 1), float32(0), 0), 0)
	}
}

func TestParseLoss(t *testing.T) {
	o, err := ParseLoss("ce+focal:gamma=1.5+dice")
	if err != nil || !o.CrossEntropy || !o.Focal || !o.Dice || o.Gamma != 1.5 {
		t.Errorf("%+v, error %v", o, err)
	}
	for text, want := range map[string]string{
		"dise":          `unknown loss "dise": did you mean "dice"?`,
		"focal:gama=2":  `loss focal: "gama=2", expected only focal:gamma=N to have a setting, a number from 0 to 100`,
		"focal:gamma=x": `loss focal: "gamma=x", expected`,
		"ce:gamma=2":    `loss ce: "gamma=2", expected`,
		"ce+":           `unknown loss ""`,
	} {
		if _, err := ParseLoss(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v\nwant %s", text, err, want)
		}
	}
}

// TestMedianFrequency: shares of 1/2, 1/10 and 1/50 have the median 1/10.
func TestMedianFrequency(t *testing.T) {
	got := MedianFrequency([]int64{50, 10, 4, 0}, []int64{100, 100, 200, 0})
	optest.Compare(t, "weights", tensor.Of(tensor.ShapeOf(4), got...), tensor.Of(tensor.ShapeOf(4), float32(0.2), 1, 5, 0), 1e-6)
}
