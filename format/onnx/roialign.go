package onnx

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() { register("RoiAlign", 10, roiAlign) }

// roiAlign pools regions of images (He et al. 2017, "Mask R-CNN", section 3): each is divided into bins, and in each bin some points are read between
// the pixels.
func roiAlign(c *call) []value {
	x, rois := c.float(0), c.float(1)
	h, w := c.attrInt("output_height", 1), c.attrInt("output_width", 1)
	if x.Shape().Rank() != 4 || rois.Shape().Rank() != 2 || rois.Shape().Dim(1) != 4 || min(h, w) < 1 || max(h, w) > 1<<12 {
		c.fail("x has shape %v, the regions %v, for bins of %d x %d", x.Shape(), rois.Shape(), h, w)
	}
	scale := float64(c.attrFloat("spatial_scale", 1))
	half := c.opset >= 16 && c.attrString("coordinate_transformation_mode", "half_pixel") == "half_pixel"
	count := rois.Shape().Dim(0)
	edge := func(i int) *graph.Node { // [R 1 1]
		e := op.Mul(op.Reshape(op.Slice(rois, 1, i, i+1, 1), count, 1, 1), c.scalar(scale))
		if half {
			e = op.Sub(e, c.scalar(0.5))
		}
		return e
	}
	top, left, bottom, right := edge(1), edge(0), edge(3), edge(2)
	height, width := op.Sub(bottom, top), op.Sub(right, left)
	if !half {
		height, width = op.Max(height, c.scalar(1)), op.Max(width, c.scalar(1))
	}
	rows := c.roiTaps(top, height, h, x.Shape().Dim(2), 1)
	columns := c.roiTaps(left, width, w, x.Shape().Dim(3), 2)
	image := op.Reshape(op.Cast(c.x(2).whole(), tensor.I64), count, 1, 1)
	return c.one(c.roiPool(x, rows, columns, image))
}

// maxRoiPoints bounds the points along a bin, whose square is how often the graph has the nodes that read one. Detectors use 2.
const maxRoiPoints = 32

// roiTaps returns, for each of the points of a bin along one dimension, the two pixels around it and their weights, [R bins 1] or [R 1 bins]. Points more than a pixel
// outside of the image count as 0, those that are nearer as the edge.
func (c *call) roiTaps(start, size *graph.Node, bins, pixels, axis int) [][]tap {
	points := c.attrInt("sampling_ratio", 0)
	if points == 0 {
		points = c.roiPoints(size, bins)
	}
	if points < 0 || points > maxRoiPoints {
		c.fail("%d points along a bin, 0 to %d expected", points, maxRoiPoints)
	}
	index := op.Cast(c.count(bins, 2-axis), tensor.F32) // [bins 1] or [bins]
	bin := op.Mul(size, c.scalar(1/float64(bins)))
	var list [][]tap
	for i := range points {
		part := c.scalar((float64(i) + 0.5) / float64(points))
		at := op.Add(start, op.Mul(op.Add(index, part), bin))
		known := op.Mul(op.Cast(op.LessOrEqual(c.scalar(-1), at), tensor.F32), op.Cast(op.LessOrEqual(at, c.scalar(float64(pixels))), tensor.F32))
		at = op.Clip(at, 0, float32(pixels-1))
		floor := op.Floor(at)
		rest := op.Sub(at, floor)
		next := op.Min(op.Add(floor, c.scalar(1)), c.scalar(float64(pixels-1)))
		list = append(list, []tap{{floor, op.Mul(known, op.Sub(c.scalar(1), rest))}, {next, op.Mul(known, rest)}})
	}
	return list
}

// roiPoints returns how many points a bin of every region has if that is left to their sizes, which then must be known, and make the same number.
func (c *call) roiPoints(size *graph.Node, bins int) int {
	t := c.folder.value(size)
	if t == nil {
		panic(refusal{"without a sampling_ratio, the regions must be known before the graph runs", c.folder.inputs(size)})
	}
	points := -1
	for _, v := range t.F32() {
		n := int(min(max(math.Ceil(float64(v)/float64(bins)), 1), 1<<20))
		if points >= 0 && n != points {
			c.refuse("without a sampling_ratio, regions of different sizes")
		}
		points = n
	}
	return max(points, 1)
}

// roiPool joins the points of each bin: their mean, or the largest of all products of a pixel and its weight, as ONNX defines the mode max.
func (c *call) roiPool(x *graph.Node, rows, columns [][]tap, image *graph.Node) *graph.Node {
	mode := c.attrString("mode", "avg")
	var y *graph.Node
	join := func(part *graph.Node) {
		switch {
		case y == nil:
			y = part
		case mode == "avg":
			y = op.Add(y, part)
		default:
			y = op.Max(y, part)
		}
	}
	for _, r := range rows {
		for _, q := range columns {
			if mode == "avg" {
				join(c.sampled(x, [][]tap{r, q}, image))
				continue
			}
			for _, a := range r {
				for _, b := range q {
					join(c.sampled(x, [][]tap{{a}, {b}}, image))
				}
			}
		}
	}
	switch mode {
	case "max":
		return y
	case "avg":
		return op.Mul(y, c.scalar(1/float64(len(rows)*len(columns))))
	}
	c.fail("attribute mode is %q, avg or max expected", mode)
	return nil
}
