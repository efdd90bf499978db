package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() { lowerings["MatMul"] = lowerMatMul }

// gemmWork is how many floating-point operations make a task worth its while.
const gemmWork = 1 << 20

// lowerMatMul packs b once, in a step of its own that can run early when b is a parameter, and cuts the product into blocks of
// rows, or of columns where there are few rows.
func lowerMatMul(c *compiler, n *graph.Node, dst *value, then tail) {
	o := n.Op().(op.MatMulOp)
	in := c.in(n)
	if n.Shape().Rank() > 2 {
		c.batchedMatMul(n, o, dst, then)
		return
	}
	m, k, cols := o.Sizes(n.In(0).Shape(), n.In(1).Shape())
	a, b := operandOf(o.TransA, m, k), operandOf(o.TransB, k, cols)
	packed := c.newValue(graph.F32(c.kernel.PackedBSize(k, cols)))
	c.add(&step{name: "pack", part: true, nodes: []*graph.Node{n}, in: in[1:], out: []*value{packed}, tasks: 1, run: func(r *run, _ int, _ []float32) {
		c.kernel.PackB(r.f32(packed), with(b, r.f32(in[1])), k, cols)
	}})
	rows, panels := c.kernel.Panels(m, cols)
	want := min(max(1, 2*m*k*cols/gemmWork), 64)
	s := &step{name: n.Op().Name(), nodes: []*graph.Node{n}, in: []*value{in[0], packed}, out: []*value{dst}, scratch: c.kernel.GemmScratch(m, cols, k)}
	block := func(task int) kernel.Block {
		return kernel.Block{Row0: 0, Row1: rows, Col0: panels * task / s.tasks, Col1: panels * (task + 1) / s.tasks}
	}
	if s.tasks = min(want, panels); then.ewise != nil || rows >= min(want, panels) {
		s.tasks = min(want, rows)
		block = func(task int) kernel.Block {
			return kernel.Block{Row0: rows * task / s.tasks, Row1: rows * (task + 1) / s.tasks, Col0: 0, Col1: panels}
		}
	}
	s.attach(then)
	s.run = func(r *run, task int, scratch []float32) {
		blk := block(task)
		c.kernel.GemmBlock(r.f32(dst), cols, m, cols, k, with(a, r.f32(in[0])), kernel.Operand{Data: r.f32(packed), Packed: true}, kernel.Epilogue{}, blk, scratch)
		then.run(r, m*blk.Row0/rows*cols, m*blk.Row1/rows*cols, scratch)
	}
	c.add(s)
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
