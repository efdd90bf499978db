package onnx

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	register("Resize", 10, resize)
	operators[operatorKey{"", "Upsample"}] = operator{since: 7, until: 9, build: upsample}
}

// A resizing says what becomes of one dimension.
type resizing struct {
	old, new   int
	scale      float64 // as given: old*scale is not always a whole number
	start, end float64 // the part that is resized, in tf_crop_and_resize, as a share of the dimension
}

// A sampler says how values between elements are found.
type sampler struct {
	mode, coordinates, nearest string
	cubic                      float64 // the coefficient a
	exclude, antialias         bool
	extrapolation              float32
}

// upsample is Resize as it was before operator set 10: pixels are at the corners of their squares.
func upsample(c *call) []value {
	x := c.x(0)
	var scales []float32
	if c.opset < 9 {
		scales = c.attrFloats("scales")
	} else {
		scales = c.floats(1, "the scales")
	}
	s := sampler{mode: c.attrString("mode", "nearest"), coordinates: "asymmetric", nearest: "floor"}
	if s.mode == "bilinear" {
		s.mode = "linear"
	}
	return c.resample(s, c.scaledSizes(x, scales, identity(x.rank())))
}

func resize(c *call) []value {
	x := c.x(0)
	if c.opset < 11 {
		dims := c.scaledSizes(x, c.floats(1, "the scales"), identity(x.rank()))
		return c.resample(sampler{mode: c.attrString("mode", "nearest"), coordinates: "asymmetric", nearest: "simple"}, dims)
	}
	s := sampler{
		mode: c.attrString("mode", "nearest"), coordinates: c.attrString("coordinate_transformation_mode", "half_pixel"),
		nearest: c.attrString("nearest_mode", "round_prefer_floor"), cubic: float64(c.attrFloat("cubic_coeff_a", -0.75)),
		exclude: c.attrBool("exclude_outside"), antialias: c.attrBool("antialias"), extrapolation: c.attrFloat("extrapolation_value", 0),
	}
	axes := identity(x.rank())
	if a := c.attrInts("axes"); a != nil {
		axes = c.axes(a, x.rank())
	}
	var dims []resizing
	if c.has(3) && c.x(3).shape().Size() > 0 {
		dims = c.givenSizes(x, c.ints(3, "the sizes"), axes)
	} else {
		dims = c.scaledSizes(x, c.floats(2, "the scales"), axes)
	}
	if s.coordinates == "tf_crop_and_resize" {
		c.setRegion(dims, axes)
	}
	return c.resample(s, dims)
}

// unchanged returns that nothing is resized.
func unchanged(s tensor.Shape) []resizing {
	dims := make([]resizing, s.Rank())
	for i, d := range s.All() {
		dims[i] = resizing{d, d, 1, 0, 1}
	}
	return dims
}

// scaledSizes rounds the new sizes down.
func (c *call) scaledSizes(x value, scales []float32, axes []int) []resizing {
	if len(scales) != len(axes) {
		c.fail("%d scales for %d dimensions", len(scales), len(axes))
	}
	dims := unchanged(x.shape())
	for i, a := range axes {
		d := &dims[a]
		d.scale = float64(scales[i])
		d.new = c.size(math.Floor(float64(d.old) * d.scale))
	}
	return dims
}

// size returns a number of elements that was computed.
func (c *call) size(n float64) int {
	if !(n >= 0 && n <= MaxElements) {
		c.fail("a size of %v, 0 to %d expected", n, MaxElements)
	}
	return int(n)
}

// givenSizes keeps the aspect ratio if that is asked for: then the smallest scale, or the largest, is that of all axes.
func (c *call) givenSizes(x value, sizes, axes []int) []resizing {
	if len(sizes) != len(axes) {
		c.fail("%d sizes for %d dimensions", len(sizes), len(axes))
	}
	dims := unchanged(x.shape())
	policy := c.attrString("keep_aspect_ratio_policy", "stretch")
	common := math.NaN()
	for i, a := range axes {
		d := &dims[a]
		d.new = c.size(float64(sizes[i]))
		d.scale = float64(d.new) / float64(d.old)
		switch {
		case i == 0:
			common = d.scale
		case policy == "not_larger":
			common = min(common, d.scale)
		case policy == "not_smaller":
			common = max(common, d.scale)
		}
	}
	switch policy {
	case "stretch":
	case "not_larger", "not_smaller":
		for _, a := range axes {
			d := &dims[a]
			d.scale = common
			d.new = c.size(math.Floor(float64(d.old)*common + 0.5))
		}
	default:
		c.fail("attribute keep_aspect_ratio_policy is %q", policy)
	}
	return dims
}

// setRegion reads the starts and then the ends of the part of each axis that is resized.
func (c *call) setRegion(dims []resizing, axes []int) {
	roi := c.floats(1, "the region")
	if len(roi) != 2*len(axes) {
		c.fail("a region of %d numbers for %d dimensions", len(roi), len(axes))
	}
	for i, a := range axes {
		dims[a].start, dims[a].end = float64(roi[i]), float64(roi[len(axes)+i])
	}
}

// resample resizes one dimension after the other.
func (c *call) resample(s sampler, dims []resizing) []value {
	v := c.x(0)
	x := v.n
	for axis, d := range dims {
		if d.new == d.old && d.scale == 1 && s.coordinates != "tf_crop_and_resize" {
			continue
		}
		if d.old == 0 || d.new == 0 {
			if d.old != d.new {
				c.fail("no elements along axis %d become %d", axis, d.new)
			}
			continue
		}
		x = c.resampleAxis(s, x, axis, d)
	}
	if v.t.isFloat() || x.DType() != tensor.F32 || s.mode == "nearest" {
		return c.one(x)
	}
	return []value{fromReal(x, v.t)}
}

