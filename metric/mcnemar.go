package metric

import "math"

// McNemar returns how probable it is that two equally good classifiers differ as much as seen, where a images are right with the first
// alone and b with the second alone. The exact value is that of the binomial distribution, two-sided; midP counts half of the
// chance of what was seen, and so errs less on the careful side (Fagerland, Lydersen & Laake, "The McNemar test for binary matched-pairs
// data", 2013, sections on the exact conditional and the mid-p test).
func McNemar(a, b int) (exact, midP float64) {
	n, k := a+b, min(a, b)
	if n == 0 {
		return 1, 1
	}
	tail := 0.0 // P(X <= k) for X of n fair coins
	for i := range k + 1 {
		tail += coins(n, i)
	}
	if a == b {
		return 1, 1 - coins(n, k)/2
	}
	return math.Min(1, 2*tail), 2*tail - coins(n, k)
}

// coins returns the chance of k heads among n coins.
func coins(n, k int) float64 {
	gamma := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
	return math.Exp(gamma(n) - gamma(k) - gamma(n-k) - float64(n)*math.Ln2)
}
