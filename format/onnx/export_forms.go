package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// A form adds the nodes that compute n to the file.
type form func(e *exporter, n *graph.Node) error

// forms says what each op is in opset 17, by its name.
var forms map[string]form

func init() {
	forms = map[string]form{
		"AvgPool":         formAvgPool,
		"ArgMax":          formArgMax,
		"BatchNorm":       formBatchNorm,
		"Cast":            formCast,
		"Clip":            formClip,
		"Concat":          formConcat,
		"Constant":        formOfBatch,
		"ConstantOfShape": formFill,
		"Conv2D":          formConv2D,
		"Conv2DInputGrad": formConvTranspose,
		"Expand":          formExpand,
		"Gather":          formGather,
		"Gelu":            formGelu,
		"GlobalAvgPool":   renamed("GlobalAveragePool"),
		"HardSigmoid":     formHardSigmoid,
		"LeakyRelu":       formLeakyRelu,
		"LogSoftmax":      formLogSoftmax,
		"MatMul":          formMatMul,
		"MaxPool":         formMaxPool,
		"Pad":             formPad,
		"ReduceMax":       formReduceMax,
		"ReduceMean":      formReduceMean,
		"ReduceMin":       formReduceMin,
		"ReduceProd":      formReduceProd,
		"ReduceSum":       formReduceSum,
		"Reshape":         formReshape,
		"Resample":        formResample,
		"Resize":          formResize,
		"RoiAlign":        formRoIAlign,
		"Silu":            formSilu,
		"Slice":           formSlice,
		"Softmax":         formSoftmax,
		"Transpose":       formTranspose,
	}
	// These have ONNX's name, inputs and meaning, and no attributes.
	for _, name := range []string{
		"Abs", "Acos", "Acosh", "Add", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Cos", "Cosh", "Div", "Equal", "Erf", "Exp", "Floor",
		"HardSwish", "Less", "LessOrEqual", "Log", "Max", "Min", "Mul", "Neg", "Pow", "Reciprocal", "Relu", "Round", "Sigmoid", "Sign", "Sin",
		"Sinh", "Softplus", "Sqrt", "Sub", "Tan", "Tanh", "Where",
	} {
		forms[name] = renamed(name)
	}
}

// renamed is the form of an op that is one operator without attributes.
func renamed(operator string) form {
	return func(e *exporter, n *graph.Node) error {
		e.emit(n, operator, e.refs(n.Ins()))
		return nil
	}
}

// formOfBatch refuses constants that depend on the batch size otherwise than by a number for each image: all others are initializers.
func formOfBatch(e *exporter, n *graph.Node) error {
	return fmt.Errorf("a constant of shape %v depends on the batch size", n.Shape())
}

// formFill takes the batch size from the first input.
func formFill(e *exporter, n *graph.Node) error {
	s := e.sizes[n]
	if s[0] != (size{1, true}) || slices.ContainsFunc(s[1:], func(s size) bool { return s.perImage }) || e.batched == "" {
		return formOfBatch(e, n)
	}
	shape := e.step(n, "Shape", []string{e.batched}, attrInt("start", 0), attrInt("end", 1))
	if len(s) > 1 {
		shape = e.step(n, "Concat", []string{shape, e.ints(n.Shape().Dims()[1:]...)}, attrInt("axis", 0))
	}
	value := tensor.New(n.DType(), tensor.ShapeOf(1))
	n.Op().Eval(value, nil)
	e.emit(n, "ConstantOfShape", []string{shape}, attrTensor("value", value))
	return nil
}

func formConv2D(e *exporter, n *graph.Node) error {
	e.emit(n, "Conv", e.refs(n.Ins()), convAttributes(n.Op().(op.Conv2DOp).ConvAttrs, n.In(1).Shape())...)
	return nil
}

