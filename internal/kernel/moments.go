package kernel

// momentBlock is how many values are summed in float32 before the sum goes on in
// float64.
const momentBlock = 1024

// Moments returns the sum of x and the sum of the squares about its own mean.
func (s *Set) Moments(x []float32) (sum, squares float64) {
	for lo := 0; lo < len(x); lo += momentBlock {
		sum += float64(s.Sum(x[lo:min(lo+momentBlock, len(x))]))
	}
	mean := float32(sum / float64(max(1, len(x))))
	for lo := 0; lo < len(x); lo += momentBlock {
		squares += float64(s.SumSquaresAbout(x[lo:min(lo+momentBlock, len(x))], mean))
	}
	return sum, squares
}

// DotCentred returns the sum of v * (x - mean), over len(v) values.
func (s *Set) DotCentred(v, x []float32, mean float32) (sum float64) {
	for lo := 0; lo < len(v); lo += momentBlock {
		hi := min(lo+momentBlock, len(v))
		sum += float64(s.DotAbout(v[lo:hi], x[lo:hi], mean))
	}
	return sum
}
