// Package fetch downloads files whose contents are known by their digests.
package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A File is what is to be downloaded.
type File struct {
	URLs     []string // where it is, tried in this order
	SHA256   string   // of its content, in hexadecimal: 64 digits, or the first of them
	MaxBytes int64    // a server that sends more is not believed
}

// Into downloads the file to path, and says where from; a file at path that has the digest already stays, and from is empty. What arrives goes to path +
// ".part" first, and takes the name only when it is complete and has the digest. A part that an earlier call has left is gone on with,
// if the server can do that. progress, if not nil, is told how many bytes there are, and of how many, 0 if the server does not say.
func (f File) Into(ctx context.Context, path string, progress func(done, total int64)) (from string, err error) {
	if sum, err := digestOf(path); err == nil {
		if !strings.HasPrefix(sum, f.SHA256) {
			return "", fmt.Errorf("%s: is there, with another content (SHA-256 %s..., expected %s): remove it, or choose another place", path, sum[:8], f.SHA256)
		}
		return "", nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return "", err
	}
	if progress == nil {
		progress = func(int64, int64) {}
	}
	var failures []error
	for _, url := range f.URLs {
		if err := f.from(ctx, url, path, progress); err == nil {
			return url, nil
		} else if ctx.Err() != nil {
			return "", ctx.Err()
		} else {
			failures = append(failures, err)
		}
	}
	return "", errors.Join(failures...)
}

func digestOf(path string) (string, error) {
	r, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// from downloads the file from one place.
func (f File) from(ctx context.Context, url, path string, progress func(done, total int64)) error {
	part := path + ".part"
	if err := f.fill(ctx, url, part, progress); err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	sum, err := digestOf(part)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(sum, f.SHA256) {
		os.Remove(part)
		return fmt.Errorf("%s: its content has the SHA-256 %s, expected %s", url, sum, f.SHA256)
	}
	return os.Rename(part, path)
}

// fill completes the file part.
func (f File) fill(ctx context.Context, url, part string, progress func(done, total int64)) error {
	var done int64
	if info, err := os.Stat(part); err == nil {
		done = info.Size()
	}
	body, done, total, err := request(ctx, url, done)
	if err != nil {
		return err
	}
	defer body.Close()
	out, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := out.Truncate(done); err != nil {
		return err
	}
	if _, err := out.Seek(done, io.SeekStart); err != nil {
		return err
	}
	if total > f.MaxBytes {
		return fmt.Errorf("the server says %d bytes, expected %d at most", total, f.MaxBytes)
	}
	w := &counter{Writer: out, done: done, total: total, tell: progress}
	if _, err := io.Copy(w, io.LimitReader(body, f.MaxBytes-done+1)); err != nil {
		return err
	}
	switch {
	case w.done > f.MaxBytes:
		out.Truncate(0)
		return fmt.Errorf("the server sends more than %d bytes", f.MaxBytes)
	case total > 0 && w.done != total:
		return fmt.Errorf("the server has sent %d of %d bytes", w.done, total)
	}
	if err := out.Sync(); err != nil {
		return err
	}
	return out.Close()
}

// stalled is how long a server may be silent.
const stalled = 30 * time.Second

var client = &http.Client{Transport: &http.Transport{
	Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: stalled, ResponseHeaderTimeout: stalled, ForceAttemptHTTP2: true,
}}

// request asks for the content from byte done on, and returns it with where it begins and its whole length, 0 if that is unknown.
func request(ctx context.Context, url string, done int64) (body io.ReadCloser, from, total int64, err error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, 0, 0, err
	}
	q.Header.Set("User-Agent", "lince")
	if done > 0 {
		q.Header.Set("Range", fmt.Sprintf("bytes=%d-", done))
	}
	r, err := client.Do(q)
	if err != nil {
		if e := errors.Unwrap(err); e != nil { // it names the address again
			err = e
		}
		return nil, 0, 0, err
	}
	switch {
	case r.StatusCode == http.StatusOK:
		return r.Body, 0, max(0, r.ContentLength), nil
	case r.StatusCode == http.StatusPartialContent && done > 0 && strings.HasPrefix(r.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", done)):
		return r.Body, done, done + max(0, r.ContentLength), nil
	case r.StatusCode == http.StatusRequestedRangeNotSatisfiable && done > 0: // what is there is no part of it
		r.Body.Close()
		return request(ctx, url, 0)
	}
	r.Body.Close()
	return nil, 0, 0, fmt.Errorf("the server answers %s", r.Status)
}

// A counter tells how much has been written, ten times a second.
type counter struct {
	io.Writer
	done, total int64
	told        time.Time
	tell        func(done, total int64)
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.done += int64(n)
	if now := time.Now(); now.Sub(c.told) > 100*time.Millisecond || c.done == c.total {
		c.told = now
		c.tell(c.done, c.total)
	}
	return n, err
}
