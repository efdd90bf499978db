package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	pprof "github.com/google/pprof/profile"
	"github.com/lince-ml/lince/format/onnx"
)

// benchJSON runs a short measurement and decodes what it prints.
func benchJSON[T any](t *testing.T, args ...string) T {
	t.Helper()
	var v T
	out := mustRun(t, append([]string{"bench"}, append(args, "--steps", "1", "--json")...)...)
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("lince bench %s: %v in %s", strings.Join(args, " "), err, out)
	}
	return v
}

// checkFigure reports a key that is missing.
func checkFigure(t *testing.T, f map[string]any) {
	t.Helper()
	for _, key := range []string{"images_per_second", "ms", "gflops", "peak_gflops", "share_of_peak", "rss_mib", "allocs_per_step", "threads"} {
		if _, ok := f[key].(float64); !ok {
			t.Errorf("%v: no number %q", f["name"], key)
		}
	}
	if name, _ := f["name"].(string); name == "" || f["ms"] == 0.0 || f["peak_gflops"] == 0.0 {
		t.Errorf("%v", f)
	}
}

func TestBenchNetworkJSON(t *testing.T) {
	for _, verb := range []string{"train", "infer"} {
		f := benchJSON[map[string]any](t, verb, "--model", "lenet5:pool=max", "--batch", "4", "--threads", "1")
		checkFigure(t, f)
		if f["name"] != verb+" lenet5:pool=max 4x1x28x28" || f["threads"] != 1.0 || f["images_per_second"] == 0.0 {
			t.Errorf("%v", f)
		}
	}
}

// TestBenchTasks measures networks of other tasks, and a part of one, and writes what it measures.
func TestBenchTasks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "m.onnx")
	for args, want := range map[string]string{
		"--model lince-det:width=0.25":                    "infer lince-det:width=0.25 1x3x64x64",
		"--model lince-seg:width=0.25":                    "infer lince-seg:width=0.25 1x3x64x64",
		"--model lince-mask:width=0.25":                   "infer lince-mask:width=0.25 1x3x64x64",
		"--model lince-mask:width=0.25 --masks --batch 4": "masks of 4 boxes, lince-mask:width=0.25",
		"--model cnn3 --task localize":                    "infer cnn3 1x3x64x64",
	} {
		all := append([]string{"infer", "--image-size", "64"}, strings.Fields(args)...)
		f := benchJSON[map[string]any](t, all...)
		checkFigure(t, f)
		if f["name"] != want {
			t.Errorf("%v, want %s", f["name"], want)
		}
		mustRun(t, append([]string{"bench"}, append(all, "--export", file)...)...)
		if m, err := onnx.Read(file); err != nil || len(m.Inputs) == 0 {
			t.Errorf("%s: error %v", args, err)
		}
	}
	mustFail(t, 2, []string{"expected a name that ends in .onnx"}, "bench", "infer", "--model", "lince-det", "--export", "det")
	mustFail(t, 1, []string{"makes no masks"}, "bench", "infer", "--model", "lince-det", "--masks")
	mustFail(t, 1, []string{"the task detect, expected one for classify"}, "bench", "train", "--model", "lince-det")
}

func TestBenchListsJSON(t *testing.T) {
	for _, c := range []struct {
		args string
		want []string
	}{
		{"kernels Sum Dot", []string{"/Sum/1024", "/Dot/1024"}},
		{"gemm 10x20x30:tb", []string{"gemm 10x20x30:tb"}},
		{"conv 1x2x5x5:4x3x3:pad=1", []string{"forward 1x2x5x5:4x3x3:pad=1", "inputgrad 1x2x5x5:4x3x3:pad=1", "weightgrad 1x2x5x5:4x3x3:pad=1"}},
		{"conv --model lenet5 --batch 1", []string{
			"forward 1x1x28x28:6x5x5:pad=2", "forward 1x6x14x14:16x5x5", "inputgrad 1x6x14x14:16x5x5", "weightgrad 1x6x14x14:16x5x5",
			"weightgrad 1x1x28x28:6x5x5:pad=2", "forward total", "inputgrad total", "weightgrad total"}},
	} {
		list := benchJSON[[]map[string]any](t, strings.Fields(c.args)...)
		if len(list) != len(c.want) {
			t.Errorf("bench %s: %d figures, expected %q", c.args, len(list), c.want)
			continue
		}
		for i, f := range list {
			checkFigure(t, f)
			if name := f["name"].(string); !strings.HasSuffix(name, c.want[i]) {
				t.Errorf("bench %s: %s, expected %s", c.args, name, c.want[i])
			}
		}
	}
}

func TestBenchText(t *testing.T) {
	for args, want := range map[string][]string{
		"train --model lenet5 --batch 2":          {"train lenet5 2x1x28x28", "images/s", "of the peak", "allocations a step"},
		"conv --model lenet5 --batch 2":           {"weightgrad total", "kernels, threads", "x  1"},
		"gemm 8x8x8":                              {"gemm 8x8x8", "GFLOP/s"},
		"kernels Add":                             {"/Add/1024"},
		"profile --model lenet5 --batch 2":        {"Conv2DWeightGrad", "share", "steps"},
		"profile --model cnn3 --infer --in-order": {"elementwise", "relu1"},
	} {
		out := mustRun(t, strings.Fields("bench "+args+" --steps 1")...)
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("bench %s does not print %q:\n%s", args, w, out)
			}
		}
	}
}

func TestBenchPprof(t *testing.T) {
	file := filepath.Join(t.TempDir(), "steps.pb.gz")
	steps := benchJSON[[]stepProfile](t, "profile", "--model", "lenet5", "--batch", "2", "--pprof", file)
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := pprof.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(steps) == 0 || len(p.Sample) != len(steps) {
		t.Errorf("%d steps, %d samples", len(steps), len(p.Sample))
	}
	mustFail(t, 1, []string{"no such file or directory"}, "bench", "profile", "--model", "lenet5", "--steps", "1", "--pprof", "/nowhere/steps")
}

// A level that the CPU does not have is an error that lists those it has.
func TestBenchLevel(t *testing.T) {
	cmd := exec.Command(os.Args[0], "bench", "kernels")
	cmd.Env = append(os.Environ(), "LINCE_TEST_MAIN=1", "LINCE_CPU=avx1024")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), `no level "avx1024" on this CPU; it has`) {
		t.Errorf("%v: %s", err, out)
	}
}

func TestInspectProgram(t *testing.T) {
	out := mustRun(t, "inspect", trained(), "--program", "--batch", "3")
	for _, w := range []string{"batch of 3 images", "Conv2D", "tasks", "f32[3 10]", "total", "memory of a run"} {
		if !strings.Contains(out, w) {
			t.Errorf("%q is not in\n%s", w, out)
		}
	}
	var i programInfo
	if err := json.Unmarshal([]byte(mustRun(t, "inspect", trained(), "--program", "--json")), &i); err != nil {
		t.Fatal(err)
	}
	if i.Batch != 1 || len(i.Steps) == 0 || i.FLOPs == 0 || i.Bytes == 0 || i.Arena == 0 {
		t.Errorf("%+v", i)
	}
}
