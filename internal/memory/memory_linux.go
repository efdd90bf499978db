package memory

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// available returns MemAvailable of /proc/meminfo (proc_meminfo(5)), or what is left of the memory of the control group (cgroup v2, memory.max and
// memory.current), if that is less.
func available() (int64, error) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, fmt.Errorf("read /proc/meminfo: %w", errors.Unwrap(err))
	}
	free, ok := int64(0), false
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "MemAvailable:"); found {
			var kib int64
			_, err := fmt.Sscan(rest, &kib)
			free, ok = kib<<10, err == nil
		}
	}
	if !ok {
		return 0, errors.New("read /proc/meminfo: no line MemAvailable")
	}
	limit, okLimit := number("/sys/fs/cgroup/memory.max")
	used, okUsed := number("/sys/fs/cgroup/memory.current")
	if okLimit && okUsed {
		free = min(free, max(0, limit-used))
	}
	return free, nil
}

// number reads a file that holds a number; "max" and a missing file are none.
func number(path string) (int64, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}
