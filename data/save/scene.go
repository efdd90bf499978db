package save

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/data"
)

// A scene is what is known of an image, in its pixels.
type scene struct {
	data.Sample
	h, w    int
	classes []string
	name    string // in messages
	file    string // the name of its copy, without the folder
}

func sceneOf(d data.Dataset, i int) (*scene, error) {
	s, h, w, err := data.Annotations(d, i)
	if err != nil {
		return nil, err
	}
	for _, b := range s.Boxes {
		if b.Class < 0 || b.Class >= len(d.Classes()) {
			return nil, fmt.Errorf("%s: a box of class %d, expected 0 to %d", d.Name(i), b.Class, len(d.Classes())-1)
		}
	}
	return &scene{Sample: s, h: h, w: w, classes: d.Classes(), name: d.Name(i)}, nil
}

// scenes copies each image of d into the folder dir and then calls visit.
func (w *Writer) scenes(d data.Dataset, dir string, used map[string]bool, visit func(i int, sc *scene) error) error {
	return w.images(d, func(i int) error {
		sc, err := sceneOf(d, i)
		if err != nil {
			return err
		}
		if sc.file, err = copyImage(dir, d, i, used); err != nil {
			return err
		}
		return visit(i, sc)
	})
}

func (sc *scene) needBoxes() error {
	if sc.Boxes == nil {
		return fmt.Errorf("%s has no boxes, which this format is for", sc.name)
	}
	return nil
}

// What formats have no place for, as Writer.Lost says it.
const (
	lostOutline   = "outlines"
	lostCrowd     = "marks of crowds"
	lostDifficult = "marks of difficult boxes"
	lostPixels    = "pixels of outlines that others lie on"
)

// lose counts which of the things that are listed sc has.
func (w *Writer) lose(sc *scene, things ...string) {
	for _, b := range sc.Boxes {
		for _, what := range things {
			if what == lostOutline && b.Shape != nil || what == lostCrowd && b.Crowd || what == lostDifficult && b.Difficult {
				w.lost[what]++
			}
		}
	}
}

// stem returns the name of the copy without its suffix.
func (sc *scene) stem() string { return strings.TrimSuffix(sc.file, filepath.Ext(sc.file)) }

// hasBoxes reports whether the images of d have boxes, and no class of their own.
func hasBoxes(d data.Dataset) bool {
	if d.Len() == 0 {
		return false
	}
	s, _, _, err := data.Annotations(d, 0)
	return err == nil && s.Boxes != nil && s.Label == -1
}

// classes returns those of the sets.
func (w *Writer) classes() []string {
	for _, d := range w.sets.All() {
		return d.Classes()
	}
	return nil
}

// writeClasses writes the file that says which classes there are, in their order.
func writeClasses(dir string, classes []string) error {
	for _, c := range classes {
		if strings.TrimSpace(c) != c || c == "" || strings.ContainsAny(c, "\r\n") {
			return fmt.Errorf("the class %q cannot stand in a line of classes.txt", c)
		}
	}
	return os.WriteFile(filepath.Join(dir, "classes.txt"), []byte(strings.Join(classes, "\n")+"\n"), 0o666)
}

// decimal writes v with as few digits as bring it back.
func decimal(v float32) string { return strconv.FormatFloat(float64(v), 'f', -1, 32) }
