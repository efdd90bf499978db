package save

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"

	"github.com/lince-ml/lince/data"
)

// Masks writes images/ and masks/, with the sets in them if there is more than a training set: for each image a PNG whose values are the numbers of the classes in
// classes.txt. A last one, void, stands for data.Ignore.
func (w *Writer) Masks(out string) error {
	return newFolder(out, func(dir string) error {
		classes := w.classes()
		if err := writeClasses(dir, append(slices.Clone(classes), "void")); err != nil {
			return err
		}
		for name, d := range w.sets.All() {
			set := ""
			if w.sets.Validation != nil || w.sets.Test != nil {
				set = name
			}
			masks := filepath.Join(dir, "masks", set)
			if err := os.MkdirAll(masks, 0o777); err != nil {
				return err
			}
			used, stems := map[string]bool{}, map[string]bool{}
			err := w.scenes(d, filepath.Join(dir, "images", set), used, func(_ int, sc *scene) error {
				if sc.Mask == nil {
					return fmt.Errorf("%s has no mask, which this format is for; outlines become masks with ?as=masks behind DATA", sc.name)
				}
				if stems[sc.stem()] {
					return fmt.Errorf("two images of the %s set are called %s, and would share a mask", name, sc.stem())
				}
				stems[sc.stem()] = true
				return writeMask(filepath.Join(masks, sc.stem()+".png"), sc.Mask, len(classes))
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// writeMask writes m: with a palette, so that it can be looked at, or as 16-bit grey if there are too many classes.
func writeMask(path string, m *data.Mask, classes int) error {
	if classes < 256 {
		few := newMask(m.H, m.W)
		for i, v := range m.Pix {
			few.Pix[i] = min(v, uint16(classes))
		}
		return writePalette(path, few)
	}
	grey := image.NewGray16(image.Rect(0, 0, m.W, m.H))
	for i, v := range m.Pix {
		grey.SetGray16(i%m.W, i/m.W, color.Gray16{Y: min(v, uint16(classes))})
	}
	return writePNG(path, grey)
}

func writePNG(path string, m image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	b := bufio.NewWriter(f)
	if err := png.Encode(b, m); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	return f.Close()
}
