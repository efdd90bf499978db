package train

import (
	"syscall"
	"testing"
)

// limitFiles lets no file grow beyond n bytes until restore is called: writing more fails, as on a full disk.
func limitFiles(t *testing.T, n uint64) (restore func()) {
	t.Helper()
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	set := func(l syscall.Rlimit) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
			t.Fatal(err)
		}
	}
	set(syscall.Rlimit{Cur: n, Max: old.Max})
	return func() { set(old) }
}
