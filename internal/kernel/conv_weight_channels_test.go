package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// channelGradShapes are odd by intention: borders in which whole taps are outside, kernels of one row or column, single channels.
var channelGradShapes = []ConvShape{
	images(3, square(1, 1, 1, 1, 1, 0)),
	images(9, square(64, 7, 32, 1, 1, 0)),
	images(2, square(48, 17, 70, 1, 2, 0)),
	images(1, square(16, 3, 16, 5, 1, 4)),
	images(2, square(3, 40, 20, 3, 2, 1)),
	{N: 2, C: 32, H: 17, W: 17, O: 33, KH: 1, KW: 7, StrideH: 1, StrideW: 1, PadL: 3, PadR: 3, DilH: 1, DilW: 1},
	{N: 2, C: 33, H: 17, W: 17, O: 48, KH: 7, KW: 1, StrideH: 1, StrideW: 1, PadT: 3, PadB: 3, DilH: 1, DilW: 1},
	{N: 1, C: 16, H: 2, W: 600, O: 5, KH: 1, KW: 3, StrideH: 1, StrideW: 1, PadT: 3, PadB: 2, PadL: 1, DilH: 1, DilW: 2},
	{N: 5, C: 70, H: 9, W: 11, O: 64, KH: 2, KW: 3, StrideH: 3, StrideW: 2, PadT: 1, PadR: 2, DilH: 2, DilW: 1},
}

// TestChannelWeightGrad compares the weight gradient for channels side by side with the definition.
func TestChannelWeightGrad(t *testing.T) {
	r := newRand()
	n := func(lo, hi int) int { return lo + r.IntN(hi-lo+1) }
	shapes := slices.Clone(channelGradShapes)
	for len(shapes) < 200 {
		s := ConvShape{N: n(1, 9), C: n(1, 70), H: n(1, 14), W: n(1, 14), O: n(1, 70), KH: n(1, 5), KW: n(1, 5),
			StrideH: n(1, 3), StrideW: n(1, 3), PadT: n(0, 3), PadL: n(0, 3), PadB: n(0, 3), PadR: n(0, 3), DilH: n(1, 2), DilW: n(1, 2)}
		if n(0, 2) == 0 {
			s.C, s.O = (s.C+15)/16*16, (s.O+15)/16*16
		}
		if n(0, 3) == 0 {
			s.KH, s.KW = 1, []int{1, 7}[n(0, 1)]
		}
		if s.check() == nil {
			shapes = append(shapes, s)
		}
	}
	for _, shape := range shapes {
		testChannelGrad(t, shape, r)
	}
}

// testChannelGrad checks one shape at every level, the tasks in a random order.
func testChannelGrad(t *testing.T, shape ConvShape, r *rand.Rand) {
	t.Helper()
	x, dy := random(r, shape.N*shape.C*shape.H*shape.W), random(r, shape.N*shape.O*shape.positions())
	want, abs := shape.channelGradReference(x, dy)
	for _, s := range Sets() {
		g := s.NewChannelWeightGrad(shape)
		scratch, checkScratch := guarded(t, g.Scratch(), r.IntN(16))
		sum := make([]float32, len(want))
		dw, check := guarded(t, len(want), r.IntN(16))
		for _, chunk := range r.Perm(g.Chunks()) {
			fill(dw, poison)
			for _, part := range r.Perm(g.Parts()) {
				fill(scratch, poison)
				g.Run(dw, x, dy, part, chunk, scratch)
			}
			s.Add(sum, sum, dw)
		}
		check()
		checkScratch()
		compare(t, s.Level+" weight gradient", shape, sum, want, abs)
	}
}

// channelGradReference computes dw [O,C,KH,KW] from x [N,H,W,C] and dy [N,OutH,OutW,O] by the definition, and the sums of the terms'
// absolute values.
func (s ConvShape) channelGradReference(x, dy []float32) (dw, abs []float64) {
	r := s.reference(s.planes(x, s.C, s.H*s.W), make([]float32, s.O*s.K()), s.planes(dy, s.O, s.positions()))
	return r.dw, r.dwAbs
}

