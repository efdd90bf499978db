package open

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/lince-ml/lince/data/boxes"
	"github.com/lince-ml/lince/data/catalog"
	"github.com/lince-ml/lince/data/cifar"
	"github.com/lince-ml/lince/data/coco"
	"github.com/lince-ml/lince/data/idx"
	"github.com/lince-ml/lince/data/labelme"
	"github.com/lince-ml/lince/data/masks"
	"github.com/lince-ml/lince/data/shapes"
	"github.com/lince-ml/lince/data/table"
	"github.com/lince-ml/lince/data/tinyimagenet"
	"github.com/lince-ml/lince/data/voc"
	"github.com/lince-ml/lince/data/webdataset"
	"github.com/lince-ml/lince/data/yolo"
	"github.com/lince-ml/lince/internal/nearest"
)

// A Spec is a DATA argument taken apart: FORMAT:PATH?KEY=VALUE&KEY=VALUE.
type Spec struct {
	Format   string // a key of formats; "" to be found out
	Path     string
	Settings map[string]string
}

// A SpecError is a DATA argument that makes no sense, as opposed to files that are bad.
type SpecError struct{ error }

func (e SpecError) Unwrap() error { return e.error }

func specf(format string, args ...any) error { return SpecError{fmt.Errorf(format, args...)} }

// settings are the keys that each format knows.
var settings = map[string][]string{
	"mnist":  nil,
	"shapes": shapes.Settings,
	"folder": nil,
	"csv":    {"path", "item", "label", "labels", "sep", "split", "root", "ext", "comma"},
	"items":  {"item", "label", "labels", "sep", "split", "root", "comma"},
	"idx":    nil,
	"cifar":  nil,
	"wds":    {"label"},

	"boxes":        {"root", "classes", "bad"},
	"coco":         {"images", "classes", "as", "bad"},
	"labelme":      {"classes", "as", "bad"},
	"masks":        {"classes", "void", "bad"},
	"tinyimagenet": {"bad"},
	"voc":          {"classes", "as", "bad"},
	"yolo":         {"classes", "as", "bad"},
}

// builtIn are the formats that need no path, so that no prefix is of them.
var builtIn = []string{"mnist", "shapes"}

// Parse takes a DATA argument apart, and finds out its format if it does not say it.
func Parse(text string) (s Spec, err error) {
	if text == "mnist" {
		return Spec{Format: "mnist", Path: text}, nil
	}
	s.Path = text
	if name, _, _ := strings.Cut(text, "?"); name == "shapes" {
		s.Format = name
	} else if prefix, rest, ok := strings.Cut(text, ":"); ok && len(prefix) > 1 && !exists(text) { // C:\ is a drive of Windows
		if prefix == "digits" { // the name that idx once had
			prefix = "idx"
		}
		if _, known := settings[prefix]; !known || slices.Contains(builtIn, prefix) {
			return s, SpecError{nearest.Error("format", prefix, formatNames())}
		}
		s.Format, s.Path = prefix, rest
	}
	if path, query, ok := strings.Cut(s.Path, "?"); ok && (s.Format != "" || !exists(s.Path)) && strings.Contains(query, "=") {
		s.Path = path
		if s.Settings, err = parseSettings(text, query); err != nil {
			return s, err
		}
	}
	if s.Path == "" {
		return s, specf("%q: the path is missing", text)
	}
	if s.Format == "" {
		if s, err = s.detect(); err != nil {
			return s, err
		}
	}
	for key := range s.Settings {
		if known := settings[s.Format]; !slices.Contains(known, key) {
			return s, SpecError{fmt.Errorf("%s: %w", text, nearest.Error("setting of "+s.Format, key, known))}
		}
	}
	return s, nil
}

