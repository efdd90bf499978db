package nn

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// ConvTranspose is the transpose of a convolution that makes images [N, C, H, W] from images [N, out, height, width]: it goes from the former to
// the latter (Zeiler, Krishnan, Taylor & Fergus, "Deconvolutional networks", CVPR 2010). With kernel 2 and stride 2, each pixel becomes four. Its
// parameters are "weight" [C, out/groups, kernel, kernel] and "bias" [out].
//
// Strides leave open how large the result is: [ConvTransposeTo] chooses, otherwise it is the smallest,
//
//	(H-1) stride - 2 pad + dilation (kernel-1) + 1
func ConvTranspose(out, kernel int, options ...ConvOption) Layer {
	return convTranspose(out, kernel, nil, options)
}

// ConvTransposeTo is [ConvTranspose] with a result of height x width pixels.
func ConvTransposeTo(height, width, out, kernel int, options ...ConvOption) Layer {
	return convTranspose(out, kernel, []int{height, width}, options)
}

func convTranspose(out, kernel int, size []int, options []ConvOption) Layer {
	c := conv{out: out, height: kernel, width: kernel}
	c.attrs = op.ConvAttrs{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
	for _, o := range options {
		o.conv(&c)
	}
	return func(s Scope, x *graph.Node) *graph.Node {
		err := c.check(x.Shape())
		if err == nil && c.same {
			err = fmt.Errorf("SamePad is for convolutions: say the padding")
		}
		if err != nil {
			graph.Fail("ConvTranspose", err, x)
		}
		to := size
		if to == nil {
			to = c.smallest(x.Shape())
		}
		weight, bias := c.weights.declare(s, tensor.ShapeOf(x.Shape().Dim(1), out/c.attrs.Groups, kernel, kernel), out)
		y := op.Conv2DInputGrad(x, weight, c.attrs, to[0], to[1])
		if bias != nil {
			y = op.Add(y, op.Reshape(bias, 1, out, 1, 1))
		}
		return y
	}
}

// smallest returns height and width of the smallest images that a convolution makes images of shape x from.
func (c conv) smallest(x tensor.Shape) []int {
	size := make([]int, 2)
	for i, kernel := range []int{c.height, c.width} {
		size[i] = (x.Dim(2+i)-1)*c.attrs.Stride[i] + c.attrs.Dilation[i]*(kernel-1) + 1 - c.attrs.Pad[i] - c.attrs.Pad[2+i]
	}
	return size
}
