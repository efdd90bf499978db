package cpu

import (
	"math"
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// An ewise is an elementwise group, compiled: a short list of vector instructions that is run block by block, the
// intermediate results in scratch that fits the first-level cache.
type ewise struct {
	c        *compiler
	nodes    []*graph.Node
	layout   layout
	size     int
	block    int // elements done at a time
	row      int // if not 0, the length of the repeated operands
	period   int // if not 0, blocks do not cross a multiple of it: along so many elements the channel operands have one value
	operands []operand
	outs     []outSlot
	instrs   []instr
	slots    int // operands, then outs, then temporaries
	temps    int // physical temporaries, of block floats each, after the operands' own scratch
	phys     []int
	feed     *value // the operand that the step itself has just computed; nil if none
}

// An operand is what an ewise reads from outside.
type operand struct {
	node    *graph.Node
	v       *value // nil for an immediate
	imm     float32
	kind    operandKind
	dims    []dim // strided: how to walk it along the group's shape, outermost first
	first   int   // strided: where its first element is
	scratch int   // which block of scratch it is expanded into; -1 if none
}

type operandKind uint8

const (
	full     operandKind = iota // float32 of the group's shape, read where it lies
	bytes                       // uint8 of the group's shape, converted block by block
	scalar                      // one value
	channel                     // one value along each period, as a bias has along a plane
	repeated                    // a row of values again and again, as a bias has that of its channels where they lie side by side
	strided                     // repeats along some dimensions, expanded block by block
)

type dim struct{ size, stride int }

// An outSlot is a value that an ewise writes, from the instruction with the given number on.
type outSlot struct {
	node *graph.Node
	v    *value
	by   int
}

// An instr is one vector operation on slots. Exactly one of the functions is set, or linear.
type instr struct {
	f1     func(dst, a []float32)
	f2     func(dst, a, b []float32)
	f3     func(dst, a, b, c []float32)
	g1     func(float32) float32
	g2     func(a, b float32) float32
	linear *linear
	relu   bool // f1 is ReLU
	mul    bool // f2 is multiplication
	dst    int
	a, b   int // slots; b is -1 if unused
	c      int // slot, with f3
}

// reads returns the slots that the instruction reads, -1 for none.
func (in *instr) reads() [3]int {
	if in.f3 != nil {
		return [3]int{in.a, in.b, in.c}
	}
	return [3]int{in.a, in.b, -1}
}

const (
	maxSlots  = 10 * maxGroup // two operands, a constant or two, one output and six temporaries a node at most
	blockSize = 1024
	taskSize  = 16 * blockSize
)

// minPeriod is the shortest period for which blocks are cut: shorter ones would cost more in calls than they save.
const minPeriod = 64

// newEwise compiles g for a layout. Its outputs are g.last and those nodes of it that the program returns.
func (c *compiler) newEwise(g *group, l layout) *ewise {
	e := &ewise{c: c, nodes: g.nodes, layout: l, size: g.last.Shape().Size()}
	slot := map[*graph.Node]int{}
	member := map[*graph.Node]bool{}
	for _, n := range g.nodes {
		member[n] = true
	}
	for _, n := range g.nodes {
		e.addConstants(n.Op())
		if isView(n) {
			slot[n] = e.addView(n)
			continue
		}
		for _, a := range n.Ins() {
			if _, done := slot[a]; !done && !member[a] {
				slot[a] = e.addOperand(a, g)
			}
		}
	}
	e.findPeriod()
	e.findRow()
	for _, n := range g.nodes {
		if n == g.last || c.output[n] {
			v := c.newValue(n.Type())
			v.layout = l
			c.of[n] = v
			e.outs = append(e.outs, outSlot{node: n, v: v})
		}
	}
	e.slots = len(e.operands) + len(e.outs)
	for _, n := range g.nodes {
		if s, isView := slot[n]; isView {
			slot[n] = e.copyIfOutput(n, s)
			continue
		}
		args := make([]int, len(n.Ins()))
		for i, a := range n.Ins() {
			args[i] = slot[a]
		}
		slot[n] = e.emit(n, args)
	}
	e.combine()
	e.joinProducts()
	e.assign()
	return e
}

func (e *ewise) addOperand(n *graph.Node, g *group) int {
	o := operand{node: n, v: e.c.of[n], scratch: -1}
	shape := g.last.Shape()
	f, isFill := n.Op().(graph.FillOp)
	switch {
	case isFill:
		o.kind, o.v, o.imm = scalar, nil, float32(f.Value)
	case n == g.feed:
		o.kind = full // its value is that of the group's result, set by emitGroup
	case n.Shape() == shape && n.DType() == tensor.U8:
		o.kind = bytes
	case n.Shape() == shape:
		o.kind, o.v = full, e.c.as(n, e.layout)
	case n.Shape().Size() == 1:
		o.kind = scalar
	default:
		o.kind, o.v = strided, e.c.as(n, rowMajor)
		o.dims = collapse(shape, graph.BroadcastIndex(n.Shape(), shape), e.layout)
	}
	e.operands = append(e.operands, o)
	return len(e.operands) - 1
}

// addView adds an operand that reads the input of n as n does; see view.
func (e *ewise) addView(n *graph.Node) int {
	l := e.layout
	if _, slice := n.Op().(op.SliceOp); !slice || !hasLayouts(n.In(0).Type()) {
		l = rowMajor
	}
	strides, first := view(n, l)
	o := operand{node: n, v: e.c.as(n.In(0), l), scratch: -1, kind: strided, dims: collapse(n.Shape(), strides, e.layout), first: first}
	if len(o.dims) == 0 {
		o.dims = []dim{{1, 1}}
	}
	e.operands = append(e.operands, o)
	return len(e.operands) - 1
}

// findPeriod turns the strided operands that are constant along the same, long enough, innermost dimension into channel operands.
func (e *ewise) findPeriod() {
	for i := range e.operands {
		o := &e.operands[i]
		if o.kind != strided || o.dims[len(o.dims)-1].stride != 0 {
			continue
		}
		size := o.dims[len(o.dims)-1].size
		if e.period == 0 && size >= minPeriod {
			e.period = size
		}
		if e.period != 0 && size%e.period == 0 {
			o.kind = channel
		}
	}
}

// findRow turns strided operands that are a row again and again into repeated ones.
func (e *ewise) findRow() {
	for i := range e.operands {
		o := &e.operands[i]
		if o.kind != strided || len(o.dims) != 2 || o.dims[0].stride != 0 || o.dims[1].stride != 1 || isView(o.node) {
			continue
		}
		if e.row == 0 {
			e.row = o.dims[1].size
		}
		if o.dims[1].size == e.row {
			o.kind = repeated
		}
	}
}

// collapse merges dimensions that are neighbours in the layout and can be walked as one.
func collapse(s tensor.Shape, strides [tensor.MaxRank]int, l layout) []dim {
	var dims []dim
	for _, i := range l.order(s.Rank()) {
		size := s.Dim(i)
		if size == 1 {
			continue
		}
		d := dim{size, strides[i]}
		if k := len(dims) - 1; k >= 0 && dims[k].stride == d.stride*size {
			dims[k] = dim{dims[k].size * size, d.stride}
		} else {
			dims = append(dims, d)
		}
	}
	return dims
}

// result returns the slot that node n's last instruction writes.
func (e *ewise) result(n *graph.Node) int {
	for i := range e.outs {
		if e.outs[i].node == n {
			e.outs[i].by = len(e.instrs)
			return len(e.operands) + i
		}
	}
	return e.temp()
}

func (e *ewise) temp() int {
	e.slots++
	return e.slots - 1
}

func (e *ewise) push(i instr) int {
	e.instrs = append(e.instrs, i)
	return i.dst
}

// assign gives temporaries and expanded operands their blocks of scratch. A temporary's block is free again after its last reader;
// the instruction that reads it last may write to the same block.
func (e *ewise) assign() {
	base := len(e.operands) + len(e.outs)
	last := make([]int, e.slots)
	vectorUse := make([]bool, len(e.operands))
	for i, in := range e.instrs {
		for _, s := range in.reads() {
			if s >= 0 {
				last[s] = i
				if s < len(vectorUse) {
					vectorUse[s] = true
				}
			}
		}
	}
	n := 0
	for i := range e.operands {
		if o := &e.operands[i]; o.kind != full && (!e.isScalar(i) || vectorUse[i]) {
			o.scratch = n
			n++
		}
	}
	e.phys = make([]int, e.slots)
	var free []int
	for i, in := range e.instrs {
		reads := in.reads()
		for k, s := range reads {
			if s >= base && last[s] == i && !slices.Contains(reads[:k], s) {
				free = append(free, e.phys[s])
			}
		}
		if in.dst >= base {
			if k := len(free) - 1; k >= 0 {
				e.phys[in.dst], free = free[k], free[:k]
			} else {
				e.phys[in.dst] = n
				n++
			}
		}
	}
	e.temps = n
	e.block = blockSize
	if n > 6 {
		e.block = blockSize / 2
	}
}

// mayShare reports whether output out may be written over input in: in is read where it lies, and no more after the
// instruction that writes out.
func (e *ewise) mayShare(in, out *value) bool {
	for _, o := range e.outs {
		if o.v.root() != out {
			continue
		}
		ok := false
		for i, a := range e.operands {
			if a.v == nil || a.v.root() != in {
				continue
			}
			if a.kind != full {
				return false
			}
			ok = true
			for _, later := range e.instrs[o.by+1:] {
				if reads := later.reads(); slices.Contains(reads[:], i) {
					return false
				}
			}
		}
		return ok
	}
	return false
}

// A block is what the instructions work on: the current elements of every slot, and the values of the scalar operands.
type block struct {
	slots   [maxSlots][]float32
	scalars [maxSlots]float32
	rows    bool // the scratch of repeated operands holds as many rows as fit
}

// run computes the elements [lo, hi).
func (e *ewise) run(r *run, lo, hi int, scratch []float32) { e.runRows(r, lo, hi-lo, 1, 0, scratch) }

// runRows computes rows of n elements, pitch apart, the first from lo on.
func (e *ewise) runRows(r *run, lo, n, rows, pitch int, scratch []float32) {
	if n == pitch {
		n, rows = n*rows, 1
	}
	var b block
	for i := range e.operands {
		if o := &e.operands[i]; o.kind == scalar {
			b.scalars[i] = o.value(r)
			if o.scratch >= 0 {
				fill(scratch[o.scratch*e.block:][:min(e.block, n)], b.scalars[i])
			}
		}
	}
	for range rows {
		for at, end := lo, lo+n; at < end; {
			m := e.length(at, end)
			e.load(r, &b, at, m, scratch)
			for i := range e.instrs {
				e.instrs[i].do(e.c.kernel, &b)
			}
			at += m
		}
		lo += pitch
	}
}

// length returns how many elements from lo on are done next: whole rows or a part of one if there are repeated operands, and no more than a
// period.
func (e *ewise) length(lo, end int) int {
	n := min(e.block, end-lo)
	if e.row > 0 {
		if lo%e.row == 0 && n >= e.row {
			n -= n % e.row
		} else {
			n = min(n, e.row-lo%e.row)
		}
	}
	if e.period > 0 {
		n = min(n, e.period-lo%e.period)
	}
	return n
}

// value returns the value of an operand of one element.
func (o *operand) value(r *run) float32 {
	switch {
	case o.v == nil:
		return o.imm
	case o.node.DType() == tensor.U8:
		return float32(r.u8(o.v)[0])
	}
	return r.f32(o.v)[0]
}

// load makes the slots of b those of the elements [lo, lo+n).
func (e *ewise) load(r *run, b *block, lo, n int, scratch []float32) {
	for i := range e.operands {
		o := &e.operands[i]
		if o.scratch >= 0 {
			b.slots[i] = scratch[o.scratch*e.block:][:n]
		}
		switch o.kind {
		case full:
			b.slots[i] = r.f32(o.v)[lo : lo+n]
		case bytes:
			e.c.kernel.U8ToF32(b.slots[i], r.u8(o.v)[lo:lo+n], 1, 0)
		case channel:
			_, off := o.locate(lo)
			b.scalars[i] = r.f32(o.v)[off]
			if o.scratch >= 0 {
				fill(b.slots[i], b.scalars[i])
			}
		case repeated:
			x := r.f32(o.v)
			switch {
			case n <= e.row:
				b.slots[i] = x[lo%e.row:][:n]
			case !b.rows:
				for at := scratch[o.scratch*e.block:][:e.block/e.row*e.row]; len(at) > 0; at = at[e.row:] {
					copy(at, x[:e.row])
				}
			}
		case strided:
			o.expand(e.c.kernel, b.slots[i], r.f32(o.v), lo)
		}
	}
	b.rows = b.rows || n > e.row
	for i := range e.outs {
		b.slots[len(e.operands)+i] = r.f32(e.outs[i].v)[lo : lo+n]
	}
	for i := len(e.operands) + len(e.outs); i < e.slots; i++ {
		b.slots[i] = scratch[e.phys[i]*e.block:][:n]
	}
}

// locate returns the coordinates of position i of the group's shape, and where in the operand it is.
func (o *operand) locate(i int) (at [tensor.MaxRank]int, off int) {
	for d := len(o.dims) - 1; d >= 0; d-- {
		at[d] = i % o.dims[d].size
		i /= o.dims[d].size
		off += at[d] * o.dims[d].stride
	}
	return at, off
}

// expand writes the elements from position lo of the group's shape on to dst.
func (o *operand) expand(k *kernel.Set, dst, src []float32, lo int) {
	at, off := o.locate(lo)
	off += o.first
	last := len(o.dims) - 1
	inner := o.dims[last]
	if rows := len(dst) / inner.size; last == 1 && inner.stride == 1 && at[1] == 0 && rows > 1 {
		k.CopyMatrix(dst, inner.size, src[off:], o.dims[0].stride, rows, inner.size)
		dst, off, at[0] = dst[rows*inner.size:], off+rows*o.dims[0].stride, at[0]+rows
	}
	for len(dst) > 0 {
		n := min(inner.size-at[last], len(dst))
		switch inner.stride {
		case 0:
			fill(dst[:n], src[off])
		case 1:
			copy(dst[:n], src[off:])
		default:
			for i := range n {
				dst[i] = src[off+i*inner.stride]
			}
		}
		dst = dst[n:]
		off += n * inner.stride
		at[last] += n
		for d := last; d > 0 && at[d] == o.dims[d].size; d-- {
			off += o.dims[d-1].stride - at[d]*o.dims[d].stride
			at[d] = 0
			at[d-1]++
		}
	}
}

func fill(dst []float32, v float32) {
	if math.Float32bits(v) == 0 {
		clear(dst)
		return
	}
	for i := range dst {
		dst[i] = v
	}
}

func (in *instr) do(k *kernel.Set, b *block) {
	dst, x := b.slots[in.dst], b.slots[in.a]
	switch {
	case in.f1 != nil:
		in.f1(dst, x)
	case in.f2 != nil:
		in.f2(dst, x, b.slots[in.b])
	case in.f3 != nil:
		in.f3(dst, x, b.slots[in.b], b.slots[in.c])
	case in.linear != nil && in.b < 0:
		in.linear.do1(k, b, dst, x)
	case in.linear != nil:
		in.linear.do2(k, b, dst, x, b.slots[in.b])
	case in.g1 != nil:
		for i, v := range x {
			dst[i] = in.g1(v)
		}
	default:
		y := b.slots[in.b]
		for i, v := range x {
			dst[i] = in.g2(v, y[i])
		}
	}
}

// emitGroup emits the step of a group, by itself or behind the node that feeds it.
func (c *compiler) emitGroup(g *group) {
	e := c.newEwise(g, c.groupLayout(g))
	dst := c.of[g.last]
	then := tail{e, c.planeSums(g.last, dst)}
	if g.feed != nil {
		e.feed = dst
		for i := range e.operands {
			if e.operands[i].node == g.feed {
				e.operands[i].v = dst
			}
		}
		c.of[g.feed] = dst
		c.lower(g.feed, dst, then)
	} else {
		c.emitElementwise(e, dst, then)
	}
	c.finishSums(then.sums)
}

// emitElementwise emits the step of a group that nothing feeds.
func (c *compiler) emitElementwise(e *ewise, dst *value, then tail) {
	if dst.layout == channelsLast {
		channels := dst.typ.Shape.Dim(1)
		images := dst.typ.Shape.Dim(0)
		cut := cutRows(images, e.size/channels, channels)
		s := &step{name: "elementwise", tasks: cut.groups(), shares: shares(images, cut.groups())}
		then.cut(c, cut)
		s.attach(then)
		s.run = func(r *run, task int, scratch []float32) {
			cut.each(task, func(p piece) { then.rows(r, p, scratch) })
		}
		c.add(s)
		return
	}
	cut := cutShares(1, e.size, 1)
	if shape := dst.typ.Shape; shape.Rank() == 4 && e.size > 0 {
		cut = cutShares(shape.Dim(0), e.size/shape.Dim(0), 1)
		if len(then.sums) > 0 { // whole planes
			cut = cutShares(shape.Dim(0), shape.Dim(1), then.sums[0].size)
		}
	}
	s := &step{name: "elementwise", tasks: cut.tasks(), shares: cut.shares()}
	s.attach(then)
	s.run = func(r *run, task int, scratch []float32) {
		lo, hi := cut.units(task)
		then.run(r, lo*cut.size, hi*cut.size, scratch)
	}
	c.add(s)
}