// planes returns x [N,positions,channels] as [N,channels,positions].
func (s ConvShape) planes(x []float32, channels, positions int) []float32 {
	out := make([]float32, len(x))
	for i := range x {
		n, p, c := i/(channels*positions), i/channels%positions, i%channels
		out[(n*channels+c)*positions+p] = x[i]
	}
	return out
}

// TestOuterTiles compares every register tile with the definition, for walks with gaps of both signs.
func TestOuterTiles(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for nv := 1; nv <= 2; nv++ {
			for i, f := range s.outers[nv] {
				for cols := 1; cols <= 5; cols++ {
					testOuterTile(t, f, i+1, nv*s.lanes, cols, r)
				}
			}
		}
	})
}

func testOuterTile(t *testing.T, f outerTileFunc, mr, nr, cols int, r *rand.Rand) {
	t.Helper()
	rows, images, ldc, flags := 1+r.IntN(3), 1+r.IntN(3), nr+r.IntN(9), r.IntN(2)*flagAccumulate
	steps := [6]int{mr + r.IntN(5), cols*mr + r.IntN(40), mr + r.IntN(70), nr + r.IntN(5), cols*nr + r.IntN(40), nr + r.IntN(70)}
	b := box{images: images, rows: rows, cols: cols}
	w := &outerWalk{images: int64(images), rows: int64(rows), cols: int64(cols)}
	for i, to := range []*outerSide{&w.a, &w.b} {
		p := side{data: make([]float32, 1), ld: 1, way: way(b, steps[3*i], steps[3*i+1], steps[3*i+2])}
		_, *to = p.at(0, 1)
	}
	at := func(i, n, row, col int) int { return n*steps[3*i+2] + row*steps[3*i+1] + col*steps[3*i] }
	x, y := random(r, at(0, images-1, rows-1, cols-1)+mr), random(r, at(1, images-1, rows-1, cols-1)+nr)
	c, check := guarded(t, (mr-1)*ldc+nr, r.IntN(16))
	old := random(r, len(c))
	if flags != 0 {
		copy(c, old)
	}
	f(w, &x[0], &y[0], &c[0], 4*ldc, flags)
	check()
	for i := range mr * nr {
		i, j := i/nr, i%nr
		want := float64(flags) * float64(old[i*ldc+j])
		scale := math.Abs(want)
		for p := range images * rows * cols {
			n, row, col := p/(rows*cols), p/cols%rows, p%cols
			term := float64(x[at(0, n, row, col)+i]) * float64(y[at(1, n, row, col)+j])
			want, scale = want+term, scale+math.Abs(term)
		}
		if got := c[i*ldc+j]; !closeTo(got, want, scale) {
			t.Fatalf("%dx%d over %+v: (%d, %d) is %v, want %v", mr, nr, *w, i, j, got, want)
		}
	}
}

