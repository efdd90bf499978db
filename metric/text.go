package metric

import (
	"fmt"
	"strconv"
)

// Percent writes a share, 0 to 1, for people: "97.25 %".
func Percent(share float64) string { return fmt.Sprintf("%.2f %%", 100*share) }

// Thousands writes n with commas: "1,234,567".
func Thousands[T int | int64](n T) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
