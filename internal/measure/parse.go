package measure

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// ParseConv reads a convolution as Conv.String writes it, without the direction: the images N x C x H x W, the filters O x KH x KW,
// and settings that are not the usual ones, as in "8x64x56x56:128x3x3:stride=2,pad=1". Of a setting, AxB means A down and B across.
func ParseConv(text string) (Conv, error) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) < 2 {
		return Conv{}, fmt.Errorf("convolution %q: expected NxCxHxW:OxKHxKW, as in 8x64x56x56:128x3x3:stride=2,pad=1", text)
	}
	x, err := sizes(parts[0], 4)
	if err != nil {
		return Conv{}, fmt.Errorf("convolution %q: images %w", text, err)
	}
	w, err := sizes(parts[1], 3)
	if err != nil {
		return Conv{}, fmt.Errorf("convolution %q: filters %w", text, err)
	}
	attrs := op.ConvAttrs{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
	if len(parts) == 3 {
		if err := parseAttrs(parts[2], &attrs); err != nil {
			return Conv{}, fmt.Errorf("convolution %q: %w", text, err)
		}
	}
	if x[1]%attrs.Groups != 0 {
		return Conv{}, fmt.Errorf("convolution %q: %d channels do not divide into %d groups", text, x[1], attrs.Groups)
	}
	return Conv{Forward, tensor.ShapeOf(x...), tensor.ShapeOf(w[0], x[1]/attrs.Groups, w[1], w[2]), attrs, 1}, nil
}

func parseAttrs(text string, a *op.ConvAttrs) error {
	for item := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(item, "=")
		var low int
		var set func(v [2]int)
		switch key {
		case "stride":
			low, set = 1, func(v [2]int) { a.Stride = v }
		case "pad":
			low, set = 0, func(v [2]int) { a.Pad = [4]int{v[0], v[1], v[0], v[1]} }
		case "dilation":
			low, set = 1, func(v [2]int) { a.Dilation = v }
		case "groups":
			low, set = 1, func(v [2]int) { a.Groups = v[0] }
		default:
			return nearest.Error("setting", key, []string{"stride", "pad", "dilation", "groups"})
		}
		down, across, both := strings.Cut(value, "x")
		if !both {
			across = down
		}
		v0, err0 := strconv.Atoi(down)
		v1, err1 := strconv.Atoi(across)
		if err0 != nil || err1 != nil || min(v0, v1) < low || key == "groups" && both {
			return fmt.Errorf("%s is %q, expected a whole number, %d or more", key, value, low)
		}
		set([2]int{v0, v1})
	}
	return nil
}

// ParseMatMul reads a matrix product as MatMulProgram names it: "1024x1024x512" for M x N x K, with ":ta" or ":tb" for a factor that is
// stored transposed.
func ParseMatMul(text string) (m, n, k int, attrs op.MatMulAttrs, err error) {
	parts := strings.Split(text, ":")
	s, err := sizes(parts[0], 3)
	if err != nil {
		return 0, 0, 0, attrs, fmt.Errorf("matrix product %q: %w, MxNxK", text, err)
	}
	for _, p := range parts[1:] {
		switch p {
		case "ta":
			attrs.TransA = true
		case "tb":
			attrs.TransB = true
		default:
			return 0, 0, 0, attrs, fmt.Errorf("matrix product %q: %w", text, nearest.Error("setting", p, []string{"ta", "tb"}))
		}
	}
	return s[0], s[1], s[2], attrs, nil
}

// sizes reads n positive numbers with x between them.
func sizes(text string, n int) ([]int, error) {
	var list []int
	for part := range strings.SplitSeq(text, "x") {
		v, err := strconv.Atoi(part)
		if err != nil || v < 1 {
			break
		}
		list = append(list, v)
	}
	if len(list) != n || strings.Count(text, "x") != n-1 {
		return nil, fmt.Errorf("%q, expected %d positive numbers with x between them", text, n)
	}
	return list, nil
}
