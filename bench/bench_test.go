// Package bench holds the Go benchmarks of the engine, for benchstat: matrix products, convolutions, training steps and predictions, each
// on one and on two threads. The command `lince bench` measures the same with the peak beside it.
package bench

import (
	"fmt"
	"testing"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/internal/measure"
)

// benchmark times what compile makes.
func benchmark(b *testing.B, name string, compile func(*cpu.Backend) (*measure.Program, error)) {
	k, err := kernel.Default()
	if err != nil {
		b.Fatal(err)
	}
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("%s/threads=%d", name, threads), func(b *testing.B) {
			engine, err := cpu.New(threads)
			if err != nil {
				b.Fatal(err)
			}
			defer engine.Close()
			p, err := compile(engine)
			if err != nil {
				b.Fatal(err)
			}
			if err := p.Run(); err != nil { // the first run makes what the others use again
				b.Fatal(err)
			}
			peak := measure.Peak(k, threads)
			b.ReportAllocs()
			for b.Loop() {
				if err := p.Run(); err != nil {
					b.Fatal(err)
				}
			}
			perSecond := float64(b.N) / b.Elapsed().Seconds()
			rate := perSecond * float64(p.FLOPs)
			b.ReportMetric(rate/1e9, "GFLOP/s")
			b.ReportMetric(100*rate/peak, "%peak")
			if p.Batch > 0 {
				b.ReportMetric(perSecond*float64(p.Batch), "images/s")
			}
		})
	}
}

func BenchmarkGEMM(b *testing.B) {
	for _, shape := range []string{"512x512x512", "1024x1024x1024", "2048x2048x2048", "128x120x400:tb"} {
		m, n, k, attrs, err := measure.ParseMatMul(shape)
		if err != nil {
			b.Fatal(err)
		}
		benchmark(b, shape, func(e *cpu.Backend) (*measure.Program, error) { return measure.MatMulProgram(e, m, n, k, attrs) })
	}
}

// BenchmarkConv times layers in the three directions of training.
func BenchmarkConv(b *testing.B) {
	for _, l := range []struct{ name, shape string }{
		{"lenet5.conv1", "128x1x28x28:6x5x5:pad=2"},
		{"lenet5.conv2", "128x6x14x14:16x5x5"},
		{"cnn3.conv2", "12x8x64x64:16x3x3:pad=1"},
		{"resnet18.conv1", "8x3x224x224:64x7x7:stride=2,pad=3"},
		{"resnet18.layer1", "8x64x56x56:64x3x3:pad=1"},
		{"resnet18.layer3", "8x256x14x14:256x3x3:pad=1"},
		{"resnet50.layer2.conv3", "8x128x28x28:512x1x1"},
	} {
		c, err := measure.ParseConv(l.shape)
		if err != nil {
			b.Fatal(err)
		}
		for _, c.Direction = range measure.Directions {
			benchmark(b, l.name+"/"+string(c.Direction), func(e *cpu.Backend) (*measure.Program, error) { return measure.ConvProgram(e, c) })
		}
	}
}

// BenchmarkTrainStep times one step of training of the small networks: forward, backward, SGD with momentum.
func BenchmarkTrainStep(b *testing.B) {
	for _, n := range []measure.Network{
		{Model: "lenet5", Options: map[string]string{"activation": "relu", "pool": "max"}, Batch: 128},
		{Model: "lenet5", Options: map[string]string{"activation": "tanh", "pool": "avg"}, Batch: 128},
		{Model: "cnn3", Batch: 12},
	} {
		benchmark(b, n.Model+"/"+n.Options["activation"], func(e *cpu.Backend) (*measure.Program, error) { return measure.Training(e, n) })
	}
}

func BenchmarkPrediction(b *testing.B) {
	for _, batch := range []int{1, 8} {
		n := measure.Network{Model: "resnet18", Batch: batch}
		benchmark(b, fmt.Sprintf("%s/batch=%d", n.Model, batch), func(e *cpu.Backend) (*measure.Program, error) { return measure.Inference(e, n) })
	}
}