// TestChannelWeightGradTasks holds the number of tasks of layers to what keeps threads busy, and Run to no allocation.
func TestChannelWeightGradTasks(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		for _, l := range channelGradLayers {
			shape := images(8, l.ConvShape)
			g := s.NewChannelWeightGrad(shape)
			if tasks := g.Parts() * g.Chunks(); tasks < gradTasks {
				t.Errorf("%s: %d tasks", l.name, tasks)
			}
		}
		shape := images(2, square(16, 5, 9, 3, 1, 1))
		g := s.NewChannelWeightGrad(shape)
		x, dy, dw := numbers(2*16*25), numbers(2*9*25), numbers(9*16*9)
		scratch := make([]float32, g.Scratch())
		if n := testing.AllocsPerRun(3, func() { g.Run(dw, x, dy, 0, 0, scratch) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

// layer is a convolution with borders of padH rows and padW columns.
func layer(c, o, kh, kw, stride, padH, padW, size int) (s struct {
	name string
	ConvShape
}) {
	s.name = fmt.Sprintf("%d-%d-%dx%d-s%d-%d", c, o, kh, kw, stride, size)
	s.ConvShape = ConvShape{C: c, H: size, W: size, O: o, KH: kh, KW: kw, StrideH: stride, StrideW: stride,
		PadT: padH, PadL: padW, PadB: padH, PadR: padW, DilH: 1, DilW: 1}
	return s
}

// channelGradLayers are layers of ResNet-50, Inception and small networks whose weight gradient is the direct sum.
var channelGradLayers = []struct {
	name string
	ConvShape
}{
	layer(64, 64, 1, 1, 1, 0, 0, 56), layer(64, 256, 1, 1, 1, 0, 0, 56), layer(256, 64, 1, 1, 1, 0, 0, 56),
	layer(256, 128, 1, 1, 1, 0, 0, 56), layer(256, 512, 1, 1, 2, 0, 0, 56),
	layer(128, 512, 1, 1, 1, 0, 0, 28), layer(512, 128, 1, 1, 1, 0, 0, 28), layer(512, 1024, 1, 1, 2, 0, 0, 28),
	layer(256, 1024, 1, 1, 1, 0, 0, 14), layer(1024, 256, 1, 1, 1, 0, 0, 14), layer(1024, 2048, 1, 1, 2, 0, 0, 14),
	layer(512, 2048, 1, 1, 1, 0, 0, 7), layer(2048, 512, 1, 1, 1, 0, 0, 7),
	layer(128, 128, 3, 3, 2, 1, 1, 56), layer(256, 256, 3, 3, 2, 1, 1, 28), layer(512, 512, 3, 3, 2, 1, 1, 14),
	layer(288, 384, 3, 3, 2, 0, 0, 35), layer(128, 128, 1, 7, 1, 0, 3, 17), layer(192, 192, 7, 1, 1, 3, 0, 17),
	layer(48, 64, 5, 5, 1, 2, 2, 35), layer(16, 32, 5, 5, 1, 2, 2, 28),
}

// BenchmarkChannelWeightGrad runs the tasks of a batch of 8 on two goroutines, and reports the rate beside that of PeakLoop just
// before and after.
func BenchmarkChannelWeightGrad(b *testing.B) {
	for _, s := range Sets() {
		for _, l := range channelGradLayers {
			b.Run(s.Level+"/"+l.name, func(b *testing.B) { benchChannelGrad(b, s, images(8, l.ConvShape)) })
		}
	}
}

func benchChannelGrad(b *testing.B, s *Set, shape ConvShape) {
	g := s.NewChannelWeightGrad(shape)
	x, dy := numbers(shape.N*shape.C*shape.H*shape.W), numbers(shape.N*shape.O*shape.positions())
	size := shape.O * shape.K()
	dw := numbers(g.Chunks() * size)
	scratch := [2][]float32{numbers(g.Scratch()), numbers(g.Scratch())}
	run := func(worker, task int) {
		part, chunk := task%g.Parts(), task/g.Parts()
		g.Run(dw[chunk*size:][:size], x, dy, part, chunk, scratch[worker])
	}
	peak := s.peakOfTwo()
	for b.Loop() {
		onTwo(g.Parts()*g.Chunks(), run)
	}
	rate := float64(shape.Flops()) * float64(b.N) / b.Elapsed().Seconds()
	peak = max(peak, s.peakOfTwo())
	b.ReportMetric(rate/1e9, "GFLOP/s")
	b.ReportMetric(100*rate/peak, "%peak")
	b.ReportMetric(float64(g.Parts()), "parts")
	b.ReportMetric(float64(g.Chunks()), "chunks")
}

// onTwo runs tasks on two goroutines.
func onTwo(tasks int, run func(worker, task int)) {
	var wg sync.WaitGroup
	var next sync.Mutex
	task := 0
	take := func() int {
		next.Lock()
		defer next.Unlock()
		task++
		return task - 1
	}
	for worker := range 2 {
		wg.Go(func() {
			for i := take(); i < tasks; i = take() {
				run(worker, i)
			}
		})
	}
	wg.Wait()
}

// peakOfTwo returns the floating-point operations a second of PeakLoop on two goroutines.
func (s *Set) peakOfTwo() float64 {
	const rounds = 1 << 16
	start := time.Now()
	onTwo(4, func(_, _ int) { s.PeakLoop(rounds) })
	return 4 * rounds * float64(s.PeakFlops) / time.Since(start).Seconds()
}
