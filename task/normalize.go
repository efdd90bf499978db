package task

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// Normalize returns what a network sees of the images x, [N, C, H, W] of any type with values of 0 to 255: (x/255 - mean)/std by channel, f32, as one
// multiplication and one addition.
func Normalize(x *graph.Node, in modelfile.Input) *graph.Node {
	g := x.Graph()
	factor, offset := make([]float32, in.Channels), make([]float32, in.Channels)
	for c := range in.Channels {
		mean, std := float64(in.Mean[c]), float64(in.Std[c])
		factor[c], offset[c] = float32(1/(255*std)), float32(-mean/std)
	}
	perChannel := tensor.ShapeOf(1, in.Channels, 1, 1)
	scaled := op.Mul(op.Cast(x, tensor.F32), g.Const(tensor.Of(perChannel, factor...)))
	return op.Add(scaled, g.Const(tensor.Of(perChannel, offset...)))
}

// Input declares the images of a program, n of them, and normalises them.
func Input(g *graph.Graph, n int, in modelfile.Input) *graph.Node {
	return Normalize(g.Input(Images, graph.TypeOf(tensor.U8, n, in.Channels, in.Height, in.Width)), in)
}
