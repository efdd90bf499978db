package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPull downloads from a server of its own. What it serves is not what was published, so all but the digest goes well.
func TestPull(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("no weights")) }))
	defer s.Close()
	dir := t.TempDir()
	code, _, err := command("models", "pull", "squeezenet1_1", "--to", dir, "--mirror", s.URL+"/")
	if code != 1 || !strings.Contains(err, s.URL+"/squeezenet1_1-b8a52dc0.pth: its content has the SHA-256") {
		t.Errorf("exit code %d: %s", code, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	mustFail(t, 2, []string{`did you mean "resnet18"`}, "models", "pull", "resnt18")
	if list := mustRun(t, "models", "pull"); !strings.Contains(list, "resnet50-11ad3fa6.pth") {
		t.Errorf("the list is %s", list)
	}
}

func TestImportErrors(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	page := filepath.Join(t.TempDir(), "w.pth")
	write(page, []byte("<!DOCTYPE html><html>sign in</html>"))
	mustFail(t, 1, []string{"resnet50", "models pull resnet50"}, "predict", "resnet50", "x.png")
	mustFail(t, 1, []string{page, "HTML"}, "eval", page, digits())
	mustFail(t, 2, []string{"--mean", "both"}, "eval", page, digits(), "--mean", "0.5")
	mustFail(t, 2, []string{"--std", "numbers"}, "eval", page, digits(), "--mean", "0.5", "--std", "a,b")
}
