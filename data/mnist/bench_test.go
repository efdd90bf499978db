package mnist

import (
	"fmt"
	"testing"

	"github.com/lince-ml/lince/data"
)

// BenchmarkLoader delivers epochs of the training set in batches of 64.
func BenchmarkLoader(b *testing.B) {
	train, _ := open(b)
	for name, transform := range map[string]data.Transform{
		"plain": nil, "affine": data.RandomAffine{Degrees: 10, Scale: 0.1, Shear: 5, Translate: 0.1}.Apply, "shift": data.RandomShift(2, data.Black),
	} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/%d", name, workers), func(b *testing.B) {
				l := data.Loader{Data: train, Batch: 64, Shuffle: true, Workers: workers, Transform: transform}
				for b.Loop() {
					for _, err := range l.Batches(b.Context(), 0, 0) {
						if err != nil {
							b.Fatal(err)
						}
					}
				}
				b.ReportMetric(float64(b.N*train.Len())/b.Elapsed().Seconds(), "images/s")
			})
		}
	}
}
