package catalog

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTable checks what can be checked without a network.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Sets {
		if seen[s.Name] || s.Images == 0 || s.Classes == 0 || s.Licence == "" || s.Summary == "" || s.Page == "" || len(s.Files) == 0 {
			t.Errorf("%s: there twice, or something is missing", s.Name)
		}
		seen[s.Name] = true
		for _, f := range s.Files {
			if b, err := hex.DecodeString(f.SHA256); err != nil || len(b) != 32 || f.Bytes <= 0 || len(f.URLs) == 0 {
				t.Errorf("%s: %s: digest %q, %d bytes, %v", s.Name, f.Name, f.SHA256, f.Bytes, f.URLs)
			}
			for _, u := range f.URLs {
				if p, err := url.Parse(u); err != nil || p.Host == "" || !strings.HasPrefix(p.Scheme, "http") {
					t.Errorf("%s: address %q", s.Name, u)
				}
			}
		}
	}
	if _, err := Lookup("cifr10"); err == nil || !strings.Contains(err.Error(), `unknown data set "cifr10": did you mean "cifar10"?`) {
		t.Errorf("error %v", err)
	}
}

// tarball returns a .tar.gz of entries.
func tarball(entries ...tar.Header) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, h := range entries {
		content := []byte("content of " + h.Name)
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		h.Mode = 0o644
		if h.Typeflag == tar.TypeReg {
			h.Size = int64(len(content))
		}
		if err := w.WriteHeader(&h); err != nil {
			panic(err)
		}
		if h.Size > 0 {
			w.Write(content)
		}
	}
	w.Close()
	z.Close()
	return b.Bytes()
}

func zipOf(names ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range names {
		f, err := w.Create(n)
		if err != nil {
			panic(err)
		}
		f.Write([]byte("content of " + n))
	}
	w.Close()
	return b.Bytes()
}

