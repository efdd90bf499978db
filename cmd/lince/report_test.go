package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/train"
)

func TestReport(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(run, os.DirFS(trained())); err != nil {
		t.Fatal(err)
	}
	before := read(t, filepath.Join(run, "report.html"))
	mustRun(t, "report", run)
	if after := read(t, filepath.Join(run, "report.html")); len(after) != len(before) && !strings.Contains(string(after), "<h1>run</h1>") {
		t.Error("another page the second time")
	}
	mustFail(t, 1, []string{"not the folder of a run that has finished"}, "report", t.TempDir())
}

// TestReportOfThings: the page of a run that finds things says which mistakes it makes, in tables and pictures.
func TestReportOfThings(t *testing.T) {
	for _, task := range []string{"detect", "instances"} {
		page := string(read(t, filepath.Join(finder(t, task), "report.html")))
		for _, want := range []string{
			"<h2>Classes</h2>", "<th class=\"n\">AP75", "<h2>Kinds of mistakes</h2>", "<tr><td>badly placed<td class=\"n\">", "<tr><td>missed<td", "<h2>Images with the most mistakes</h2>",
			"<figcaption>Kinds of mistakes", "<figcaption>The worst images, beside what is right", "<figcaption>Predictions",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: %q is not in the page", task, want)
			}
		}
		if strings.Contains(page, "95 % interval") {
			t.Errorf("%s: a column of intervals, of which there are none", task)
		}
	}
}

// TestStoredThreshold: the score that is best for F1 on the validation images is in the model, and what predict uses.
func TestStoredThreshold(t *testing.T) {
	run := finder(t, "detect")
	m, err := modelfile.Read(run)
	if err != nil {
		t.Fatal(err)
	}
	best := float32(0)
	for line := range strings.Lines(string(read(t, filepath.Join(run, "metrics.jsonl")))) {
		if e := decode[train.Epoch](t, line); e.Best {
			best = e.Threshold
		}
	}
	if m.Threshold != best || best == 0 {
		t.Errorf("threshold %v, the best epoch has %v", m.Threshold, best)
	}
	for _, p := range decode[[]filePrediction](t, mustRun(t, "predict", run, filepath.Join(scenes(), "val"), "--json")) {
		for _, thing := range p.Things {
			if thing.Score < best {
				t.Errorf("a thing of score %v, the threshold is %v", thing.Score, best)
			}
		}
	}
}

func TestLossLine(t *testing.T) {
	for want, c := range map[string]struct {
		loss  string
		terms []string
	}{"loss class + box; ": {"", []string{"class", "box"}}, "loss focal:gamma=1; ": {"focal:gamma=1", nil}} {
		if got := lossLine(train.Config{Loss: c.loss}, c.terms); !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
