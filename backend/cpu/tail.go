package cpu

import (
	"math"
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
)

// A tail is what a step does with each part of its result while that is still in the cache: an elementwise group, then sums over the
// planes of what the group made.
type tail struct {
	ewise *ewise // nil if none
	sums  []*planeSum
}

// attach adds to s what the tail reads, writes and needs.
func (s *step) attach(t tail) {
	if e := t.ewise; e != nil {
		s.nodes = append(s.nodes, e.nodes...)
		s.scratch = max(s.scratch, e.temps*e.block)
		if e.feed == nil { // what the step computes first would destroy an input that shares memory with a result
			s.mayShare = e.mayShare
		}
		for _, o := range e.operands {
			if o.v != nil && o.v != e.feed {
				s.in = append(s.in, o.v)
				if o.kind == full || o.kind == bytes {
					s.local = append(s.local, o.v)
				}
			}
		}
		for _, o := range e.outs {
			if !slices.Contains(s.out, o.v) {
				s.out = append(s.out, o.v)
			}
		}
	}
	for _, p := range t.sums {
		s.scratch = max(s.scratch, p.scratch())
		s.nodes = append(s.nodes, p.nodes...)
		s.out = append(s.out, p.partial)
		if p.x != nil {
			s.in, s.local = append(s.in, p.x, p.mean), append(s.local, p.x)
			s.mayShare = nil // x is read after the result is written
		}
	}
}

// run does the elements [lo, hi) of the step's result: whole planes, if there are sums.
func (t tail) run(r *run, lo, hi int, scratch []float32) {
	if t.ewise != nil {
		t.ewise.run(r, lo, hi, scratch)
	}
	for _, s := range t.sums {
		for p := lo / s.size; p < hi/s.size; p++ {
			s.run(r, p)
		}
	}
}

// cut tells the tail how the positions of a result with its channels side by side are cut; attach comes after it.
func (t tail) cut(c *compiler, k cut) {
	for _, s := range t.sums {
		s.starts = k.starts
		s.allot(c, k.groups())
	}
}

// rows does a piece of the step's result, whose channels lie side by side.
func (t tail) rows(r *run, p piece, scratch []float32) {
	if t.ewise != nil {
		t.ewise.runRows(r, p.lo*p.channels+p.c0, p.c1-p.c0, p.hi-p.lo, p.channels, scratch)
	}
	for _, s := range t.sums {
		s.rows(r, p, scratch)
	}
}

// ahead returns the memory that rows will read and write, beyond the step's result.
func (t tail) ahead(r *run, p piece) (a kernel.Ahead) {
	if p.c1-p.c0 < p.channels {
		return a // the rows of a part are not neighbours
	}
	n := 0
	add := func(v *value) {
		part := r.f32(v)[p.lo*p.channels : p.hi*p.channels]
		if n < len(a) && !slices.ContainsFunc(a[:n], func(s []float32) bool { return &s[0] == &part[0] }) {
			a[n] = part
			n++
		}
	}
	if e := t.ewise; e != nil {
		for _, o := range e.operands {
			if o.kind == full && o.v != e.feed {
				add(o.v)
			}
		}
		for _, o := range e.outs {
			if o.v != e.feed {
				add(o.v)
			}
		}
	}
	for _, s := range t.sums {
		if s.x != nil {
			add(s.x)
		}
	}
	return a
}

// A planeSum sums the channels of a tensor [N C H W] as soon as a part of it is made: each plane, or, if the channels lie side by side,
// each group of positions. What was asked for, sums over each channel, is then made from one number a channel for each of these.
type planeSum struct {
	kernel   *kernel.Set
	nodes    []*graph.Node // the reductions that are made from it
	v        *value
	channels int
	size     int    // of a plane
	starts   []int  // of the groups of positions, and the end of the last; nil for planes
	x, mean  *value // sum v (x - mean) instead of v; nil if not
	moments  bool   // also the square distances from the plane's own mean
	partial  *value // a sum for each plane or channel of a group, then the square distances
}

// allot makes room for n sums of each channel.
func (s *planeSum) allot(c *compiler, n int) {
	n *= s.channels
	if s.moments {
		n *= 2
	}
	s.partial = c.newValue(graph.F32(n))
}

// scratch returns the number of floats that rows needs.
func (s *planeSum) scratch() int {
	if s.starts == nil {
		return 0
	}
	return 3 * s.channels
}

// minPlane is the smallest plane that is summed by itself.
const minPlane = 16

// planeSums returns the sums over the planes of n's value v that reductions of n can be made from.
func (c *compiler) planeSums(n *graph.Node, v *value) []*planeSum {
	if n.Shape().Rank() != 4 || n.Shape().Dim(2)*n.Shape().Dim(3) < minPlane {
		return nil
	}
	var plain *planeSum // shared by the plain sum, the mean and the variance
	var list []*planeSum
	for _, u := range c.uses[n] {
		s := plain
		switch u.Op().(type) {
		case graph.SumToOp:
			if u.Shape().Size() != n.Shape().Dim(1) || u.Shape().Rank() != 4 || u.Shape().Dim(1) != n.Shape().Dim(1) {
				continue
			}
		case op.BatchMeanOp:
		case op.BatchVarianceOp:
			if m := u.In(1); u.In(0) != n || m.Op() != (op.BatchMeanOp{}) || m.In(0) != n {
				continue
			}
		case op.BatchNormGradScaleOp:
			if u.In(0) != n || c.of[u.In(1)] == nil || c.of[u.In(2)] == nil || c.of[u.In(3)] == nil {
				continue
			}
			s = &planeSum{x: c.as(u.In(1), v.layout), mean: c.of[u.In(2)]}
			list = append(list, s)
		default:
			continue
		}
		if s == nil {
			plain = &planeSum{}
			s = plain
			list = append(list, s)
		}
		s.nodes = append(s.nodes, u)
		s.moments = s.moments || u.Op() == op.BatchVarianceOp{}
	}
	for _, s := range list {
		s.kernel, s.v, s.channels, s.size = c.kernel, v, n.Shape().Dim(1), n.Shape().Dim(2)*n.Shape().Dim(3)
		if v.layout == rowMajor {
			s.allot(c, n.Shape().Dim(0))
		}
	}
	return list
}

