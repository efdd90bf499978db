// Package annotationtest has what the tests of the readers of annotations share.
package annotationtest

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/data/outline"
)

// Images makes pictures of 20 x 10 what they are.
var Images = folder.Options{C: 3, H: 10, W: 20, Framing: data.Stretch}

// Tree writes files, and a picture of 20 x 10 for those whose content is "", into a new folder.
func Tree(t testing.TB, files map[string]string) string {
	t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 20, 10))); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for path, content := range files {
		if content == "" {
			content = picture.String()
		}
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Describe writes down the sets, and the faults with DIR for the folder.
func Describe(t testing.TB, dir string, sets data.Sets) string {
	t.Helper()
	var b strings.Builder
	for name, d := range sets.All() {
		fmt.Fprintf(&b, "%s %q", name, d.Classes())
		for i := range d.Len() {
			s, _, _, err := data.Annotations(d, i)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, " %s", filepath.Base(d.Name(i)))
			if s.Label >= 0 {
				fmt.Fprintf(&b, " is %d", s.Label)
			}
			for _, x := range s.Boxes {
				fmt.Fprintf(&b, " %d:%v,%v,%v,%v", x.Class, x.X0, x.Y0, x.X1, x.Y1)
				if x.Difficult {
					b.WriteString(" difficult")
				}
				if x.Crowd {
					b.WriteString(" crowd")
				}
				if x.Shape != nil {
					n := 0
					for _, v := range outline.Raster(x.Shape, 10, 20).Pix {
						n += int(v)
					}
					fmt.Fprintf(&b, " (%d pixels)", n)
				}
			}
			if s.Mask != nil {
				fmt.Fprintf(&b, " %v", s.Mask.Pix[:8])
			}
		}
		b.WriteString("\n")
		for _, f := range d.(annotation.Faulty).Faults() {
			fmt.Fprintf(&b, "- %s: %s (%s)\n", f.Place(), f.Text, f.Did)
		}
	}
	return filepath.ToSlash(strings.ReplaceAll(b.String(), dir, "DIR"))
}

// Failure returns the text of an error, with DIR for the folder.
func Failure(dir string, err error) string {
	if err == nil {
		return "no error"
	}
	return filepath.ToSlash(strings.ReplaceAll(err.Error(), dir, "DIR"))
}
