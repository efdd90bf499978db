package op

import (
	"fmt"
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// RoIAlignOp is what images show inside of boxes, each as a small image of Height x Width cells.
type RoIAlignOp struct {
	Height, Width int
	Samples       int     // in each direction of a cell; 0 stands for as many as a cell has pixels
	Scale         float32 // pixels of x for a unit of the boxes
	Aligned       bool    // the middle of a pixel is at 0.5, as it should be; else at 0, and no box is smaller than a pixel
}

// RoIAlign returns for each of K boxes, float32 [K 4] of x0, y0, x1, y1, the cells of the box in its image, [K C height width]: each the mean of
// bilinear samples of x, [N C H W] (He, Gkioxari, Dollár & Girshick, "Mask R-CNN", ICCV 2017, section 3). Images, i32 [K], has the box's image;
// one that is not 0..N-1 gives zeros. Places more than a pixel outside of the image count as 0. The boxes get no gradient. It is ONNX's RoiAlign in
// mode avg, and torchvision.ops.roi_align.
func RoIAlign(x, boxes, images *graph.Node, o RoIAlignOp) *graph.Node {
	return graph.Apply(o, x, boxes, images)
}

// Name returns "RoiAlign".
func (RoIAlignOp) Name() string { return "RoiAlign" }

// Infer checks the shapes.
func (o RoIAlignOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := expect(in, "x f32[N C H W]", "boxes f32[K 4]", "images i32[K]"); err != nil {
		return graph.Type{}, err
	}
	if err := o.check(in[1], in[2]); err != nil {
		return graph.Type{}, err
	}
	return graph.F32(in[1].Shape.Dim(0), in[0].Shape.Dim(1), o.Height, o.Width), nil
}

func (o RoIAlignOp) check(boxes, images graph.Type) error {
	k := images.Shape.Dim(0)
	if err := expectType("boxes", boxes, graph.F32(k, 4)); err != nil {
		return err
	}
	if err := expectRange("cells", 1, o.Height, o.Width); err != nil {
		return err
	}
	if o.Samples < 0 || o.Samples > 64 || !(o.Scale > 0) {
		return fmt.Errorf("%d samples at scale %v, 0 to 64 at more than 0 expected", o.Samples, o.Scale)
	}
	return nil
}

// A RoITap is a pixel of a plane and its weight in a cell.
type RoITap struct {
	At     int
	Weight float32
}

// maxAdaptive bounds the samples of a cell, in each direction, where the box decides.
const maxAdaptive = 64

// Taps appends to taps those of all cells of a box in planes of h x w pixels, row by row, and returns how many there are of each cell. A box with
// a side that is no number has none.
func (o RoIAlignOp) Taps(taps []RoITap, box []float32, h, w int) (all []RoITap, perCell int) {
	y0, cellH, ny := o.axis(box[1], box[3], o.Height)
	x0, cellW, nx := o.axis(box[0], box[2], o.Width)
	share := 1 / float32(max(1, ny*nx))
	for cell := range o.Height * o.Width {
		top, left := y0+float32(cell/o.Width)*cellH, x0+float32(cell%o.Width)*cellW
		for s := range ny * nx {
			y := top + (float32(s/nx)+0.5)*cellH/float32(ny)
			x := left + (float32(s%nx)+0.5)*cellW/float32(nx)
			taps = bilinearTaps(taps, y, x, h, w, share)
		}
	}
	return taps, 4 * ny * nx
}

// axis returns where the cells of a box begin along one axis, how large they are, and how many samples each has.
func (o RoIAlignOp) axis(from, to float32, cells int) (start, size float32, samples int) {
	offset := float32(0)
	if o.Aligned {
		offset = 0.5
	}
	start = from*o.Scale - offset
	length := to*o.Scale - offset - start
	if !o.Aligned {
		length = max(length, 1)
	}
	size, samples = length/float32(cells), o.Samples
	if samples == 0 {
		samples = int(min(max(math.Ceil(float64(size)), 0), maxAdaptive))
	}
	if size != size || start != start {
		samples = 0
	}
	return start, size, samples
}

// bilinearTaps appends the four pixels around (y, x); outside of the image their weights are 0.
func bilinearTaps(taps []RoITap, y, x float32, h, w int, share float32) []RoITap {
	if !(y >= -1 && y <= float32(h) && x >= -1 && x <= float32(w)) {
		return append(taps, RoITap{}, RoITap{}, RoITap{}, RoITap{})
	}
	top, bottom, down := between(y, h)
	left, right, across := between(x, w)
	return append(taps,
		RoITap{top*w + left, (1 - down) * (1 - across) * share}, RoITap{top*w + right, (1 - down) * across * share},
		RoITap{bottom*w + left, down * (1 - across) * share}, RoITap{bottom*w + right, down * across * share})
}

// between returns the two of n pixels that v is between, and how near it is to the second.
func between(v float32, n int) (low, high int, part float32) {
	v = max(v, 0)
	if low = int(v); low >= n-1 {
		return n - 1, n - 1, 0
	}
	return low, low + 1, v - float32(low)
}

// eachTap calls f for each product: element i of x [N C H W] has that weight in element j of the result.
func (o RoIAlignOp) eachTap(x tensor.Shape, boxes, images *tensor.Tensor, f func(i, j int, weight float64)) {
	n, c, h, w := x.Dim(0), x.Dim(1), x.Dim(2), x.Dim(3)
	cells := o.Height * o.Width
	var taps []RoITap
	for k, image := range images.I32() {
		if image < 0 || int(image) >= n || h*w == 0 {
			continue
		}
		var per int
		taps, per = o.Taps(taps[:0], boxes.F32()[4*k:4*k+4], h, w)
		for channel := range c {
			from, to := (int(image)*c+channel)*h*w, (k*c+channel)*cells
			for i, t := range taps {
				f(from+t.At, to+i/per, float64(t.Weight))
			}
		}
	}
}

// Eval sums in float64.
func (o RoIAlignOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	sums, x := make([]float64, out.Size()), in[0].F32()
	o.eachTap(in[0].Shape(), in[1], in[2], func(i, j int, weight float64) { sums[j] += weight * float64(x[i]) })
	round(out.F32(), sums)
}

// Grad gives each pixel its share of dy.
func (o RoIAlignOp) Grad(n, dy *graph.Node) []*graph.Node {
	s := n.In(0).Shape()
	dx := graph.Apply(RoIAlignGradOp{o, s.Dim(0), s.Dim(2), s.Dim(3)}, dy, n.In(1), n.In(2))
	return []*graph.Node{dx, nil, nil}
}

// FLOPs returns a multiply-add for each tap.
func (o RoIAlignOp) FLOPs(_ []graph.Type, out graph.Type) int64 {
	s := int64(max(1, o.Samples))
	return 8 * s * s * int64(out.Size())
}

// RoIAlignGradOp is the gradient of RoIAlign with respect to Images images of Rows x Columns pixels; its inputs are dy, the boxes and their images.
type RoIAlignGradOp struct {
	RoIAlignOp
	Images, Rows, Columns int
}

// Name returns "RoiAlignGrad".
func (RoIAlignGradOp) Name() string { return "RoiAlignGrad" }

// Infer returns the shape of the images.
func (o RoIAlignGradOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := expect(in, "dy f32[K C h w]", "boxes f32[K 4]", "images i32[K]"); err != nil {
		return graph.Type{}, err
	}
	if err := o.check(in[1], in[2]); err != nil {
		return graph.Type{}, err
	}
	if err := expectRange("images of", 0, o.Images, o.Rows, o.Columns); err != nil {
		return graph.Type{}, err
	}
	c := in[0].Shape.Dim(1)
	if err := expectType("dy", in[0], graph.F32(in[2].Shape.Dim(0), c, o.Height, o.Width)); err != nil {
		return graph.Type{}, err
	}
	return graph.F32(o.Images, c, o.Rows, o.Columns), nil
}

// Eval sums in float64.
func (o RoIAlignGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	sums, dy := make([]float64, out.Size()), in[0].F32()
	o.eachTap(out.Shape(), in[1], in[2], func(i, j int, weight float64) { sums[i] += weight * float64(dy[j]) })
	round(out.F32(), sums)
}

// Grad: the op is linear in dy, with RoIAlign as its transpose.
func (o RoIAlignGradOp) Grad(n, dx *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(o.RoIAlignOp, dx, n.In(1), n.In(2)), nil, nil}
}

// FLOPs returns a multiply-add for each tap.
func (o RoIAlignGradOp) FLOPs(in []graph.Type, _ graph.Type) int64 {
	return o.RoIAlignOp.FLOPs(nil, in[0])
}