// run sums plane p.
func (s *planeSum) run(r *run, p int) {
	v, partial := r.f32(s.v)[p*s.size:(p+1)*s.size], r.f32(s.partial)
	switch {
	case s.x != nil:
		x, mean := r.f32(s.x)[p*s.size:(p+1)*s.size], r.f32(s.mean)[p%s.channels]
		partial[p] = float32(s.kernel.DotCentred(v, x, mean))
	case s.moments:
		sum, squares := s.kernel.Moments(v)
		partial[p], partial[len(partial)/2+p] = float32(sum), float32(squares)
	default:
		partial[p] = s.kernel.Sum(v)
	}
}

// rows sums the channels of a piece.
func (s *planeSum) rows(r *run, p piece, scratch []float32) {
	n, first, width := p.hi-p.lo, p.lo*p.channels+p.c0, p.c1-p.c0
	v, sum := r.f32(s.v)[first:], scratch[:width]
	partial := r.f32(s.partial)[p.group*p.channels+p.c0:]
	if s.x != nil {
		s.kernel.DotAboutRows(sum, v, r.f32(s.x)[first:], r.f32(s.mean)[p.c0:p.c1], n, p.channels)
	} else {
		s.kernel.SumRows(sum, v, n, p.channels)
	}
	if s.moments {
		mean, squares := scratch[width:2*width], scratch[2*width:3*width]
		s.kernel.MulScalar(mean, sum, 1/float32(n))
		s.kernel.SquaresAboutRows(squares, v, mean, n, p.channels)
		s.addSquares(partial[len(s.starts[1:])*p.channels:][:width], partial[:width], squares, sum, p.lo-p.start, n)
	}
	if p.lo == p.start {
		copy(partial[:width], sum)
		return
	}
	s.kernel.Add(partial[:width], partial[:width], sum)
}

// addSquares adds to total, the square distances of m values from their mean, which is sums/m, those of n more from theirs: equation 2.1
// of Chan, Golub & LeVeque 1983.
func (s *planeSum) addSquares(total, sums, squares, sum []float32, m, n int) {
	if m == 0 {
		copy(total, squares)
		return
	}
	a, b, f := 1/float32(m), 1/float32(n), float32(m)*float32(n)/float32(m+n)
	for i, q := range squares {
		d := sum[i]*b - sums[i]*a
		total[i] += q + d*d*f
	}
}

// finishBlock is how many channels a task finishes.
const finishBlock = 64

// finishSums emits the steps that make the results of the reductions.
func (c *compiler) finishSums(sums []*planeSum) {
	for _, s := range sums {
		for _, n := range s.nodes {
			dst := c.newValue(n.Type())
			c.of[n] = dst
			st := &step{name: "finish", part: true, nodes: []*graph.Node{n}, in: []*value{s.partial}, out: []*value{dst}, tasks: (s.channels + finishBlock - 1) / finishBlock}
			var variance *value
			if _, ok := n.Op().(op.BatchNormGradScaleOp); ok {
				variance = c.of[n.In(3)]
				st.in = append(st.in, variance)
			}
			st.run = func(r *run, task int, _ []float32) {
				for ch := task * finishBlock; ch < min((task+1)*finishBlock, s.channels); ch++ {
					r.f32(dst)[ch] = float32(s.finish(r, n.Op(), variance, ch))
				}
			}
			c.add(st)
		}
	}
}

// finish returns the result of one channel for the reduction o.
func (s *planeSum) finish(r *run, o graph.Op, variance *value, ch int) float64 {
	total, values := 0.0, 0
	partial := r.f32(s.partial)
	end := len(partial)
	if s.moments {
		end /= 2
	}
	for p := ch; p < end; p += s.channels {
		total += float64(partial[p])
		values += s.count(p / s.channels)
	}
	count := float64(values)
	switch o := o.(type) {
	case op.BatchMeanOp:
		return total / count
	case op.BatchVarianceOp:
		// Chan, Golub & LeVeque 1983: square distances from the planes' means, and of these from the common mean.
		mean, square := total/count, 0.0
		for p := ch; p < end; p += s.channels {
			n := float64(s.count(p / s.channels))
			d := float64(partial[p])/n - mean
			square += float64(partial[end+p]) + n*d*d
		}
		return square / count
	case op.BatchNormGradScaleOp:
		return total / math.Sqrt(float64(r.f32(variance)[ch])+float64(o.Eps))
	}
	return total
}

// count returns the number of values of sum i of a channel.
func (s *planeSum) count(i int) int {
	if s.starts == nil {
		return s.size
	}
	return s.starts[i+1] - s.starts[i]
}
