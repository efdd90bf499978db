// Package bench measures the engine: matrix products, convolutions and training steps, each as a share of the peak that the
// same processor reaches in the same run.
package bench

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lince-ml/lince/internal/kernel"
)

// peak returns the floating-point operations per second that n threads reach with independent multiply-adds on registers:
// the median of five runs.
var peak = func() func(b *testing.B, n int) float64 {
	known := map[int]float64{}
	return func(b *testing.B, n int) float64 {
		b.Helper()
		if known[n] == 0 {
			k, err := kernel.Default()
			if err != nil {
				b.Fatal(err)
			}
			runs := make([]float64, 5)
			for i := range runs {
				runs[i] = peakOnce(k, n)
			}
			slices.Sort(runs)
			known[n] = runs[2]
		}
		return known[n]
	}
}()

func peakOnce(k *kernel.Set, threads int) float64 {
	const rounds = 1 << 20
	var wg sync.WaitGroup
	start := time.Now()
	for range threads {
		wg.Go(func() { k.PeakLoop(rounds) })
	}
	wg.Wait()
	return float64(threads) * rounds * float64(k.PeakFlops) / time.Since(start).Seconds()
}

// report adds the rate of an operation of so many floating-point operations, and its share of the peak.
func report(b *testing.B, flops int64, threads int) {
	b.Helper()
	rate := float64(flops) * float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(rate/1e9, "GFLOP/s")
	b.ReportMetric(100*rate/peak(b, threads), "%peak")
}
