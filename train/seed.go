package train

import "github.com/lince-ml/lince/internal/philox"

// What the seed of a run is used for. Each use has a seed of its own, drawn from it, so that none repeats another's numbers.
const (
	seedWeights = iota
	seedSplit
	seedOrder // and augmentation
	seedLayers
)

func seedFor(use, seed uint64) uint64 { return philox.NewSource(seed, use).Uint64() }
