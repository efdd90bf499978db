package save

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/outline"
)

// The elements of a file of Pascal VOC.
type (
	vocAnnotation struct {
		XMLName   xml.Name `xml:"annotation"`
		Folder    string   `xml:"folder"`
		Filename  string   `xml:"filename"`
		Size      vocSize  `xml:"size"`
		Segmented int      `xml:"segmented"`
		Objects   []vocObject
	}
	vocSize struct {
		Width  int `xml:"width"`
		Height int `xml:"height"`
		Depth  int `xml:"depth"`
	}
	vocObject struct {
		XMLName   xml.Name `xml:"object"`
		Name      string   `xml:"name"`
		Pose      string   `xml:"pose"`
		Truncated int      `xml:"truncated"`
		Difficult int      `xml:"difficult"`
		Box       vocBox   `xml:"bndbox"`
	}
	vocBox struct {
		XMin string `xml:"xmin"`
		YMin string `xml:"ymin"`
		XMax string `xml:"xmax"`
		YMax string `xml:"ymax"`
	}
)

// VOC writes a folder as Pascal VOC has it: boxes as XML, and outlines, or a class for each pixel, as PNG. Where outlines overlap, the
// smaller thing has the pixels.
func (w *Writer) VOC(out string) error {
	return newFolder(out, func(dir string) error {
		classes := w.classes()
		if len(classes) > 0 && classes[0] == annotation.Background {
			classes = classes[1:]
		}
		if err := writeClasses(dir, classes); err != nil {
			return err
		}
		for _, sub := range []string{"Annotations", "JPEGImages", "ImageSets/Main", "ImageSets/Segmentation", "SegmentationClass", "SegmentationObject"} {
			if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(sub)), 0o777); err != nil {
				return err
			}
		}
		used := map[string]bool{}
		for name, d := range w.sets.All() {
			var all, masked strings.Builder
			err := w.scenes(d, filepath.Join(dir, "JPEGImages"), used, func(_ int, sc *scene) error {
				fmt.Fprintln(&all, sc.stem())
				w.lose(sc, lostCrowd)
				segmented, err := w.vocMasks(sc, dir)
				if err != nil {
					return err
				}
				if segmented {
					fmt.Fprintln(&masked, sc.stem())
				}
				return sc.vocXML(filepath.Join(dir, "Annotations", sc.stem()+".xml"), segmented)
			})
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, "ImageSets", "Main", name+".txt"), []byte(all.String()), 0o666); err != nil {
				return err
			}
			if masked.Len() > 0 {
				if err := os.WriteFile(filepath.Join(dir, "ImageSets", "Segmentation", name+".txt"), []byte(masked.String()), 0o666); err != nil {
					return err
				}
			}
		}
		for _, sub := range []string{"ImageSets/Segmentation", "SegmentationClass", "SegmentationObject"} {
			os.Remove(filepath.Join(dir, filepath.FromSlash(sub))) // if nothing is in it
		}
		return nil
	})
}

// vocXML writes the boxes: their first and last pixels, counted from 1.
func (sc *scene) vocXML(path string, segmented bool) error {
	a := vocAnnotation{Folder: "JPEGImages", Filename: sc.file, Size: vocSize{sc.w, sc.h, 3}}
	if segmented {
		a.Segmented = 1
	}
	for _, b := range sc.Boxes {
		o := vocObject{Name: sc.classes[b.Class], Pose: "Unspecified", Box: vocBox{decimal(b.X0 + 1), decimal(b.Y0 + 1), decimal(b.X1), decimal(b.Y1)}}
		if b.Difficult || b.Crowd {
			o.Difficult = 1
		}
		a.Objects = append(a.Objects, o)
	}
	content, err := xml.MarshalIndent(a, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(content, '\n'), 0o666)
}

const (
	vocVoid    = 255
	vocClasses = 254 // at most, with the background
)

// vocMasks writes the masks of classes and of objects, if the image has a mask or all its things have outlines.
func (w *Writer) vocMasks(sc *scene, dir string) (segmented bool, err error) {
	classes, objects := newMask(sc.h, sc.w), newMask(sc.h, sc.w)
	switch {
	case sc.Mask != nil:
		if sc.classes[0] != annotation.Background {
			return false, fmt.Errorf("the first class is %s, in this format it is %s: write masks: instead", sc.classes[0], annotation.Background)
		}
		for i, v := range sc.Mask.Pix {
			if v == data.Ignore {
				v = vocVoid
			}
			classes.Pix[i] = v
		}
	case len(sc.Boxes) == 0:
		return false, nil
	default:
		if len(sc.Boxes) > vocClasses || slices.ContainsFunc(sc.Boxes, func(b data.Box) bool { return b.Shape == nil }) {
			w.lose(sc, lostOutline)
			return false, nil
		}
		w.lost[lostPixels] += paintThings(sc, classes, objects)
		if err := writePalette(filepath.Join(dir, "SegmentationObject", sc.stem()+".png"), objects); err != nil {
			return false, err
		}
	}
	if len(sc.classes) > vocClasses {
		return false, fmt.Errorf("%d classes, masks of this format have at most %d", len(sc.classes), vocClasses)
	}
	return true, writePalette(filepath.Join(dir, "SegmentationClass", sc.stem()+".png"), classes)
}

// paintThings gives the pixels of things their classes and numbers, small things on large ones, and returns how many have lost some to others.
func paintThings(sc *scene, classes, objects *data.Mask) (covered int) {
	order := make([]int, len(sc.Boxes))
	for k := range order {
		order[k] = k
	}
	area := func(k int) float32 { b := sc.Boxes[k]; return (b.X1 - b.X0) * (b.Y1 - b.Y0) }
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(area(j), area(i)) })
	loses := make([]bool, len(sc.Boxes))
	for _, k := range order {
		for i, on := range outline.Raster(sc.Boxes[k].Shape, sc.h, sc.w).Pix {
			if on == 0 {
				continue
			}
			if below := objects.Pix[i]; below > 0 && !loses[below-1] {
				loses[below-1] = true
				covered++
			}
			classes.Pix[i], objects.Pix[i] = uint16(sc.Boxes[k].Class+1), uint16(k+1)
		}
	}
	return covered
}

func newMask(h, w int) *data.Mask { return &data.Mask{H: h, W: w, Pix: make([]uint16, h*w)} }

// writePalette writes m, of values up to 255, as a PNG with the colours that VOC gives to numbers.
func writePalette(path string, m *data.Mask) error {
	p := image.NewPaletted(image.Rect(0, 0, m.W, m.H), vocPalette)
	for i, v := range m.Pix {
		p.Pix[i] = uint8(v)
	}
	return writePNG(path, p)
}

// vocPalette are the colours of the challenge's masks: the bits of a number, three by three from the lowest, are the highest bits of red, green and blue.
var vocPalette = func() (p color.Palette) {
	for n := range 256 {
		c := color.RGBA{A: 255}
		for bit, left := 7, n; bit >= 0; bit, left = bit-1, left>>3 {
			c.R |= uint8(left&1) << bit
			c.G |= uint8(left>>1&1) << bit
			c.B |= uint8(left>>2&1) << bit
		}
		p = append(p, c)
	}
	return p
}()
