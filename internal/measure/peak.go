package measure

import (
	"slices"
	"sync"
	"time"

	"github.com/lince-ml/lince/internal/kernel"
)

const (
	peakRuns = 5
	peakRun  = 20 * time.Millisecond
)

// Peak returns the floating-point operations per second that so many threads reach together with independent multiply-adds on
// registers, at the level of k: the median of some short runs. There should be as many processors.
func Peak(k *kernel.Set, threads int) float64 {
	const trial = 1 << 14
	once := max(peakTime(k, threads, trial), 1) // also gives the clock time to settle
	once = min(once, max(peakTime(k, threads, trial), 1))
	rounds := max(trial, int(trial*peakRun/once))
	var runs [peakRuns]time.Duration
	for i := range runs {
		runs[i] = peakTime(k, threads, rounds)
	}
	slices.Sort(runs[:])
	return float64(threads) * float64(rounds) * float64(k.PeakFlops) / runs[peakRuns/2].Seconds()
}

// peakTime returns how long the threads take for so many rounds each, from the moment when all are there.
func peakTime(k *kernel.Set, threads, rounds int) time.Duration {
	var ready, done sync.WaitGroup
	begin := make(chan struct{})
	ready.Add(threads)
	for range threads {
		done.Go(func() {
			ready.Done()
			<-begin
			k.PeakLoop(rounds)
		})
	}
	ready.Wait()
	start := time.Now()
	close(begin)
	done.Wait()
	return time.Since(start)
}