func (c *call) resampleAxis(s sampler, x *graph.Node, axis int, d resizing) *graph.Node {
	indices, weights := s.taps(c, d)
	if s.mode == "nearest" && x.DType() != tensor.F32 {
		if s.coordinates == "tf_crop_and_resize" {
			c.refuse("tf_crop_and_resize of integers")
		}
		return op.Gather(x, c.constant(indices.Reshape(tensor.ShapeOf(d.new))), axis)
	}
	y := op.Resample(op.Cast(x, tensor.F32), c.constant(indices), c.constant(weights), axis)
	if s.coordinates != "tf_crop_and_resize" {
		return y
	}
	outside := c.tensor(tensor.Bool, append([]int{d.new}, ones(x.Shape().Rank()-1-axis)...)...)
	for i := range outside.Bool() {
		at := s.coordinate(c, d, i)
		outside.Bool()[i] = at < 0 || at > float64(d.old-1)
	}
	return op.Where(c.constant(outside), c.scalar(float64(s.extrapolation)), y)
}

// taps returns, for each new element, the old ones that it is made of, and their weights: [new taps].
func (s sampler) taps(c *call, d resizing) (indices, weights *tensor.Tensor) {
	first, taps := s.footprint(c, d)
	indices, weights = c.tensor(tensor.I64, d.new, taps), c.tensor(tensor.F32, d.new, taps)
	row := make([]float64, taps)
	for i := range d.new {
		at := s.coordinate(c, d, i)
		base := math.Ceil(at) - 1 // the distance from it is more than 0 and at most 1
		sum := 0.0
		for t := range row {
			j := base + float64(first+t)
			if s.mode == "nearest" {
				j = s.pick(c, d, at)
			}
			row[t] = s.weight(j-at, d.scale)
			if s.exclude && (j < 0 || j > float64(d.old-1)) {
				row[t] = 0
			}
			sum += row[t]
			indices.I64()[i*taps+t] = int64(min(max(j, 0), float64(d.old-1)))
		}
		for t, w := range row {
			if s.exclude || s.antialias {
				w /= sum
			}
			weights.F32()[i*taps+t] = float32(w)
		}
	}
	return indices, weights
}

// coordinate returns where the new element i lies between the old ones.
func (s sampler) coordinate(c *call, d resizing, i int) float64 {
	x, length := float64(i), float64(d.old)*d.scale
	switch s.coordinates {
	case "half_pixel":
		return (x+0.5)/d.scale - 0.5
	case "half_pixel_symmetric":
		return float64(d.old)/2*(1-float64(d.new)/length) + (x+0.5)/d.scale - 0.5
	case "pytorch_half_pixel":
		if d.new <= 1 {
			return 0
		}
		return (x+0.5)/d.scale - 0.5
	case "align_corners":
		if length == 1 || d.new <= 1 {
			return 0
		}
		return x * float64(d.old-1) / (length - 1)
	case "asymmetric":
		return x / d.scale
	case "tf_half_pixel_for_nn":
		return (x + 0.5) / d.scale
	case "tf_crop_and_resize":
		if d.new <= 1 {
			return (d.start + d.end) * float64(d.old-1) / 2
		}
		return d.start*float64(d.old-1) + x*(d.end-d.start)*float64(d.old-1)/(length-1)
	}
	c.fail("attribute coordinate_transformation_mode is %q", s.coordinates)
	return 0
}

// footprint returns the first of the old elements that one is made of, counted from the one before it, and how many there are. With antialiasing the
// filter is as wide as the image shrinks.
func (s sampler) footprint(c *call, d resizing) (first, taps int) {
	radius := 0.0
	switch s.mode {
	case "nearest":
		return 0, 1
	case "linear":
		radius = 1
	case "cubic":
		radius = 2
	default:
		c.fail("attribute mode is %q, nearest, linear or cubic expected", s.mode)
	}
	if s.antialias {
		radius /= min(d.scale, 1)
	}
	first = int(max(math.Floor(-radius)+1, -MaxElements))
	return first, 2 - 2*first
}

// weight returns that of an element at a distance.
func (s sampler) weight(distance, scale float64) float64 {
	if s.antialias {
		distance *= min(scale, 1)
	}
	x := math.Abs(distance)
	switch {
	case s.mode == "nearest":
		return 1
	case s.mode == "linear":
		return max(0, 1-x)
	case x <= 1: // Keys 1981, equation 15, with a instead of -1/2
		return ((s.cubic+2)*x-(s.cubic+3))*x*x + 1
	case x < 2:
		return ((s.cubic*x-5*s.cubic)*x+8*s.cubic)*x - 4*s.cubic
	}
	return 0
}

// pick returns the old element that is nearest.
func (s sampler) pick(c *call, d resizing, at float64) float64 {
	switch s.nearest {
	case "round_prefer_floor":
		return math.Ceil(at - 0.5)
	case "round_prefer_ceil":
		return math.Floor(at + 0.5)
	case "floor":
		return math.Floor(at)
	case "ceil":
		return math.Ceil(at)
	case "simple": // operator set 10 left it open; this is what ONNX's tests expect
		if d.scale < 1 {
			return math.Ceil(at)
		}
		return math.Floor(at)
	}
	c.fail("attribute nearest_mode is %q", s.nearest)
	return 0
}
