package train

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// NewFolder makes the first folder of parent/name-1, parent/name-2, ... that does not exist, and returns its path.
func NewFolder(parent, name string) (string, error) {
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return "", fmt.Errorf("make folder %s: %w", parent, errors.Unwrap(err))
	}
	for i := 1; ; i++ {
		dir := filepath.Join(parent, fmt.Sprintf("%s-%d", name, i))
		err := os.Mkdir(dir, 0o777)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("make folder %s: %w", dir, errors.Unwrap(err))
		}
		return dir, nil
	}
}

// RunName returns the beginning of a run's name, such as "mnist-lenet5": the data, without format, folders, suffix and settings, and the model.
func (c *Config) RunName() string {
	name := c.Data
	if format, path, ok := strings.Cut(name, ":"); ok && len(format) > 1 && !strings.ContainsAny(format, `/\`) { // C: is a drive
		name = path
	}
	name, _, _ = strings.Cut(name, "?")
	name = filepath.Base(filepath.Clean(name))
	for _, suffix := range []string{".gz", ".csv", ".tsv", ".txt", ".tar"} {
		name = strings.TrimSuffix(name, suffix)
	}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>| `, r) || r < ' ' {
			return '_'
		}
		return r
	}, name)
	if strings.Trim(name, "._") == "" {
		name = "data"
	}
	return name + "-" + c.Model
}
