//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Ctrl-C saves, says how to go on, and what follows is as if nothing had happened.
func TestInterrupt(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	dir := t.TempDir()
	whole, stopped := filepath.Join(dir, "whole"), filepath.Join(dir, "stopped")
	args := []string{"train", digits(), "--epochs", "40", "--out"}
	mustRun(t, append(args, whole)...)

	cmd := exec.Command(os.Args[0], append(args, stopped)...)
	cmd.Env = append(os.Environ(), "LINCE_TEST_MAIN=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if b, _ := os.ReadFile(filepath.Join(stopped, "metrics.jsonl")); bytes.Count(b, []byte("\n")) >= 3 {
			break
		}
		if time.Since(start) > time.Minute {
			t.Fatal("no third epoch within a minute")
		}
	}
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 {
		t.Fatalf("exit code %d, expected 1: %s", code, &stderr)
	}
	if s := stderr.String(); strings.Count(s, "\n") != 1 || !strings.Contains(s, "--resume "+stopped) {
		t.Errorf("expected one line that says how to go on, got %q", s)
	}
	mustRun(t, "train", "--resume", stopped)
	type sum struct {
		SHA string `json:"params_sha256"`
	}
	if a, b := decode[sum](t, resultFile(t, whole)), decode[sum](t, resultFile(t, stopped)); a != b {
		t.Errorf("params_sha256 %s, after an interruption %s", a.SHA, b.SHA)
	}
}
