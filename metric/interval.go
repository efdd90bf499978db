package metric

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lince-ml/lince/internal/philox"
)

// An Interval holds the true value with a confidence of 95 %: low, high.
type Interval [2]float64

// z is the 97.5 % quantile of the normal distribution.
const z = 1.959963984540054

// Wilson returns the interval of a share of which k of n was seen (Wilson, "Probable inference, the law of succession, and statistical
// inference", 1927, without correction of continuity).
func Wilson(k, n int) Interval {
	p, m := float64(k)/float64(n), float64(n)
	middle := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return Interval{math.Max(0, middle-half), math.Min(1, middle+half)}
}

// Resamples is how often Bootstrap draws.
const Resamples = 1000

// Bootstrap returns the intervals of the statistics of n images: of Resamples samples of n images, drawn with repetition, the middle 95 %
// (Efron, "Bootstrap methods: another look at the jackknife", 1979; the percentile interval). The statistics of a sample, given as
// the numbers of its images, must always be as many. The same seed gives the same intervals.
func Bootstrap(n int, seed uint64, statistics func(sample []int) []float64) []Interval {
	r := rand.New(philox.NewSource(seed))
	sample := make([]int, n)
	var values [][]float64 // of each statistic
	for range Resamples {
		for i := range sample {
			sample[i] = r.IntN(n)
		}
		for i, v := range statistics(sample) {
			if i == len(values) {
				values = append(values, make([]float64, 0, Resamples))
			}
			values[i] = append(values[i], v)
		}
	}
	out := make([]Interval, len(values))
	for i, v := range values {
		slices.Sort(v)
		out[i] = Interval{quantile(v, 0.025), quantile(v, 0.975)}
	}
	return out
}

// quantile interpolates between the values, which are sorted, as numpy does.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-2)
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
