package save

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/lince-ml/lince/data"
)

// TinyImageNet writes the layout of Tiny-ImageNet: images of one class and one box each, training and validation sets. Places become whole pixels.
func (w *Writer) TinyImageNet(out string) error {
	return newFolder(out, func(dir string) error {
		var ids, words strings.Builder
		for k, c := range w.classes() {
			fmt.Fprintln(&ids, classID(k))
			fmt.Fprintf(&words, "%s\t%s\n", classID(k), c)
		}
		for name, text := range map[string]string{"wnids.txt": ids.String(), "words.txt": words.String()} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				return err
			}
		}
		if w.sets.Test != nil {
			return fmt.Errorf("the test images of this format have no labels: it is for a training and a validation set")
		}
		lists := map[string]*strings.Builder{} // by their paths
		for k := range w.classes() {
			lists[filepath.Join(dir, "train", classID(k), classID(k)+"_boxes.txt")] = &strings.Builder{}
		}
		used := map[string]bool{}
		for name, d := range w.sets.All() {
			err := w.images(d, func(i int) error { return tinyImage(dir, name, d, i, lists, used) })
			if err != nil {
				return err
			}
		}
		for path, list := range lists {
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				return err
			}
			if err := os.WriteFile(path, []byte(list.String()), 0o666); err != nil {
				return err
			}
		}
		return nil
	})
}

// classID returns what stands for the number that WordNet would have for class k.
func classID(k int) string { return fmt.Sprintf("n%08d", k) }

// tinyImage writes image i of the set d, and its line into the list that it belongs to.
func tinyImage(dir, set string, d data.Dataset, i int, lists map[string]*strings.Builder, used map[string]bool) error {
	sc, err := sceneOf(d, i)
	if err != nil {
		return err
	}
	if len(sc.Boxes) != 1 {
		return fmt.Errorf("%s has %d boxes, in this format it is one", sc.name, len(sc.Boxes))
	}
	b := sc.Boxes[0]
	to, list, class := filepath.Join(dir, "val"), filepath.Join(dir, "val", "val_annotations.txt"), "\t"+classID(b.Class)
	if set == "train" {
		to, class = filepath.Join(dir, "train", classID(b.Class)), ""
		list = filepath.Join(to, classID(b.Class)+"_boxes.txt")
	}
	if sc.file, err = copyImage(filepath.Join(to, "images"), d, i, used); err != nil {
		return err
	}
	if strings.ContainsAny(sc.file, " \t") {
		return fmt.Errorf("%s has a space in its name, which this format cannot have", sc.name)
	}
	if lists[list] == nil {
		lists[list] = &strings.Builder{}
	}
	fmt.Fprintf(lists[list], "%s%s\t%d\t%d\t%d\t%d\n", sc.file, class, int(b.X0+0.5), int(b.Y0+0.5), int(b.X1+0.5)-1, int(b.Y1+0.5)-1)
	return nil
}
