// Package cache keeps the images that files, or parts of them, have become, decoded and resized, in memory or on the disk, so that only the first epoch of a training pays for
// the decoding.
package cache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/internal/nearest"
)

// A Mode says where images are kept.
type Mode int

// The modes.
const (
	RAM  Mode = iota // for as long as the process runs
	None             // files are decoded whenever they are asked for
	Disk             // in a folder, for later processes too
)

var modes = []string{RAM: "ram", None: "none", Disk: "disk"}

func (m Mode) String() string { return modes[m] }

// ParseMode returns the mode with that name: ram, none or disk.
func ParseMode(name string) (Mode, error) {
	for m, n := range modes {
		if n == name {
			return Mode(m), nil
		}
	}
	return 0, nearest.Error("cache", name, modes)
}

// Options say how much is kept, and where. The zero value is 512 MB in memory.
type Options struct {
	Mode  Mode
	Bytes int64  // at most so many are kept; 0 stands for 512 MB in memory, 20 GB on the disk, there for all data sets together
	Dir   string // for Disk: the folder; "" stands for lince in the user's cache folder
}

const (
	ramBytes  = 512 << 20
	diskBytes = 20 << 30
)

// A Cache reads the image files of a data set, all fitted in one way. Its methods are safe for concurrent use, and several processes may use one folder.
type Cache struct {
	root  string
	fit   data.Fit
	limit int64
	mode  Mode

	mu   sync.RWMutex
	kept map[string]data.Image // RAM: by their names
	used int64

	disk *store
}

// Open returns the cache of the data set in the folder root, whose images are fitted as fit says.
func Open(root string, fit data.Fit, opt Options) (*Cache, error) {
	c := &Cache{root: root, fit: fit, mode: opt.Mode, limit: opt.Bytes, kept: map[string]data.Image{}}
	if opt.Mode != Disk {
		if c.limit == 0 {
			c.limit = ramBytes
		}
		return c, nil
	}
	if c.limit == 0 {
		c.limit = diskBytes
	}
	dir := opt.Dir
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("cache: no folder given, and none is usual here: %w", err)
		}
		dir = filepath.Join(user, "lince")
	}
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", root, err)
	}
	c.disk, err = openStore(dir, abs, fit, c.limit)
	return c, err
}

// Close closes the file on the disk, if there is one. The cache must not be used after that.
func (c *Cache) Close() error {
	if c.disk == nil {
		return nil
	}
	return c.disk.close()
}

// ReadFile is data.ReadFile, without the decoding where the image is kept; see Read.
func (c *Cache) ReadFile(path string, maxPixels int) (data.Image, error) {
	return c.Read(path, path, func() (data.Image, error) { return data.ReadFile(path, c.fit, maxPixels) })
}

// Read returns the image called name of what is in file: the one that is kept, or else the one that decode returns, fitted as the cache is for. It may be
// shared: it must not be changed. On the disk, an image is known by its name, and size and time of change of the file; in memory, by its name alone.
func (c *Cache) Read(name, file string, decode func() (data.Image, error)) (data.Image, error) {
	switch c.mode {
	case RAM:
		return c.readRAM(name, decode)
	case Disk:
		return c.readDisk(name, file, decode)
	}
	return decode()
}

func (c *Cache) readRAM(name string, decode func() (data.Image, error)) (data.Image, error) {
	c.mu.RLock()
	im, ok := c.kept[name]
	c.mu.RUnlock()
	if ok {
		return im, nil
	}
	im, err := decode()
	if err != nil {
		return im, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.kept[name]; !ok && c.used+int64(len(im.Pix)) <= c.limit {
		c.used += int64(len(im.Pix))
		c.kept[name] = im
	}
	return im, nil
}

func (c *Cache) readDisk(name, file string, decode func() (data.Image, error)) (data.Image, error) {
	info, err := os.Stat(file)
	if err != nil {
		return data.Image{}, fmt.Errorf("read %s: %w", file, errors.Unwrap(err))
	}
	key := keyOf(strings.TrimPrefix(name, c.root), info)
	if im, ok := c.disk.get(key); ok {
		return im, nil
	}
	im, err := decode()
	if err == nil {
		c.disk.put(key, im)
	}
	return im, err
}
