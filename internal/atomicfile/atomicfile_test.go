package atomicfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// holds checks that the folder of path has that one file and nothing else, with the given content.
func holds(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q (%v), want %q", path, got, err, want)
	}
	entries, _ := os.ReadDir(filepath.Dir(path))
	if len(entries) != 1 {
		t.Errorf("left in the folder: %v", entries)
	}
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model")
	for _, s := range []string{"", "first", "second, longer", strings.Repeat("x", 1<<17)} {
		if err := Write(path, text(s)); err != nil {
			t.Fatal(err)
		}
		holds(t, path, s)
	}
}

func TestRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := Write("model", text("new")); err != nil {
		t.Fatal(err)
	}
	holds(t, "model", "new")
}

func TestModeObeysUmask(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no Unix modes")
	}
	dir := t.TempDir()
	plain, err := os.Create(filepath.Join(dir, "plain"))
	if err != nil {
		t.Fatal(err)
	}
	plain.Close()
	if err := Write(filepath.Join(dir, "atomic"), text("")); err != nil {
		t.Fatal(err)
	}
	a, _ := os.Stat(filepath.Join(dir, "plain"))
	b, _ := os.Stat(filepath.Join(dir, "atomic"))
	if a.Mode() != b.Mode() {
		t.Errorf("mode %v, a plain file has %v", b.Mode(), a.Mode())
	}
}

// TestFailedWrite gives out at the start, behind the buffer, and with the error that a full disk gives.
func TestFailedWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model")
	if err := Write(path, text("old")); err != nil {
		t.Fatal(err)
	}
	full := &os.PathError{Op: "write", Path: "the temporary name", Err: syscall.ENOSPC}
	for _, n := range []int{0, 10, 1 << 20} {
		err := Write(path, func(w io.Writer) error {
			if _, err := w.Write(bytes.Repeat([]byte{1}, n)); err != nil {
				return err
			}
			return full
		})
		if !errors.Is(err, syscall.ENOSPC) || err.Error() != "write "+path+": no space left on device" {
			t.Errorf("after %d bytes: error %v", n, err)
		}
		holds(t, path, "old")
	}
}

func TestPanicLeavesOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model")
	if err := Write(path, text("old")); err != nil {
		t.Fatal(err)
	}
	defer func() {
		recover()
		holds(t, path, "old")
	}()
	Write(path, func(io.Writer) error { panic("in the middle") })
}

func TestBadPlace(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "folder")
	if err := os.MkdirAll(filepath.Join(folder, "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "no such folder", "model"), folder} {
		err := Write(path, text("new"))
		if err == nil || !strings.HasPrefix(err.Error(), "write "+path+": ") || strings.Contains(err.Error(), ".tmp") {
			t.Errorf("error %v", err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestReadOnlyFolder(t *testing.T) {
	if runtime.GOOS == "windows" || os.Getuid() == 0 {
		t.Skip("this user may write everywhere")
	}
	path := filepath.Join(t.TempDir(), "model")
	if err := Write(path, text("old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(path), 0o555); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, text("new")); !errors.Is(err, os.ErrPermission) {
		t.Errorf("error %v", err)
	}
	holds(t, path, "old")
}
