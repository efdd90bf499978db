package annotation

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/folder"
)

// maxFileBytes is how large an annotation file may be: those of COCO have 450 MB.
const maxFileBytes = 2 << 30

// ReadFile returns the text of an annotation file, without a byte order mark. Errors name it.
func ReadFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
	}
	defer f.Close()
	var b bytes.Buffer
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		b.Grow(int(min(info.Size(), maxFileBytes)) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, reason(err))
	}
	if n > maxFileBytes {
		return nil, fmt.Errorf("read %s: more than %d bytes, expected an annotation file", path, maxFileBytes)
	}
	return bytes.TrimPrefix(b.Bytes(), []byte("\xef\xbb\xbf")), nil
}

// JSONReason says in plain words what an error of package json means.
func JSONReason(err error) error {
	if t := new(json.UnmarshalTypeError); errors.As(err, &t) {
		is := map[string]string{"string": "a text", "array": "a list", "object": "an object", "bool": "true or false"}[t.Value]
		expected := map[reflect.Kind]string{reflect.Int: "a whole number", reflect.Int64: "a whole number", reflect.Float32: "a number of 32 bits", reflect.String: "a text",
			reflect.Slice: "a list", reflect.Array: "a list", reflect.Struct: "an object"}[t.Type.Kind()]
		return fmt.Errorf("%s is %s, expected %s", cmp.Or(t.Field, "an element"), cmp.Or(is, "the "+t.Value), expected)
	}
	switch s := new(json.SyntaxError); {
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &s) && s.Error() == "unexpected end of JSON input":
		return errors.New("it ends amid the JSON")
	case errors.As(err, &s) && (strings.Contains(s.Error(), "'N'") || strings.Contains(s.Error(), "'I'")):
		return errors.New("NaN or Infinity, which JSON does not know")
	}
	return err
}

// reason takes the operation and the path out of an error of package os.
func reason(err error) error {
	if p := new(os.PathError); errors.As(err, &p) {
		return p.Err
	}
	return err
}

// ReadNames returns the names of classes in a file: one in each line that is not empty.
func ReadNames(path string) ([]string, error) { return ReadLines(path, "a class") }

// ReadLines returns the lines of a file that are not empty. what says what is expected in each.
func ReadLines(path, what string) ([]string, error) {
	content, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		return nil, fmt.Errorf("read %s: no text in UTF-8, expected %s in each line", path, what)
	}
	var lines []string
	for line := range strings.Lines(string(content)) {
		if text := strings.TrimSpace(line); text != "" {
			lines = append(lines, text)
		}
	}
	if lines == nil {
		return nil, fmt.Errorf("read %s: it is empty, expected %s in each line", path, what)
	}
	return lines, nil
}

// ClassesIn returns the names in the file classes.txt or labels.txt of dir, nil if there is none. Those with which LabelMe begins such lists are no classes.
func ClassesIn(dir string) ([]string, error) {
	for _, name := range []string{"classes.txt", "labels.txt"} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		names, err := ReadNames(path)
		return slices.DeleteFunc(names, func(n string) bool { return n == "__ignore__" || n == "_background_" }), err
	}
	return nil, nil
}

// list returns the visible entries of dir, sorted; links count as what they lead to. It is empty if there is no such folder.
func list(dir string) (files, folders []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, nil, nil
		}
		return nil, nil, fmt.Errorf("read %s: %w", dir, reason(err))
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		isDir := e.IsDir()
		if e.Type()&os.ModeSymlink != 0 {
			info, err := os.Stat(filepath.Join(dir, e.Name()))
			isDir = err == nil && info.IsDir()
		}
		if isDir {
			folders = append(folders, e.Name())
		} else {
			files = append(files, e.Name())
		}
	}
	return files, folders, nil
}

// Files returns the paths of the visible files in dir that end in ext, in any case, sorted.
func Files(dir, ext string) ([]string, error) {
	return matching(dir, func(name string) bool { return strings.EqualFold(filepath.Ext(name), ext) })
}

// Images returns the paths of the visible images in dir, sorted.
func Images(dir string) ([]string, error) { return matching(dir, folder.IsImage) }

func matching(dir string, is func(name string) bool) ([]string, error) {
	files, _, err := list(dir)
	var paths []string
	for _, f := range files {
		if is(f) {
			paths = append(paths, filepath.Join(dir, f))
		}
	}
	return paths, err
}

// Stem returns the name of a file without folder and suffix.
func Stem(path string) string {
	base := filepath.Base(path)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// Stems returns files by their stems; of two with the same, the first.
func Stems(paths []string) map[string]string {
	stems := make(map[string]string, len(paths))
	for _, p := range paths {
		if _, twice := stems[Stem(p)]; !twice {
			stems[Stem(p)] = p
		}
	}
	return stems
}

// Folder returns the path of the first of the names that is a sub-folder of dir, in any case; "" if none is.
func Folder(dir string, names ...string) string {
	_, folders, _ := list(dir)
	for _, name := range names {
		if i := slices.IndexFunc(folders, func(f string) bool { return strings.EqualFold(f, name) }); i >= 0 {
			return filepath.Join(dir, folders[i])
		}
	}
	return ""
}

// Parts returns the sub-folders of dir that are called as the sets train, val and test are, by these names; it is empty if none is train.
func Parts(dir string) map[string]string {
	_, folders, _ := list(dir)
	parts := map[string]string{}
	for _, f := range folders {
		if set, ok := data.SetName(f); ok && parts[set] == "" {
			parts[set] = filepath.Join(dir, f)
		}
	}
	if parts["train"] == "" {
		return nil
	}
	return parts
}

// Beside returns the path of a file that another in the folder dir names, which may be written with slashes or backslashes.
func Beside(dir, name string) string {
	name = filepath.FromSlash(strings.ReplaceAll(name, `\`, "/"))
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

// Index returns the places of names.
func Index(names []string) map[string]int {
	index := make(map[string]int, len(names))
	for i, n := range names {
		index[n] = i
	}
	return index
}

// Lines counts the lines of a text up to places that come one after the other.
type Lines struct {
	text     []byte
	at, line int
}

// NewLines returns Lines of text.
func NewLines(text []byte) *Lines { return &Lines{text: text, line: 1} }

// At returns the line, from 1, of the first letter that is no space from an offset on, which must not lie before that of the last call.
func (l *Lines) At(offset int64) int {
	end := min(int(offset), len(l.text))
	for end < len(l.text) && strings.IndexByte(" \t\r\n,", l.text[end]) >= 0 {
		end++
	}
	if end > l.at {
		l.line += bytes.Count(l.text[l.at:end], []byte("\n"))
		l.at = end
	}
	return l.line
}