func convAttributes(o op.ConvAttrs, weight tensor.Shape) []*attributeProto {
	return []*attributeProto{
		attrInts("dilations", o.Dilation[:]...), attrInt("group", o.Groups), attrInts("kernel_shape", weight.Dims()[2:]...),
		attrInts("pads", o.Pad[:]...), attrInts("strides", o.Stride[:]...),
	}
}

// formConvTranspose pads the result at its end, where the convolution that it is the transpose of leaves out pixels.
func formConvTranspose(e *exporter, n *graph.Node) error {
	o, dy, w := n.Op().(op.Conv2DInputGradOp), n.In(0).Shape(), n.In(1).Shape()
	var more [2]int
	for i, size := range []int{o.H, o.W} {
		more[i] = size + o.Pad[i] + o.Pad[2+i] - (dy.Dim(2+i)-1)*o.Stride[i] - o.Dilation[i]*(w.Dim(2+i)-1) - 1
	}
	e.emit(n, "ConvTranspose", e.refs(n.Ins()), append(convAttributes(o.ConvAttrs, w), attrInts("output_padding", more[:]...))...)
	return nil
}

// formResample gathers each tap and sums them up by their weights.
func formResample(e *exporter, n *graph.Node) error {
	axis, at, weights := n.Op().(op.ResampleOp).Axis, e.values[n.In(1)].constant, e.values[n.In(2)].constant
	if at == nil || weights == nil || at.Size() == 0 || n.In(0).Shape().Size() == 0 {
		return fmt.Errorf("only constant indices and weights of something have a form")
	}
	places, taps, last := at.Shape().Dim(0), at.Shape().Dim(1), n.In(0).Shape().Dim(axis)-1
	index := func(i int) int {
		if at.DType() == tensor.I64 {
			return int(at.I64()[i])
		}
		return int(at.I32()[i])
	}
	along := make([]int, n.Shape().Rank()-axis) // the shape of weights along the axis
	for i := range along {
		along[i] = 1
	}
	along[0] = places
	x, sum := e.ref(n.In(0)), ""
	for t := range taps {
		from, by, one := make([]int, places), make([]float32, places), true
		for m := range places {
			i := index(m*taps + t)
			if by[m] = weights.F32()[m*taps+t]; i < 0 || i > last {
				by[m] = 0 // what is outside of x is left out
			}
			from[m], one = min(max(i, 0), last), one && by[m] == 1
		}
		in := []string{x, e.ints(from...)}
		if one && taps == 1 {
			e.emit(n, "Gather", in, attrInt("axis", axis))
			return nil
		}
		in = []string{e.step(n, "Gather", in, attrInt("axis", axis)), e.initializer(tensor.Of(tensor.ShapeOf(along...), by...), "")}
		switch {
		case taps == 1:
			e.emit(n, "Mul", in)
		case t == 0:
			sum = e.step(n, "Mul", in)
		case t < taps-1:
			sum = e.step(n, "Add", []string{sum, e.step(n, "Mul", in)})
		default:
			e.emit(n, "Add", []string{sum, e.step(n, "Mul", in)})
		}
	}
	return nil
}

// formRoIAlign is for boxes of images that exist: to other runtimes, an image of -1 is an error.
func formRoIAlign(e *exporter, n *graph.Node) error {
	o, in := n.Op().(op.RoIAlignOp), e.refs(n.Ins())
	in[2] = e.step(n, "Cast", []string{in[2]}, attrInt("to", int(dataTypeOf(tensor.I64))))
	corner := "output_half_pixel"
	if o.Aligned {
		corner = "half_pixel"
	}
	e.emit(n, "RoiAlign", in, attrString("coordinate_transformation_mode", corner), attrInt("output_height", o.Height), attrInt("output_width", o.Width),
		attrInt("sampling_ratio", o.Samples), attrFloat("spatial_scale", o.Scale))
	return nil
}

