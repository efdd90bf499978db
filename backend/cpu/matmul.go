package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() { lowerings["MatMul"] = lowerMatMul }

const (
	gemmWork = 1 << 21 // floating-point operations that make a task worth its while
	maxGrid  = 16      // tasks of a product at most: more would pack a, and read b, too often
	packWork = 1 << 16 // about how many floats a task packs
	packCost = 16      // multiply-adds that take as long as packing a value
)

// lowerMatMul cuts the product into a grid of blocks, of whole rows if there is a tail. If more than one block needs the same part of b,
// or b is constant, a step of its own packs it once.
func lowerMatMul(c *compiler, n *graph.Node, dst *value, then tail) {
	o := n.Op().(op.MatMulOp)
	in := c.in(n)
	if n.Shape().Rank() > 2 {
		c.batchedMatMul(n, o, dst, then)
		return
	}
	m, k, cols := o.Sizes(n.In(0).Shape(), n.In(1).Shape())
	left, right := in[0], in[1]
	a, b := operandOf(o.TransA, m, k), operandOf(o.TransB, k, cols)
	rows, panels := c.kernel.Panels(m, cols)
	down, across := grid(m, cols, rows, panels, min(maxGrid, 1+2*(m+packCost)*k*cols/gemmWork), then.ewise != nil)
	if down > 1 || right.constant() {
		right, b = c.packB(n, right, b, k, cols), kernel.Operand{Packed: true}
	}
	s := &step{
		name: n.Op().Name(), nodes: []*graph.Node{n}, in: []*value{left, right}, out: []*value{dst},
		tasks: down * across, scratch: c.kernel.GemmScratch(m, cols, k),
	}
	s.attach(then)
	s.run = func(r *run, task int, scratch []float32) {
		i, j := task%down, task/down // a worker, which does tasks in order, stays with its part of b
		blk := kernel.Block{Row0: rows * i / down, Row1: rows * (i + 1) / down, Col0: panels * j / across, Col1: panels * (j + 1) / across}
		c.kernel.GemmBlock(r.f32(dst), cols, m, cols, k, with(a, r.f32(left)), with(b, r.f32(right)), kernel.Epilogue{}, blk, scratch)
		then.run(r, c.kernel.RowPanel(blk.Row0, m)*cols, c.kernel.RowPanel(blk.Row1, m)*cols, scratch)
	}
	c.add(s)
}

// grid cuts an m x n product of so many row and column panels into down x across blocks, at most the wanted number of them and about
// four times as wide as high: each block packs its rows of a again, b is packed already.
func grid(m, n, rows, panels, want int, wholeRows bool) (down, across int) {
	down, across = 1, 1
	for 2*down*across <= want {
		switch {
		case 2*down <= rows && (wholeRows || 4*m*across >= n*down || 2*across > panels):
			down *= 2
		case 2*across <= panels && !wholeRows:
			across *= 2
		default:
			return down, across
		}
	}
	return down, across
}

// packB emits the step that packs the k x n factor b, which v holds.
func (c *compiler) packB(node *graph.Node, v *value, b kernel.Operand, k, n int) *value {
	packed := c.newValue(graph.F32(c.kernel.PackedBSize(k, n)))
	_, panels := c.kernel.Panels(0, n)
	tasks := min(panels, max(1, k*n/packWork))
	c.add(&step{name: "pack", part: true, nodes: []*graph.Node{node}, in: []*value{v}, out: []*value{packed}, tasks: tasks, run: func(r *run, task int, _ []float32) {
		c.kernel.PackBPanels(r.f32(packed), with(b, r.f32(v)), k, n, panels*task/tasks, panels*(task+1)/tasks)
	}})
	return packed
}

// operandOf describes a rows x cols factor, stored transposed or not, without its data.
func operandOf(trans bool, rows, cols int) kernel.Operand {
	if trans {
		return kernel.Operand{LD: rows, Trans: true}
	}
	return kernel.Operand{LD: cols}
}

func with(o kernel.Operand, data []float32) kernel.Operand {
	o.Data = data
	return o
}

// batchedMatMul makes each product of the batch a task.
func (c *compiler) batchedMatMul(n *graph.Node, o op.MatMulOp, dst *value, then tail) {
	in := c.in(n)
	m, k, cols := o.Sizes(n.In(0).Shape(), n.In(1).Shape())
	a, b := operandOf(o.TransA, m, k), operandOf(o.TransB, k, cols)
	batch := leading(n.Shape())
	sa, sb := graph.BroadcastIndex(leading(n.In(0).Shape()), batch), graph.BroadcastIndex(leading(n.In(1).Shape()), batch)
	s := &step{name: n.Op().Name(), nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: batch.Size(), scratch: c.kernel.GemmScratch(m, cols, k)}
	s.attach(then)
	s.run = func(r *run, task int, scratch []float32) {
		ia, ib := 0, 0
		for d, rest := batch.Rank()-1, task; d >= 0; d-- {
			at := rest % batch.Dim(d)
			rest /= batch.Dim(d)
			ia, ib = ia+at*sa[d], ib+at*sb[d]
		}
		x, y := r.f32(in[0])[ia*m*k:][:m*k], r.f32(in[1])[ib*k*cols:][:k*cols]
		c.kernel.Gemm(r.f32(dst)[task*m*cols:][:m*cols], cols, m, cols, k, with(a, x), with(b, y), kernel.Epilogue{}, scratch)
		then.run(r, task*m*cols, (task+1)*m*cols, scratch)
	}
	c.add(s)
}

// leading returns s without its last two dimensions.
func leading(s tensor.Shape) tensor.Shape { return tensor.ShapeOf(s.Dims()[:s.Rank()-2]...) }
