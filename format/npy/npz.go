package npy

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/lince-ml/lince/format"
)

const suffix = ".npy" // of the arrays in an archive, not part of their names

// DecodeArchive reads a .npz file. Arrays may be compressed, as numpy.savez_compressed does it. Each is checked against the archive's
// CRC-32 when it is read.
func DecodeArchive(r format.Reader) ([]format.Entry, error) {
	if err := format.CheckByteOrder(); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, r.Size())
	if err != nil {
		return nil, fmt.Errorf("zip archive: truncated or damaged: %w", err)
	}
	var entries []format.Entry
	seen := map[string]bool{}
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, suffix)
		switch {
		case strings.HasSuffix(f.Name, "/"):
			continue // a folder
		case !ok:
			return nil, fmt.Errorf("%q: no array of numpy, which would end in %s", format.Shorten(f.Name), suffix)
		case seen[name]:
			return nil, fmt.Errorf("tensor %q: there twice", format.Shorten(name))
		}
		seen[name] = true
		e, err := member(r, f, name)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", format.Shorten(name), err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// member returns the array in a file of the archive.
func member(r format.Reader, f *zip.File, name string) (format.Entry, error) {
	if f.Method == zip.Store {
		return stored(r, f, name)
	}
	if size := int64(f.UncompressedSize64); size < 0 || size > expanded(f) {
		return format.Entry{}, fmt.Errorf("%d bytes out of %d, more than lince unpacks: save it uncompressed, with numpy.savez", f.UncompressedSize64, f.CompressedSize64)
	}
	in, err := f.Open()
	if err != nil {
		return format.Entry{}, err
	}
	defer in.Close()
	start, err := io.ReadAll(io.LimitReader(in, longestStart))
	if err != nil {
		return format.Entry{}, damage(f, err)
	}
	a, err := parse(start)
	if err != nil {
		return format.Entry{}, err
	}
	if err := a.check(int64(f.UncompressedSize64)); err != nil {
		return format.Entry{}, err
	}
	return a.entry(name, func() (format.Reader, error) { return inflate(f) }), nil
}

func stored(r format.Reader, f *zip.File, name string) (format.Entry, error) {
	content, check, err := format.Stored(r, f)
	if err != nil {
		return format.Entry{}, err
	}
	start, err := format.ReadBytes(content, 0, min(content.Size(), longestStart))
	if err != nil {
		return format.Entry{}, err
	}
	a, err := parse(start)
	if err != nil {
		return format.Entry{}, err
	}
	return a.entry(name, func() (format.Reader, error) { return content, check() }), a.check(content.Size())
}

// expanded returns the most bytes that a compressed file may become. Weights hardly shrink; what shrinks a thousandfold is all zeros.
func expanded(f *zip.File) int64 { return max(1<<26, 64*int64(f.CompressedSize64)) }

// inflate unpacks a compressed file into memory, which grows as the bytes come.
func inflate(f *zip.File) (format.Reader, error) {
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(in); err != nil {
		return nil, damage(f, err)
	}
	return bytes.NewReader(b.Bytes()), nil
}

// damage says what is wrong with a file that does not unpack.
func damage(f *zip.File, err error) error {
	if errors.Is(err, zip.ErrChecksum) {
		return fmt.Errorf("checksum: the file is damaged: %q has not the CRC-32 %08x", format.Shorten(f.Name), f.CRC32)
	}
	return fmt.Errorf("%q: damaged: %w", format.Shorten(f.Name), err)
}

// EncodeArchive writes a .npz file, uncompressed.
func EncodeArchive(w io.Writer, entries []format.Entry) error {
	z := zip.NewWriter(w)
	seen := map[string]bool{}
	for _, e := range entries {
		if seen[e.Name] {
			return fmt.Errorf("tensor %q: the name of two tensors", e.Name)
		}
		seen[e.Name] = true
		part, err := z.CreateHeader(&zip.FileHeader{Name: e.Name + suffix, Method: zip.Store})
		if err != nil {
			return err
		}
		if err := Encode(part, e); err != nil {
			return err
		}
	}
	return z.Close()
}
