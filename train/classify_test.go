package train

import (
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task/classify"
)

// rows are blobs that may be of several classes: top, bottom, or both quarters of one side.
type rows struct{ blobs }

func (r rows) Label(int) (int, error) { return -1, nil }
func (r rows) Labels(i int) ([]float32, error) {
	l := make([]float32, 4)
	l[i%4] = 1
	if i%8 >= 4 {
		l[0] = 1
	}
	return l, nil
}
func (r rows) Sample(i int) (data.Sample, error) {
	s, err := r.blobs.Sample(i)
	s.Label = -1
	s.Labels, _ = r.Labels(i)
	return s, err
}

// pair are blobs of the two upper quarters.
type pair struct{ blobs }

func (p pair) Classes() []string        { return quarters[:2] }
func (p pair) Label(i int) (int, error) { return i % 2, nil }
func (p pair) Sample(i int) (data.Sample, error) {
	s, err := p.blobs.Sample(i%2 + 4*(i/2))
	s.Label = i % 2
	return s, err
}

// TestKinds trains with one logit for two classes, and with several labels.
func TestKinds(t *testing.T) {
	for _, c := range []struct {
		loss, weights string
		data          func(n, seed int) data.Dataset
		kind          modelfile.Kind
		outputs       int
	}{
		{"bce", "", func(n, seed int) data.Dataset { return pair{blobs{n, 8, seed}} }, modelfile.Binary, 1},
		{"sigmoid-focal:gamma=1", "", func(n, seed int) data.Dataset { return pair{blobs{n, 8, seed}} }, modelfile.Binary, 1},
		{"", "balanced", func(n, seed int) data.Dataset { return rows{blobs{n, 8, seed}} }, modelfile.Multilabel, 4},
		{"focal:gamma=1", "1,2,1,1", func(n, seed int) data.Dataset { return blobs{n, 8, seed} }, modelfile.Multiclass, 4},
	} {
		cfg := testConfig()
		cfg.Epochs, cfg.Loss, cfg.ClassWeights = 8, c.loss, c.weights
		r, err := Start(t.TempDir(), cfg, Data{Train: c.data(200, 1), Test: c.data(64, 2)})
		if err != nil {
			t.Fatal(err)
		}
		o := finish(t, r, Hooks{})
		r.Close()
		m, err := modelfile.Read(r.Dir())
		if err != nil || m.Kind != c.kind || m.Args().Classes != c.outputs {
			t.Errorf("%s: kind %v, %d outputs, error %v", c.loss, m.Kind, m.Args().Classes, err)
		}
		if m := o.Result.Test.(*classify.Metrics); m.AveragePrecision == nil || *m.AveragePrecision < 0.85 {
			t.Errorf("%s %s: %+v", c.kind, c.loss, o.Result.Test)
		}
	}
}

// TestMixed learns from images that are blended with each other, with each loss that takes shares of classes.
func TestMixed(t *testing.T) {
	for _, c := range []struct {
		loss, weights string
		data          func(n, seed int) data.Dataset
	}{
		{"", "", func(n, seed int) data.Dataset { return blobs{n, 8, seed} }},
		{"focal:gamma=1", "balanced", func(n, seed int) data.Dataset { return blobs{n, 8, seed} }},
		{"bce", "", func(n, seed int) data.Dataset { return pair{blobs{n, 8, seed}} }},
	} {
		cfg := testConfig()
		cfg.Epochs, cfg.Loss, cfg.ClassWeights, cfg.Augment.MixUp = 8, c.loss, c.weights, 0.2
		r, err := Start(t.TempDir(), cfg, Data{Train: c.data(200, 1), Test: c.data(64, 2)})
		if err != nil {
			t.Fatal(err)
		}
		if o := finish(t, r, Hooks{}); o.Result.Test.(*classify.Metrics).Accuracy < 0.75 {
			t.Errorf("loss %q: %+v", c.loss, o.Result.Test)
		}
		r.Close()
	}
}

func TestBadLoss(t *testing.T) {
	for _, c := range []struct{ loss, weights, want string }{
		{"focl", "", `did you mean "focal"?`},
		{"bce", "", "for two classes"},
		{"", "1,2", "class_weights 1,2: 2 numbers for 4 classes"},
		{"", "1,2,x,4", `"x", expected balanced, or a number above 0`},
		{"", "1,2,0,4", `"0", expected`},
	} {
		cfg := testConfig()
		cfg.Loss, cfg.ClassWeights = c.loss, c.weights
		if _, err := Start(t.TempDir(), cfg, testData()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
	if _, err := balance(data.Subset(blobs{8, 8, 1}, []int{0, 1, 2, 4})); err == nil || !strings.Contains(err.Error(), "no training image is of class bottom right") {
		t.Errorf("error %v", err)
	}
}

func TestBalance(t *testing.T) {
	got, err := balance(data.Subset(blobs{16, 8, 1}, []int{0, 4, 8, 1, 5, 2, 6, 3}))
	if want := []float32{8. / 12, 1, 1, 2}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, error %v, want %v", got, err, want)
	}
	if got, err = balance(rows{blobs{8, 8, 1}}); err != nil || !slices.Equal(got, []float32{3. / 5, 3, 3, 3}) {
		t.Errorf("%v, error %v", got, err)
	}
}

func TestSettings(t *testing.T) {
	c := recipe("digits")
	list, err := c.Settings()
	if err != nil || list[0] != (Setting{"data", "mnist"}) || !slices.Contains(list, Setting{"batch", "128"}) ||
		!slices.ContainsFunc(list, func(s Setting) bool { return s.Key == "augment.degrees" }) {
		t.Errorf("%v, error %v", list, err)
	}
}
