//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package filelock

import (
	"errors"
	"os"
)

var errHeld = errors.New("held")

func lock(*os.File) error { return errors.ErrUnsupported }

func release(f *os.File) {
	f.Close()
	os.Remove(f.Name())
}
