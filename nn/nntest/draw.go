package nntest

import "hash/fnv"

// Draw returns n numbers of [-1, 1), multiples of 2^-23: SplitMix64 (Steele, Lea & Flood 2014) from the FNV-1a hash of the name on.
func Draw(name string, n int) []float32 {
	h := fnv.New64a()
	h.Write([]byte(name))
	state, numbers := h.Sum64(), make([]float32, n)
	for i := range numbers {
		state += 0x9e3779b97f4a7c15
		z := (state ^ state>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		numbers[i] = float32((z^z>>31)>>40)/(1<<23) - 1
	}
	return numbers
}
