// Package weights opens any file of weights by what is in it: safetensors, PyTorch, numpy and Keras. What it gives is named tensors, which
// are read when they are asked for, and the file's notes. It also writes the formats that are written, and finds out which of lince's models a
// file is for.
package weights

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/format/keras"
	"github.com/lince-ml/lince/format/npy"
	"github.com/lince-ml/lince/format/safetensors"
	"github.com/lince-ml/lince/format/torch"
)

// A File is an open file of weights.
type File struct {
	Path     string
	Format   string            // "safetensors", "PyTorch", "npy", "npz" or "Keras"
	Entries  []format.Entry    // in the order of the file, with its names, each name once
	Metadata map[string]string // notes beside the tensors
	source   *format.File
}

// Open opens the file at path. Only what describes the tensors is read. The entries live until Close; a tensor may be a view of the file,
// which must not be written to (see [format.Entry]).
//
// Weights of an application of Keras that lince has as a model get its names and layouts; see keras.go. Errors name the file, and say what
// it looks like if it holds no weights.
func Open(path string) (*File, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("read %s: a folder, expected a file of weights", path)
	}
	source, err := format.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	f := &File{Path: path, Metadata: map[string]string{}, source: source}
	if err := f.decode(); err != nil {
		source.Close()
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	for i, e := range f.Entries {
		f.Entries[i].Read = named(path, e)
	}
	return f, nil
}

// Close ends the use of the entries and their tensors. If the file was written to since Open, it returns an error: what was read
// may be of both contents.
func (f *File) Close() error {
	if err := f.source.Close(); err != nil {
		return fmt.Errorf("read %s: %w", f.Path, err)
	}
	return nil
}

// SHA256 returns the digest of the file's bytes, in hexadecimal.
func (f *File) SHA256() (string, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f.source, 0, f.source.Size())); err != nil {
		return "", fmt.Errorf("read %s: %w", f.Path, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// formats are the formats of weights, with a test of a file's first bytes.
var formats = []struct {
	is     func(start []byte) bool
	decode func(*File) error
}{
	{begins(zipMagic), (*File).decodeZip},
	{begins("\x89HDF\r\n\x1a\n"), (*File).decodeKeras},
	{begins(npy.Magic), (*File).decodeNpy},
	{torch.IsLegacy, (*File).decodeTorch},
	{isPickle, (*File).decodeTorch},
	{isSafetensors, (*File).decodeSafetensors},
}

const zipMagic = "PK\x03\x04"

func begins(magic string) func([]byte) bool {
	return func(start []byte) bool { return strings.HasPrefix(string(start), magic) }
}

// isPickle reports a pickle of protocol 2 to 5, of PyTorch or not.
func isPickle(start []byte) bool {
	return len(start) > 2 && start[0] == 0x80 && start[1] >= 2 && start[1] <= 5
}

// isSafetensors looks for the length of the header, which is less than 2^32, and the header's first byte.
func isSafetensors(start []byte) bool {
	return len(start) > 8 && start[8] == '{' && string(start[4:8]) == "\x00\x00\x00\x00"
}

func (f *File) decode() error {
	start, err := format.ReadBytes(f.source, 0, min(f.source.Size(), startLength))
	if err != nil {
		return err
	}
	for _, c := range formats {
		if c.is(start) {
			return c.decode(f)
		}
	}
	return fmt.Errorf("%s; expected weights: safetensors, PyTorch (.pth .pt .th .bin), numpy (.npy .npz) or Keras (.h5 .keras)", describe(start))
}

func (f *File) decodeSafetensors() (err error) {
	f.Format = "safetensors"
	f.Entries, f.Metadata, err = safetensors.Scan(f.source)
	return err
}

func (f *File) decodeTorch() error {
	f.Format = "PyTorch"
	file, err := torch.Decode(f.source)
	if err == nil {
		f.Entries, f.Metadata = file.Entries, file.Metadata
	}
	return err
}

// decodeNpy calls the only tensor as the file.
func (f *File) decodeNpy() error {
	f.Format = "npy"
	base := filepath.Base(f.Path)
	e, err := npy.Decode(f.source, strings.TrimSuffix(base, filepath.Ext(base)))
	f.Entries = []format.Entry{e}
	return err
}

func (f *File) decodeKeras() error {
	f.Format = "Keras"
	file, err := keras.Decode(f.source)
	if err != nil {
		return err
	}
	f.Entries, f.Metadata = file.Entries, file.Metadata
	return f.mapKeras()
}

// decodeZip tells the zip archives of PyTorch, numpy and Keras apart.
func (f *File) decodeZip() (err error) {
	z, err := zip.NewReader(f.source, f.source.Size())
	if err != nil {
		return fmt.Errorf("the beginning of a zip archive (PyTorch, numpy, Keras) without its end: truncated, was the download interrupted? (%w)", err)
	}
	is := func(test func(name string) bool) bool {
		return slices.ContainsFunc(z.File, func(f *zip.File) bool { return test(f.Name) })
	}
	switch {
	case is(func(name string) bool { return path.Base(name) == "data.pkl" }):
		return f.decodeTorch()
	case keras.IsArchive(z.File):
		return f.decodeKeras()
	case is(func(name string) bool { return strings.HasSuffix(name, ".npy") }):
		f.Format = "npz"
		f.Entries, err = npy.DecodeArchive(f.source)
		return err
	}
	var names []string
	for _, f := range z.File[:min(3, len(z.File))] {
		names = append(names, fmt.Sprintf("%q", format.Shorten(f.Name)))
	}
	return fmt.Errorf("a zip archive of %d files (%s), expected weights of PyTorch (data.pkl), numpy (.npy) or Keras (model.weights.h5)",
		len(z.File), strings.Join(names, ", "))
}
