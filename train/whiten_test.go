package train

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
)

// clouds are images in colour whose pixels resemble their neighbours and the other channels.
type clouds int

func (c clouds) Len() int          { return int(c) }
func (c clouds) Classes() []string { return []string{"cloud", "none"} }
func (c clouds) Name(int) string   { return "cloud" }
func (c clouds) Sample(i int) (data.Sample, error) {
	r := rand.New(rand.NewPCG(3, uint64(i)))
	im := data.NewImage(3, 10, 10)
	grey := make([]float64, 100)
	for p := range grey {
		grey[p] = 60 + 80*r.Float64()
		if p%10 > 0 {
			grey[p] += 0.5 * (grey[p-1] - 100)
		}
		if p >= 10 {
			grey[p] += 0.3 * (grey[p-10] - 100)
		}
	}
	for c := range 3 {
		for p, g := range grey {
			im.Pix[c*100+p] = uint8(min(255, max(0, g+float64(20*c)+12*r.NormFloat64())))
		}
	}
	return data.Sample{Image: im}, nil
}

// TestWhitening: what the filters say of the patches that they were made from is uncorrelated, and its mean square is 1.
func TestWhitening(t *testing.T) {
	d := clouds(400)
	in, err := measure(d, 3, 10, 10, 2)
	if err != nil {
		t.Fatal(err)
	}
	filters := tensor.New(tensor.F32, tensor.ShapeOf(24, 3, 2, 2))
	if err := whiteningFilters(d, in, filters, 2); err != nil {
		t.Fatal(err)
	}
	var said [24][24]float64
	n := 0.0
	for i := range d.Len() {
		s, _ := d.Sample(i)
		for y := range 9 {
			for x := range 9 {
				n++
				answers := answer(filters, s.Image, in, y, x)
				for a := range 24 {
					for b := range 24 {
						said[a][b] += answers[a] * answers[b]
					}
				}
			}
		}
	}
	for a := range 24 {
		for b := range 24 {
			want := 0.0
			if a == b {
				want = 1
			} else if a%12 == b%12 {
				want = -1
			}
			if got := said[a][b] / n; math.Abs(got-want) > 0.02 {
				t.Errorf("filters %d and %d: mean product %.4f, expected %v", a, b, got, want)
			}
		}
	}
}

// answer returns what the filters say of the patch at (y, x).
func answer(filters *tensor.Tensor, im data.Image, in modelfile.Input, y, x int) (out [24]float64) {
	for f := range out {
		for c := range 3 {
			for dy := range 2 {
				for dx := range 2 {
					v := (float64(im.Pix[(c*im.H+y+dy)*im.W+x+dx])/255 - float64(in.Mean[c])) / float64(in.Std[c])
					out[f] += v * float64(filters.F32()[((f*3+c)*2+dy)*2+dx])
				}
			}
		}
	}
	return out
}

// TestWhitened: a new training begins with the filters of its images, also in its moving averages.
func TestWhitened(t *testing.T) {
	models.Register(models.Spec{
		Name: "whitened", Channels: 3, Height: 10, Width: 10, Classes: 2,
		Build: func(a models.Args) (nn.Layer, error) {
			return nn.Chain(nn.Named("whiten", nn.Whiten(2)), nn.Named("flatten", nn.Flatten), nn.Named("linear", nn.Dense(a.Classes))), nil
		},
	})
	cfg := testConfig()
	cfg.Model, cfg.EMA = "whitened", "0.9"
	r, err := prepare("", cfg, Data{Train: clouds(200), Test: clouds(4)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	want := tensor.New(tensor.F32, tensor.ShapeOf(24, 3, 2, 2))
	if err := whiteningFilters(r.data.Train, r.model.Input, want, 1); err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string]*tensor.Tensor{"weights": r.trainer.values["whiten.weight"], "averages": r.trainer.averages["whiten.weight"]} {
		if !slices.Equal(got.F32(), want.F32()) {
			t.Errorf("the %s begin with other filters", what)
		}
	}
}
