package weights

import (
	"strconv"
	"strings"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/tensor"
)

// An application is a network of keras.applications that lince has too.
type application struct {
	name string // in keras.applications
	// layers returns the names that the layers with weights have in lince, by Keras's; nil if the weights are not of this application.
	layers func(entries []format.Entry) (map[string]string, error)
	// epsilon is what Keras's normalisations add to the variance more than lince's.
	epsilon float64
	// numbered are the weights of a normalisation where the file gives them numbers.
	numbered []string
	// blueFirst is lince's name of the layer that takes the images, if Keras's takes blue, green and red.
	blueFirst string
}

// mapKeras turns the weights of an application into those of lince's model, if they are of one. The numbers that the network computes stay
// the same (build the model with the option keras=true where it has that):
//
//   - Kernels [height width in out] become [out in height width], those of depthwise convolutions [height width channels n] become
//     [channels*n 1 height width], those of dense layers [in out] become [out in].
//   - A normalisation without gamma gets the scale 1.
//   - What Keras's epsilon is more than the model's goes into the running variance.
//   - The bias of a convolution before a normalisation, which lince's models have not, goes into its running mean.
//   - A first convolution that takes blue, green and red gets them the other way round, as lince has images.
//
// Layers beside the application's, such as another head, keep their names and layouts.
func (f *File) mapKeras() error {
	for _, a := range applications {
		names, err := a.layers(f.Entries)
		if err != nil {
			return err
		}
		if names != nil {
			f.Metadata["keras.application"] = a.name
			f.Entries = a.convert(f.Entries, names)
			return nil
		}
	}
	return nil
}

func (a application) convert(entries []format.Entry, names map[string]string) []format.Entry {
	m := mapping{a, names, map[string]format.Entry{}}
	for _, e := range entries {
		m.all[e.Name] = e
	}
	var out []format.Entry
	for _, e := range entries {
		out = append(out, m.entry(e)...)
	}
	return out
}

type mapping struct {
	application
	names map[string]string
	all   map[string]format.Entry // by Keras's name
}

// entry returns what becomes of e: nothing if it goes into another.
func (m mapping) entry(e format.Entry) []format.Entry {
	layer, weight := cutWeight(e.Name)
	name, ok := m.names[layer]
	if !ok {
		return []format.Entry{e}
	}
	if i, err := strconv.Atoi(weight); err == nil && i >= 0 && i < len(m.numbered) {
		weight = m.numbered[i]
	}
	switch weight {
	case "kernel", "depthwise_kernel":
		k := kernel(e, name+".weight", strings.Contains(layer, "depthwise"))
		if name == m.blueFirst && k.Shape.Rank() == 4 && k.Shape.Dim(1) == 3 {
			k = redFirst(k)
		}
		return []format.Entry{k}
	case "bias":
		if _, normalised := m.all[norm(layer)+"/moving_mean"]; normalised {
			return nil
		}
		return []format.Entry{rename(e, name+".bias")}
	case "gamma":
		return []format.Entry{rename(e, name+".weight")}
	case "beta":
		beta := rename(e, name+".bias")
		if _, ok := m.all[layer+"/gamma"]; ok {
			return []format.Entry{beta}
		}
		return []format.Entry{ones(name+".weight", e.Shape), beta}
	case "moving_mean":
		return []format.Entry{m.mean(e, layer, name+".running_mean")}
	case "moving_variance":
		return []format.Entry{plus(e, name+".running_var", nil, m.epsilon)}
	}
	return []format.Entry{e}
}

// mean returns the running mean, less the bias of the convolution before.
func (m mapping) mean(e format.Entry, layer, name string) format.Entry {
	for _, suffix := range []string{"_bn", "/bn"} {
		if before, ok := strings.CutSuffix(layer, suffix); ok {
			if bias, ok := m.all[before+strings.Replace(suffix, "bn", "conv", 1)+"/bias"]; ok && bias.Shape == e.Shape {
				return plus(e, name, &bias, 0)
			}
		}
	}
	return rename(e, name)
}

// norm returns the normalisation behind a convolution.
func norm(layer string) string {
	before, ok := strings.CutSuffix(layer, "conv")
	if !ok {
		return ""
	}
	return before + "bn"
}

func cutWeight(name string) (layer, weight string) {
	i := strings.LastIndexByte(name, '/')
	return name[:max(0, i)], name[i+1:]
}