// serve serves files by their paths, with ranges; asked has the requests.
func serve(t *testing.T, files map[string][]byte) (address string, asked *[]string) {
	asked = new([]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.Path+" "+r.Header.Get("Range"))
		b, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

func file(name string, content []byte, archive bool, only ...string) File {
	sum := sha256.Sum256(content)
	return File{Name: name, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Archive: archive, Only: only, URLs: []string{"http://127.0.0.1:0/" + name}}
}

func quiet(string, int64, int64) {}

func TestGet(t *testing.T) {
	photos := tarball(tar.Header{Name: "photos/", Typeflag: tar.TypeDir}, tar.Header{Name: "photos/a/1.png"}, tar.Header{Name: "./photos/b/2.png"}, tar.Header{Name: "photos/._b"})
	letters := zipOf("gzip/letters-a", "gzip/digits-a")
	plain := []byte("plain")
	s := Set{Name: "photos", Folder: "photos", Format: "folder", Names: []string{"x", "y"}, Files: []File{
		file("photos.tgz", photos, true), file("letters.zip", letters, true, "gzip/letters-*"), file("plain.gz", plain, false),
	}}
	address, asked := serve(t, map[string][]byte{"/photos/photos.tgz": photos, "/photos/letters.zip": letters, "/photos/plain.gz": plain})
	dir := filepath.Join(t.TempDir(), "cache")
	part := filepath.Join(dir, "photos.part")
	os.MkdirAll(part, 0o777)
	if err := os.WriteFile(filepath.Join(part, "photos.tgz.part"), photos[:40], 0o666); err != nil { // what an interrupted call has left
		t.Fatal(err)
	}
	if s.Has(dir) {
		t.Error("it is there before it was fetched")
	}
	unpacked := 0
	err := s.Get(t.Context(), dir, address+"/", func(file string, done, total int64) {
		if done < 0 {
			unpacked++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if !d.IsDir() {
			content, _ := os.ReadFile(path)
			name, _ := filepath.Rel(dir, path)
			found = append(found, filepath.ToSlash(name)+"="+string(content))
		}
		return err
	})
	want := "photos/gzip/letters-a=content of gzip/letters-a photos/photos/a/1.png=content of photos/a/1.png photos/photos/b/2.png=content of ./photos/b/2.png " +
		"photos/photos/classes.txt=x\ny\n photos/plain.gz=plain"
	if got := strings.Join(found, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if (*asked)[0] != "/photos/photos.tgz bytes=40-" || unpacked != 2 {
		t.Errorf("asked for %v, unpacked %d", *asked, unpacked)
	}
	if got, want := s.Spec(dir), "folder:"+filepath.Join(dir, "photos", "photos"); got != want || !s.Has(dir) {
		t.Errorf("spec %s, want %s", got, want)
	}
	n := len(*asked)
	if err := s.Get(t.Context(), dir, address, quiet); err != nil || len(*asked) != n {
		t.Errorf("a second time: %v, %d requests more", err, len(*asked)-n)
	}
}

// TestUnsafeArchives has archives that would write elsewhere, or more than files.
func TestUnsafeArchives(t *testing.T) {
	for name, c := range map[string]struct {
		file    string
		content []byte
		want    string
	}{
		"up":         {"x.tgz", tarball(tar.Header{Name: "../evil"}), `"../evil" leads out of the folder`},
		"absolute":   {"x.tgz", tarball(tar.Header{Name: "/tmp/evil"}), `"/tmp/evil" leads out of the folder`},
		"deep up":    {"x.tgz", tarball(tar.Header{Name: "a/../../evil"}), `"../evil" leads out of the folder`},
		"symlink":    {"x.tgz", tarball(tar.Header{Name: "link", Typeflag: tar.TypeSymlink, Linkname: "/etc"}), "link: neither a file nor a folder"},
		"hard link":  {"x.tgz", tarball(tar.Header{Name: "link", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"}), "link: neither a file nor a folder"},
		"zip up":     {"x.zip", zipOf("../evil"), `"../evil" leads out of the folder`},
		"no archive": {"x.tgz", []byte("no archive"), "gzip: invalid header"},
		"no zip":     {"x.zip", []byte("no archive"), "zip: not a valid zip file"},
		"cut":        {"x.tgz", tarball(tar.Header{Name: "a"})[:30], "unexpected EOF"},
	} {
		s := Set{Name: "set", Files: []File{file(c.file, c.content, true)}}
		address, _ := serve(t, map[string][]byte{"/set/" + c.file: c.content})
		dir := filepath.Join(t.TempDir(), "cache")
		err := s.Get(t.Context(), dir, address, quiet)
		want := "unpack " + filepath.Join(dir, "set.part", c.file) + ": " + c.want
		if err == nil || err.Error() != want {
			t.Errorf("%s: got  %v\nwant %s", name, err, want)
		}
		if s.Has(dir) {
			t.Errorf("%s: the set is there", name)
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(dir), "evil")); err == nil {
			t.Errorf("%s: a file was written outside", name)
		}
	}
}

func TestLimits(t *testing.T) {
	u := &unpacking{ctx: context.Background(), dir: t.TempDir(), left: 10}
	if err := u.write("a", strings.NewReader("0123456789+")); err == nil || err.Error() != "it grows too large" {
		t.Errorf("error %v", err)
	}
	u = &unpacking{ctx: context.Background(), dir: t.TempDir(), left: 10, files: maxFiles}
	if err := u.write("a", strings.NewReader("")); err == nil || err.Error() != "more than 1000000 files" {
		t.Errorf("error %v", err)
	}
}

func TestGetErrors(t *testing.T) {
	s := Set{Name: "set", Files: []File{file("x", []byte("right"), false)}}
	address, _ := serve(t, map[string][]byte{"/set/x": []byte("wrong")})
	if err := s.Get(t.Context(), t.TempDir(), address, quiet); err == nil || !strings.Contains(err.Error(), "/set/x: its content has the SHA-256") {
		t.Errorf("error %v", err)
	}
	if err := s.Get(t.Context(), t.TempDir(), address+"/elsewhere", quiet); err == nil || !strings.Contains(err.Error(), "404 Not Found") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Get(ctx, t.TempDir(), address, quiet); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// FuzzUnpack unpacks any bytes: nothing is written outside of the folder.
func FuzzUnpack(f *testing.F) {
	f.Add(tarball(tar.Header{Name: "a/b"}, tar.Header{Name: "../c"}), false)
	f.Add(zipOf("a/b", "../c"), true)
	f.Fuzz(func(t *testing.T, b []byte, isZip bool) {
		parent := t.TempDir()
		name := filepath.Join(parent, "x.tgz")
		if isZip {
			name = filepath.Join(parent, "x.zip")
		}
		if err := os.WriteFile(name, b, 0o666); err != nil {
			t.Fatal(err)
		}
		unpack(t.Context(), name, filepath.Join(parent, "in"), nil)
		entries, err := os.ReadDir(parent)
		if err != nil || len(entries) > 2 {
			t.Errorf("%v, %v", entries, err)
		}
	})
}
