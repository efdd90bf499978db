package train

import "syscall"

// limitFiles lets no file of this process grow beyond n bytes: writing more fails, as on a full disk.
func limitFiles(n uint64) error {
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n})
}
