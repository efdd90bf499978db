package main

import (
	"slices"
	"strings"
	"testing"
)

const results = `{"work": "train a, batch 8", "who": "lince", "setting": "", "peak": 100, "others": 0.01, "distance": [98, 102.4], "figure": {"name": "train", "images_per_second": 40, "gflops": 80, "rss_mib": 50, "allocs_per_step": 0}}
{"work": "train a, batch 8", "who": "PyTorch", "setting": "contiguous", "peak": 100, "others": 0.02, "figure": {"images_per_second": 10, "rss_mib": 500, "version": "PyTorch 2"}}
{"work": "train a, batch 8", "who": "PyTorch", "setting": "channels_last", "peak": 100, "others": 0, "figure": {"images_per_second": 20, "rss_mib": 400, "version": "PyTorch 2"}}
{"work": "conv a", "who": "lince", "setting": "", "peak": 100, "others": 0, "figure": [{"name": "forward 1x1", "gflops": 1}, {"name": "forward total", "gflops": 90}]}
{"work": "gemm 9", "who": "lince", "setting": "", "peak": 100, "figure": [{"name": "gemm 9x9x9", "gflops": 30}]}
{"work": "conv a", "who": "oneDNN", "setting": "", "peak": 50, "others": 0, "figure": [{"name": "forward total", "gflops": 45}]}
{"work": "train a, batch 8", "who": "lince", "setting": "", "peak": 100, "others": 0, "figure": {"name": "train", "images_per_second": 42, "gflops": 84, "rss_mib": 50}}
`

func TestTable(t *testing.T) {
	works, err := read([]byte(results))
	if err != nil {
		t.Fatal(err)
	}
	table := format(works)
	for _, want := range []string{
		"| train a, batch 8 | images/s | 41.0 | 20.0 PyTorch channels_last | 2.05 | 82.0 % | 40.0 % | 50.0 | 400 | 0 |\n",
		"| gemm 9 | GFLOP/s | 30.0 |  |  | 30.0 % |  |  |  | 0 |\n",
		"| conv a, forward | GFLOP/s | 90.0 | 45.0 oneDNN | 2.00 | 90.0 % | 90.0 % |  |  | 0 |\n",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is not in\n%s", want, table)
		}
	}
	if c := caption(works, "compare.sh"); !strings.Contains(c, "PyTorch 2. Peak 50 to 100") || !strings.Contains(c, "medians of 2 rounds") {
		t.Error(c)
	}
	if _, err := read([]byte("nonsense\n")); err == nil {
		t.Error("no error for nonsense")
	}
}

func TestReplace(t *testing.T) {
	page := "top\n" + begin + "\nold\n" + end + "\nbottom\n"
	got, err := replace(page, "new\n")
	if want := strings.Replace(page, "old", "new", 1); got != want || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := replace("nothing", "new"); err == nil {
		t.Error("no error for a page without a place for the table")
	}
}

func TestNothing(t *testing.T) {
	if works, err := read(nil); err != nil || caption(works, "") != "Nothing measured.\n" {
		t.Errorf("%v, %v", works, err)
	}
}

// TestSameState compares only what was measured in the same state.
func TestSameState(t *testing.T) {
	near, far, moved := []float64{90, 110}, []float64{400, 410}, []float64{90, 410}
	at := func(who string, rate float64, distance []float64) *contender {
		return &contender{who: who, samples: []sample{{figure: figure{ImagesPerSecond: rate}, distance: distance}}}
	}
	for _, c := range []struct {
		name  string
		work  []*contender
		rates []float64
	}{
		{"w", []*contender{at(ours, 1, near), at(ours, 2, far), at("peer", 3, near), at("peer", 4, far)}, []float64{1, 3}},
		{"w (processors apart)", []*contender{at(ours, 1, near), at(ours, 2, far), at("peer", 4, far)}, []float64{2, 4}},
		{"w (processors moved)", []*contender{at(ours, 1, near), at("peer", 4, far)}, []float64{1, 4}},
		{"w", []*contender{at(ours, 1, moved), at(ours, 2, nil)}, []float64{2}},
	} {
		w := &work{"w", c.work}
		w.sameState()
		var rates []float64
		for _, k := range w.contenders {
			rates = append(rates, k.median(sample.rate))
		}
		if w.name != c.name || !slices.Equal(rates, c.rates) {
			t.Errorf("%q with %v, want %q with %v", w.name, rates, c.name, c.rates)
		}
	}
}
