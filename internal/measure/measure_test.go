package measure

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

var once = Effort{Runs: 7, Steps: 1}

func newBackend(t *testing.T, threads int) *cpu.Backend {
	t.Helper()
	b, err := cpu.New(threads)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// check reports a figure that cannot be.
func check(t *testing.T, f Figure, threads int) {
	t.Helper()
	if f.Name == "" || f.MS <= 0 || f.MSMin > f.MS || f.MSMax < f.MS || f.Threads != threads || f.PeakGFLOPS <= 0 || f.Steps < 1 ||
		math.Abs(f.ShareOfPeak-f.GFLOPS/f.PeakGFLOPS) > 1e-9 {
		t.Errorf("%+v", f)
	}
}

func TestTraining(t *testing.T) {
	b := newBackend(t, 2)
	p, err := Training(b, Network{Model: "lenet5", Options: map[string]string{"pool": "max"}, Batch: 4})
	if err != nil {
		t.Fatal(err)
	}
	f, err := Effort{Runs: 7, Steps: 21}.Measure(p)
	if err != nil {
		t.Fatal(err)
	}
	check(t, f, 2)
	if f.Name != "train lenet5:pool=max 4x1x28x28" || math.Abs(f.ImagesPerSecond*f.MS-4000) > 1e-6 || f.AllocsPerStep != 0 {
		t.Errorf("%+v", f)
	}
	steps, err := once.Profile(p)
	if err != nil {
		t.Fatal(err)
	}
	var flops int64
	for _, s := range steps {
		flops += s.FLOPs
		if s.Time <= 0 {
			t.Errorf("step %s took %v", s.Name, s.Time)
		}
	}
	if least := p.FLOPs; flops < least {
		t.Errorf("all steps together have %d operations, the convolutions and products alone %d", flops, least)
	}
}

// The multiply-adds of an image in a training step, forward and backward, counted by hand from the figure of LeCun et al. 1998.
func TestMatrixFLOPs(t *testing.T) {
	p, err := Training(newBackend(t, 1), Network{Model: "lenet5", Batch: 2})
	if err != nil {
		t.Fatal(err)
	}
	conv1, conv2, dense := 28*28*6*25, 10*10*16*6*25, 400*120+120*84+84*10
	if got, want := p.FLOPs, int64(2*2*(2*conv1+3*conv2+3*dense)); got != want {
		t.Errorf("%d operations, expected %d", got, want)
	}
}

func TestInference(t *testing.T) {
	p, err := Inference(newBackend(t, 1), Network{Model: "cnn3", Size: 32, Batch: 2})
	if err != nil {
		t.Fatal(err)
	}
	f, err := Effort{Runs: 7, Steps: 21}.Measure(p)
	if err != nil {
		t.Fatal(err)
	}
	check(t, f, 1)
	if f.Name != "infer cnn3 2x3x32x32" || f.AllocsPerStep != 0 {
		t.Errorf("%+v", f)
	}
	if slices.ContainsFunc(p.Code.Steps(), func(s cpu.Step) bool { return s.Name == "pack" }) {
		t.Error("weights are packed in every step")
	}
}

func TestNoSuchModel(t *testing.T) {
	b := newBackend(t, 1)
	for what, err := range map[string]error{
		"train": second(Training(b, Network{Model: "lenet", Batch: 1})), "infer": second(Inference(b, Network{Model: "lenet", Batch: 1})),
		"conv": second(Convolutions(Network{Model: "lenet", Batch: 1})),
	} {
		if err == nil || !strings.Contains(err.Error(), `did you mean "lenet5"?`) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestConvolutions(t *testing.T) {
	list, err := Convolutions(Network{Model: "cnn3", Batch: 2, Size: 16})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range list {
		got = append(got, c.String())
	}
	want := []string{
		"forward 2x3x16x16:8x3x3:pad=1", "forward 2x8x8x8:16x3x3:pad=1", "forward 2x16x4x4:32x3x3:pad=1",
		"inputgrad 2x16x4x4:32x3x3:pad=1", "inputgrad 2x8x8x8:16x3x3:pad=1",
		"weightgrad 2x16x4x4:32x3x3:pad=1", "weightgrad 2x8x8x8:16x3x3:pad=1", "weightgrad 2x3x16x16:8x3x3:pad=1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	for _, c := range list {
		p, err := ConvProgram(newBackend(t, 2), c)
		if err != nil {
			t.Fatal(err)
		}
		f, err := once.Measure(p)
		if err != nil {
			t.Fatal(err)
		}
		check(t, f, 2)
	}
}

func TestImpossibleConvolution(t *testing.T) {
	c := Conv{Forward, tensor.ShapeOf(1, 3, 4, 4), tensor.ShapeOf(8, 3, 7, 7), op.ConvAttrs{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}, 1}
	if _, err := ConvProgram(newBackend(t, 1), c); err == nil || !strings.Contains(err.Error(), "the kernel spans 7 x 7") {
		t.Errorf("error %v", err)
	}
}

func TestMatMul(t *testing.T) {
	for _, attrs := range []op.MatMulAttrs{{}, {TransA: true}, {TransB: true}} {
		p, err := MatMulProgram(newBackend(t, 1), 10, 20, 30, attrs)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.FLOPs; got != 12000 {
			t.Errorf("%s: %d operations", p.Name, got)
		}
		f, err := once.Measure(p)
		if err != nil {
			t.Fatal(err)
		}
		check(t, f, 1)
	}
}

func TestKernel(t *testing.T) {
	for _, r := range kernel.Table() {
		if r.Level != "generic" || r.Name != "Tile" && r.Name != "Add" {
			continue
		}
		f, err := once.Kernel(r)
		if err != nil {
			t.Fatal(err)
		}
		check(t, f, 1)
		if (f.GFLOPS > 0) != (r.Name == "Tile") || (f.GBPerSecond > 0) != (r.Name == "Add") {
			t.Errorf("%+v", f)
		}
	}
}

func TestPlan(t *testing.T) {
	for _, c := range []struct {
		effort       Effort
		once         time.Duration
		runs, perRun int
	}{
		{Usual, time.Millisecond, 7, 300}, {Usual, time.Second, 7, 1}, {Effort{7, time.Second, 1}, 1, 1, 1}, {Effort{7, time.Second, 100}, 1, 7, 14},
	} {
		if runs, perRun := c.effort.plan(c.once); runs != c.runs || perRun != c.perRun {
			t.Errorf("%+v of %v: %d runs of %d", c.effort, c.once, runs, perRun)
		}
	}
}

func TestWritePprof(t *testing.T) {
	var b bytes.Buffer
	steps := []StepTime{
		{cpu.Step{Name: "Conv2D", Ops: []string{"Conv2D", "Relu"}, Path: "layer1.0.conv1", FLOPs: 10, Bytes: 20}, time.Second},
		{cpu.Step{Name: "MatMul", Ops: []string{"MatMul"}}, time.Minute},
	}
	if err := WritePprof(&b, steps); err != nil {
		t.Fatal(err)
	}
	p, err := profile.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	var stack []string
	for _, l := range p.Sample[0].Location {
		stack = append(stack, l.Line[0].Function.Name)
	}
	if want := []string{"Conv2D (Conv2D Relu)", "layer1.0.conv1", "layer1.0", "layer1"}; !slices.Equal(stack, want) {
		t.Errorf("stack %q, expected %q", stack, want)
	}
	if got := p.Sample[1]; len(got.Location) != 1 || got.Value[2] != time.Minute.Nanoseconds() {
		t.Errorf("second step: %+v", got)
	}
}

// Millions of multiply-adds of an image in a training step of torchvision's networks, counted in PyTorch.
func TestMatrixFLOPsOfNetworks(t *testing.T) {
	for model, want := range map[string]float64{"resnet18": 5324.206, "inception_v3": 17137.516} {
		task, err := Network{Model: model}.task()
		if err != nil {
			t.Fatal(err)
		}
		s := &sketch{}
		if _, err := newTrainer(s, task, 2); err != nil {
			t.Fatal(err)
		}
		if got := float64(MatrixFLOPs(s.graph)) / 2 / 2 / 1e6; math.Abs(got-want) > 0.001 {
			t.Errorf("%s: %.3f million multiply-adds, expected %.3f", model, got, want)
		}
	}
}