// formResize states the sizes by scales, since the batch is one of them. They are as little above the quotient as rounding needs.
func formResize(e *exporter, n *graph.Node) error {
	o, x := n.Op().(op.ResizeOp), n.In(0).Shape()
	scales := []float32{1, 1, 0, 0}
	for i, size := range []int{o.H, o.W} {
		old := float64(x.Dim(2 + i))
		scale := float32(float64(size) / old)
		for math.Floor(old*float64(scale)) < float64(size) {
			scale = math.Nextafter32(scale, math.MaxFloat32)
		}
		scales[2+i] = scale
	}
	coordinates := "half_pixel"
	if o.AlignCorners {
		coordinates = "align_corners"
	}
	in := []string{e.ref(n.In(0)), "", e.initializer(tensor.Of(tensor.ShapeOf(4), scales...), "")}
	e.emit(n, "Resize", in, attrString("mode", "linear"), attrString("coordinate_transformation_mode", coordinates))
	return nil
}

func poolAttributes(a op.PoolAttrs) []*attributeProto {
	return []*attributeProto{attrInts("kernel_shape", a.Kernel[:]...), attrInts("pads", a.Pad[:]...), attrInts("strides", a.Stride[:]...)}
}

func formMaxPool(e *exporter, n *graph.Node) error {
	e.emit(n, "MaxPool", e.refs(n.Ins()), poolAttributes(n.Op().(op.MaxPoolOp).PoolAttrs)...)
	return nil
}

func formAvgPool(e *exporter, n *graph.Node) error {
	o := n.Op().(op.AvgPoolOp)
	e.emit(n, "AveragePool", e.refs(n.Ins()), append(poolAttributes(o.PoolAttrs), attrBool("count_include_pad", o.CountIncludePad))...)
	return nil
}

func formBatchNorm(e *exporter, n *graph.Node) error {
	e.emit(n, "BatchNormalization", e.refs(n.Ins()), attrFloat("epsilon", n.Op().(op.BatchNormOp).Eps))
	return nil
}

// formMatMul has Gemm for matrices of which one is transposed.
func formMatMul(e *exporter, n *graph.Node) error {
	o, in := n.Op().(op.MatMulOp), e.refs(n.Ins())
	trans := [2]bool{o.TransA, o.TransB}
	if n.In(0).Shape().Rank() == 2 && n.In(1).Shape().Rank() == 2 && (o.TransA || o.TransB) {
		var attributes []*attributeProto
		for i, name := range []string{"transA", "transB"} {
			if trans[i] {
				attributes = append(attributes, attrInt(name, 1))
			}
		}
		e.emit(n, "Gemm", in, attributes...)
		return nil
	}
	for i, t := range trans {
		if t {
			in[i] = e.step(n, "Transpose", []string{in[i]}, attrInts("perm", swapLast(n.In(i).Shape().Rank())...))
		}
	}
	e.emit(n, "MatMul", in)
	return nil
}

// swapLast returns the permutation that exchanges the last two dimensions.
func swapLast(rank int) []int {
	perm := make([]int, rank)
	for i := range perm {
		perm[i] = i
	}
	perm[rank-2], perm[rank-1] = rank-1, rank-2
	return perm
}

func formLeakyRelu(e *exporter, n *graph.Node) error {
	e.emit(n, "LeakyRelu", e.refs(n.Ins()), attrFloat("alpha", n.Op().(op.LeakyReluOp).Alpha))
	return nil
}

func formHardSigmoid(e *exporter, n *graph.Node) error {
	o := n.Op().(op.HardSigmoidOp)
	e.emit(n, "HardSigmoid", e.refs(n.Ins()), attrFloat("alpha", o.Alpha), attrFloat("beta", o.Beta))
	return nil
}

// formClip leaves out limits that are infinite.
func formClip(e *exporter, n *graph.Node) error {
	o := n.Op().(op.ClipOp)
	in := []string{e.ref(n.In(0)), "", ""}
	if !math.IsInf(float64(o.Lo), -1) {
		in[1] = e.scalar(o.Lo)
	}
	if !math.IsInf(float64(o.Hi), 1) {
		in[2] = e.scalar(o.Hi)
	}
	for in[len(in)-1] == "" {
		in = in[:len(in)-1]
	}
	e.emit(n, "Clip", in)
	return nil
}

