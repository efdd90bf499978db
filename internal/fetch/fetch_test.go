package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var content = bytes.Repeat([]byte("weights "), 5000)

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// server serves the content with ranges under /file, and what goes wrong under other paths.
func server(t *testing.T) (*httptest.Server, *[]string) {
	var ranges []string
	mux := http.NewServeMux()
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		http.ServeContent(w, r, "file", time.Time{}, bytes.NewReader(content))
	})
	mux.HandleFunc("/other", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("something else")) })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			w.Write(content)
		}
	})
	mux.HandleFunc("/torn", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "40000")
		w.Write(content[:20000])
		panic(http.ErrAbortHandler)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s, &ranges
}

func TestInto(t *testing.T) {
	s, _ := server(t)
	path := filepath.Join(t.TempDir(), "cache", "file.pth")
	f := File{[]string{s.URL + "/missing", s.URL + "/other", s.URL + "/file"}, digest(content)[:8], 1 << 20}
	var done, total int64
	from, err := f.Into(t.Context(), path, func(d, n int64) { done, total = d, n })
	if err != nil || from != s.URL+"/file" {
		t.Fatalf("from %q, %v", from, err)
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, content) || done != int64(len(content)) || total != done {
		t.Errorf("%d bytes, %d of %d told", len(got), done, total)
	}
	if from, err := f.Into(t.Context(), path, nil); from != "" || err != nil {
		t.Errorf("a second time: from %q, %v", from, err)
	}
	f.SHA256 = digest(nil)
	if _, err := f.Into(t.Context(), path, nil); err == nil || !strings.Contains(err.Error(), "another content") {
		t.Errorf("a file with another content: %v", err)
	}
}

// TestResume goes on with what a torn connection has left.
func TestResume(t *testing.T) {
	s, ranges := server(t)
	path := filepath.Join(t.TempDir(), "file.pth")
	f := File{[]string{s.URL + "/torn"}, digest(content), 1 << 20}
	if _, err := f.Into(t.Context(), path, nil); err == nil {
		t.Fatal("no error for a torn connection")
	}
	part, err := os.Stat(path + ".part")
	if err != nil || part.Size() != 20000 {
		t.Fatalf("what is left: %v, %v", part, err)
	}
	f.URLs = []string{s.URL + "/file"}
	if _, err := f.Into(t.Context(), path, nil); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, content) || (*ranges)[0] != "bytes=20000-" {
		t.Errorf("%d bytes, asked for %v", len(got), *ranges)
	}
}

// TestPartOfSomethingElse has a part that is longer than the file, and one with other bytes.
func TestPartOfSomethingElse(t *testing.T) {
	s, _ := server(t)
	for _, left := range [][]byte{bytes.Repeat([]byte("x"), 50000), []byte("xx")} {
		path := filepath.Join(t.TempDir(), "file.pth")
		if err := os.WriteFile(path+".part", left, 0o666); err != nil {
			t.Fatal(err)
		}
		f := File{[]string{s.URL + "/file", s.URL + "/file"}, digest(content), 1 << 20}
		if _, err := f.Into(t.Context(), path, nil); err != nil {
			t.Error(err)
		}
	}
}

func TestErrors(t *testing.T) {
	s, _ := server(t)
	for _, c := range []struct{ path, want string }{
		{"/missing", "404 Not Found"}, {"/other", "its content has the SHA-256"}, {"/endless", "more than 1048576 bytes"}, {"/torn", "unexpected EOF"},
	} {
		path := filepath.Join(t.TempDir(), "file.pth")
		_, err := File{[]string{s.URL + c.path}, digest(content), 1 << 20}.Into(t.Context(), path, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.path) {
			t.Errorf("%s: %v, want %q", c.path, err, c.want)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s: there is a file", c.path)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (File{[]string{s.URL + "/file"}, "", 1 << 20}).Into(ctx, filepath.Join(t.TempDir(), "f"), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}
