package cpu

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// A reduction is the walk over a tensor whose dimensions are, after neighbours of a kind were merged, alternately kept
// and summed.
type reduction struct {
	dims  []rdim
	inner int  // size of the last dimension
	keep  bool // the last dimension is kept
}

type rdim struct {
	size, stride int
	keep         bool
}

// newReduction returns the reduction of a tensor of shape s and layout l that keeps the dimensions for which keep holds.
func newReduction(s tensor.Shape, l layout, keep func(i int) bool) *reduction {
	var dims []rdim
	strides := l.strides(s)
	for _, i := range l.order(s.Rank()) {
		size := s.Dim(i)
		if size == 1 {
			continue
		}
		d := rdim{size, strides[i], keep(i)}
		if k := len(dims) - 1; k >= 0 && dims[k].keep == d.keep {
			dims[k] = rdim{dims[k].size * size, d.stride, d.keep}
		} else {
			dims = append(dims, d)
		}
	}
	if len(dims) == 0 {
		dims = []rdim{{1, 1, true}}
	}
	last := dims[len(dims)-1]
	return &reduction{dims[:len(dims)-1], last.size, last.keep}
}

// outer returns how many combinations the outer kept dimensions have.
func (d *reduction) outer() int { return d.count(true) }

func (d *reduction) count(keep bool) int {
	n := 1
	for _, x := range d.dims {
		if x.keep == keep {
			n *= x.size
		}
	}
	return n
}

// offset returns where combination i of the outer dimensions that are kept (or summed) starts.
func (d *reduction) offset(i int, keep bool) int {
	off := 0
	for k := len(d.dims) - 1; k >= 0; k-- {
		if x := d.dims[k]; x.keep == keep {
			off += i % x.size * x.stride
			i /= x.size
		}
	}
	return off
}

// columnBlock is how many neighbouring sums one task keeps, where the innermost dimension is kept.
const columnBlock = 256

// tasks returns how many tasks the reduction has, and how many results a task makes when the innermost dimension is summed.
func (d *reduction) tasks() (n, per int) {
	if d.keep {
		return d.outer() * ((d.inner + columnBlock - 1) / columnBlock), 0
	}
	work := d.inner * d.count(false)
	per = max(1, taskSize/work)
	return (d.outer() + per - 1) / per, per
}

// A sum is what the elements of a reduction contribute: x, or x - mean, then squared or multiplied by the elements of times; and
// what is done with the sum: times scale, and divided by the root of variance + eps. The optional values are nil.
type sum struct {
	x, times  *value
	mean      *value // one value for each result
	square    bool
	scale     float64
	variance  *value // one value for each result
	eps       float32
	reduction *reduction
}

// sums emits the step that computes s into dst. Contiguous runs are summed by the kernels, the sums of runs in float64;
// where neighbouring elements belong to different results, columns are summed in float32, 32 rows at a time.
func (c *compiler) sums(n *graph.Node, dst *value, s sum) {
	tasks, per := s.reduction.tasks()
	st := &step{name: n.Op().Name(), nodes: []*graph.Node{n}, out: []*value{dst}, tasks: tasks}
	for _, v := range []*value{s.x, s.times, s.mean, s.variance} {
		if v != nil {
			st.in = append(st.in, v)
		}
	}
	if s.reduction.keep {
		st.scratch = 3 * columnBlock
		st.run = func(r *run, task int, scratch []float32) { s.columns(r, c.kernel, dst, task, scratch) }
	} else {
		st.run = func(r *run, task int, _ []float32) {
			for i := task * per; i < min((task+1)*per, s.reduction.outer()); i++ {
				r.f32(dst)[i] = s.finish(r, i, s.runs(r, c.kernel, i))
			}
		}
	}
	c.add(st)
}

// finish turns the sum for result i into the result.
func (s *sum) finish(r *run, i int, total float64) float32 {
	total *= s.scale
	if s.variance != nil {
		total /= math.Sqrt(float64(r.f32(s.variance)[i]) + float64(s.eps))
	}
	return float32(total)
}

