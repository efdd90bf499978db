package kernel

import (
	"flag"
	"fmt"
	"math"
	"os"
	"testing"
	"time"
)

var measureCosts = flag.Bool("costs", false, "measure what convolutions take at the level LINCE_CPU, and print a row of measuredCosts")

// costShapes are 3x3 layers of networks for 28 to 299 pixels.
func costShapes() []ConvShape {
	var out []ConvShape
	for _, l := range [][3]int{ // channels, outputs, edge of the image
		{16, 16, 32}, {32, 32, 16}, {64, 64, 8}, {64, 64, 32}, {128, 128, 16}, {64, 64, 56}, {128, 128, 28}, {256, 256, 14}, {512, 512, 7},
		{128, 32, 56}, {128, 32, 28}, {128, 32, 14}, {128, 32, 7}, {64, 192, 56}, {96, 128, 28}, {128, 192, 28}, {16, 32, 28}, {96, 208, 14},
		{24, 64, 14}, {144, 288, 14}, {160, 320, 7}, {48, 128, 7}, {64, 96, 35}, {96, 96, 35}, {448, 384, 8}, {32, 32, 149}, {32, 64, 147},
	} {
		for _, n := range []int{1, 8} {
			out = append(out, ConvShape{N: n, C: l[0], H: l[2], W: l[2], O: l[1], KH: 3, KW: 3, StrideH: 1, StrideW: 1,
				PadT: 1, PadL: 1, PadB: 1, PadR: 1, DilH: 1, DilW: 1, XLast: true, YLast: true})
		}
	}
	return out
}

// TestChoices holds the choices of each level to those that were reviewed: run with -update when costs have changed, and read the difference. A line has
// the forward direction with weights that change and with constant ones, then the input gradient.
func TestChoices(t *testing.T) {
	for level, lanes := range map[string]int{"generic": generic().lanes, "neon": 4, "avx2": 8, "avx512": 16} {
		s := *generic() // choices depend on name and lanes alone, so that any processor can show them
		s.Level, s.lanes = level, lanes
		var text []byte
		for _, shape := range costShapes() {
			text = fmt.Appendf(text, "%d x %d>%d %dx%d:", shape.N, shape.C, shape.O, shape.H, shape.W)
			for _, grad := range []bool{false, true} {
				for _, constant := range []bool{false, true} {
					name := "direct"
					if f := winogradOf(&s, shape, grad).choose(constant); f != nil {
						name = fmt.Sprintf("F%d", f.out)
					}
					text = fmt.Appendf(text, " %s", name)
				}
			}
			text = append(text, '\n')
		}
		golden(t, "testdata/choices_"+level+".txt", text)
	}
}

var update = flag.Bool("update", false, "rewrite testdata from what the code does now")

func golden(t *testing.T, path string, got []byte) {
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs; run with -update and read the difference. Now:\n%s", path, got)
	}
}

// algorithm collects what one algorithm takes on the shapes.
type algorithm struct {
	work []pathWork
	time [2][]float64 // with packing the weights, and with packed ones that come from memory
}

func (a *algorithm) add(w pathWork, packing, packed float64) {
	a.work, a.time[0], a.time[1] = append(a.work, w), append(a.time[0], packing), append(a.time[1], packed)
}

