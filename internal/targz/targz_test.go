package targz

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWalk(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, name := range []string{"one", "two"} {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: 3}); err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(name))
	}
	w.Close()
	z.Close()
	path := filepath.Join(t.TempDir(), "a.tar.gz")
	write := func(content []byte) {
		if err := os.WriteFile(path, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	failed := errors.New("failed")
	for _, c := range []struct {
		end, want error
		seen      string
	}{{nil, nil, "one two"}, {ErrStop, nil, "one"}, {failed, failed, "one"}} {
		write(b.Bytes())
		var seen []string
		err := Walk(path, func(h *tar.Header, r io.Reader) error {
			content, err := io.ReadAll(r)
			if err != nil || string(content) != h.Name {
				t.Errorf("%s: %q, error %v", h.Name, content, err)
			}
			seen = append(seen, h.Name)
			return c.end
		})
		if err != c.want || strings.Join(seen, " ") != c.seen {
			t.Errorf("saw %v, error %v, want %s and %v", seen, err, c.seen, c.want)
		}
	}
	for _, content := range [][]byte{nil, []byte("hello"), b.Bytes()[:b.Len()/2]} {
		write(content)
		if err := Walk(path, func(*tar.Header, io.Reader) error { return nil }); err == nil {
			t.Errorf("%d bytes: no error", len(content))
		}
	}
}
