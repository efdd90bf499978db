package train

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/modelfile"
)

// block makes files of these names in dir impossible to write until unblock is called.
func block(t *testing.T, dir string, names ...string) (unblock func()) {
	t.Helper()
	for _, name := range names {
		if err := os.MkdirAll(filepath.Join(dir, name, "in the way"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		for _, name := range names {
			os.RemoveAll(filepath.Join(dir, name))
		}
	}
}

// TestSavingFails throughout: the training warns, and ends with the error.
func TestSavingFails(t *testing.T) {
	for _, name := range []string{modelfile.Best, MetricsFile, nextFile} {
		r := start(t, testConfig())
		before := read(t, r, modelfile.Last)
		unblock := block(t, r.Dir(), name)
		var warnings []string
		_, err := r.Train(context.Background(), Hooks{Warning: func(s string) { warnings = append(warnings, s) }})
		unblock()
		file := filepath.Join(r.Dir(), name)
		if name == nextFile {
			file = filepath.Join(r.Dir(), modelfile.Last)
		}
		if err == nil || !strings.HasPrefix(err.Error(), "write "+file+": ") {
			t.Errorf("error %v", err)
		}
		if len(warnings) != 3 || !strings.HasPrefix(warnings[0], "write "+file+": ") || !strings.HasSuffix(warnings[0], "the training goes on, and the next checkpoint is tried") {
			t.Errorf("warnings %q", warnings)
		}
		if read(t, r, modelfile.Last) != before {
			t.Error("the checkpoint was lost")
		}
		finish(t, resume(t, copyFolder(t, r.Dir())), Hooks{}) // once there is room again
	}
}

// TestSavingFailsForAWhile loses nothing: what could not be written is written later.
func TestSavingFailsForAWhile(t *testing.T) {
	c := testConfig()
	c.Epochs = 6
	want := finish(t, start(t, c), Hooks{})
	for _, name := range []string{modelfile.Best, MetricsFile, nextFile} {
		r := start(t, c)
		unblock, warnings := func() {}, 0
		got := finish(t, r, Hooks{
			Epoch: func(e Epoch) {
				switch e.Epoch {
				case 1:
					os.Remove(filepath.Join(r.Dir(), name))
					unblock = block(t, r.Dir(), name)
				case 4:
					unblock()
				}
			},
			Warning: func(string) { warnings++ },
		})
		if warnings < 1 || !same(got, want) {
			t.Errorf("%s: %d warnings; %+v, with room %+v", name, warnings, got.Result, want.Result)
		}
	}
}

// TestFullDiskAtTheStart leaves nothing behind.
func TestFullDiskAtTheStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	out, err := trainingProcess(dir, "LINCE_TEST_LIMIT=2000").CombinedOutput() // room for config.yaml
	if strings.HasPrefix(string(out), "no limit") {
		t.Skip(string(out))
	}
	if err == nil || !strings.HasPrefix(string(out), "write "+filepath.Join(dir, modelfile.Last)+": ") {
		t.Errorf("error %v: %s", err, out)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

// TestTornCheckpoint goes on from the checkpoint before one that the disk has spoilt.
func TestTornCheckpoint(t *testing.T) {
	r := start(t, testConfig())
	var left string
	want := finish(t, r, Hooks{Epoch: func(e Epoch) {
		if e.Epoch == 2 {
			left = copyFolder(t, r.Dir())
		}
	}})
	if _, err := os.Stat(filepath.Join(r.Dir(), previousFile)); err == nil {
		t.Errorf("%s is left at the end", previousFile)
	}
	last := filepath.Join(left, modelfile.Last)
	info, err := os.Stat(last)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(last, info.Size()/2); err != nil {
		t.Fatal(err)
	}
	r = resume(t, left)
	if r.progress.Epoch != 1 {
		t.Errorf("goes on after epoch %d, expected 1", r.progress.Epoch)
	}
	var warnings []string
	if got := finish(t, r, Hooks{Warning: func(s string) { warnings = append(warnings, s) }}); !same(got, want) {
		t.Errorf("%+v, uninterrupted %+v", got.Result, want.Result)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "truncated") || !strings.Contains(warnings[0], "going on from "+filepath.Join(left, previousFile)) {
		t.Errorf("warnings %q", warnings)
	}
}

// TestKilledBeforeTheFirstCheckpoint begins anew.
func TestKilledBeforeTheFirstCheckpoint(t *testing.T) {
	r := start(t, testConfig())
	left := copyFolder(t, r.Dir())
	if err := os.Remove(filepath.Join(left, modelfile.Last)); err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(left, ".last.safetensors.0123.tmp")
	if err := os.WriteFile(torn, []byte("half"), 0o666); err != nil {
		t.Fatal(err)
	}
	if got, want := finish(t, resume(t, left), Hooks{}), finish(t, r, Hooks{}); !same(got, want) {
		t.Errorf("%+v, uninterrupted %+v", got.Result, want.Result)
	}
	if _, err := os.Stat(torn); err == nil {
		t.Error("what a killed process was writing is still there")
	}
}

// TestReadOnlyFolder warns, and ends with an error that says which file.
func TestReadOnlyFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("nothing is read-only for root")
	}
	r := start(t, testConfig())
	before := read(t, r, modelfile.Last)
	if err := os.Chmod(r.Dir(), 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(r.Dir(), 0o777)
	_, err := r.Train(context.Background(), Hooks{})
	if err == nil || !strings.Contains(err.Error(), "permission denied") || !strings.Contains(err.Error(), r.Dir()) {
		t.Errorf("error %v", err)
	}
	if read(t, r, modelfile.Last) != before {
		t.Error("the checkpoint was lost")
	}
}
