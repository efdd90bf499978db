package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lince-ml/lince/data"
)

// A store is the file of a data set. It is a list of records, to which processes only ever append, each with one write: a header of headerBytes, and the
// pixels. Who wants to know what others have appended reads on from where it stopped. Nothing is synced: after a crash, checksums tell what is whole.
//
// The header, in little-endian order:
//
//	0  magic
//	4  the CRC-32C of the rest of the header
//	8  the CRC-32C of the pixels
//	12 planes, rows and columns, 4 bytes each
//	24 the key, a SHA-256
type store struct {
	file  *os.File
	limit int64 // of the size of the file

	mu      sync.Mutex
	entries map[key]entry
	end     int64 // of the records that are in entries
	full    bool  // nothing is appended any more
}

type key [sha256.Size]byte

type entry struct {
	at      int64 // of the pixels
	sum     uint32
	c, h, w int
}

func (e entry) size() int64 { return int64(e.c) * int64(e.h) * int64(e.w) }

const (
	magic       = "lnc1"
	headerBytes = 24 + sha256.Size
	suffix      = ".pixels"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// keyOf is the name of a file in its state: with the name of the store, all that its pixels depend on.
func keyOf(path string, info fs.FileInfo) key {
	return sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%d", filepath.ToSlash(path), info.Size(), info.ModTime().UnixNano()))
}

// openStore opens the file in dir of the data set at root, an absolute path, and removes those of others, the one that was used longest ago first, so that
// all together stay within limit.
func openStore(dir, root string, fit data.Fit, limit int64) (*store, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, failed(dir, err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%+v", data.DecoderVersion, root, fit))
	path := filepath.Join(dir, filepath.Base(root)+"-"+hex.EncodeToString(sum[:6])+suffix)
	others := prune(dir, path, limit)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, failed(path, err)
	}
	now := time.Now()
	os.Chtimes(path, now, now) // used just now; nothing depends on whether it can be said
	s := &store{file: f, limit: limit - others, entries: map[key]entry{}}
	if err := s.catchUp(); err != nil {
		f.Close()
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return s, nil
}

// failed words an error of a file that could not be made.
func failed(path string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("cache: write %s: %w", path, err)
}

// prune removes files of dir other than keep, those used longest ago first, until at most half of limit is left. It returns the size of what is left.
func prune(dir, keep string, limit int64) (left int64) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	var files []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || !strings.HasSuffix(e.Name(), suffix) || filepath.Join(dir, e.Name()) == keep {
			continue
		}
		files = append(files, info)
		left += info.Size()
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, f := range files {
		if left <= limit/2 {
			break
		}
		if os.Remove(filepath.Join(dir, f.Name())) == nil {
			left -= f.Size()
		}
	}
	return left
}

// get returns the image with that key; ok is false if there is none, or not whole.
func (s *store) get(k key) (im data.Image, ok bool) {
	s.mu.Lock()
	e, ok := s.entries[k]
	if !ok && s.catchUp() == nil { // another process may have it by now
		e, ok = s.entries[k]
	}
	s.mu.Unlock()
	if !ok {
		return im, false
	}
	im = data.NewImage(e.c, e.h, e.w)
	if _, err := s.file.ReadAt(im.Pix, e.at); err != nil || crc32.Checksum(im.Pix, castagnoli) != e.sum {
		s.mu.Lock()
		if s.entries[k] == e {
			delete(s.entries, k)
		}
		s.mu.Unlock()
		return data.Image{}, false
	}
	return im, true
}

// put appends an image. That it cannot be kept is no error: the file is decoded again then.
func (s *store) put(k key, im data.Image) {
	record := make([]byte, 0, headerBytes+len(im.Pix))
	record = append(record, magic...)
	record = append(record, 0, 0, 0, 0)
	record = binary.LittleEndian.AppendUint32(record, crc32.Checksum(im.Pix, castagnoli))
	for _, n := range []int{im.C, im.H, im.W} {
		record = binary.LittleEndian.AppendUint32(record, uint32(n))
	}
	record = append(record, k[:]...)
	binary.LittleEndian.PutUint32(record[4:], crc32.Checksum(record[8:], castagnoli))
	record = append(record, im.Pix...)

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full = s.full || s.end+int64(len(record)) > s.limit; s.full {
		return
	}
	if _, err := s.file.Write(record); err != nil {
		s.full = true
	}
}

// catchUp takes in the records behind s.end. It skips what is none, which a process that was killed may have left.
func (s *store) catchUp() error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	header := make([]byte, headerBytes)
	for s.end+headerBytes <= info.Size() {
		if _, err := s.file.ReadAt(header, s.end); err != nil {
			return err
		}
		k, e, ok := parse(header, s.end)
		if !ok {
			skip, err := s.find(s.end+1, info.Size())
			if err != nil {
				return err
			}
			s.end = skip
			continue
		}
		if e.at+e.size() > info.Size() {
			return nil // it is being written, or was cut off; then what follows will show it
		}
		s.entries[k] = e
		s.end = e.at + e.size()
	}
	return nil
}

// parse reads the header at a place; ok is false if it is none.
func parse(header []byte, at int64) (k key, e entry, ok bool) {
	le := binary.LittleEndian
	if string(header[:4]) != magic || le.Uint32(header[4:]) != crc32.Checksum(header[8:headerBytes], castagnoli) {
		return k, e, false
	}
	e = entry{at: at + headerBytes, sum: le.Uint32(header[8:]), c: int(le.Uint32(header[12:])), h: int(le.Uint32(header[16:])), w: int(le.Uint32(header[20:]))}
	const most = 1 << 24 // of a side; what is larger was not written here
	if (e.c != 1 && e.c != 3) || e.h < 1 || e.h > most || e.w < 1 || e.w > most {
		return k, e, false
	}
	copy(k[:], header[24:])
	return k, e, true
}

// find returns the first place from at on where a header begins, or the end.
func (s *store) find(at, end int64) (int64, error) {
	buffer := make([]byte, 1<<16)
	for at+headerBytes <= end {
		n, err := s.file.ReadAt(buffer[:min(int64(len(buffer)), end-at)], at)
		if err != nil && err != io.EOF {
			return 0, err
		}
		b := buffer[:n]
		for {
			i := bytes.Index(b, []byte(magic))
			if i < 0 || i+headerBytes > len(b) {
				break
			}
			if _, _, ok := parse(b[i:], 0); ok {
				return at + int64(n-len(b)+i), nil
			}
			b = b[i+1:]
		}
		if n < headerBytes {
			break
		}
		at += int64(n - headerBytes + 1)
	}
	return end, nil
}

func (s *store) close() error { return s.file.Close() }