// formatNames returns the formats that can be asked for.
func formatNames() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(settings)), func(n string) bool { return slices.Contains(builtIn, n) })
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func parseSettings(text, query string) (map[string]string, error) {
	set := map[string]string{}
	for _, pair := range strings.Split(query, "&") {
		key, value, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(value)
		if !ok || err != nil {
			return nil, specf("%s: %q, expected KEY=VALUE, with %%26 for &", text, pair)
		}
		if _, twice := set[key]; twice {
			return nil, specf("%s: %s is set twice", text, key)
		}
		set[key] = value
	}
	return set, nil
}

// folders are the formats that are known by what is in a folder, in the order in which they are looked for; none of them is a folder of classes.
var folders = []struct {
	format string
	is     func(dir string) bool
}{
	{"idx", idx.Is}, {"cifar", cifar.Is}, {"tinyimagenet", tinyimagenet.Is}, {"coco", coco.Is}, {"voc", voc.Is}, {"labelme", labelme.Is},
	{"yolo", yolo.Is}, {"masks", masks.Is}, {"boxes", boxes.Is}, {"csv", table.Is}, {"wds", webdataset.Is},
}

// detect finds out the format by what is at the path. The name of a published set leads to where it is kept.
func (s Spec) detect() (Spec, error) {
	if strings.ContainsAny(s.Path, "{*") {
		s.Format = "wds"
		return s, nil
	}
	info, err := os.Stat(s.Path)
	if errors.Is(err, fs.ErrNotExist) {
		if set, err := catalog.Lookup(s.Path); err == nil {
			return published(set)
		}
	}
	if err != nil {
		return s, s.unknown(errors.Unwrap(err))
	}
	if !info.IsDir() {
		s.Format, err = fileFormat(s.Path)
		return s, err
	}
	s.Format = "folder"
	for _, f := range folders {
		if f.is(s.Path) {
			s.Format = f.format
			break
		}
	}
	return s, nil
}

// published returns where the set is kept.
func published(set *catalog.Set) (Spec, error) {
	dir, err := catalog.DefaultDir()
	if err != nil {
		return Spec{}, err
	}
	if !set.Has(dir) {
		return Spec{}, fmt.Errorf("%s is not here yet: lince data get %s", set.Name, set.Name)
	}
	return Parse(set.Spec(dir))
}

// unknown is the error for a path that cannot be looked at.
func (s Spec) unknown(reason error) error {
	names := slices.Clone(builtIn)
	for _, set := range catalog.Sets {
		names = append(names, set.Name)
	}
	n, ok := nearest.Name(s.Path, names)
	if !ok {
		n, ok = nearest.Path(s.Path)
	}
	if ok && errors.Is(reason, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w: did you mean %q?", s.Path, reason, n)
	}
	return fmt.Errorf("%s: %w, expected a folder of images, a list (.csv), shards (.tar), or the name of a set (`lince data get` lists them)", s.Path, reason)
}

// fileFormat returns what the content of the file at path is.
func fileFormat(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
	}
	defer f.Close()
	start := make([]byte, 512)
	n, err := io.ReadFull(f, start)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	start = start[:n]
	switch {
	case bytes.HasPrefix(start, []byte{0x1f, 0x8b}) && cifar.Is(path):
		return "cifar", nil
	case n == 0:
		return "", fmt.Errorf("read %s: an empty file, expected a list of images (CSV, TSV), shards (.tar) or a folder", path)
	case bytes.HasPrefix(start, []byte{0x1f, 0x8b}), strings.HasSuffix(strings.ToLower(path), ".tar"), n == 512 && bytes.HasPrefix(start[257:], []byte("ustar")):
		return "wds", nil
	case coco.IsFile(start):
		return "coco", nil
	case yolo.IsFile(path):
		return "yolo", nil
	case bytes.IndexByte(start, 0) < 0:
		if boxes.Is(path) {
			return "boxes", nil
		}
		return "csv", nil
	}
	return "", fmt.Errorf("read %s: neither a list of images (CSV, TSV) nor shards (.tar) nor annotations (COCO's JSON), expected those or a folder", path)
}
