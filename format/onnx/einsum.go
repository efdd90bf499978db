package onnx

import (
	"slices"
	"strings"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() { register("Einsum", 12, einsum) }

// A labelled tensor has a letter for each dimension. Those of an ellipsis are the digits from 0 on, aligned at the last.
type labelled struct {
	n      *graph.Node
	labels []byte
}

// einsum sums products over all letters that the result does not have. The tensors are multiplied from left to right, each time as matrices.
func einsum(c *call) []value {
	equation := strings.ReplaceAll(c.attrString("equation", ""), " ", "")
	terms, result, explicit := strings.Cut(equation, "->")
	list := strings.Split(terms, ",")
	if len(list) != len(c.in) {
		c.fail("equation %q has %d terms, there are %d tensors", equation, len(list), len(c.in))
	}
	if len(list) > 1<<10 {
		c.refuse("more than %d tensors", 1<<10)
	}
	ellipsis := 0
	var operands []labelled
	for i, term := range list {
		x := c.real(i)
		extra := x.Shape().Rank() - len(strings.Replace(term, "...", "", 1))
		if extra < 0 || extra > 0 && !strings.Contains(term, "...") {
			c.fail("term %q of equation %q for shape %v", term, equation, x.Shape())
		}
		ellipsis = max(ellipsis, extra)
		operands = append(operands, labelled{x, []byte(strings.Replace(term, "...", "0123456789"[:extra], 1))})
	}
	for i, term := range list { // the digits of shorter ellipses are the last ones
		extra := operands[i].n.Shape().Rank() - len(strings.Replace(term, "...", "", 1))
		operands[i].labels = []byte(strings.Replace(term, "...", "0123456789"[ellipsis-extra:ellipsis], 1))
		operands[i] = c.diagonal(operands[i])
	}
	want := []byte(strings.Replace(result, "...", "0123456789"[:ellipsis], 1))
	if !explicit {
		want = implicitLabels(operands, ellipsis)
	}
	y := c.contract(operands, want)
	return []value{fromReal(y.n, c.x(0).t)}
}

// implicitLabels returns the ellipsis and then, in the order of the alphabet, the letters that occur once.
func implicitLabels(operands []labelled, ellipsis int) []byte {
	times := map[byte]int{}
	for _, o := range operands {
		for _, l := range o.labels {
			times[l]++
		}
	}
	want := []byte("0123456789"[:ellipsis])
	for l := byte('A'); l <= 'z'; l++ {
		if times[l] == 1 {
			want = append(want, l)
		}
	}
	return want
}

// diagonal takes the diagonal of dimensions with the same letter.
func (c *call) diagonal(x labelled) labelled {
	for i := 0; i < len(x.labels); i++ {
		j := slices.Index(x.labels[i+1:], x.labels[i]) + i + 1
		if j == i {
			continue
		}
		size := x.n.Shape().Dim(i)
		if x.n.Shape().Dim(j) != size {
			c.fail("%c stands for %d and %d", x.labels[i], size, x.n.Shape().Dim(j))
		}
		perm := append([]int{i, j}, slices.DeleteFunc(identity(len(x.labels)), func(d int) bool { return d == i || d == j })...)
		t := mergeFirst(op.Transpose(x.n, perm...))
		places := c.tensor(tensor.I64, size)
		for k := range places.I64() {
			places.I64()[k] = int64(k * (size + 1))
		}
		labels := []byte{x.labels[i]}
		for _, d := range perm[2:] {
			labels = append(labels, x.labels[d])
		}
		return c.diagonal(labelled{op.Gather(t, c.constant(places), 0), labels})
	}
	return x
}

func (c *call) contract(operands []labelled, want []byte) labelled {
	y := operands[0]
	for i, next := range operands[1:] {
		needed := slices.Clone(want)
		for _, o := range operands[i+2:] {
			needed = append(needed, o.labels...)
		}
		y = c.product(y, next, needed)
	}
	y = y.summed(func(l byte) bool { return slices.Contains(want, l) })
	return y.ordered(c, want)
}

// summed sums over the dimensions that are not kept.
func (x labelled) summed(keep func(label byte) bool) labelled {
	var axes []int
	var labels []byte
	for i, l := range x.labels {
		if keep(l) {
			labels = append(labels, l)
		} else {
			axes = append(axes, i)
		}
	}
	if len(axes) == 0 {
		return x
	}
	return labelled{op.ReduceSum(x.n, false, axes...), labels}
}

// ordered permutes the dimensions.
func (x labelled) ordered(c *call, labels []byte) labelled {
	perm := make([]int, len(labels))
	for i, l := range labels {
		if perm[i] = slices.Index(x.labels, l); perm[i] < 0 {
			c.fail("%c of the result is in no term", l)
		}
	}
	if len(perm) != len(x.labels) {
		c.fail("a letter occurs twice in the result")
	}
	if len(perm) == 0 {
		return x
	}
	return labelled{op.Transpose(x.n, perm...), labels}
}

// product multiplies a and b as matrices: what both have and is needed later is the batch, what both have and is not is summed over.
func (c *call) product(a, b labelled, needed []byte) labelled {
	keep := func(l byte) bool { return slices.Contains(needed, l) }
	a = a.summed(func(l byte) bool { return keep(l) || slices.Contains(b.labels, l) })
	b = b.summed(func(l byte) bool { return keep(l) || slices.Contains(a.labels, l) })
	a, b = c.sameSizes(a, b), c.sameSizes(b, a)
	var batch, inner, rows, columns []byte
	for _, l := range a.labels {
		switch shared := slices.Contains(b.labels, l); {
		case shared && keep(l):
			batch = append(batch, l)
		case shared:
			inner = append(inner, l)
		default:
			rows = append(rows, l)
		}
	}
	for _, l := range b.labels {
		if !slices.Contains(a.labels, l) {
			columns = append(columns, l)
		}
	}
	left, ls := a.matrices(c, batch, rows, inner)
	right, rs := b.matrices(c, batch, inner, columns)
	dims := slices.Concat(ls[:len(batch)+len(rows)], rs[len(batch)+len(inner):])
	if len(dims) > tensor.MaxRank {
		c.refuse("products of more than %d dimensions", tensor.MaxRank)
	}
	return labelled{op.Reshape(op.MatMul(left, right, op.MatMulAttrs{}), dims...), slices.Concat(batch, rows, columns)}
}

// sameSizes repeats dimensions of size 1 of a that are larger in b.
func (c *call) sameSizes(a, b labelled) labelled {
	s := a.n.Shape()
	for i, l := range a.labels {
		j := slices.Index(b.labels, l)
		if j < 0 || b.n.Shape().Dim(j) == s.Dim(i) || b.n.Shape().Dim(j) == 1 {
			continue
		}
		if s.Dim(i) != 1 {
			c.fail("%c stands for %d and %d", l, s.Dim(i), b.n.Shape().Dim(j))
		}
		s = s.With(i, b.n.Shape().Dim(j))
	}
	return labelled{graph.Expand(a.n, s), a.labels}
}

// matrices returns x as [batch rows columns], and the sizes of all dimensions in that order.
func (x labelled) matrices(c *call, batch, rows, columns []byte) (*graph.Node, []int) {
	x = x.ordered(c, slices.Concat(batch, rows, columns))
	dims := x.n.Shape().Dims()
	size := func(list []int) int {
		n := 1
		for _, d := range list {
			n *= d
		}
		return n
	}
	b, r := len(batch), len(batch)+len(rows)
	return op.Reshape(x.n, size(dims[:b]), size(dims[b:r]), size(dims[r:])), dims
}
