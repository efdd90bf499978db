package data

import (
	"math/rand/v2"
	"testing"

	"github.com/lince-ml/lince/internal/philox"
)

func BenchmarkRandomAffine(b *testing.B) {
	im := NewImage(1, 28, 28)
	r := rand.New(philox.NewSource(1))
	a := RandomAffine{Degrees: 10, Scale: 0.1, Shear: 5, Translate: 0.1}
	for b.Loop() {
		a.Apply(r, im)
	}
}
