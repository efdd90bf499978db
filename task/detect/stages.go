package detect

import (
	"errors"
	"fmt"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// The inputs and outputs of the programs that look at boxes.
const (
	boxesIn   = "boxes"   // f32 [K, 4]
	imagesIn  = "images"  // i32 [maps, K]: the box's image in the batch, or -1 where there is no box, or where another map is to be looked at
	classesIn = "classes" // i32 [K]
	eachOut   = "each"    // f32 [K, ...]
)

func featureName(i int) string { return fmt.Sprintf("features.%d", i) }

// boxesPerRun is how many boxes the second look takes at a time.
const boxesPerRun = 100

// A Finder finds things in a fixed number of images: it runs the programs of a network, with Go code between them. It is safe for concurrent use.
type Finder struct {
	task          Task
	first, second *task.Program // second is nil if the first says it all
}

// NewFinder returns what finds things in n images. See [New] for weights; live ones may change between calls.
func NewFinder(b backend.Backend, t Task, weights map[string]*tensor.Tensor, live bool, n int) *Finder {
	f := &Finder{task: t, first: task.NewProgram(b, weights, live, func() (*graph.Graph, error) { return t.Prediction(n) })}
	if t.Stages.Boxes != nil {
		f.second = t.BoxProgram(b, weights, live, n, boxesPerRun, t.Stages.Boxes)
	}
	return f
}

// Prediction returns the program that computes Boxes and Scores of n images, and the features if there are any.
func (t Task) Prediction(n int) (*graph.Graph, error) { return t.prediction(n, task.Input) }

// Export returns the prediction for other runtimes. It is an error if there is more than one program to it.
func (t Task) Export(n int, x task.Exchange) (*graph.Graph, error) {
	if t.Stages.Boxes != nil {
		return nil, errors.New("the network looks again at the boxes that it has proposed, and what it proposes is decided between its programs, " +
			"which an ONNX model cannot: lince-det, lince-mask, FCOS, RetinaNet and SSD can be exported")
	}
	return t.prediction(n, x.Input)
}

func (t Task) prediction(n int, input func(g *graph.Graph, n int, in modelfile.Input) *graph.Node) (*graph.Graph, error) {
	return graph.Trace(func(g *graph.Graph) {
		rows, features := t.network(nn.NewScope(g, nn.Eval), input(g, n, t.Input))
		boxes, scores := t.head.read(rows, t.anchors, len(t.Classes))
		g.Output(Boxes, boxes.joined())
		g.Output(Scores, scores)
		for i, x := range features {
			g.Output(featureName(i), x)
		}
	})
}

// FeaturesIn declares the features of n images in g, as Prediction computes them.
func (t Task) FeaturesIn(g *graph.Graph, n int) []*graph.Node {
	before, err := t.Prediction(n)
	if err != nil {
		graph.Fail(Name, err)
	}
	var list []*graph.Node
	for _, o := range before.Outputs() {
		if o.Name != Boxes && o.Name != Scores {
			list = append(list, g.Input(o.Name, o.Node.Type()))
		}
	}
	return list
}

// BoxProgram returns the program of a part of the network that looks at k boxes of n images, for [EachBox].
func (t Task) BoxProgram(b backend.Backend, weights map[string]*tensor.Tensor, live bool, n, k int, part func(nn.Scope, models.BoxesIn) *graph.Node) *task.Program {
	return task.NewProgram(b, weights, live, func() (*graph.Graph, error) {
		return graph.Trace(func(g *graph.Graph) {
			in := models.BoxesIn{Boxes: g.Input(boxesIn, graph.F32(k, 4)), Classes: g.Input(classesIn, graph.TypeOf(tensor.I32, k))}
			images := g.Input(imagesIn, graph.TypeOf(tensor.I32, t.Stages.Maps, k))
			in.Features = t.FeaturesIn(g, n)
			for i := range in.Features {
				in.Images = append(in.Images, op.Reshape(op.Slice(images, 0, i, i+1, 1), k))
			}
			g.Output(eachOut, part(nn.NewScope(g, nn.Eval), in))
		})
	})
}

// Find returns what is in the first n of the images x, in pixels of the network's input, the surest first. Then it calls then, which may be nil, with
// the features of the images, while they are valid.
func (f *Finder) Find(x *tensor.Tensor, n int, s Settings, then func(features []*tensor.Tensor, found [][]data.Detection) error) ([][]data.Detection, error) {
	call, err := f.first.Call()
	if err != nil {
		return nil, err
	}
	defer f.first.Put(call)
	call.Set(task.Images, x)
	if err := call.Run(); err != nil {
		return nil, err
	}
	features := make([]*tensor.Tensor, f.task.Stages.Maps)
	for i := range features {
		features[i] = call.Output(featureName(i))
	}
	boxes, scores := call.Output(Boxes).F32(), call.Output(Scores)
	anchors, classes := scores.Shape().Dim(1), scores.Shape().Dim(2)
	found := make([][]data.Detection, n)
	for i := range found {
		r := reading{boxes[4*anchors*i:][:4*anchors], scores.F32()[anchors*classes*i:][:anchors*classes], classes}
		if f.second == nil {
			found[i] = f.task.find(r, s)
		} else {
			found[i] = f.task.propose(r)
		}
	}
	if f.second != nil {
		if found, err = f.lookAgain(features, found, s); err != nil {
			return nil, err
		}
	}
	if then != nil {
		err = then(features, found)
	}
	return found, err
}

// lookAgain returns what the second look says of the proposals of each image.
func (f *Finder) lookAgain(features []*tensor.Tensor, proposals [][]data.Detection, s Settings) ([][]data.Detection, error) {
	classes := len(f.task.Classes)
	found := make([][]data.Detection, len(proposals))
	err := EachBox(f.second, features, proposals, boxesPerRun, func(image, i int, row []float32) {
		found[image] = append(found[image], readRow(row, rectOf(proposals[image][i].Box), classes, f.task.Input, s)...)
	})
	for i := range found {
		found[i] = f.task.suppress(found[i], s)
	}
	return found, err
}

// EachBox runs p, which looks at k boxes at a time, on all boxes of each image, and calls each with what it says of box i of an image, in their order.
// The values are valid during the call.
func EachBox(p *task.Program, features []*tensor.Tensor, boxes [][]data.Detection, k int, each func(image, i int, values []float32)) error {
	call, err := p.Call()
	if err != nil {
		return err
	}
	defer p.Put(call)
	maps := len(features)
	in, images, classes := tensor.New(tensor.F32, tensor.ShapeOf(k, 4)), tensor.New(tensor.I32, tensor.ShapeOf(maps, k)), tensor.New(tensor.I32, tensor.ShapeOf(k))
	for i, x := range features {
		call.Set(featureName(i), x)
	}
	call.Set(boxesIn, in)
	call.Set(imagesIn, images)
	call.Set(classesIn, classes)
	type place struct{ image, i int }
	var places []place
	run := func() error {
		if len(places) == 0 {
			return nil
		}
		for m := range maps {
			for i := range k {
				images.I32()[m*k+i] = -1
			}
		}
		for j, at := range places {
			b := boxes[at.image][at.i].Box
			r := rectOf(b)
			copy(in.F32()[4*j:], r[:])
			images.I32()[mapOf(r, maps)*k+j], classes.I32()[j] = int32(at.image), int32(b.Class)
		}
		if err := call.Run(); err != nil {
			return err
		}
		out := call.Output(eachOut)
		size := out.Size() / k
		for j, at := range places {
			each(at.image, at.i, out.F32()[j*size:(j+1)*size])
		}
		places = places[:0]
		return nil
	}
	for image, list := range boxes {
		for i := range list {
			if places = append(places, place{image, i}); len(places) == k {
				if err := run(); err != nil {
					return err
				}
			}
		}
	}
	return run()
}
