package data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// BalancedWeights returns weights for a Loader that make all classes of d equally frequent: one over the number of samples of the same class. A
// sample of several classes counts for the rarest of them, and one of none as much as the mean.
func BalancedWeights(d Dataset) ([]float64, error) {
	classes, err := allClasses(d)
	if err != nil {
		return nil, err
	}
	count := make([]int, len(d.Classes()))
	for _, list := range classes {
		for _, c := range list {
			count[c]++
		}
	}
	weights := make([]float64, len(classes))
	sum, n := 0.0, 0
	for i, list := range classes {
		for _, c := range list {
			weights[i] = max(weights[i], 1/float64(count[c]))
		}
		if len(list) > 0 {
			sum += weights[i]
			n++
		}
	}
	for i, list := range classes {
		if len(list) == 0 {
			weights[i] = sum / float64(max(1, n))
		}
	}
	return weights, nil
}

func checkWeights(weights []float64, d Dataset) error {
	if weights == nil {
		return nil
	}
	if len(weights) != d.Len() {
		return fmt.Errorf("loader: %d weights, expected one for each of %d samples", len(weights), d.Len())
	}
	sum := 0.0
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 0) {
			return fmt.Errorf("%s: weight %v, expected 0 or more", d.Name(i), w)
		}
		sum += w
	}
	if sum == 0 && d.Len() > 0 || math.IsInf(sum, 0) {
		return fmt.Errorf("loader: the weights add up to %v, expected more than 0", sum)
	}
	return nil
}

// drawWith fills order with samples, drawn with replacement in proportion to their weights.
func drawWith(r *rand.Rand, order []int, weights []float64) {
	upTo := make([]float64, len(weights)) // sums of the weights
	sum := 0.0
	for i, w := range weights {
		sum += w
		upTo[i] = sum
	}
	for i := range order {
		at := r.Float64() * sum
		// The first sample whose sum is larger: never one of weight 0.
		order[i], _ = slices.BinarySearchFunc(upTo, at, func(sum, at float64) int {
			if sum <= at {
				return -1
			}
			return 1
		})
	}
}
