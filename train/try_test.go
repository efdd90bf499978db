package train

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lince-ml/lince/data"
)

// blank are images of which nothing can be learned.
type blank struct{ blobs }

func (b blank) Sample(i int) (data.Sample, error) {
	s, err := b.blobs.Sample(i)
	clear(s.Image.Pix)
	return s, err
}

func TestFindRate(t *testing.T) {
	c := testConfig()
	c.Model, c.Optim, c.Rate = "linear", "sgd", 0
	var calls int
	s, err := FindRate(t.Context(), c, testData(), func(done, steps int) { calls++ })
	if err != nil {
		t.Fatal(err)
	}
	if calls != len(s.Points) || s.Points[0].Rate != sweepFrom || !(s.Steepest > 1e-5 && s.Steepest < sweepTo) || !(s.Tenth > 1e-5 && s.Tenth < sweepTo/10) {
		t.Errorf("%d calls, %d points, suggestions %v and %v", calls, len(s.Points), s.Steepest, s.Tenth)
	}
	if again, err := FindRate(t.Context(), c, testData(), nil); err != nil || !reflect.DeepEqual(s, again) {
		t.Errorf("another sweep of the same finds %v and %v, error %v", again.Steepest, again.Tenth, err)
	}
	d := testData()
	d.Train = blank{blobs{200, 8, 1}}
	if s, err := FindRate(t.Context(), c, d, nil); err == nil || !strings.Contains(err.Error(), "are images and labels right?") {
		t.Errorf("blank images: suggestions %v and %v, error %v", s.Steepest, s.Tenth, err)
	}
}

// TestSuggest knows where the curve is steepest: a logistic fall around 10^-3 that ends at 10^-1 in an explosion.
func TestSuggest(t *testing.T) {
	var s RateSweep
	for e := -7.0; e <= 0; e += 0.05 {
		loss := 2 / (1 + math.Exp(4*(e+3)))
		if e > -1 {
			loss += (e + 1) * 10
		}
		s.Points = append(s.Points, RatePoint{math.Pow(10, e), loss, loss})
	}
	if err := s.suggest(); err != nil || math.Abs(math.Log10(s.Steepest)+3) > 0.06 || math.Abs(math.Log10(s.Tenth)+2) > 0.06 {
		t.Errorf("%v and %v, want 0.001 and 0.01; error %v", s.Steepest, s.Tenth, err)
	}
}

// twice has each image in two classes.
type twice struct{ blobs }

func (d twice) Sample(i int) (data.Sample, error) {
	s, err := d.blobs.Sample(i / 2)
	s.Label = (s.Label + i%2) % 4
	return s, err
}

func (d twice) Label(i int) (int, error) { return (i/2 + i%2) % 4, nil }

