//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package filelock

import (
	"errors"
	"os"
	"syscall"
)

// errHeld is the error of lock if another open file has the lock.
var errHeld error = syscall.EWOULDBLOCK

func lock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if errors.Is(err, syscall.ENOLCK) { // NFS without a lock service
			return errors.ErrUnsupported
		}
		return err
	}
}

// release removes the file first: after that, nobody takes a lock on it for that of the path; see isAt.
func release(f *os.File) {
	os.Remove(f.Name())
	f.Close()
}
