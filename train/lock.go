package train

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/lince-ml/lince/internal/filelock"
)

// lockFile is in the folder of a run while a process is at work on it.
const lockFile = ".lock"

// lockFolder keeps other processes out of the run in dir.
func lockFolder(dir string) (*filelock.Lock, error) {
	path := filepath.Join(dir, lockFile)
	lock, err := filelock.Acquire(path)
	var held *filelock.Held
	switch {
	case errors.As(err, &held):
		return nil, fmt.Errorf("%s: %s is at work on this run: wait until it has ended, or choose another folder", dir, held.Who())
	case err != nil:
		return nil, fmt.Errorf("write %s: %w", path, errors.Unwrap(err))
	}
	return lock, nil
}
