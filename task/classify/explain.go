package classify

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// A Map is a number for each place of an image, or of a coarser grid over it: that of row y and column x is V[y*W+x].
type Map struct {
	H, W int
	V    []float32
}

// An Explainer tells what in an image makes a network say a class. It is safe for one goroutine at a time.
type Explainer struct {
	Layer string // whose feature maps are looked at
	task  Task
	call  *backend.Call
}

// The names of the explainer's inputs and outputs.
const (
	classInput      = "class"             // in: f32 [1, outputs], how much of each logit is asked for
	featuresOutput  = "features"          // out: f32 [1, K, H, W]
	featureGradient = "features.gradient" // out: the derivative of the logit by features
	pixelGradient   = "pixels.gradient"   // out: f32 [1, C, H, W], by the normalised image
)

// NewExplainer returns an explainer of the network with weights, which looks at the feature maps that the layer with the given path returns, such as
// "layer3" or "features.7"; those of the last layer that has any, for "".
func NewExplainer(b backend.Backend, t Task, weights map[string]*tensor.Tensor, layer string) (*Explainer, error) {
	g, path, err := t.explanation(layer)
	if err == nil {
		g, err = graph.Freeze(g, weights)
	}
	if err != nil {
		return nil, err
	}
	program, err := b.Compile(g)
	if err != nil {
		return nil, err
	}
	return &Explainer{path, t, backend.NewCall(program, g)}, nil
}

// explanation returns the explainer's program, and the layer that it looks at.
func (t Task) explanation(layer string) (g *graph.Graph, path string, err error) {
	var missing error
	g, err = graph.Trace(func(g *graph.Graph) {
		bytes := g.Input(Images, graph.TypeOf(tensor.U8, 1, t.Input.Channels, t.Input.Height, t.Input.Width))
		pixels := task.Normalize(bytes, t.Input)
		logits := t.network(nn.NewScope(g, nn.Eval), pixels)
		g.Output(Probabilities, t.probabilities(t.scaled(logits)))
		var features *graph.Node
		if features, path, missing = featureMaps(g, pixels, layer); missing != nil {
			return
		}
		score := op.ReduceSum(op.Mul(logits, g.Input(classInput, logits.Type())), false)
		gradients := graph.Grad(score, []*graph.Node{features, pixels})
		g.Output(featuresOutput, features)
		g.Output(featureGradient, gradients[0])
		g.Output(pixelGradient, gradients[1])
	})
	if err == nil {
		err = missing
	}
	return g, path, err
}

// featureMaps returns the last feature maps in the layer with the given path, of more than one place, that depend on the images.
func featureMaps(g *graph.Graph, images *graph.Node, layer string) (node *graph.Node, path string, err error) {
	depends := map[*graph.Node]bool{images: true}
	var layers []string
	maps := 0
	for _, n := range g.Live() {
		if !slices.ContainsFunc(n.Ins(), func(in *graph.Node) bool { return depends[in] }) {
			continue
		}
		depends[n] = true
		s := n.Shape()
		if s.Rank() != 4 || n.DType() != tensor.F32 || s.Dim(0) != 1 || s.Dim(2)*s.Dim(3) == 1 {
			continue
		}
		maps++
		if p := n.Path(); p != "" && !slices.Contains(layers, p) {
			layers = append(layers, p)
		}
		if layer == "" || n.Path() == layer || strings.HasPrefix(n.Path(), layer+".") {
			node, path = n, n.Path()
		}
	}
	switch {
	case node != nil && layer != "":
		return node, layer, nil
	case node != nil:
		return node, path, nil
	case maps > 0 && len(layers) == 0:
		return nil, "", fmt.Errorf("layer %q: the layers of this network have no names, expected none", layer)
	case maps == 0:
		return nil, "", fmt.Errorf("the network has no feature maps of more than one place: expected a convolutional network")
	}
	return nil, "", nearest.Error("layer", layer, layers)
}

// run explains the class in the image.
func (e *Explainer) run(im data.Image, class int) error {
	t := e.task
	if err := t.Input.Check("image", im.C, im.H, im.W); err != nil {
		return err
	}
	x := tensor.New(tensor.U8, tensor.ShapeOf(1, im.C, im.H, im.W))
	copy(x.U8(), im.Pix)
	outputs := t.Kind.Outputs(t.Classes)
	ask := tensor.New(tensor.F32, tensor.ShapeOf(1, outputs))
	if t.Kind == modelfile.Binary {
		ask.F32()[0] = float32(2*class - 1) // the first class is what the logit is against
	} else {
		ask.F32()[class] = 1
	}
	e.call.Set(Images, x)
	e.call.Set(classInput, ask)
	return e.call.Run()
}

