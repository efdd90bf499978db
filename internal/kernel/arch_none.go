//go:build noasm || !(amd64 || arm64)

package kernel

// archLevels returns no level but the portable one.
func archLevels() []level { return nil }

// peakFlops is the work of one round of PeakLoop.
func peakFlops(string) int { return genericPeakFlops }
