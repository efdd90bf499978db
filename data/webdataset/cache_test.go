package webdataset

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/lince-ml/lince/data/cache"
	"github.com/lince-ml/lince/data/datatest"
)

// TestCache opens shards, changes them behind its back, and looks at what is read again, and by the next who opens them.
func TestCache(t *testing.T) {
	shard := func(first, second byte) string { // uncompressed, so that pixels change and nothing else
		return shardOf("a.pgm", "P5 1 1 255 "+string(first), "a.cls", "0", "b.pgm", "P5 1 1 255 "+string(second), "b.cls", "1")
	}
	for mode, want := range map[cache.Mode][3]string{
		cache.None: {"train[0 1] 1=0 2=1", "train[0 1] 3=0 4=1", "train[0 1] 3=0 4=1"},
		cache.RAM:  {"train[0 1] 1=0 2=1", "train[0 1] 1=0 2=1", "train[0 1] 3=0 4=1"},
		cache.Disk: {"train[0 1] 1=0 2=1", "train[0 1] 1=0 2=1", "train[0 1] 1=0 2=1"},
	} {
		dir := datatest.Tree(t, map[string]string{"x.tar": shard(1, 2)})
		path := filepath.Join(dir, "x.tar")
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		opt := options
		opt.Images.Cache = cache.Options{Mode: mode, Dir: t.TempDir()}
		sets, err := Open(path, opt)
		if err != nil {
			t.Fatal(err)
		}
		got := [3]string{datatest.Describe(t, sets)}
		if err := os.WriteFile(path, []byte(shard(3, 4)), 0o666); err != nil {
			t.Fatal(err)
		}
		os.Chtimes(path, info.ModTime(), info.ModTime())
		got[1] = datatest.Describe(t, sets)
		later, err := Open(path, opt)
		if err != nil {
			t.Fatal(err)
		}
		got[2] = datatest.Describe(t, later)
		if got != want {
			t.Errorf("%v: %q, want %q", mode, got, want)
		}
	}
}
