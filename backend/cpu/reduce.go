package cpu

import (
	"github.com/lince-ml/lince/graph"
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

// newReduction returns the reduction of a tensor of shape s that keeps the dimensions for which keep holds.
func newReduction(s tensor.Shape, keep func(i int) bool) *reduction {
	var dims []rdim
	strides := s.Strides()
	for i, size := range s.All() {
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

// sums emits the step that sums the products of the values (one or two of the same shape) as d says, times scale.
// Runs are summed by the kernel, and the sums of runs in float64; columns in float32, 32 rows at a time.
func (c *compiler) sums(n *graph.Node, dst *value, d *reduction, scale float64, in ...*value) {
	tasks, per := d.tasks()
	s := &step{name: n.Op().Name(), nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: tasks}
	if d.keep {
		s.scratch = 2*columnBlock + columnBlock
		s.run = func(r *run, task int, scratch []float32) { c.sumColumns(r, d, dst, scale, in, task, scratch) }
	} else {
		s.run = func(r *run, task int, _ []float32) {
			for i := task * per; i < min((task+1)*per, d.outer()); i++ {
				r.f32(dst)[i] = float32(c.sumRuns(r, d, in, i) * scale)
			}
		}
	}
	c.add(s)
}

func (c *compiler) sumRuns(r *run, d *reduction, in []*value, i int) (sum float64) {
	base := d.offset(i, true)
	x := r.f32(in[0])
	for j := range d.count(false) {
		off := base + d.offset(j, false)
		if len(in) == 1 {
			sum += float64(c.kernel.Sum(x[off : off+d.inner]))
		} else {
			sum += float64(c.kernel.Dot(x[off:off+d.inner], r.f32(in[1])[off:off+d.inner]))
		}
	}
	return sum
}

func (c *compiler) sumColumns(r *run, d *reduction, dst *value, scale float64, in []*value, task int, scratch []float32) {
	blocks := (d.inner + columnBlock - 1) / columnBlock
	i, lo := task/blocks, task%blocks*columnBlock
	n := min(columnBlock, d.inner-lo)
	base := d.offset(i, true) + lo
	total, part, product := scratch[:n], scratch[columnBlock:][:n], scratch[2*columnBlock:][:n]
	clear(total)
	rows := d.count(false)
	for j := 0; j < rows; j += 32 {
		clear(part)
		for k := j; k < min(j+32, rows); k++ {
			off := base + d.offset(k, false)
			row := r.f32(in[0])[off : off+n]
			if len(in) == 2 {
				c.kernel.Mul(product, row, r.f32(in[1])[off:off+n])
				row = product
			}
			c.kernel.Add(part, part, row)
		}
		c.kernel.Add(total, total, part)
	}
	c.kernel.MulScalar(r.f32(dst)[i*d.inner+lo:][:n], total, float32(scale))
}

func init() {
	lowerings["SumTo"] = func(c *compiler, n *graph.Node, dst *value, _ *ewise) {
		s := n.In(0).Shape()
		strides := graph.BroadcastIndex(n.Shape(), s)
		c.sums(n, dst, newReduction(s, func(i int) bool { return strides[i] != 0 }), 1, c.in(n)...)
	}
}
