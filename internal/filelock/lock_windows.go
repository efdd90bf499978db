package filelock

import (
	"os"

	"golang.org/x/sys/windows"
)

// errHeld is the error of lock if another open file has the lock.
var errHeld error = windows.ERROR_LOCK_VIOLATION

// lock locks a byte far behind the content, since others cannot read what is locked.
func lock(f *os.File) error {
	far := &windows.Overlapped{OffsetHigh: 1 << 30}
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, far)
}

// release closes the file first: an open one cannot be removed, so this fails if somebody else has it by now, and shall.
func release(f *os.File) {
	f.Close()
	os.Remove(f.Name())
}
