package torch

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

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
	pickle, check, err := a.open("data.pkl")
	if err != nil {
		return nil, err
	}
	if err := check(); err != nil {
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
			return nil, fmt.Errorf("zip archive: %q is there twice", format.Shorten(name))
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
		names = append(names, format.Shorten(f.Name))
	}
	return fmt.Sprintf("%d files: %s, ...", len(z.File), strings.Join(names, ", "))
}

// open returns the content of a file, and a function that checks it.
func (a *archive) open(name string) (*format.Section, func() error, error) {
	f := a.files[name]
	if f == nil {
		return nil, nil, fmt.Errorf("zip archive: truncated or damaged: no file %q", format.Shorten(name))
	}
	return format.Stored(a.r, f)
}

// byteOrder returns "little" or "big"; files before PyTorch 2.1 do not say it, and are little-endian.
func (a *archive) byteOrder() (string, error) {
	if a.files["byteorder"] == nil {
		return "little", nil
	}
	f, _, err := a.open("byteorder")
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
	data, check, err := a.open("data/" + key)
	if err != nil {
		return err
	}
	if s.numel*int64(s.typ.size) != data.Size() {
		return fmt.Errorf("storage %q: %d bytes, expected %d elements of %d", format.Shorten(key), data.Size(), s.numel, s.typ.size)
	}
	s.bytes = func() (format.Reader, error) { return data, check() }
	return nil
}
