// Package filelock keeps a second process from what one is at work on. The locks are those of the operating system, so a process that is killed
// leaves none behind. They are advisory: only who asks is kept out.
package filelock

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// A Lock is held until Release, or until the process ends, however it ends.
type Lock struct{ file *os.File }

// Held is the error of a lock that somebody else holds.
type Held struct {
	Process int    // 0 if it is not known
	Host    string // where the process is, if not here
}

func (h *Held) Error() string { return "held by " + h.Who() }

// Who names the process.
func (h *Held) Who() string {
	switch {
	case h.Process == 0:
		return "another process"
	case h.Host != "":
		return fmt.Sprintf("process %d on %s", h.Process, h.Host)
	}
	return fmt.Sprintf("process %d", h.Process)
}

// Acquire takes the lock that the file at path stands for, and makes the file, or returns a *Held. It does not wait. Where the file system, or
// the operating system, knows no locks, everybody gets it.
func Acquire(path string) (*Lock, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			return nil, err
		}
		if err := lock(f); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			defer f.Close()
			if errors.Is(err, errHeld) {
				return nil, holder(f)
			}
			return nil, &os.PathError{Op: "lock", Path: path, Err: err}
		}
		if !isAt(f, path) { // who held it has removed the file
			f.Close()
			continue
		}
		host, _ := os.Hostname()
		f.Truncate(0)
		fmt.Fprintf(f, "%d %s\n", os.Getpid(), host) // for people, so it may fail
		return &Lock{f}, nil
	}
}

// Release gives the lock back and removes the file.
func (l *Lock) Release() { release(l.file) }

// isAt reports whether f is the file at path.
func isAt(f *os.File, path string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(open, named)
}

// holder returns what f says of the process that has locked it.
func holder(f *os.File) *Held {
	b, _ := io.ReadAll(io.LimitReader(f, 1000))
	process, host, _ := strings.Cut(strings.TrimSpace(string(b)), " ")
	h := &Held{Host: host}
	h.Process, _ = strconv.Atoi(process)
	if here, err := os.Hostname(); err == nil && here == host {
		h.Host = ""
	}
	return h
}
