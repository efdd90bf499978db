package cache

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lince-ml/lince/data"
)

var fit = data.Fit{C: 1, H: 2, W: 3}

// pgm writes an image of one grey to dir and returns its path. The file is a minute old, whatever the clock says.
func pgm(t *testing.T, dir, name string, grey int) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, fmt.Appendf(nil, "P2 1 1 255 %3d", grey), 0o666); err != nil {
		t.Fatal(err)
	}
	then := time.Now().Add(-time.Minute).Truncate(time.Minute)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, root string, opt Options) *Cache {
	t.Helper()
	c, err := Open(root, fit, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// grey reads path and checks that all pixels of the image are one grey, which it returns.
func grey(t *testing.T, c *Cache, path string) int {
	t.Helper()
	im, err := c.ReadFile(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	if im.C != 1 || im.H != 2 || im.W != 3 || !bytes.Equal(im.Pix, bytes.Repeat(im.Pix[:1], 6)) {
		t.Fatalf("%s became %v", path, im)
	}
	return int(im.Pix[0])
}

func TestModes(t *testing.T) {
	for mode, want := range map[Mode][3]int{None: {10, 20, 30}, RAM: {10, 10, 10}, Disk: {10, 10, 30}} {
		root, dir := t.TempDir(), t.TempDir()
		c := open(t, root, Options{Mode: mode, Dir: dir})
		var got [3]int
		path := pgm(t, root, "a.pgm", 10)
		got[0] = grey(t, c, path)
		pgm(t, root, "a.pgm", 20) // another content, which is not to be seen by size or time
		got[1] = grey(t, c, path)
		pgm(t, root, "a.pgm", 30)
		os.Chtimes(path, time.Now(), time.Now())
		got[2] = grey(t, c, path)
		if got != want {
			t.Errorf("%v: %v, want %v", mode, got, want)
		}
		if parsed, err := ParseMode(mode.String()); parsed != mode || err != nil {
			t.Errorf("%v: %v, %v", mode, parsed, err)
		}
		if _, err := c.ReadFile(filepath.Join(root, "none.pgm"), 0); err == nil || !strings.HasSuffix(err.Error(), "none.pgm: no such file or directory") {
			t.Errorf("%v: error %v", mode, err)
		}
	}
	if _, err := ParseMode("disc"); err == nil || !strings.Contains(err.Error(), `did you mean "disk"?`) {
		t.Errorf("error %v", err)
	}
}

// TestLater sees that another process finds what this one has decoded, for the same folder and fit only.
func TestLater(t *testing.T) {
	root, dir := t.TempDir(), t.TempDir()
	path := pgm(t, root, "a.pgm", 10)
	grey(t, open(t, root, Options{Mode: Disk, Dir: dir}), path)
	pgm(t, root, "a.pgm", 20)
	if got := grey(t, open(t, root, Options{Mode: Disk, Dir: dir}), path); got != 10 {
		t.Errorf("decoded anew: %d", got)
	}
	other, err := Open(root, data.Fit{C: 3, H: 2, W: 3}, Options{Mode: Disk, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if im, err := other.ReadFile(path, 0); err != nil || im.C != 3 || im.Pix[0] != 20 {
		t.Errorf("with another fit: %v, %v", im, err)
	}
}

// storeFile returns the path of the one file in dir.
func storeFile(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v, %v", entries, err)
	}
	return filepath.Join(dir, entries[0].Name())
}

// TestDamage cuts and changes the file in every place: what comes out is an image as it was, or as it is now, and after that all is kept again.
func TestDamage(t *testing.T) {
	root, dir := t.TempDir(), t.TempDir()
	c := open(t, root, Options{Mode: Disk, Dir: dir})
	var paths []string
	for i := range 3 {
		paths = append(paths, pgm(t, root, fmt.Sprint(i, ".pgm"), 10+i))
		grey(t, c, paths[i])
	}
	whole, err := os.ReadFile(storeFile(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	for i := range paths {
		pgm(t, root, fmt.Sprint(i, ".pgm"), 20+i)
	}
	check := func(what string, damaged []byte) {
		if err := os.WriteFile(storeFile(t, dir), damaged, 0o666); err != nil {
			t.Fatal(err)
		}
		c := open(t, root, Options{Mode: Disk, Dir: dir})
		kept := 0
		for range 3 {
			kept = 0
			for i, path := range paths {
				if got := grey(t, c, path); got != 10+i && got != 20+i {
					t.Fatalf("%s: image %d is %d", what, i, got)
				}
				if _, ok := c.disk.get(keyOfFile(t, root, path)); ok {
					kept++
				}
			}
		}
		if kept != 3 {
			t.Fatalf("%s: %d of 3 images kept", what, kept)
		}
	}
	for n := range whole {
		check(fmt.Sprint("cut at ", n), whole[:n])
		flipped := bytes.Clone(whole)
		flipped[n] ^= 0x40
		check(fmt.Sprint("flipped at ", n), flipped)
	}
	check("nonsense before", append(bytes.Repeat([]byte("lnc1"), 40_000), whole...))
}

func keyOfFile(t *testing.T, root, path string) key {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return keyOf(strings.TrimPrefix(path, root), info)
}

// TestTogether has several processes, as far as the files can tell, write and read at once.
func TestTogether(t *testing.T) {
	root, dir := t.TempDir(), t.TempDir()
	var paths []string
	for i := range 40 {
		paths = append(paths, pgm(t, root, fmt.Sprint(i, ".pgm"), i))
	}
	var wg sync.WaitGroup
	for range 3 {
		c := open(t, root, Options{Mode: Disk, Dir: dir})
		for worker := range 3 {
			wg.Go(func() {
				for i := range 4 * len(paths) {
					k := (i + 13*worker) % len(paths)
					if im, err := c.ReadFile(paths[k], 0); err != nil || int(im.Pix[0]) != k {
						t.Errorf("image %d: %v, %v", k, im, err)
					}
				}
			})
		}
	}
	wg.Wait()
	c := open(t, root, Options{Mode: Disk, Dir: dir})
	if len(c.disk.entries) != len(paths) {
		t.Errorf("%d images in the file, want %d", len(c.disk.entries), len(paths))
	}
}

func TestLimits(t *testing.T) {
	root, dir := t.TempDir(), t.TempDir()
	paths := []string{pgm(t, root, "0.pgm", 0), pgm(t, root, "1.pgm", 1), pgm(t, root, "2.pgm", 2)}
	ram := open(t, root, Options{Bytes: 13})
	disk := open(t, root, Options{Mode: Disk, Dir: dir, Bytes: 2*(headerBytes+6) + 5})
	for _, path := range paths {
		grey(t, ram, path)
		grey(t, disk, path)
	}
	if len(ram.kept) != 2 || ram.used != 12 {
		t.Errorf("%d images of %d bytes in memory", len(ram.kept), ram.used)
	}
	info, err := os.Stat(storeFile(t, dir))
	if err != nil || info.Size() != 2*(headerBytes+6) {
		t.Errorf("%d bytes on the disk, %v", info.Size(), err)
	}

	// Of the files of other data sets, those used last stay.
	for i := range 4 {
		path := filepath.Join(dir, fmt.Sprint("other", i, suffix))
		if err := os.WriteFile(path, make([]byte, 100), 0o666); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(time.Duration(-i-1) * time.Hour)
		os.Chtimes(path, then, then)
	}
	os.WriteFile(filepath.Join(dir, "not ours"), make([]byte, 1000), 0o666)
	open(t, root, Options{Mode: Disk, Dir: dir, Bytes: 400})
	entries, _ := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if len(names) != 4 || names[1] != "not ours" || names[2] != "other0.pixels" || names[3] != "other1.pixels" {
		t.Errorf("files left: %v", names)
	}
}

func TestOpenErrors(t *testing.T) {
	root := t.TempDir()
	path := pgm(t, root, "0.pgm", 0)
	if _, err := Open(root, fit, Options{Mode: Disk, Dir: path}); err == nil || !strings.HasPrefix(err.Error(), "cache: write "+path+": ") {
		t.Errorf("error %v", err)
	}
}

func BenchmarkDisk(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "a.pgm")
	os.WriteFile(path, []byte("P2 1 1 255 9"), 0o666)
	c, err := Open(dir, data.Fit{C: 3, H: 224, W: 224}, Options{Mode: Disk, Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := c.ReadFile(path, 0); err != nil {
			b.Fatal(err)
		}
	}
}
