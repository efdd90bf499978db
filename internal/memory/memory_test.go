package memory

import (
	"runtime"
	"testing"
)

func TestAvailable(t *testing.T) {
	n, err := Available()
	switch runtime.GOOS {
	case "linux", "darwin", "windows":
		if err != nil || n < 1<<20 || n > 1<<50 {
			t.Errorf("%d bytes, error %v", n, err)
		}
	}
}
