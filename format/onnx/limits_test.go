package onnx

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/lince-ml/lince/tensor"
)

// fills returns a model whose last node is n; the inputs a, b and so on of n are tensors of zeros, of the given shapes, which take no memory.
func fills(typ DataType, n *nodeProto, shapes ...[]int64) *Model {
	m := &Model{Opsets: map[string]int64{"": 20}, graph: &graphProto{}, initializers: map[string]weight{}, Outputs: []Info{{Name: "y"}}}
	for i, s := range shapes {
		name := string(rune('a' + i))
		m.initializers["size of "+name] = weight{Int64, tensor.Of(tensor.ShapeOf(len(s)), s...)}
		zero := &attributeProto{name: "value", kind: kindTensor, tensor: &tensorProto{typ: typ, dims: []int64{1}, hasRaw: true, raw: make([]byte, dataTypes[typ].bits/8)}}
		m.graph.nodes = append(m.graph.nodes, &nodeProto{
			op: "ConstantOfShape", inputs: []string{"size of " + name}, outputs: []string{name}, attributes: []*attributeProto{zero},
		})
		n.inputs = append(n.inputs, name)
	}
	n.outputs = append([]string{"y"}, n.outputs...)
	m.graph.nodes = append(m.graph.nodes, n)
	return m
}

func intsOf(name string, v ...int64) []*attributeProto {
	return []*attributeProto{{name: name, kind: kindInts, ints: v}}
}

func intOf(name string, v int64) []*attributeProto {
	return []*attributeProto{{name: name, kind: kindInt, i: v}}
}

// TestLimits reads files of a few bytes that ask for a lot, or for what there is not: each must be an error, soon and without much memory.
func TestLimits(t *testing.T) {
	const many = 1 << 29
	for name, m := range map[string]*Model{
		"sizes beside a 0":          fills(Float, &nodeProto{op: "Identity"}, []int64{0, 1 << 40}),
		"rows without elements":     fills(Int64, &nodeProto{op: "Gather", attributes: intOf("axis", 1)}, []int64{1 << 16, 1, 0}, []int64{1 << 16}),
		"indices of a triangle":     fills(Float, &nodeProto{op: "Trilu"}, []int64{1, many}),
		"indices of elements":       fills(Int64, &nodeProto{op: "GatherElements"}, []int64{many}, []int64{many}),
		"indices of a size":         fills(Float, &nodeProto{op: "Hardmax"}, []int64{1, many}),
		"parts of a sum":            fills(Uint8, &nodeProto{op: "MatMulInteger"}, []int64{1, many}, []int64{many, 1}),
		"taps":                      fills(Float, &nodeProto{op: "Conv"}, []int64{1, 1, 1 << 20, 1, 1}, []int64{1, 1, 1 << 20, 1, 1}),
		"transposed taps":           fills(Float, &nodeProto{op: "ConvTranspose"}, []int64{1, 1, 1, 1, 1}, []int64{1, 1, 1 << 20, 1, 1}),
		"deformed taps":             fills(Float, &nodeProto{op: "DeformConv"}, []int64{1, 1, 1 << 10, 1 << 10}, []int64{1, 1, 1 << 10, 1 << 10}, []int64{1, 1 << 21, 1, 1}),
		"transposed nothing":        fills(Float, &nodeProto{op: "ConvTranspose"}, []int64{1, 1, 0, 1, 1}, []int64{1, 1, 1, 1, 1}),
		"an output without end":     fills(Float, &nodeProto{op: "ConvTranspose", attributes: intsOf("output_shape", -1<<63)}, []int64{1, 1, 4}, []int64{1, 1, 4}),
		"classes of a scalar":       fills(Float, &nodeProto{op: "NegativeLogLikelihoodLoss"}, []int64{1, 1}, []int64{}),
		"a batch that is a scalar":  fills(Float, &nodeProto{op: "BatchNormalization"}, []int64{}, []int64{1}, []int64{1}, []int64{1}, []int64{1}),
		"sizes of too many parts":   fills(Int64, &nodeProto{op: "Split"}, []int64{0}, []int64{1 << 10}),
		"an average of many places": fills(Float, &nodeProto{op: "AveragePool", attributes: intsOf("kernel_shape", 1, 1, 1)}, []int64{1, 1, many, 1, 1}),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := m.Graph(Bindings{})
		runtime.ReadMemStats(&after)
		if err == nil || errors.Is(err, errBug) {
			t.Errorf("%s: error %v", name, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
			t.Errorf("%s: took %d bytes", name, used)
		}
		t.Log(name+":", err)
	}
}

// TestFunctionLiterals calls a function with a constant in it very often: there is one copy of it.
func TestFunctionLiterals(t *testing.T) {
	const size = 1 << 16
	literal := &attributeProto{name: "value", kind: kindTensor, tensor: &tensorProto{typ: Float, dims: []int64{size}, hasRaw: true, raw: make([]byte, 4*size)}}
	f := &functionProto{domain: "own", name: "f", outputs: []string{"c"}, opsets: map[string]int64{"": 20}, nodes: []*nodeProto{
		{op: "Constant", outputs: []string{"c"}, attributes: []*attributeProto{literal}},
	}}
	m := &Model{Opsets: map[string]int64{"": 20, "own": 1}, graph: &graphProto{}, functions: map[functionKey]*functionProto{{"own", "f", ""}: f}, Outputs: []Info{{Name: "0", Type: Float}}}
	for i := range 1000 {
		m.graph.nodes = append(m.graph.nodes, &nodeProto{domain: "own", op: "f", outputs: []string{fmt.Sprint(i)}})
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := m.Graph(Bindings{}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 16*4*size {
		t.Errorf("took %d bytes for a constant of %d", used, 4*size)
	}
}
