package onnx

import (
	"fmt"
	"maps"
	"slices"

	"github.com/lince-ml/lince/tensor"
)

// Bindings say what the file leaves open.
type Bindings struct {
	// Shapes are those of inputs, by name. An input without one must have a known size in every dimension.
	Shapes map[string]tensor.Shape
	// Values are tensors for inputs that become constants of the graph, such as the sizes to which something is resized. They have the
	// element types of [Model.Input].
	Values map[string]*tensor.Tensor
}

// Shapes returns the shapes of all inputs for the given sizes of the dimensions that the file leaves open but names. If such a first dimension of
// an input has no name, or one that dims lacks, it is batch. Any other without a size is an error.
func (m *Model) Shapes(batch int, dims map[string]int) (map[string]tensor.Shape, error) {
	shapes := map[string]tensor.Shape{}
	used := map[string]bool{}
	for _, in := range m.Inputs {
		if !in.Ranked {
			return nil, fmt.Errorf("input %q: the file does not say how many dimensions it has", in.Name)
		}
		sizes := make([]int, len(in.Dims))
		for i, d := range in.Dims {
			size, given := dims[d.Name]
			used[d.Name] = true
			switch {
			case d.Size >= 0:
				sizes[i] = d.Size
			case given && d.Name != "":
				sizes[i] = size
			case i == 0:
				sizes[i] = batch
			default:
				return nil, fmt.Errorf("input %q is %v: dimension %d has no size", in.Name, in, i)
			}
			if sizes[i] < 0 {
				return nil, fmt.Errorf("input %q is %v: size %d for dimension %d, 0 or more expected", in.Name, in, sizes[i], i)
			}
		}
		shapes[in.Name] = tensor.ShapeOf(sizes...)
	}
	for _, name := range slices.Sorted(maps.Keys(dims)) {
		if !used[name] {
			return nil, fmt.Errorf("no input has a dimension called %q", name)
		}
	}
	return shapes, nil
}

// shapeOf returns the shape of an input, from the bindings or the file, which must agree.
func (b Bindings) shapeOf(in Info) (tensor.Shape, error) {
	s, ok := b.Shapes[in.Name]
	if v := b.Values[in.Name]; v != nil {
		s, ok = v.Shape(), true
	}
	if !in.Ranked {
		if !ok {
			return s, fmt.Errorf("input %q: its shape is neither in the file nor given", in.Name)
		}
		return s, nil
	}
	sizes := make([]int, len(in.Dims))
	if ok && s.Rank() != len(sizes) {
		return s, fmt.Errorf("input %q is %v, shape %v given", in.Name, in, s)
	}
	for i, d := range in.Dims {
		switch {
		case ok && d.Size >= 0 && s.Dim(i) != d.Size:
			return s, fmt.Errorf("input %q is %v, shape %v given", in.Name, in, s)
		case ok:
			sizes[i] = s.Dim(i)
		case d.Size < 0:
			return s, fmt.Errorf("input %q is %v: dimension %d has no size, and none is given", in.Name, in, i)
		default:
			sizes[i] = d.Size
		}
	}
	return tensor.ShapeOf(sizes...), nil
}
