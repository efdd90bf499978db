package measure

import (
	"fmt"
	"strings"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// A Direction is one of the three convolutions of training.
type Direction string

// The directions.
const (
	Forward    Direction = "forward"
	InputGrad  Direction = "inputgrad"
	WeightGrad Direction = "weightgrad"
)

// Directions are all of them.
var Directions = []Direction{Forward, InputGrad, WeightGrad}

// A Conv is a convolution in one direction.
type Conv struct {
	Direction Direction
	X, W      tensor.Shape // of the images [N C H W] and the filters [O C/groups KH KW]
	Attrs     op.ConvAttrs
	Count     int // how often the network has it
}

// Op returns the convolution's op and the types of its inputs.
func (c Conv) Op() (graph.Op, []graph.Type) {
	oh, ow := c.Attrs.OutSize(c.X.Dim(2), c.X.Dim(3), c.W.Dim(2), c.W.Dim(3))
	dy := tensor.ShapeOf(c.X.Dim(0), c.W.Dim(0), max(oh, 1), max(ow, 1))
	f32 := func(s ...tensor.Shape) (t []graph.Type) {
		for _, s := range s {
			t = append(t, graph.Type{DType: tensor.F32, Shape: s})
		}
		return t
	}
	switch c.Direction {
	case InputGrad:
		return op.Conv2DInputGradOp{ConvAttrs: c.Attrs, H: c.X.Dim(2), W: c.X.Dim(3)}, f32(dy, c.W)
	case WeightGrad:
		return op.Conv2DWeightGradOp{ConvAttrs: c.Attrs, KH: c.W.Dim(2), KW: c.W.Dim(3)}, f32(c.X, dy)
	}
	return op.Conv2DOp{ConvAttrs: c.Attrs}, f32(c.X, c.W)
}

// String returns the direction and the shape, such as "forward 8x3x224x224:64x7x7:stride=2,pad=3".
func (c Conv) String() string {
	var extra []string
	for _, e := range []struct {
		name        string
		usual, a, b int
	}{
		{"stride", 1, c.Attrs.Stride[0], c.Attrs.Stride[1]}, {"pad", 0, c.Attrs.Pad[0], c.Attrs.Pad[1]},
		{"dilation", 1, c.Attrs.Dilation[0], c.Attrs.Dilation[1]}, {"groups", 1, c.Attrs.Groups, c.Attrs.Groups},
	} {
		switch {
		case e.a != e.b:
			extra = append(extra, fmt.Sprintf("%s=%dx%d", e.name, e.a, e.b))
		case e.a != e.usual:
			extra = append(extra, fmt.Sprintf("%s=%d", e.name, e.a))
		}
	}
	s := fmt.Sprintf("%s %s:%dx%dx%d", c.Direction, times(c.X.Dims()), c.W.Dim(0), c.W.Dim(2), c.W.Dim(3))
	if len(extra) > 0 {
		s += ":" + strings.Join(extra, ",")
	}
	return s
}

func times(dims []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(dims), " ", "x"), "[]")
}

// ConvProgram compiles a convolution with random operands. Where the kernel wants packed weights, the program packs them, as a
// training step must.
func ConvProgram(b *cpu.Backend, c Conv) (*Program, error) {
	o, in := c.Op()
	return opProgram(b, c.String(), o, in...)
}

// MatMulProgram compiles a product of random matrices, m x k times k x n.
func MatMulProgram(b *cpu.Backend, m, n, k int, attrs op.MatMulAttrs) (*Program, error) {
	name := fmt.Sprintf("gemm %dx%dx%d", m, n, k)
	x, y := graph.F32(m, k), graph.F32(k, n)
	if attrs.TransA {
		name, x = name+":ta", graph.F32(k, m)
	}
	if attrs.TransB {
		name, y = name+":tb", graph.F32(n, k)
	}
	return opProgram(b, name, op.MatMulOp{MatMulAttrs: attrs}, x, y)
}

// Convolutions returns the distinct convolutions of a training step of the network, direction by direction, in the order in which the
// forward pass has them. There is no gradient for the images.
func Convolutions(n Network) ([]Conv, error) {
	t, err := n.task()
	if err != nil {
		return nil, err
	}
	s := &sketch{}
	if _, err := newTrainer(s, t, n.Batch); err != nil {
		return nil, err
	}
	var list []Conv
	for _, d := range Directions {
		index := map[Conv]int{}
		for _, node := range s.graph.Live() {
			c, ok := convOf(node)
			if !ok || c.Direction != d {
				continue
			}
			if _, known := index[c]; !known {
				index[c] = len(list)
				list = append(list, c)
			}
			list[index[c]].Count++
		}
	}
	return list, nil
}

// convOf returns the convolution that a node is, with no count; ok is false for other nodes.
func convOf(n *graph.Node) (c Conv, ok bool) {
	switch o := n.Op().(type) {
	case op.Conv2DOp:
		return Conv{Forward, n.In(0).Shape(), n.In(1).Shape(), o.ConvAttrs, 0}, true
	case op.Conv2DInputGradOp:
		return Conv{InputGrad, n.Shape(), n.In(1).Shape(), o.ConvAttrs, 0}, true
	case op.Conv2DWeightGradOp:
		return Conv{WeightGrad, n.In(0).Shape(), n.Shape(), o.ConvAttrs, 0}, true
	}
	return Conv{}, false
}

// A sketch is a backend that keeps the graph and compiles nothing.
type sketch struct{ graph *graph.Graph }

// Name returns "sketch".
func (*sketch) Name() string { return "sketch" }

// Compile returns no program.
func (s *sketch) Compile(g *graph.Graph) (backend.Program, error) {
	s.graph = g
	return nil, nil
}

// Total returns the figure of all convolutions of a network in one direction, each as often as it occurs.
func Total(d Direction, convs []Conv, figures []Figure) Figure {
	t := Figure{Name: string(d) + " total"}
	var flops, peak float64
	for i, f := range figures {
		if convs[i].Direction != d {
			continue
		}
		n := float64(convs[i].Count)
		t.MS, t.MSMin, t.MSMax = t.MS+n*f.MS, t.MSMin+n*f.MSMin, t.MSMax+n*f.MSMax
		flops, peak = flops+n*f.MS*f.GFLOPS, peak+n*f.MS*f.PeakGFLOPS
		t.RSSMiB, t.AllocsPerStep = max(t.RSSMiB, f.RSSMiB), t.AllocsPerStep+uint64(n)*f.AllocsPerStep
		t.Steps, t.Threads = t.Steps+f.Steps, f.Threads
	}
	if t.MS > 0 {
		t.GFLOPS, t.PeakGFLOPS, t.ShareOfPeak = flops/t.MS, peak/t.MS, flops/peak
	}
	return t
}