// TestCosts is how the rows of measuredCosts are made. It says, too, how much longer than the fastest algorithm the chosen ones take.
func TestCosts(t *testing.T) {
	if !*measureCosts {
		t.Skip("takes minutes and a quiet machine: make costs")
	}
	s, err := Select(os.Getenv("LINCE_CPU"))
	if err != nil {
		t.Fatal(err)
	}
	var algorithms [3]algorithm
	for _, shape := range costShapes() {
		unit := multiplyAdd(s)
		for _, grad := range []bool{false, true} {
			w := winogradOf(s, shape, grad)
			add(&algorithms[0], newChannelConv(s, shape, grad), w.directWork(), shape, unit)
			for i, f := range s.filterings() {
				w := winogradOf(s, shape, grad)
				w.plan(f)
				add(&algorithms[1+i], w, w.work(f), shape, unit)
			}
		}
	}
	fmt.Printf("%q: {\n", s.Level)
	var found [3]pathCosts
	for i, name := range []string{"direct", "winograd4", "winograd2"} {
		found[i] = algorithms[i].fit()
		fmt.Printf("\t%s: pathCosts{%.3g, %.3g, %.3g, %.3g, %.3g},\n", name, found[i].product, found[i].input, found[i].output, found[i].read, found[i].pack)
	}
	fmt.Println("},")
	for _, c := range []struct {
		name string
		costs
	}{{"these", costs{found[0], found[1], found[2]}}, {"the committed ones", s.costs()}, {"the counted ones", countedCosts(s.lanes)}} {
		paths := []pathCosts{c.direct, c.winograd4, c.winograd2}
		fmt.Printf("by %s: training %.2f %%, prediction %.2f %%\n", c.name, loss(algorithms[:], paths, 0), loss(algorithms[:], paths, 1))
	}
}

// loss returns by how many percent the choice takes longer than the fastest algorithm, as a geometric mean over the shapes.
func loss(algorithms []algorithm, costs []pathCosts, constant int) float64 {
	sum := 0.0
	for k := range algorithms[0].work {
		chosen, least, fastest := 0, math.Inf(1), math.Inf(1)
		for i, a := range algorithms {
			if cost := costs[i].of(a.work[k], constant == 1); cost < least {
				chosen, least = i, cost
			}
			fastest = min(fastest, a.time[constant][k])
		}
		sum += math.Log(algorithms[chosen].time[constant][k] / fastest)
	}
	return 100 * math.Expm1(sum/float64(len(algorithms[0].work)))
}

// fit returns the costs, none negative, with the least sum of squares of relative errors, by coordinate descent.
func (a *algorithm) fit() (c pathCosts) {
	terms := []*float64{&c.product, &c.input, &c.output, &c.read, &c.pack}
	c.product = 1
	for range 3000 {
		for j := range terms {
			*terms[j] = 0
			var num, den float64
			for k, w := range a.work {
				for constant, times := range a.time {
					counts := []int{w.products, w.inputs, w.outputs, w.weights, w.weights * (1 - constant)}
					share := float64(counts[j]) / times[k]
					num, den = num+share*(1-c.time(w, constant == 1)/times[k]), den+share*share
				}
			}
			if den > 0 {
				*terms[j] = max(0, num/den)
			}
		}
	}
	return c
}

// multiplyAdd returns the seconds of a multiply-add of vectors at the peak.
func multiplyAdd(s *Set) float64 {
	const rounds = 1 << 17
	return fastest(func() { s.PeakLoop(rounds) }) / (rounds * float64(s.PeakFlops) / float64(2*s.lanes))
}

// fastest returns the seconds of the fastest of some calls of f.
func fastest(f func()) float64 {
	f()
	best := math.Inf(1)
	for begin := time.Now(); time.Since(begin) < 40*time.Millisecond || math.IsInf(best, 1); {
		start := time.Now()
		f()
		best = min(best, time.Since(start).Seconds())
	}
	return best
}

// add measures a direction of shape.
func add(a *algorithm, d Direction, w pathWork, shape ConvShape, unit float64) {
	size := shape.N * max(shape.C, shape.O) * shape.H * shape.W
	dst, x, weights, scratch := numbers(size), numbers(size), numbers(shape.O*shape.K()), numbers(d.Scratch())
	// Copies of the packed weights, so many that none is in a cache when it is read.
	packed := make([][]float32, min(64, 1+(192<<20)/(4*d.PackedSize())))
	for i := range packed {
		packed[i] = numbers(d.PackedSize())
	}
	next := 0
	run := func() {
		d.Run(dst, x, packed[next%len(packed)], 0, d.Panels(), 0, d.Bands(), Ahead{}, scratch)
		next++
	}
	cold := fastest(run) / unit
	packed = packed[:1]
	both := fastest(func() { d.Pack(packed[0], weights, 0, d.Panels(), scratch); run() }) / unit
	a.add(w, both, cold)
}
