package memory

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// available returns half of the machine's memory: macOS keeps the rest full of caches, and counts them as used.
func available() (int64, error) {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0, fmt.Errorf("sysctl hw.memsize: %w", err)
	}
	return int64(n / 2), nil
}
