//go:build !noasm

package kernel

import "golang.org/x/sys/cpu"

// archLevels returns the levels that this CPU runs, simplest first.
func archLevels() []level {
	var out []level
	x := &cpu.X86
	if x.HasAVX2 && x.HasFMA && x.HasBMI2 {
		out = append(out, level{"avx2", rowsOf(amd64Rows, "avx2")})
		if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL {
			out = append(out, level{"avx512", rowsOf(amd64Rows, "avx512")})
		}
	}
	return out
}

// peakFlops is the work of one round of PeakLoop.
func peakFlops(level string) int {
	switch level {
	case "avx512":
		return 28 * 16 * 2
	case "avx2":
		return 12 * 8 * 2
	}
	return genericPeakFlops
}