func rename(e format.Entry, name string) format.Entry {
	e.Name = name
	return e
}

func ones(name string, s tensor.Shape) format.Entry {
	t := tensor.New(tensor.F32, s)
	for i := range t.F32() {
		t.F32()[i] = 1
	}
	return format.EntryOf(name, t)
}

// plus returns e - bias + v, computed in float64 and rounded to F32. A nil bias is 0.
func plus(e format.Entry, name string, bias *format.Entry, v float64) format.Entry {
	read := e.Read
	e.Name, e.DType = name, tensor.F32
	e.Read = func() (*tensor.Tensor, error) {
		x, err := wide(read)
		if err != nil {
			return nil, err
		}
		var b []float64
		if bias != nil {
			if b, err = wide(bias.Read); err != nil {
				return nil, err
			}
		}
		t := tensor.New(tensor.F32, e.Shape)
		for i := range t.F32() {
			sum := x[i] + v
			if b != nil {
				sum -= b[i]
			}
			t.F32()[i] = float32(sum)
		}
		return t, nil
	}
	return e
}

func wide(read func() (*tensor.Tensor, error)) ([]float64, error) {
	t, err := read()
	if err != nil {
		return nil, err
	}
	if t, err = tensor.Convert(t, tensor.F64); err != nil {
		return nil, err
	}
	return t.F64(), nil
}

// kernel returns the kernel e of a convolution or dense layer in lince's layout.
func kernel(e format.Entry, name string, depthwise bool) format.Entry {
	var order []int // of Keras's dimensions
	switch s := e.Shape; {
	case s.Rank() == 2:
		order = []int{1, 0}
	case s.Rank() == 4 && depthwise:
		order = []int{2, 3, 0, 1}
	case s.Rank() == 4:
		order = []int{3, 2, 0, 1}
	default:
		return rename(e, name)
	}
	strides, dims, stride := e.Shape.Strides(), make([]int, len(order)), make([]int64, len(order))
	for i, from := range order {
		dims[i], stride[i] = e.Shape.Dim(from), int64(strides[from])
	}
	permuted := tensor.ShapeOf(dims...)
	shape := permuted
	if depthwise && len(dims) == 4 {
		shape = tensor.ShapeOf(dims[0]*dims[1], 1, dims[2], dims[3])
	}
	return format.Entry{Name: name, DType: e.DType, Shape: shape, Read: func() (*tensor.Tensor, error) {
		t, err := e.Read()
		if err != nil {
			return nil, err
		}
		return format.Gather(t.DType(), permuted, stride, t.Bytes()).Reshape(shape), nil
	}}
}

// redFirst changes the places of the first and the last of the three channels [out 3 height width] of e, which reads copies.
func redFirst(e format.Entry) format.Entry {
	read := e.Read
	e.Read = func() (*tensor.Tensor, error) {
		t, err := read()
		if err != nil {
			return nil, err
		}
		b, n := t.Bytes(), e.Shape.Dim(2)*e.Shape.Dim(3)*e.DType.Size()
		for ; len(b) > 0; b = b[3*n:] {
			for i := range n {
				b[i], b[2*n+i] = b[2*n+i], b[i]
			}
		}
		return t, nil
	}
	return e
}

// layerNames returns the names of layers that have weights, each once, in the order of entries.
func layerNames(entries []format.Entry) []string {
	var names []string
	seen := map[string]bool{}
	for _, e := range entries {
		if layer, _ := cutWeight(e.Name); !seen[layer] {
			seen[layer] = true
			names = append(names, layer)
		}
	}
	return names
}

// ordered returns the layers called name, name_1, name_2, ... in this order. Keras counts on where the last network of the process ended, so the
// first may have any number. The result is nil if one is missing.
func ordered(layers []string, name string) []string {
	numbers := map[int]string{}
	least := -1
	for _, l := range layers {
		n := 0
		if l != name {
			digits, ok := strings.CutPrefix(l, name+"_")
			var err error
			if n, err = strconv.Atoi(digits); !ok || err != nil {
				continue
			}
		}
		numbers[n] = l
		if least < 0 || n < least {
			least = n
		}
	}
	out := make([]string, len(numbers))
	for i := range out {
		l, ok := numbers[least+i]
		if !ok {
			return nil
		}
		out[i] = l
	}
	return out
}