func TestOverfitBatch(t *testing.T) {
	c := testConfig()
	c.Model, c.Batch = "linear", 100
	for name, test := range map[string]struct {
		optim string
		rate  float64
		set   data.Dataset
		want  string // of the problem; "" is none
	}{
		"all right": {"adam", 0.02, blobs{200, 8, 1}, ""},
		"too low":   {"adam", 1e-9, blobs{200, 8, 1}, "may be too low"},
		"too high":  {"sgd:decay=1e4", 1e8, blobs{200, 8, 1}, "too high"},
		"twice":     {"adam", 0.02, twice{blobs{200, 8, 1}}, "the same picture in two classes"},
		"blank":     {"adam", 0.02, blank{blobs{200, 8, 1}}, "the same picture in two classes"},
	} {
		c.Optim, c.Rate = test.optim, test.rate
		d := testData()
		d.Train = test.set
		o, err := OverfitBatch(t.Context(), c, d)
		if err != nil {
			t.Fatal(err)
		}
		if o.Pass != (test.want == "") || !strings.Contains(o.Problem, test.want) || o.Images != 100 {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func TestStepsWithin(t *testing.T) {
	c := testConfig()
	n, err := StepsWithin(t.Context(), c, testData(), 20*time.Second)
	if err != nil || n < 10 {
		t.Errorf("%d steps in 20 s, error %v", n, err)
	}
	if n, err := StepsWithin(t.Context(), c, testData(), time.Millisecond); err == nil || !strings.Contains(err.Error(), "too short: a step takes ") {
		t.Errorf("%d steps in a millisecond, error %v", n, err)
	}
}

func TestLargestBatch(t *testing.T) {
	c := testConfig()
	c.Batch = 4
	r := start(t, c)
	for budget, want := range map[int64]int{1 << 40: 8, r.memory(): 4, r.memory() - 1: 2} { // 160 images: 20 steps of 8
		if got, err := largestWithin(c, testData(), budget); err != nil || got != want {
			t.Errorf("%d bytes: batches of %d, want %d; error %v", budget, got, want, err)
		}
	}
	if _, err := largestWithin(c, testData(), 1000); err == nil || !strings.Contains(err.Error(), "a single image needs") {
		t.Errorf("error %v", err)
	}
	if got, err := LargestBatch(c, testData()); err != nil || got != 8 {
		t.Errorf("batches of %d, error %v", got, err)
	}
}

func TestNamedRecipes(t *testing.T) {
	for _, name := range RecipeNames() {
		c, err := NamedRecipe(name)
		if err == nil {
			err = c.Check()
		}
		if _, purpose, _ := RecipeText(name); err != nil || purpose == "" || strings.HasPrefix(purpose, "#") {
			t.Errorf("%s, %q: %v", name, purpose, err)
		}
	}
	if _, err := NamedRecipe("resnet-cifar"); err == nil || !strings.Contains(err.Error(), "unknown recipe") {
		t.Errorf("error %v", err)
	}
}

// TestEpochsOverSteps: a file that says how many epochs, over a recipe that says how many steps.
func TestEpochsOverSteps(t *testing.T) {
	base, err := NamedRecipe("resnet20-cifar")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{"epochs: 3": 0, "seed: 2": 64000, "epochs: 3\nsteps: 7": 7} {
		if c, err := parseConfig([]byte(text), base); err != nil || c.Steps != want {
			t.Errorf("%q: %d steps, want %d; error %v", text, c.Steps, want, err)
		}
	}
}

// TestEventFile: there is one, with each epoch once, also after a kill that left half a record.
func TestEventFile(t *testing.T) {
	r := start(t, testConfig())
	var left string
	o := finish(t, r, Hooks{Epoch: func(e Epoch) {
		if e.Epoch == 2 {
			left = copyFolder(t, r.Dir())
		}
	}})
	files := func(dir string) []string {
		list, err := filepath.Glob(filepath.Join(dir, eventFiles))
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	torn := files(left)
	if err := os.WriteFile(torn[0], []byte("half a record"), 0o666); err != nil {
		t.Fatal(err)
	}
	resumed := resume(t, left)
	finish(t, resumed, Hooks{})
	picture := filepath.Join(t.TempDir(), "plots", "one.png")
	if err := os.MkdirAll(filepath.Dir(picture), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(picture, []byte("no picture"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := r.LogPictures(filepath.Dir(picture)); err == nil || !strings.HasPrefix(err.Error(), "read "+picture) {
		t.Errorf("error %v", err)
	}
	for _, dir := range []string{r.Dir(), left} {
		list := files(dir)
		if len(list) != 1 {
			t.Fatalf("event files %q", list)
		}
		b, err := os.ReadFile(list[0])
		if n := bytes.Count(b, []byte("loss/validation")); err != nil || n != len(o.History) || bytes.Contains(b, []byte("half")) {
			t.Errorf("%d epochs in the event file, error %v", n, err)
		}
	}
	lines := strings.Split(strings.TrimSpace(read(t, r, TableFile)), "\n")
	if len(lines) != 4 || strings.Count(lines[0], ",") != strings.Count(lines[3], ",") || !strings.HasPrefix(lines[3], "3,30,") {
		t.Errorf("%s: %q", TableFile, lines)
	}
}
