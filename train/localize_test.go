package train

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task/localize"
)

// rectangles are noisy images with a bright or dark rectangle in one of the quarters.
type rectangles struct{ n, seed int }

func (d rectangles) Len() int          { return d.n }
func (d rectangles) Classes() []string { return []string{"dark", "bright"} }
func (d rectangles) Name(i int) string { return fmt.Sprintf("rectangle#%d", i) }
func (d rectangles) Sample(i int) (data.Sample, error) {
	r := rand.New(rand.NewPCG(uint64(d.seed), uint64(i)))
	class, left, top := i%2, 4*r.IntN(2), 4*r.IntN(2)
	im := data.NewImage(1, 8, 8)
	for p := range im.Pix {
		im.Pix[p] = uint8(100 + r.IntN(50))
		if x, y := p%8, p/8; x/4 == left/4 && y/4 == top/4 {
			im.Pix[p] = uint8(200*class + r.IntN(50))
		}
	}
	box := data.Box{Class: class, X0: float32(left), Y0: float32(top), X1: float32(left + 4), Y1: float32(top + 4)}
	return data.Sample{Image: im, Label: class, Boxes: []data.Box{box}}, nil
}

func localizeConfig() Config {
	c := testConfig()
	c.Data, c.Task, c.Epochs, c.Augment = "rectangles", "localize", 12, Augment{Flip: FlipRandom}
	return c
}

func localizeData() Data { return Data{Train: rectangles{240, 1}, Test: rectangles{60, 2}} }

// TestLocalize learns class and box, is killed in between, and goes on to the same bits.
func TestLocalize(t *testing.T) {
	r, err := Start(filepath.Join(t.TempDir(), "run"), localizeConfig(), localizeData())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := fmt.Sprint(r.LossTerms()); got != "[class giou smooth_l1]" {
		t.Errorf("the loss is of %s", got)
	}
	var left string
	o := finish(t, r, Hooks{Epoch: func(e Epoch) {
		if e.Epoch == 5 {
			left = copyFolder(t, r.Dir())
		}
	}})
	m := o.Result.Test.(*localize.Metrics)
	if m.N != 60 || m.Localisation < 0.9 || m.Accuracy < 0.9 || m.MeanIoU < 0.6 {
		t.Errorf("%+v", m)
	}
	e := o.History[11]
	if e.Train.Values[0].Name != "accuracy" || e.Train.Get("giou_loss").Value <= 0 || e.Validation.Values[0].Name != "localisation_accuracy" {
		t.Errorf("the last epoch is %+v, %+v", e.Train, e.Validation)
	}
	if !reflect.DeepEqual(decodeResult(t, r).Test, o.Result.Test) {
		t.Errorf("result.json has %+v, want %+v", decodeResult(t, r).Test, o.Result.Test)
	}
	if _, err := os.Stat(filepath.Join(r.Dir(), PredictionsFile)); err == nil {
		t.Error("there are predictions of classes")
	}
	model, err := modelfile.Read(r.Dir())
	if err != nil || model.Task != "localize" || model.Metrics["test.localisation_accuracy"] != m.Localisation {
		t.Errorf("%+v, error %v", model, err)
	}
	again, err := Resume(left, localizeData())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := finish(t, again, Hooks{}); !same(got, o) {
		t.Errorf("after the kill: %+v, uninterrupted %+v", got.Result, o.Result)
	}
}

func TestBadTasks(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config, *Data)
		want   string
	}{
		"unknown":  {func(c *Config, _ *Data) { c.Task = "localise" }, `unknown task "localise": did you mean "localize"?`},
		"no boxes": {func(_ *Config, d *Data) { *d = testData() }, "blob#0: 0 boxes, and the task localize learns from one in each image"},
		"loss":     {func(c *Config, _ *Data) { c.Loss = "bce" }, "loss is for the task classify, not for localize"},
		"mixing":   {func(c *Config, _ *Data) { c.Augment.MixUp = 0.2 }, "augment.mixup is for the task classify"},
		"labels":   {func(c *Config, d *Data) { c.Task, d.Train = "", unlabelled{rectangles{240, 1}} }, "rectangle#0: no label, which the task classify needs"},
	} {
		cfg, d := localizeConfig(), localizeData()
		c.change(&cfg, &d)
		_, err := Start(filepath.Join(t.TempDir(), "run"), cfg, d)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, expected %q", name, err, c.want)
		}
	}
}

// unlabelled has boxes only.
type unlabelled struct{ rectangles }

func (d unlabelled) Sample(i int) (data.Sample, error) {
	s, err := d.rectangles.Sample(i)
	s.Label = -1
	return s, err
}

// TestScoreJSON keeps the numbers and their order.
func TestScoreJSON(t *testing.T) {
	for text, want := range map[string]Score{
		`{"loss":0.5,"b":0.25,"a_loss":3}`: {0.5, []Value{{"b", 0.25}, {"a_loss", 3}}},
		`{"loss":1}`:                       {Loss: 1},
	} {
		var s Score
		if err := s.UnmarshalJSON([]byte(text)); err != nil || !reflect.DeepEqual(s, want) {
			t.Errorf("%s is read as %+v, error %v", text, s, err)
		}
		if b, err := s.MarshalJSON(); err != nil || string(b) != text {
			t.Errorf("%s is written as %s, error %v", text, b, err)
		}
	}
	var s Score
	if err := s.UnmarshalJSON([]byte(`{"loss":"much"}`)); err == nil || !strings.Contains(err.Error(), "loss: ") {
		t.Errorf("error %v", err)
	}
	if err := s.UnmarshalJSON([]byte(`[1]`)); err == nil {
		t.Error("a list was read")
	}
}

func TestTitle(t *testing.T) {
	for name, want := range map[string]string{"mean_iou": "mean IoU", "giou_loss": "GIoU loss", "ap": "AP", "box_ap75": "box AP75", "accuracy": "accuracy"} {
		if got := Title(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
