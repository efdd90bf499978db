package bench

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// benchmarkOp times a program of one op on one and on two threads.
func benchmarkOp(b *testing.B, name string, o graph.Op, in ...*tensor.Tensor) {
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("%s/threads=%d", name, threads), func(b *testing.B) {
			engine, err := cpu.New(threads)
			if err != nil {
				b.Fatal(err)
			}
			defer engine.Close()
			g, err := optest.Program(o, in)
			if err != nil {
				b.Fatal(err)
			}
			p, err := engine.Compile(g)
			if err != nil {
				b.Fatal(err)
			}
			out := backend.Outputs(g)
			peak(b, threads)
			b.ReportAllocs()
			for b.Loop() {
				if err := p.Run(in, out); err != nil {
					b.Fatal(err)
				}
			}
			report(b, g.FLOPs(), threads)
		})
	}
}

func random(dims ...int) *tensor.Tensor {
	return optest.Rand(rand.New(rand.NewPCG(1, 1)), -1, 1, dims...)
}

func BenchmarkGEMM(b *testing.B) {
	for _, n := range []int{512, 1024, 2048} {
		benchmarkOp(b, fmt.Sprint("n=", n), op.MatMulOp{}, random(n, n), random(n, n))
	}
	benchmarkOp(b, "lenet5.fc1", op.MatMulOp{MatMulAttrs: op.MatMulAttrs{TransB: true}}, random(128, 400), random(120, 400))
}

// BenchmarkConv times layers in the three directions of training.
func BenchmarkConv(b *testing.B) {
	for _, c := range []struct {
		name        string
		n, c, size  int
		o, kernel   int
		pad, stride int
	}{
		{"lenet5.conv1", 128, 1, 28, 6, 5, 2, 1},
		{"lenet5.conv2", 128, 6, 14, 16, 5, 0, 1},
		{"cnn3.conv2", 12, 8, 64, 16, 3, 1, 1},
		{"resnet18.conv1", 8, 3, 224, 64, 7, 3, 2},
		{"resnet18.layer1", 8, 64, 56, 64, 3, 1, 1},
		{"resnet18.layer3", 8, 256, 14, 256, 3, 1, 1},
		{"resnet50.layer2.conv3", 8, 128, 28, 512, 1, 0, 1},
	} {
		a := op.ConvAttrs{Pad: [4]int{c.pad, c.pad, c.pad, c.pad}, Stride: [2]int{c.stride, c.stride}, Dilation: [2]int{1, 1}, Groups: 1}
		out, _ := a.OutSize(c.size, c.size, c.kernel, c.kernel)
		x, w, dy := random(c.n, c.c, c.size, c.size), random(c.o, c.c, c.kernel, c.kernel), random(c.n, c.o, out, out)
		benchmarkOp(b, c.name+"/forward", op.Conv2DOp{ConvAttrs: a}, x, w)
		benchmarkOp(b, c.name+"/inputgrad", op.Conv2DInputGradOp{ConvAttrs: a, H: c.size, W: c.size}, dy, w)
		benchmarkOp(b, c.name+"/weightgrad", op.Conv2DWeightGradOp{ConvAttrs: a, KH: c.kernel, KW: c.kernel}, x, dy)
	}
}
