package data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// indicesOf returns the places in the dataset that d, of Split or KFold, was made of.
func indicesOf(d Dataset) []int { return d.(*subset).indices }

func TestKFold(t *testing.T) {
	d := numbers{n: 103, classes: 3, sample: func(i int, s *Sample) error {
		s.Label = min(2, i%10) // 1 of 10, 1 of 10, 8 of 10
		return nil
	}}
	seen := make([]int, 103)
	for fold := range 4 {
		train, validation, err := KFold(d, 4, fold, 1)
		if err != nil {
			t.Fatal(err)
		}
		both := slices.Concat(indicesOf(train), indicesOf(validation))
		slices.Sort(both)
		if len(slices.Compact(both)) != 103 || !slices.IsSorted(indicesOf(train)) || !slices.IsSorted(indicesOf(validation)) {
			t.Errorf("fold %d is not a division in order", fold)
		}
		if n := validation.Len(); n != 25 && n != 26 {
			t.Errorf("fold %d has %d samples of 103", fold, n)
		}
		var count [3]int
		for _, i := range indicesOf(validation) {
			seen[i]++
			count[min(2, i%10)]++
		}
		if count[0] < 2 || count[0] > 3 || count[1] < 2 || count[1] > 3 {
			t.Errorf("fold %d has %v of the classes, expected a quarter of 11, 11 and 81", fold, count)
		}
	}
	if slices.Min(seen) != 1 || slices.Max(seen) != 1 {
		t.Errorf("not each sample validates once: %v", seen)
	}
	_, a, _ := KFold(d, 4, 0, 1)
	_, b, _ := KFold(d, 4, 0, 2)
	if slices.Equal(indicesOf(a), indicesOf(b)) {
		t.Error("the folds do not follow the seed")
	}
	for bad, want := range map[[2]int]string{{1, 0}: "1 folds of 103 images, expected 2 to 103", {4, 4}: "fold 4 of 4, expected 0 to 3", {4, -1}: "fold -1 of 4", {104, 0}: "104 folds of 103"} {
		if _, _, err := KFold(d, bad[0], bad[1], 1); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("fold %d of %d: error %v, want %s", bad[1], bad[0], err, want)
		}
	}
}

// several are samples of several classes, of which class c has one in 2^(c+1), with boxes instead of lists of labels for odd seeds.
func several(boxes bool) numbers {
	return numbers{n: 1000, classes: 7, sample: func(i int, s *Sample) error {
		s.Label = -1
		if s.Labels = make([]float32, 7); boxes {
			s.Labels, s.Boxes = nil, []Box{}
		}
		for c := range 7 {
			if (i*2654435761>>7)%(2<<c) == 0 {
				if boxes {
					s.Boxes = append(s.Boxes, Box{Class: c, X1: 1, Y1: 1}, Box{Class: c, X1: 1, Y1: 1})
				} else {
					s.Labels[c] = 1
				}
			}
		}
		return nil
	}}
}

func TestSeveralClassesAreStratified(t *testing.T) {
	for _, boxes := range []bool{false, true} {
		d := several(boxes)
		classes, err := allClasses(d)
		if err != nil {
			t.Fatal(err)
		}
		count := func(indices []int) (n [8]int) {
			for _, i := range indices {
				for _, c := range classes[i] {
					n[c]++
				}
				n[7]++
			}
			return n
		}
		_, validation, err := Split(d, 0.2, 1)
		if err != nil {
			t.Fatal(err)
		}
		_, fold, err := KFold(d, 5, 2, 1)
		if err != nil {
			t.Fatal(err)
		}
		for name, set := range map[string]Dataset{"split": validation, "fold": fold} {
			all, got := count(slices.Collect(func(yield func(int) bool) {
				for i := range d.n {
					if !yield(i) {
						return
					}
				}
			})), count(indicesOf(set))
			for c := range all {
				if math.Abs(float64(got[c])-0.2*float64(all[c])) > 2 {
					t.Errorf("%s: %v of %v", name, got, all)
				}
			}
		}
	}
}

