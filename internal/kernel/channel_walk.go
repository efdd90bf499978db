package kernel

// An axis is one axis, rows or columns, of a pass over windows: each of its results reads
// n sources. Forward, results are outputs and sources inputs; in a gradient with respect to
// the input it is the other way round. Padding is no source.
type axis struct {
	size, sources int // results and sources
	reach         []reach
	class         []int // of each result
	classes       []reach
	runs          []axisRun
	step, tapStep int // from one source of a result to the next, and between the taps they belong to
	every         int // distance of neighbouring results of a run
	advance       int // and of their sources
}

// A reach is what a result reads: source from at tap, and those after it. Results of the
// same n and tap are of one class: their sources lie alike.
type reach struct{ from, n, tap int }

// An axisRun is results at, at+every, ... of one class; from is the first source of the first.
type axisRun struct{ at, count, from, class int }

// axisShape is a length that windows of k taps, dil apart, run over.
type axisShape struct{ in, out, k, stride, pad, dil int }

// forward returns the axis whose results are the outputs.
func (s axisShape) forward() axis {
	a := axis{size: s.out, sources: s.in, step: s.dil, tapStep: 1, every: 1, advance: s.stride}
	for i := range s.out {
		start := i*s.stride - s.pad
		r := reach{}
		if lo, hi := span(s.in, s.k, s.dil, start); hi > lo {
			r = reach{from: start + lo*s.dil, n: hi - lo, tap: lo}
		}
		a.add(r)
	}
	a.planRuns()
	return a
}

// grad returns the axis whose results are the inputs.
func (s axisShape) grad() axis {
	g := gcd(s.stride, s.dil)
	a := axis{size: s.in, sources: s.out, step: s.dil / g, tapStep: -s.stride / g, every: s.stride, advance: 1}
	for i := range s.in {
		r := reach{}
		for tap := s.k - 1; tap >= 0; tap-- {
			from, whole := tapShift(i, s.pad, tap, s.dil, s.stride)
			if !whole || from < 0 || from >= s.out {
				continue
			}
			if r.n == 0 {
				r = reach{from: from, tap: tap}
			}
			r.n++
		}
		a.add(r)
	}
	a.planRuns()
	return a
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// add appends a result.
func (a *axis) add(r reach) {
	class := reach{n: r.n, tap: r.tap}
	i := 0
	for i < len(a.classes) && a.classes[i] != class {
		i++
	}
	if i == len(a.classes) {
		a.classes = append(a.classes, class)
	}
	a.reach, a.class = append(a.reach, r), append(a.class, i)
}

// planRuns joins neighbouring results of one class and one phase of the stride.
func (a *axis) planRuns() {
	for phase := range min(a.every, a.size) {
		last := -1
		for at := phase; at < a.size; at += a.every {
			if a.class[at] != last {
				last = a.class[at]
				a.runs = append(a.runs, axisRun{at: at, from: a.reach[at].from, class: last})
			}
			a.runs[len(a.runs)-1].count++
		}
	}
}

// A channelWalk leads from the results [rows,cols,channels] of a pass over windows to their
// sources, laid out likewise.
type channelWalk struct {
	rows, cols axis
	channels   int
}

// A walkRun is results of one row whose sources lie alike: count positions from element
// dst on, the first of which reads sources from element src on, as list says.
type walkRun struct{ dst, src, list, count int }

// ldd and ldx return how many bytes the results, and the sources, of neighbouring positions of a run are apart.
func (w *channelWalk) ldd() int { return 4 * w.cols.every * w.channels }
func (w *channelWalk) ldx() int { return 4 * w.cols.advance * w.channels }

// pitch returns the number of values from one row of sources to the next.
func (w *channelWalk) pitch() int { return w.cols.sources * w.channels }

// result returns the number of values of a row of results.
func (w *channelWalk) result() int { return w.cols.size * w.channels }

// row calls do for the runs of row y of the results.
func (w *channelWalk) row(y int, do func(r walkRun)) {
	for _, c := range w.cols.runs {
		do(walkRun{
			dst:   (y*w.cols.size + c.at) * w.channels,
			src:   w.rows.reach[y].from*w.pitch() + c.from*w.channels,
			list:  w.rows.class[y]*len(w.cols.classes) + c.class,
			count: c.count,
		})
	}
}

// clear writes zeros to the results of a run.
func (w *channelWalk) clear(dst []float32, r walkRun) {
	for i := range r.count {
		clear(dst[r.dst+i*w.cols.every*w.channels:][:w.channels])
	}
}

// lists returns the taps of each list of w: tap makes one from its offset in bytes and its row and
// column in the window. A list is empty where its results read nothing.
func lists[T any](w *channelWalk, tap func(off int64, row, col int) T) [][]T {
	var all [][]T
	for _, r := range w.rows.classes {
		for _, c := range w.cols.classes {
			var list []T
			for i := range r.n {
				for j := range c.n {
					off := int64(4 * (i*w.rows.step*w.pitch() + j*w.cols.step*w.channels))
					list = append(list, tap(off, r.tap+i*w.rows.tapStep, c.tap+j*w.cols.tapStep))
				}
			}
			all = append(all, list)
		}
	}
	return all
}