// runs returns the sum for result i, whose elements lie in contiguous runs.
func (s *sum) runs(r *run, k *kernel.Set, i int) (total float64) {
	d := s.reduction
	base := d.offset(i, true)
	for j := range d.count(false) {
		off := base + d.offset(j, false)
		for lo := 0; lo < d.inner; lo += blockSize {
			n := min(blockSize, d.inner-lo)
			total += float64(s.block(r, k, i, off+lo, n))
		}
	}
	return total
}

// block returns the sum over n neighbouring elements from off on.
func (s *sum) block(r *run, k *kernel.Set, i, off, n int) float32 {
	x := r.f32(s.x)[off : off+n]
	switch {
	case s.square:
		return k.SumSquaresAbout(x, r.f32(s.mean)[i])
	case s.times != nil:
		return k.DotAbout(r.f32(s.times)[off:off+n], x, r.f32(s.mean)[i])
	}
	return k.Sum(x)
}

// columns computes a block of neighbouring results.
func (s *sum) columns(r *run, k *kernel.Set, dst *value, task int, scratch []float32) {
	d := s.reduction
	blocks := (d.inner + columnBlock - 1) / columnBlock
	i, lo := task/blocks, task%blocks*columnBlock
	n := min(columnBlock, d.inner-lo)
	base, first := d.offset(i, true)+lo, i*d.inner+lo
	total, part, term := scratch[:n], scratch[columnBlock:][:n], scratch[2*columnBlock:][:n]
	clear(total)
	rows := d.count(false)
	for j := 0; j < rows; j += 32 {
		clear(part)
		for row := j; row < min(j+32, rows); row++ {
			off := base + d.offset(row, false)
			k.Add(part, part, s.row(r, k, off, first, term))
		}
		k.Add(total, total, part)
	}
	for j, v := range total {
		r.f32(dst)[first+j] = s.finish(r, first+j, float64(v))
	}
}

// row returns the terms from off on, which belong to the results from first on, in term or where they lie.
func (s *sum) row(r *run, k *kernel.Set, off, first int, term []float32) []float32 {
	n := len(term)
	x := r.f32(s.x)[off : off+n]
	if s.mean != nil {
		k.Sub(term, x, r.f32(s.mean)[first:first+n])
		x = term
	}
	switch {
	case s.square:
		k.Mul(term, x, x)
		return term
	case s.times != nil:
		k.Mul(term, x, r.f32(s.times)[off:off+n])
		return term
	}
	return x
}

func init() {
	lowerings["SumTo"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		strides := graph.BroadcastIndex(n.Shape(), n.In(0).Shape())
		x, d := c.reduced(n, func(i int) bool { return strides[i] != 0 })
		c.sums(n, dst, sum{x: x, scale: 1, reduction: d})
	}
	lowerings["ReduceSum"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		if n.DType() != tensor.F32 {
			c.emitReference(n, dst)
			return
		}
		c.reduceAxes(n, dst, n.Op().(op.ReduceSumOp).ReduceAttrs, 1)
	}
	lowerings["ReduceMean"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		a := n.Op().(op.ReduceMeanOp).ReduceAttrs
		c.reduceAxes(n, dst, a, 1/float64(a.Count(n.In(0).Shape())))
	}
	lowerings["GlobalAvgPool"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		s := n.In(0).Shape()
		c.reduceAxes(n, dst, op.ReduceAttrs{Axes: op.Axes(2, 3)}, 1/float64(s.Dim(2)*s.Dim(3)))
	}
}

func (c *compiler) reduceAxes(n *graph.Node, dst *value, a op.ReduceAttrs, scale float64) {
	x, d := c.reduced(n, func(i int) bool { return !a.Axes.Has(i) })
	c.sums(n, dst, sum{x: x, scale: scale, reduction: d})
}

// reduced returns the input of n and its reduction, which keeps the dimensions for which keep holds. The results come in the order of the
// input's layout: if that is not theirs, the input is reordered.
func (c *compiler) reduced(n *graph.Node, keep func(i int) bool) (*value, *reduction) {
	x, s := c.of[n.In(0)], n.In(0).Shape()
	if x.layout == channelsLast && keep(1) && (keep(2) || keep(3)) {
		x = c.as(n.In(0), rowMajor)
	}
	return x, newReduction(s, x.layout, keep)
}
