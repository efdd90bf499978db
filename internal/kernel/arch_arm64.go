//go:build !noasm

package kernel

// archLevels returns the levels that this CPU runs. Every arm64 has NEON.
func archLevels() []level { return []level{{"neon", rowsOf(arm64Rows, "neon")}} }

// peakFlops is the work of one round of PeakLoop.
func peakFlops(level string) int {
	if level == "neon" {
		return 28 * 4 * 2
	}
	return genericPeakFlops
}