// GradCAM returns what in the layer's feature maps speaks for the class: their sum, each with the mean of the logit's derivative by it, where it is
// positive (Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based localization", ICCV 2017, equations 1
// and 2).
func (e *Explainer) GradCAM(im data.Image, class int) (Map, error) {
	if err := e.run(im, class); err != nil {
		return Map{}, err
	}
	features, gradient := e.call.Output(featuresOutput), e.call.Output(featureGradient).F32()
	k, h, w := features.Shape().Dim(1), features.Shape().Dim(2), features.Shape().Dim(3)
	m := Map{h, w, make([]float32, h*w)}
	for c := range k {
		var mean float32
		for _, d := range gradient[c*h*w : (c+1)*h*w] {
			mean += d / float32(h*w)
		}
		for i, v := range features.F32()[c*h*w : (c+1)*h*w] {
			m.V[i] += mean * v
		}
	}
	for i, v := range m.V {
		m.V[i] = max(0, v)
	}
	return m, nil
}

// Saliency returns for each pixel the largest size of the logit's derivative by one of its channels (Simonyan, Vedaldi & Zisserman, "Deep inside
// convolutional networks", 2014, section 3.1).
func (e *Explainer) Saliency(im data.Image, class int) (Map, error) {
	if err := e.run(im, class); err != nil {
		return Map{}, err
	}
	m := Map{im.H, im.W, make([]float32, im.H*im.W)}
	for i, d := range e.call.Output(pixelGradient).F32() {
		p := &m.V[i%len(m.V)]
		*p = max(*p, float32(math.Abs(float64(d))))
	}
	return m, nil
}

// Features returns the feature maps of the layer.
func (e *Explainer) Features(im data.Image) ([]Map, error) {
	if err := e.run(im, 0); err != nil {
		return nil, err
	}
	t := e.call.Output(featuresOutput)
	h, w := t.Shape().Dim(2), t.Shape().Dim(3)
	maps := make([]Map, t.Shape().Dim(1))
	for c := range maps {
		maps[c] = Map{h, w, slices.Clone(t.F32()[c*h*w : (c+1)*h*w])}
	}
	return maps, nil
}

// Occlusion returns how much less probable the class is when a square of the mean colour covers a place: the mean over the squares that cover it, 0 where
// it becomes more probable (Zeiler & Fergus, "Visualizing and understanding convolutional networks", ECCV 2014, section 4.2). The sides of the
// square are a fifth of the image's smaller side; it moves by half of that or less.
func (c *Classifier) Occlusion(ctx context.Context, im data.Image, class int) (Map, error) {
	side := max(1, min(im.H, im.W)/5)
	step := max(1, side/2)
	fill := make([]uint8, im.C)
	for k := range fill {
		fill[k] = uint8(min(max(255*c.task.Input.Mean[k]+0.5, 0), 255))
	}
	images := []data.Image{im}
	var corners [][2]int
	for y := step - side; y < im.H; y += step {
		for x := step - side; x < im.W; x += step {
			images = append(images, covered(im, y, x, side, fill))
			corners = append(corners, [2]int{y, x})
		}
	}
	rows, err := c.Probabilities(ctx, images)
	if err != nil {
		return Map{}, err
	}
	m, covers := Map{im.H, im.W, make([]float32, im.H*im.W)}, make([]float32, im.H*im.W)
	for i, at := range corners {
		loss := rows[0][class] - rows[i+1][class]
		square(im, at[0], at[1], side, func(p int) {
			m.V[p] += loss
			covers[p]++
		})
	}
	for p := range m.V {
		m.V[p] = max(0, m.V[p]/max(1, covers[p]))
	}
	return m, nil
}

// covered returns im with a square of the colour fill at row y and column x, as far as it is inside.
func covered(im data.Image, y, x, side int, fill []uint8) data.Image {
	out := im
	out.Pix = slices.Clone(im.Pix)
	square(im, y, x, side, func(p int) {
		for c, v := range fill {
			out.Pix[c*im.H*im.W+p] = v
		}
	})
	return out
}

// square calls visit with the places in a plane of im that are in a square.
func square(im data.Image, y, x, side int, visit func(p int)) {
	for i := max(0, y); i < min(im.H, y+side); i++ {
		for j := max(0, x); j < min(im.W, x+side); j++ {
			visit(i*im.W + j)
		}
	}
}
