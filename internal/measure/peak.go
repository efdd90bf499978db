package measure

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lince-ml/lince/internal/kernel"
)

const (
	peakRuns = 12
	peakRun  = 20 * time.Millisecond
)

// Peak returns the floating-point operations per second that so many threads reach together with independent multiply-adds on
// registers, at the level of k: the fastest of some short runs. There should be as many processors; when a program starts, its threads may
// share one for some runs.
func Peak(k *kernel.Set, threads int) float64 {
	const trial = 1 << 14
	once := max(peakTime(k, threads, trial), 1) // also gives the clock time to settle
	once = min(once, max(peakTime(k, threads, trial), 1))
	rounds := max(trial, int(trial*peakRun/once))
	var runs [peakRuns]time.Duration
	for i := range runs {
		runs[i] = peakTime(k, threads, rounds)
	}
	return float64(threads) * float64(rounds) * float64(k.PeakFlops) / slices.Min(runs[:]).Seconds()
}

// peakTime returns how long the threads take for so many rounds each, from the moment when all of them run.
func peakTime(k *kernel.Set, threads, rounds int) time.Duration {
	var running atomic.Int64
	var done sync.WaitGroup
	times := make([]time.Duration, threads)
	for i := range threads {
		done.Go(func() {
			running.Add(1)
			for spin := 0; running.Load() < int64(threads); spin++ {
				if spin > peakSpins { // fewer processors than threads
					runtime.Gosched()
				}
			}
			start := time.Now()
			k.PeakLoop(rounds)
			times[i] = time.Since(start)
		})
	}
	done.Wait()
	return slices.Max(times)
}

// peakSpins is how many times a thread looks for the others before it makes room for one: if it did so at once, two could wait, and then
// run, on one processor.
const peakSpins = 1 << 22
