package report_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/plot"
	"github.com/lince-ml/lince/report"
	"github.com/lince-ml/lince/train"
)

// halves are noisy images of which the left or the right half is bright; with several, both or none may be.
type halves struct {
	n       int
	several bool
}

func (d halves) Len() int          { return d.n }
func (d halves) Classes() []string { return []string{"left <b>", "right"} }
func (d halves) Name(i int) string { return fmt.Sprintf("halves#%d", i) }
func (d halves) Sample(i int) (data.Sample, error) {
	r := rand.New(rand.NewPCG(3, uint64(i)))
	s := data.Sample{Image: data.NewImage(1, 28, 28), Label: i % 2}
	bright := [2]bool{i%2 == 0, i%2 == 1}
	if d.several {
		s.Label, s.Labels = -1, []float32{float32(i & 1), float32(i >> 1 & 1)}
		bright = [2]bool{i&1 == 1, i>>1&1 == 1}
	}
	for p := range s.Image.Pix {
		s.Image.Pix[p] = uint8(r.IntN(190))
		if bright[p%28/14] {
			s.Image.Pix[p] += 40
		}
	}
	return s, nil
}

// trained returns the folder of a run with these settings, and its outcome.
func trained(t *testing.T, several bool, loss string) (string, *train.Outcome) {
	t.Helper()
	c, err := train.Recipe("photos", "halves", "lenet5")
	if err != nil {
		t.Fatal(err)
	}
	c.Epochs, c.Batch, c.Loss = 1, 16, loss
	dir := filepath.Join(t.TempDir(), "run")
	run, err := train.Start(dir, c, train.Data{Train: halves{64, several}, Test: halves{30, several}})
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	o, err := run.Train(context.Background(), train.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if err := plot.Training(filepath.Join(dir, "plots"), o); err != nil {
		t.Fatal(err)
	}
	return dir, o
}

// TestWrite makes the page of a run of each kind.
func TestWrite(t *testing.T) {
	for name, c := range map[string]struct {
		several bool
		loss    string
		want    []string
	}{
		"multiclass": {false, "", []string{"multiclass classification of 2 classes", "Confusion matrix", "mostly taken for", "balanced accuracy"}},
		"binary":     {false, "bce", []string{"binary classification of 2 classes", "Calibration"}},
		"multilabel": {true, "", []string{"multilabel classification of 2 classes", "Hamming loss", "micro F1"}},
	} {
		dir, o := trained(t, c.several, c.loss)
		if err := report.Write(dir); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		written, err := os.ReadFile(filepath.Join(dir, report.File))
		if err != nil {
			t.Fatal(err)
		}
		page := string(written)
		for _, want := range append(c.want, "data:image/png;base64,", "left &lt;b&gt;", o.Result.ParamsSHA256, o.Result.Data.SHA256, "prefers-color-scheme", "learning rate") {
			if !strings.Contains(page, want) {
				t.Errorf("%s: %q is not in the page", name, want)
			}
		}
		text := regexp.MustCompile(`base64,[^"]*`).ReplaceAllString(page, "")
		if m := regexp.MustCompile(`<script|src="[^d]|href=|url\(|ZgotmplZ|<b>left|NaN`).FindString(text); m != "" {
			t.Errorf("%s: %q in a page that must stand alone", name, m)
		}
	}
}

func TestBadRun(t *testing.T) {
	dir := t.TempDir()
	if err := report.Write(dir); err == nil || !strings.Contains(err.Error(), "not the folder of a run that has finished") {
		t.Errorf("error %v", err)
	}
	done, _ := trained(t, false, "")
	if err := os.Remove(filepath.Join(done, train.PredictionsFile)); err != nil {
		t.Fatal(err)
	}
	if err := report.Write(done); err != nil { // as the runs of older versions
		t.Errorf("without predictions: %v", err)
	}
	if err := os.WriteFile(filepath.Join(done, train.MetricsFile), []byte("{}\nno json\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := report.Write(done); err == nil || !strings.Contains(err.Error(), "metrics.jsonl: line 2") {
		t.Errorf("error %v", err)
	}
}