// formSilu is x sigmoid(x): Swish came with opset 24.
func formSilu(e *exporter, n *graph.Node) error {
	x := e.ref(n.In(0))
	e.emit(n, "Mul", []string{x, e.step(n, "Sigmoid", []string{x})})
	return nil
}

// formGelu is x (1 + erf(x/√2)) / 2, in the order in which runtimes know it as Gelu, which came with opset 20.
func formGelu(e *exporter, n *graph.Node) error {
	x := e.ref(n.In(0))
	y := e.step(n, "Erf", []string{e.step(n, "Div", []string{x, e.scalar(math.Sqrt2)})})
	y = e.step(n, "Mul", []string{x, e.step(n, "Add", []string{y, e.scalar(1)})})
	e.emit(n, "Mul", []string{y, e.scalar(0.5)})
	return nil
}

func formSoftmax(e *exporter, n *graph.Node) error {
	e.emit(n, "Softmax", e.refs(n.Ins()), attrInt("axis", n.Op().(op.SoftmaxOp).Axis))
	return nil
}

func formLogSoftmax(e *exporter, n *graph.Node) error {
	e.emit(n, "LogSoftmax", e.refs(n.Ins()), attrInt("axis", n.Op().(op.LogSoftmaxOp).Axis))
	return nil
}

func formConcat(e *exporter, n *graph.Node) error {
	e.emit(n, "Concat", e.refs(n.Ins()), attrInt("axis", n.Op().(op.ConcatOp).Axis))
	return nil
}

func formGather(e *exporter, n *graph.Node) error {
	e.emit(n, "Gather", e.refs(n.Ins()), attrInt("axis", n.Op().(op.GatherOp).Axis))
	return nil
}

func formCast(e *exporter, n *graph.Node) error {
	e.emit(n, "Cast", e.refs(n.Ins()), attrInt("to", int(dataTypeOf(n.DType()))))
	return nil
}

func formTranspose(e *exporter, n *graph.Node) error {
	perm := n.Op().(op.TransposeOp).Perm
	e.emit(n, "Transpose", e.refs(n.Ins()), attrInts("perm", perm[:n.Shape().Rank()]...))
	return nil
}

func formSlice(e *exporter, n *graph.Node) error {
	o := n.Op().(op.SliceOp)
	in := []string{e.ref(n.In(0))}
	for _, v := range []int{o.Start, o.Stop, o.Axis, o.Step} {
		in = append(in, e.ints(v))
	}
	e.emit(n, "Slice", in)
	return nil
}

func formPad(e *exporter, n *graph.Node) error {
	o, rank := n.Op().(op.PadOp), n.Shape().Rank()
	if o.Interior != ([tensor.MaxRank]int{}) {
		return fmt.Errorf("ONNX has no padding between elements, only around them")
	}
	pads := slices.Concat(o.Low[:rank], o.High[:rank])
	e.emit(n, "Pad", []string{e.ref(n.In(0)), e.ints(pads...), e.scalar(o.Value)})
	return nil
}

func formArgMax(e *exporter, n *graph.Node) error {
	o := n.Op().(op.ArgMaxOp)
	e.emit(n, "ArgMax", e.refs(n.Ins()), attrInt("axis", o.Axis), attrBool("keepdims", o.KeepDims))
	return nil
}

func formReduceMax(e *exporter, n *graph.Node) error {
	return e.reduce(n, n.Op().(op.ReduceMaxOp).ReduceAttrs)
}

func formReduceMean(e *exporter, n *graph.Node) error {
	return e.reduce(n, n.Op().(op.ReduceMeanOp).ReduceAttrs)
}

func formReduceMin(e *exporter, n *graph.Node) error {
	return e.reduce(n, n.Op().(op.ReduceMinOp).ReduceAttrs)
}

