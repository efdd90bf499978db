package instances

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/tensor"
)

// goldenValue is the value that testdata/maskrcnn.py gives to a variable.
func goldenValue(v nn.Variable, factor float64) *tensor.Tensor {
	shape := v.Node.Shape()
	numbers := nntest.Draw(v.Name, shape.Size())
	scale, offset := 1.0/8, map[string]float64{"weight": 0.25, "bias": 0.75, "running_mean": 0, "running_var": 1}[v.Name[strings.LastIndexByte(v.Name, '.')+1:]]
	if shape.Rank() > 1 {
		scale, offset = math.Sqrt(6/float64(shape.Size()/shape.Dim(0))), 0
	}
	for i, u := range numbers {
		numbers[i] = float32(float64(float32(float64(float64(u)*scale)+offset)) * factor)
	}
	return tensor.Of(shape, numbers...)
}

// TestMaskRCNN finds in an image what torchvision's Mask R-CNN finds with the same weights.
func TestMaskRCNN(t *testing.T) {
	if testing.Short() {
		t.Skip("a large network")
	}
	var want struct {
		Scales        map[string]float64
		Found         int
		Scores, Boxes []float32
		Labels, Areas []int
	}
	text, err := os.ReadFile("testdata/maskrcnn.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	const pixels, blocks = 160, 10
	m := &modelfile.Model{
		Task: Name, Architecture: "maskrcnn_resnet50_fpn", Classes: make([]string, 5),
		Input: modelfile.Input{Channels: 3, Height: pixels, Width: pixels, Mean: []float32{0.4, 0.4, 0.4}, Std: []float32{0.25, 0.25, 0.25}},
	}
	vars, err := m.Variables()
	if err != nil {
		t.Fatal(err)
	}
	weights := map[string]*tensor.Tensor{}
	for _, v := range vars {
		factor := 1.0
		if f, scaled := want.Scales[v.Name]; scaled {
			factor = f
		}
		weights[v.Name] = goldenValue(v, factor)
	}
	im, small := data.NewImage(3, pixels, pixels), nntest.Draw("image", 3*blocks*blocks)
	for i := range im.Pix {
		c, y, x := i/(pixels*pixels), i/pixels%pixels, i%pixels
		u := small[(c*blocks+y*blocks/pixels)*blocks+x*blocks/pixels]
		im.Pix[i] = uint8(math.Floor(float64(u)*127 + 128))
	}
	k, err := Of(m)
	if err != nil {
		t.Fatal(err)
	}
	b, err := cpu.New(0)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	found, err := New(b, k, weights).Detect(context.Background(), im, k.Detect.Settings())
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != want.Found {
		t.Errorf("%d things, torchvision finds %d", len(found), want.Found)
	}
	for i, score := range want.Scores {
		d, area := found[i], 0
		for _, v := range d.Shape.Mask.Pix {
			area += int(v)
		}
		off := math.Abs(float64(d.Score - score))
		for j, v := range []float32{d.X0, d.Y0, d.X1, d.Y1} {
			off = max(off, math.Abs(float64(v-want.Boxes[4*i+j]))/pixels)
		}
		if d.Class != want.Labels[i] || !(off < 1e-3) || math.Abs(float64(area-want.Areas[i])) > 5 {
			t.Fatalf("thing %d: class %d, score %v, %d pixels in %v, torchvision has class %d, score %v, %d pixels in %v",
				i, d.Class, d.Score, area, []float32{d.X0, d.Y0, d.X1, d.Y1}, want.Labels[i], score, want.Areas[i], want.Boxes[4*i:4*i+4])
		}
	}
}
