// Package philox is the counter-based random number generator Philox4x32-10 of Salmon, Moraes, Dror and Shaw,
// "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). A block of output is a pure function of a key and a
// counter, so any number can be had at any time, on any thread, without the ones before it.
package philox

import (
	"math/bits"
	"math/rand/v2"
)

const (
	mul0, mul1   = 0xD2511F53, 0xCD9E8D57
	weyl0, weyl1 = 0x9E3779B9, 0xBB67AE85
	rounds       = 10
)

// Block returns the four random words that belong to key and ctr.
func Block(key [2]uint32, ctr [4]uint32) [4]uint32 {
	k0, k1 := key[0], key[1]
	c0, c1, c2, c3 := ctr[0], ctr[1], ctr[2], ctr[3]
	for range rounds {
		hi0, lo0 := bits.Mul32(mul0, c0)
		hi1, lo1 := bits.Mul32(mul1, c2)
		c0, c1, c2, c3 = hi1^c1^k0, lo1, hi0^c3^k1, lo0
		k0 += weyl0
		k1 += weyl1
	}
	return [4]uint32{c0, c1, c2, c3}
}

// Add returns ctr + n, where ctr is one 128-bit number, ctr[0] its lowest word. It wraps around.
func Add(ctr [4]uint32, n uint64) [4]uint32 {
	lo, carry := bits.Add64(uint64(ctr[1])<<32|uint64(ctr[0]), n, 0)
	hi := (uint64(ctr[3])<<32 | uint64(ctr[2])) + carry
	return [4]uint32{uint32(lo), uint32(lo >> 32), uint32(hi), uint32(hi >> 32)}
}

// Uniform maps a random word to [0, 1): its top 24 bits, all that a float32 can hold evenly, over 2^24.
func Uniform(x uint32) float32 { return float32(x>>8) * (1.0 / (1 << 24)) }

// A source walks through the blocks of one key.
type source struct {
	key   [2]uint32
	ctr   [4]uint32
	block [4]uint32
	half  bool // the upper half of block is still to be delivered
}

// NewSource returns the random source named by seed and stream, so that rand.New(NewSource(seed, epoch, sample))
// gives the same numbers whenever and wherever it is made. Bit by bit:
//
//	key = (low word of seed, high word of seed)
//	for each s in stream: key = first two words of Block(key, (low word of s, high word of s, 0, 1))
//	block n = Block(key, (low word of n, high word of n, 0, 0)), for n = 0, 1, 2, ...
//
// and each block (w0, w1, w2, w3) gives the two numbers w0 + w1·2^32 and w2 + w3·2^32, in this order. The 1 in the
// derivation keeps it apart from the output: a source and those derived from it share no block input.
func NewSource(seed uint64, stream ...uint64) rand.Source {
	key := [2]uint32{uint32(seed), uint32(seed >> 32)}
	for _, s := range stream {
		b := Block(key, [4]uint32{uint32(s), uint32(s >> 32), 0, 1})
		key = [2]uint32{b[0], b[1]}
	}
	return &source{key: key}
}

// Uint64 implements rand.Source.
func (s *source) Uint64() uint64 {
	if s.half {
		s.half = false
		return uint64(s.block[3])<<32 | uint64(s.block[2])
	}
	s.block = Block(s.key, s.ctr)
	s.ctr = Add(s.ctr, 1)
	s.half = true
	return uint64(s.block[1])<<32 | uint64(s.block[0])
}
