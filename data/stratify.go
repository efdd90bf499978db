package data

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/internal/philox"
)

// stratify divides samples of any number of classes each into parts that get the given shares of all samples and, as well as it can be done, of those of
// each class: iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011, "On the Stratification of Multi-Label Data"). The class with
// the fewest samples left comes first, since later nothing could be done for it. It returns the part of each sample.
func stratify(classes [][]int, n int, shares []float64, seed uint64) []int {
	s := &strata{classes: classes, part: make([]int, len(classes)), left: make([]int, n), want: make([]float64, len(shares))}
	for _, list := range classes {
		for _, c := range list {
			s.left[c]++
		}
	}
	for c := range n {
		s.wantOf = append(s.wantOf, make([]float64, len(shares)))
		for p, share := range shares {
			s.wantOf[c][p] = share * float64(s.left[c])
		}
	}
	for p, share := range shares {
		s.want[p] = share * float64(len(classes))
	}
	for i := range s.part {
		s.part[i] = -1
	}
	order := rand.New(philox.NewSource(seed)).Perm(len(classes))
	members := make([][]int, n) // in this order
	for _, i := range order {
		for _, c := range classes[i] {
			members[c] = append(members[c], i)
		}
	}
	for c := s.rarest(); c >= 0; c = s.rarest() {
		for _, i := range members[c] {
			if s.part[i] < 0 {
				s.assign(i, s.neediest(s.wantOf[c]))
			}
		}
	}
	for _, i := range order {
		if s.part[i] < 0 { // of no class
			s.assign(i, s.neediest(s.want))
		}
	}
	return s.part
}

// strata is a division in the making.
type strata struct {
	classes [][]int
	part    []int       // of each sample, -1 while it has none
	left    []int       // samples without a part, by class
	want    []float64   // samples that each part still wants
	wantOf  [][]float64 // of each class
}

// rarest returns the class with the fewest samples left, -1 if none has any.
func (s *strata) rarest() int {
	best := -1
	for c, n := range s.left {
		if n > 0 && (best < 0 || n < s.left[best]) {
			best = c
		}
	}
	return best
}

// neediest returns the part that wants most; of several, the one that wants most samples of any class.
func (s *strata) neediest(want []float64) int {
	best := 0
	for p, v := range want {
		if v > want[best] || v == want[best] && s.want[p] > s.want[best] {
			best = p
		}
	}
	return best
}

func (s *strata) assign(i, p int) {
	s.part[i] = p
	s.want[p]--
	for _, c := range s.classes[i] {
		s.left[c]--
		s.wantOf[c][p]--
	}
}