func TestBalancedWeights(t *testing.T) {
	d := numbers{n: 100, classes: 3, sample: func(i int, s *Sample) error {
		s.Label = min(2, i%10)
		return nil
	}}
	weights, err := BalancedWeights(d)
	if err != nil {
		t.Fatal(err)
	}
	grain := func(r *rand.Rand, s Sample) Sample {
		s.Image.Pix = []uint8{uint8(r.Uint32())}
		return s
	}
	l := Loader{Data: d, Batch: 100, Seed: 1, Weights: weights, Transform: grain}
	var count [3]int
	noises := map[string]int{}
	for epoch := range 50 {
		rows, err := collect(l, epoch, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			count[r.label]++
			noises[fmt.Sprint(epoch, r.index, r.pix)]++
		}
	}
	for c, n := range count {
		if n < 1550 || n > 1780 {
			t.Errorf("class %d drawn %d times of 5000", c, n)
		}
	}
	if len(noises) < 4500 {
		t.Errorf("samples that come twice vary alike: %d variations of 5000", len(noises))
	}
	weights = make([]float64, 100)
	weights[3], weights[42] = 1, 3
	l.Weights = weights
	rows, err := collect(l, 0, 0)
	n := 0
	for _, r := range rows {
		if r.index == 42 {
			n++
		} else if r.index != 3 {
			t.Fatalf("sample %d has weight 0", r.index)
		}
	}
	if err != nil || n < 60 || n > 90 {
		t.Errorf("%d times sample 42, error %v", n, err)
	}
	for want, bad := range map[string][]float64{
		"loader: 2 weights":          {1, 2},
		"numbers#0: weight -1":       append([]float64{-1}, weights[1:]...),
		"numbers#0: weight NaN":      append([]float64{math.NaN()}, weights[1:]...),
		"loader: the weights add up": make([]float64, 100),
	} {
		l.Weights = bad
		if _, err := collect(l, 0, 0); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestRanks sees that ranks share each batch of a single loader.
func TestRanks(t *testing.T) {
	for _, dropLast := range []bool{false, true} {
		one := Loader{Data: numbers{n: 47, classes: 5}, Batch: 12, Seed: 3, Shuffle: true, DropLast: dropLast, Transform: noise}
		want, err := collect(one, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		var got []row
		for rank := range 3 {
			l := one
			l.Batch, l.Rank, l.Ranks = 4, rank, 3
			rows, err := collect(l, 1, 0)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range rows {
				if p := i*3 + rank; p < len(want) && want[p] != r {
					t.Errorf("rank %d, sample %d: %v, want %v", rank, i, r, want[p])
				}
			}
			got = append(got, rows...)
			if dropLast && l.Len() != 3 {
				t.Errorf("rank %d has %d batches, expected 3", rank, l.Len())
			}
		}
		if !dropLast && len(got) != 47 {
			t.Errorf("%d samples in all", len(got))
		}
	}
	for _, rank := range []int{-1, 3} {
		if _, err := collect(Loader{Data: numbers{n: 4, classes: 2}, Batch: 1, Rank: rank, Ranks: 3}, 0, 0); err == nil {
			t.Errorf("rank %d of 3 accepted", rank)
		}
	}
}

// TestGoesOn sees that a loader that stopped after k batches goes on with the same: mixed, weighted, in ranks.
func TestGoesOn(t *testing.T) {
	d := flat{60, 4, 4}
	weights := make([]float64, 60)
	fillAll(weights, 1)
	for name, l := range map[string]Loader{
		"mixed": {MixUp: 1, CutMix: 1, Shuffle: true}, "weighted": {Weights: weights}, "rank": {Rank: 1, Ranks: 2, Shuffle: true, CutMix: 1},
	} {
		l.Data, l.Batch, l.Transform = d, 7, Compose(RandomShift(1, Reflect), AlternatingFlip(1))
		want, err := collect(l, 3, 0)
		if err != nil {
			t.Fatal(err)
		}
		for from := range l.Len() {
			for _, workers := range []int{1, 3} {
				l.Workers = workers
				if got, err := collect(l, 3, from); err != nil || !slices.Equal(got, want[7*from:]) {
					t.Errorf("%s: from batch %d with %d workers differs (%v)", name, from, workers, err)
				}
			}
		}
	}
}

// TestWhole sees that only a Loader that asks for it gets the whole image.
func TestWhole(t *testing.T) {
	both, err := WithWhole(flat{9, 2, 3}, flat{9, 6, 8})
	if err != nil {
		t.Fatal(err)
	}
	d := Subset(both, []int{4, 5})
	if s, err := d.Sample(1); err != nil || s.Image.H != 2 || s.Image.W != 3 || s.Label != 5 {
		t.Errorf("%v, error %v", s, err)
	}
	for wholly, want := range map[bool]int{false: 2 * 3 * 2, true: 6 * 8 * 2} {
		rows, err := collect(Loader{Data: d, Batch: 2, Whole: wholly}, 0, 0)
		if err != nil || len(rows) != 2 || len(rows[0].pix) != want {
			t.Errorf("whole %v: %d bytes, want %d", wholly, len(rows[0].pix), want)
		}
	}
	if l, err := d.(Labeler).Label(0); l != 4 || err != nil {
		t.Errorf("label %d, error %v", l, err)
	}
	if _, err := WithWhole(flat{9, 2, 3}, flat{8, 2, 3}); err == nil {
		t.Error("fewer whole images than samples accepted")
	}
}
