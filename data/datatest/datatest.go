// Package datatest is what the tests of data formats share: files of pictures that can be told apart, and sets in one line.
package datatest

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
)

// PNG returns a picture of one grey.
func PNG(grey uint8) string {
	im := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range im.Pix {
		im.Pix[i] = grey
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		panic(err)
	}
	return b.String()
}

// Tree writes files, given by path and content, into a new folder. A .png without content becomes PNG of the first letter of its name.
func Tree(t testing.TB, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range files {
		if content == "" && strings.HasSuffix(name, ".png") {
			content = PNG(path.Base(name)[0])
		}
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Describe lists the sets, such as "train[cat dog] 10=0 a=1 test[cat dog] 7=1": of each its classes, and of each image its first pixel, if it can be as a
// letter, its label, its labels if it may have several, and its group if there are groups.
func Describe(t testing.TB, sets data.Sets) string {
	t.Helper()
	var words []string
	for name, d := range sets.All() {
		words = append(words, fmt.Sprint(name, d.Classes()))
		for i := range d.Len() {
			words = append(words, describe(t, d, i))
		}
	}
	return strings.Join(words, " ")
}

func describe(t testing.TB, d data.Dataset, i int) string {
	t.Helper()
	s, err := d.Sample(i)
	if err != nil {
		t.Fatal(err)
	}
	if label, _, err := data.Labels(d, i); err != nil || label != s.Label {
		t.Errorf("%s: label %d, or is it %d? %v", d.Name(i), label, s.Label, err)
	}
	p := s.Image.Pix[0]
	text := fmt.Sprint(p)
	if 'a' <= p && p <= 'z' {
		text = string(rune(p))
	}
	text += fmt.Sprint("=", s.Label)
	if s.Labels != nil {
		text += fmt.Sprint(s.Labels)
	}
	if g, ok := d.(data.Grouper); ok {
		text += fmt.Sprint("/", g.Group(i))
	}
	return text
}