func formReduceProd(e *exporter, n *graph.Node) error {
	return e.reduce(n, n.Op().(op.ReduceProdOp).ReduceAttrs)
}

func formReduceSum(e *exporter, n *graph.Node) error {
	return e.reduce(n, n.Op().(op.ReduceSumOp).ReduceAttrs)
}

// reduce takes care of two oddities: no axes mean all of them to ONNX, and ReduceSum has them as an input, which the others got with opset 18.
func (e *exporter) reduce(n *graph.Node, o op.ReduceAttrs) error {
	axes, in := reduced(o, n), e.refs(n.Ins())
	switch keep := attrBool("keepdims", o.KeepDims); {
	case len(axes) == 0:
		e.emit(n, "Identity", in)
	case n.Op().Name() == "ReduceSum":
		e.emit(n, "ReduceSum", append(in, e.ints(axes...)), keep)
	default:
		e.emit(n, n.Op().Name(), in, attrInts("axes", axes...), keep)
	}
	return nil
}

func reduced(o op.ReduceAttrs, n *graph.Node) []int {
	var axes []int
	for i := range n.In(0).Shape().Rank() {
		if o.Axes.Has(i) {
			axes = append(axes, i)
		}
	}
	return axes
}

// formReshape keeps the batch size open. In the new shape, 0 is the size of the same dimension of the input, and one -1 is what is left.
func formReshape(e *exporter, n *graph.Node) error {
	from, to := e.sizes[n.In(0)], e.sizes[n]
	if len(from) > 2 && len(to) == 2 && from[0] == to[0] {
		e.emit(n, "Flatten", e.refs(n.Ins()), attrInt("axis", 1))
		return nil
	}
	target := make([]int, len(to))
	left := 0
	for i, s := range to {
		switch {
		case s.n == 0:
			return fmt.Errorf("a result of shape %v, which has no elements", n.Shape())
		case !s.perImage:
			target[i] = s.n
		case i < len(from) && from[i] == s: // target[i] is 0
		default:
			target[i] = -1
			left++
		}
	}
	if left > 1 {
		return fmt.Errorf("shape %v has more than one dimension that depends on the batch size", n.Shape())
	}
	e.emit(n, "Reshape", []string{e.ref(n.In(0)), e.ints(target...)})
	return nil
}

// formExpand has 1 for sizes that stay, so the batch may be among them.
func formExpand(e *exporter, n *graph.Node) error {
	from, to := e.sizes[n.In(0)], e.sizes[n]
	shape := make([]int, len(to))
	for i, s := range to {
		j := i - len(to) + len(from)
		switch {
		case j >= 0 && from[j] == s:
			shape[i] = 1
		case s.perImage:
			return fmt.Errorf("repeats elements for each image of the batch")
		default:
			shape[i] = s.n
		}
	}
	e.emit(n, "Expand", []string{e.ref(n.In(0)), e.ints(shape...)})
	return nil
}

func attrInt(name string, v int) *attributeProto {
	return &attributeProto{name: name, kind: kindInt, i: int64(v)}
}

func attrBool(name string, v bool) *attributeProto {
	if v {
		return attrInt(name, 1)
	}
	return attrInt(name, 0)
}

func attrInts(name string, v ...int) *attributeProto {
	return &attributeProto{name: name, kind: kindInts, ints: int64s(v)}
}

func attrFloat(name string, v float32) *attributeProto {
	return &attributeProto{name: name, kind: kindFloat, f: v}
}

func attrString(name, v string) *attributeProto {
	return &attributeProto{name: name, kind: kindString, s: v}
}

func attrTensor(name string, v *tensor.Tensor) *attributeProto {
	return &attributeProto{name: name, kind: kindTensor, tensor: protoOf("", v)}
}

func int64s(v []int) []int64 {
	list := make([]int64, len(v))
	for i, n := range v {
		list[i] = int64(n)
	}
	return list
}
