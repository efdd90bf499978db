// Package table reads lists of images and their classes: CSV and TSV files (RFC 4180), in which a row is an image, or a thing of which there is
// a folder of images.
//
//	path,label                 item,healthy
//	photos/tom.jpg,cat         apple,1       with apple/1.jpg, apple/2.jpg, ... beside the file
//	photos/rex.jpg,dog         crisps,0
package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/internal/nearest"
)

// maxBytes is the size of a file that is read at most.
const maxBytes = 1 << 30

// A Table is the content of a file.
type Table struct {
	Path   string
	Header []string // names of the columns; nil if the first row is an image already
	Rows   [][]string
	lines  []int // of the file, where the rows begin
}

// Line returns the line of the file, from 1, where row i begins.
func (t *Table) Line(i int) int { return t.lines[i] }

// errorf returns an error that names the file, and the line of row i.
func (t *Table) errorf(i int, format string, args ...any) error {
	return fmt.Errorf("read %s, line %d: %w", t.Path, t.lines[i], fmt.Errorf(format, args...))
}

// Read reads the file at path. comma "" lets it choose between comma, semicolon and tab.
func Read(path, comma string) (*Table, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	t, err := Parse(path, content, comma)
	if err != nil {
		return nil, err
	}
	if len(t.Rows) == 0 {
		return nil, fmt.Errorf("read %s: no rows, expected one per image", path)
	}
	return t, nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(content) > maxBytes {
		return nil, fmt.Errorf("read %s: more than %d bytes, expected a list of images", path, maxBytes)
	}
	return content, nil
}

// Parse takes the content of the file at path apart.
func Parse(path string, content []byte, comma string) (*Table, error) {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")) // the byte order mark with which Excel begins UTF-8
	if !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		return nil, fmt.Errorf("read %s: no text in UTF-8, expected a CSV or TSV file", path)
	}
	r := csv.NewReader(bytes.NewReader(content))
	r.Comma = separator(content)
	if comma != "" {
		r.Comma = []rune(comma)[0]
	}
	t := &Table{Path: path}
	for {
		row, err := r.Read()
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return nil, t.damaged(err, len(row))
		}
		if t.Header == nil && len(t.Rows) == 0 && !slices.ContainsFunc(row, folder.IsImage) {
			t.Header = row
			continue
		}
		line, _ := r.FieldPos(0)
		t.Rows, t.lines = append(t.Rows, row), append(t.lines, line)
	}
}

// damaged puts an error of package csv into our words. fields is how many the row has.
func (t *Table) damaged(err error, fields int) error {
	at := new(csv.ParseError)
	if !errors.As(err, &at) {
		return fmt.Errorf("read %s: %w", t.Path, err)
	}
	err = at.Err
	if errors.Is(err, csv.ErrFieldCount) {
		return fmt.Errorf("read %s, line %d: %d columns, expected %d as in the first row", t.Path, at.Line, fields, t.Columns())
	}
	return fmt.Errorf("read %s, line %d: %w", t.Path, at.Line, err)
}

// separator returns which of comma, semicolon and tab the first line has most of.
func separator(content []byte) rune {
	line, _, _ := bytes.Cut(content, []byte("\n"))
	best, most := ',', bytes.Count(line, []byte(","))
	for _, c := range ";\t" {
		if n := bytes.Count(line, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

// Columns returns how many columns there are.
func (t *Table) Columns() int {
	if t.Header != nil {
		return len(t.Header)
	}
	return len(t.Rows[0])
}

// Column returns the number, from 0, of the column called name, by its header in any case or by its place, "1" being the first.
func (t *Table) Column(name string) (int, error) {
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		if i := slices.IndexFunc(t.Header, func(h string) bool { return same(strings.TrimSpace(h), name) }); i >= 0 {
			return i, nil
		}
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= t.Columns() {
		return n - 1, nil
	}
	if t.Header == nil {
		return 0, fmt.Errorf("read %s: no column %q: it begins without names of columns, expected a number from 1 to %d", t.Path, name, t.Columns())
	}
	return 0, fmt.Errorf("read %s: %w", t.Path, nearest.Error("column", name, t.Header))
}

// Usual returns the first column with one of the names.
func (t *Table) Usual(names ...string) (int, bool) {
	for _, n := range names {
		if i := slices.IndexFunc(t.Header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), n) }); i >= 0 {
			return i, true
		}
	}
	return 0, false
}

// Beside returns the path of name, which is relative to folder root, if not absolute.
func Beside(root, name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(root, name)
}
