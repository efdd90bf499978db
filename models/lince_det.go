package models

import (
	"math"
	"strconv"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

func init() {
	Register(Spec{
		Task: "detect", Name: "lince-det", Family: "lince-det",
		Summary: "a small residual network with maps of strides 8, 16 and 32 and one box at each place; learns from scratch on two cores",
		Paper: `after Tian, Shen, Chen & He, "FCOS", ICCV 2019; Liu, Qi, Qin, Shi & Jia, "Path aggregation network", CVPR 2018; ` +
			`Li et al., "Generalized focal loss", NeurIPS 2020`,
		Channels: 3, Height: 128, Width: 128, Classes: 80,
		Options: []Option{width},
		Build:   func(a Args) (nn.Layer, error) { return linceDet{a}.network, nil },
	})
}

// linceDet returns for each place of its three maps the logits of the classes, and the distances of the box's left, upper, right and lower side
// from the middle of the place, as what softplus makes a multiple of the stride.
type linceDet struct{ Args }

func (d linceDet) network(s nn.Scope, x *graph.Node) *graph.Node {
	return d.head(s, d.maps(s, x))
}

// maps returns the maps that boxes are found on.
func (d linceDet) maps(s nn.Scope, x *graph.Node) []*graph.Node {
	maps := pyramid(d.backbone).within("backbone")(s, x)
	x.Graph().Within("neck", func() { maps = d.neck(s.Sub("neck"), maps) })
	return maps
}

// norm is the normalisation everywhere. Its running statistics follow faster than usual, as there are few steps.
var linceDetNorm = nn.BatchNorm(nn.Momentum(0.05))

func (d linceDet) conv(out, kernel int, options ...nn.ConvOption) nn.Layer {
	return convNorm(d.channels(out), kernel, linceDetNorm, nn.Relu, options...)
}

// block is a residual block of two convolutions.
func (d linceDet) block(channels int) nn.Layer {
	return nn.Chain(nn.Residual(nn.Seq(
		d.conv(channels, 3), convNorm(d.channels(channels), 3, linceDetNorm, nn.Identity)), nil), nn.Relu)
}

func (d linceDet) backbone(s nn.Scope, x *graph.Node) []*graph.Node {
	_, maps := d.stages(s, x)
	return maps
}

// stages halves the image five times. It returns the map of stride 4, and those of strides 8, 16 and 32.
func (d linceDet) stages(s nn.Scope, x *graph.Node) (fine *graph.Node, maps []*graph.Node) {
	x = apply(s, "stem", d.conv(24, 3, nn.Stride(2)), x)
	for i, stage := range []struct{ channels, blocks int }{{48, 1}, {96, 2}, {128, 2}, {160, 1}} {
		layers := []nn.Layer{d.conv(stage.channels, 3, nn.Stride(2))}
		for range stage.blocks {
			layers = append(layers, d.block(stage.channels))
		}
		x = apply(s, "stage"+strconv.Itoa(i+1), nn.Seq(layers...), x)
		if i == 0 {
			fine = x
		} else {
			maps = append(maps, x)
		}
	}
	return fine, maps
}

const linceDetWidth = 64 // channels of the neck and the head

// neck tells the larger maps what the smaller ones say, and then the smaller ones what the larger ones say.
func (d linceDet) neck(s nn.Scope, maps []*graph.Node) []*graph.Node {
	maps, last := append([]*graph.Node(nil), maps...), len(maps)-1
	for i, x := range maps {
		maps[i] = apply(s, "lateral"+strconv.Itoa(i), d.conv(linceDetWidth, 1), x)
	}
	for i := last - 1; i >= 0; i-- {
		maps[i] = apply(s, "down"+strconv.Itoa(i), d.conv(linceDetWidth, 3), op.Add(maps[i], enlarge(maps[i+1], maps[i])))
	}
	for i := range last {
		halved := apply(s, "halve"+strconv.Itoa(i), d.conv(linceDetWidth, 3, nn.Stride(2)), maps[i])
		maps[i+1] = apply(s, "up"+strconv.Itoa(i+1), d.conv(linceDetWidth, 3), op.Add(maps[i+1], halved))
	}
	return maps
}

// head has two branches of two convolutions. All maps share these, and each has its own normalisation of what they make of it.
func (d linceDet) head(s nn.Scope, maps []*graph.Node) *graph.Node {
	prior := nn.Constant(float32(-math.Log((1 - 0.01) / 0.01))) // most places are background: Lin et al., "Focal loss", 2017, section 4.1
	classes := d.branch(s, "classes", maps, nn.Conv(d.Classes, 3, nn.Pad(1), nn.WithInit(nn.Normal(0, 0.01), prior)))
	boxes := d.branch(s, "boxes", maps, nn.Conv(4, 3, nn.Pad(1), nn.WithInit(nn.Normal(0, 0.01), nn.Constant(1))))
	return op.Concat(2, allRows(classes, d.Classes), allRows(boxes, 4))
}

func (d linceDet) branch(s nn.Scope, name string, maps []*graph.Node, last nn.Layer) []*graph.Node {
	x := maps[0]
	x.Graph().Within(name, func() {
		s = s.Sub(name)
		for i := range 2 {
			conv := nn.Conv(d.channels(linceDetWidth), 3, nn.Pad(1), nn.NoBias, nn.WithInit(nn.KaimingNormalFanOut(0), nil))
			maps = onEach(s, nn.Named("conv"+strconv.Itoa(i), conv), maps)
			for level, x := range maps {
				maps[level] = apply(s, "norm"+strconv.Itoa(i)+"."+strconv.Itoa(level), nn.Chain(linceDetNorm, nn.Relu), x)
			}
		}
		maps = onEach(s, nn.Named("out", last), maps)
	})
	return maps
}
