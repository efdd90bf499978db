//go:build !linux && !darwin && !windows

package memory

import "errors"

func available() (int64, error) {
	return 0, errors.New("this system does not say how much memory is free")
}
