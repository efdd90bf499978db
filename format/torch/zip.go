package torch

import (
	"archive/zip"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/lince-ml/lince/format"
)

// An archive is the zip layout: all files in one folder, whose name does not matter.
type archive struct {
	r     format.Reader
	files map[string]*zip.File // by the name in the folder
}

func decodeZip(r format.Reader) (any, error) {
	a, err := openArchive(r)
	if err != nil {
		return nil, err
	}
	order, err := a.byteOrder()
	if err != nil {
		return nil, err
	}
	pickle, err := a.open("data.pkl")
	if err != nil {
		return nil, err
	}
	all := storages{}
	root, err := unpickle(newInput(io.NewSectionReader(pickle, 0, pickle.Size()), pickle.Size()), all.load)
	if err != nil {
		return nil, fmt.Errorf("data.pkl: %w", err)
	}
	for key, s := range all {
		if err := a.find(key, s); err != nil {
			return nil, err
		}
		s.swap = order == "big"
	}
	return root, nil
}

func openArchive(r format.Reader) (*archive, error) {
	z, err := zip.NewReader(r, r.Size())
	if err != nil {
		return nil, fmt.Errorf("zip archive: truncated or damaged: %w", err)
	}
	a := &archive{r, map[string]*zip.File{}}
	i := slices.IndexFunc(z.File, func(f *zip.File) bool { return path.Base(f.Name) == "data.pkl" })
	if i < 0 {
		return nil, fmt.Errorf("a zip archive without data.pkl: not weights that torch.save has written (%s)", contents(z))
	}
	folder := strings.TrimSuffix(z.File[i].Name, "data.pkl")
	for _, f := range z.File {
		name, ok := strings.CutPrefix(f.Name, folder)
		switch {
		case !ok:
			continue
		case a.files[name] != nil:
			return nil, fmt.Errorf("zip archive: %q is there twice", shorten(name))
		case strings.HasPrefix(name, "code/"):
			return nil, errors.New("a TorchScript program: expected weights; save model.state_dict() instead")
		}
		a.files[name] = f
	}
	return a, nil
}

// contents names some of the files, for a message.
func contents(z *zip.Reader) string {
	var names []string
	for _, f := range z.File[:min(3, len(z.File))] {
		names = append(names, shorten(f.Name))
	}
	return fmt.Sprintf("%d files: %s, ...", len(z.File), strings.Join(names, ", "))
}

// open returns the content of a file, which must be stored as it is, as PyTorch does it.
func (a *archive) open(name string) (*format.Section, error) {
	f := a.files[name]
	if f == nil {
		return nil, fmt.Errorf("zip archive: truncated or damaged: no file %q", shorten(name))
	}
	if f.Method != zip.Store {
		return nil, fmt.Errorf("%s: compressed, which PyTorch does not do: unpack the archive and pack it without compression", shorten(name))
	}
	at, err := f.DataOffset()
	if err != nil {
		return nil, fmt.Errorf("%s: damaged: %w", shorten(name), err)
	}
	if size := f.UncompressedSize64; at > a.r.Size() || size > uint64(a.r.Size()-at) || size != f.CompressedSize64 {
		return nil, fmt.Errorf("%s: truncated: %d bytes at byte %d expected, the end is at %d", shorten(name), size, at, a.r.Size())
	}
	return format.SectionOf(a.r, at, int64(f.UncompressedSize64)), nil
}

// byteOrder returns "little" or "big"; files before PyTorch 2.1 do not say it, and are little-endian.
func (a *archive) byteOrder() (string, error) {
	if a.files["byteorder"] == nil {
		return "little", nil
	}
	f, err := a.open("byteorder")
	if err != nil {
		return "", err
	}
	text, err := format.ReadBytes(f, 0, min(f.Size(), 8))
	if order := string(text); err != nil || order == "little" || order == "big" {
		return order, err
	}
	return "", fmt.Errorf("byteorder: found %q, expected little or big", text)
}

// find says where the bytes of a storage are.
func (a *archive) find(key string, s *storage) error {
	name := "data/" + key
	data, err := a.open(name)
	if err != nil {
		return err
	}
	if size := int64(s.typ.size); s.numel*size != data.Size() {
		return fmt.Errorf("%s: %d bytes, expected %d elements of %d", shorten(name), data.Size(), s.numel, size)
	}
	sum := a.files[name].CRC32
	s.bytes = sync.OnceValues(func() (format.Reader, error) {
		if sum == 0 { // torch.serialization.set_crc32_options(False)
			return data, nil
		}
		h := crc32.NewIEEE()
		if _, err := io.Copy(h, io.NewSectionReader(data, 0, data.Size())); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if h.Sum32() != sum {
			return nil, fmt.Errorf("checksum: the file is damaged: %s has the CRC-32 %08x, expected %08x", name, h.Sum32(), sum)
		}
		return data, nil
	})
	return nil
}
