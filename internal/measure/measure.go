// Package measure times what lince computes: kernels, single ops, training steps and predictions, each beside the peak that the same
// processor reaches at the same time. The command line and the Go benchmarks both use it.
package measure

import (
	"bytes"
	"os"
	"runtime"
	"slices"
	"strconv"
	"time"
)

// A Figure is one result.
type Figure struct {
	Name            string  `json:"name"`
	ImagesPerSecond float64 `json:"images_per_second"` // 0 for what takes no images
	MS              float64 `json:"ms"`                // of one step, the median over the runs
	MSMin           float64 `json:"ms_min"`            // of the fastest run
	MSMax           float64 `json:"ms_max"`            // of the slowest run
	GFLOPS          float64 `json:"gflops"`            // of convolutions and matrix products, a multiply-add counting as two; 0 if there are none
	GBPerSecond     float64 `json:"gb_per_second"`     // read and written, for kernels without multiply-adds
	PeakGFLOPS      float64 `json:"peak_gflops"`       // of multiply-adds on registers, on as many threads, right before
	ShareOfPeak     float64 `json:"share_of_peak"`     // 0 to 1
	RSSMiB          float64 `json:"rss_mib"`           // the most memory that the process has had so far; 0 where the system does not say
	AllocsPerStep   uint64  `json:"allocs_per_step"`   // objects that a step leaves to the garbage collector
	Steps           int     `json:"steps"`             // that were timed
	Threads         int     `json:"threads"`
}

// An Effort says how long to measure. What is measured runs twice before, untimed.
type Effort struct {
	Runs  int           // the result is their median
	Least time.Duration // a run repeats the step for about as long
	Steps int           // if more than 0, the number of steps in all runs together; there are fewer Runs if there are fewer steps
}

// Usual is the effort for a figure that is to be quoted.
var Usual = Effort{Runs: 7, Least: 300 * time.Millisecond}

// timing is what repeating a step gives.
type timing struct {
	median, least, most time.Duration // of one step
	steps               int
	allocs              uint64 // of one step
}

// repeat times step.
func (e Effort) repeat(step func() error) (timing, error) {
	runtime.GC() // what was left behind before is not the step's
	once, err := warmUp(step)
	if err != nil {
		return timing{}, err
	}
	runs, perRun := e.plan(once)
	times := make([]time.Duration, runs)
	before := mallocs()
	for i := range times {
		start := time.Now()
		for range perRun {
			if err := step(); err != nil {
				return timing{}, err
			}
		}
		times[i] = time.Since(start) / time.Duration(perRun)
	}
	allocs := mallocs() - before
	slices.Sort(times)
	steps := runs * perRun
	return timing{times[runs/2], times[0], times[runs-1], steps, allocs / uint64(steps)}, nil
}

// warmUp runs step twice and returns how long the second time took.
func warmUp(step func() error) (once time.Duration, err error) {
	for range 2 {
		start := time.Now()
		if err := step(); err != nil {
			return 0, err
		}
		once = max(time.Since(start), 1)
	}
	return once, nil
}

// plan returns the number of runs and the steps of each, for a step that takes so long.
func (e Effort) plan(once time.Duration) (runs, perRun int) {
	if e.Steps > 0 {
		runs = min(e.Runs, e.Steps)
		return runs, e.Steps / runs
	}
	return e.Runs, max(1, int(e.Least/once))
}

// figure returns the result of a step that does so many floating-point operations.
func (t timing) figure(name string, flops int64, peak float64, threads int) Figure {
	rate := float64(flops) / max(t.median, 1).Seconds()
	return Figure{
		Name: name, MS: milliseconds(t.median), MSMin: milliseconds(t.least), MSMax: milliseconds(t.most),
		GFLOPS: rate / 1e9, PeakGFLOPS: peak / 1e9, ShareOfPeak: rate / peak,
		RSSMiB: peakMemory(), AllocsPerStep: t.allocs, Steps: t.steps, Threads: threads,
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / 1e6 }

// mallocs returns how many objects the program has allocated.
func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

// peakMemory returns the largest resident set that the process has had, in MiB, or 0 if the system does not say. It reads what Linux
// tells of this process alone; getrusage begins with the memory of whoever started it.
func peakMemory() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range bytes.Lines(status) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmHWM:")); ok {
			kib, _ := strconv.ParseFloat(string(bytes.Fields(rest)[0]), 64)
			return kib / 1024
		}
	}
	return 0
}
