package train

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLocked has a second process go on with a run that this one is at work on, and begin another in its folder.
func TestLocked(t *testing.T) {
	r := start(t, killedConfig())
	want := fmt.Sprintf("%s: process %d is at work on this run", r.Dir(), os.Getpid())
	refused := func() {
		t.Helper()
		out, err := trainingProcess(r.Dir()).CombinedOutput()
		if err == nil || !strings.HasPrefix(string(out), want) {
			t.Errorf("%v: %s\nwant %s", err, out, want)
		}
	}
	refused()
	config := filepath.Join(r.Dir(), ConfigFile)
	if err := os.Rename(config, config+".away"); err != nil {
		t.Fatal(err)
	}
	refused()
	if err := os.Rename(config+".away", config); err != nil {
		t.Fatal(err)
	}
	finish(t, r, Hooks{})
	r.Close()
	if out, err := trainingProcess(r.Dir()).CombinedOutput(); err != nil {
		t.Errorf("when the first had ended: %v: %s", err, out)
	}
	if _, err := os.Stat(filepath.Join(r.Dir(), lockFile)); err == nil {
		t.Error("the file of the lock is still there")
	}
}
