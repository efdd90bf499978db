package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/save"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/metric/coco"
	"github.com/lince-ml/lince/metric/detection"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/task/segment"
)

const saveHelp = "FORMAT is coco, yolo, voc, labelme or boxes, and for the class of each pixel masks or voc; see `lince data convert`. coco also has results.json, with the scores."

var (
	boxFormats  = []string{"coco", "yolo", "voc", "labelme", "boxes"}
	maskFormats = []string{"masks", "voc"}
)

// checkSave reports a --save that names no format and new folder, before pictures are looked at for hours.
func checkSave(to string) error {
	format, out, ok := strings.Cut(to, ":")
	if !ok || out == "" {
		return usagef("--save %s: expected FORMAT:DIR, such as coco:found/", to)
	}
	if all := append(slices.Clone(boxFormats), "masks"); !slices.Contains(all, format) {
		return usageError{nearest.Error("format of --save", format, all)}
	}
	if entries, err := os.ReadDir(out); err == nil && len(entries) > 0 {
		return usagef("--save %s: there is a folder that is not empty, expected a new one", to)
	}
	return nil
}

// checkSaveTask reports a --save for what a model, at path, of this task does not say.
func checkSaveTask(to, path, task string) error {
	format, _, _ := strings.Cut(to, ":")
	formats := boxFormats
	switch task {
	case classify.Name:
		return usagef("--save: only for models that say where things are; --json has what %s says", path)
	case segment.Name:
		formats = maskFormats
	}
	if !slices.Contains(formats, format) {
		return usagef("--save %s: %s is for the task %s, expected one of %s", to, path, task, strings.Join(formats, ", "))
	}
	return nil
}

// saveFound writes what was found in the form to, FORMAT:DIR.
func saveFound(ctx context.Context, to string, classes []string, list []filePrediction) error {
	format, out, _ := strings.Cut(to, ":")
	w := save.New(ctx, data.Sets{Train: findings{classes, list}}, nil)
	switch format {
	case "coco":
		if err := w.COCO(out); err != nil {
			return err
		}
		return writeResults(filepath.Join(out, "results.json"), classes, list)
	case "yolo":
		return w.YOLO(out)
	case "voc":
		return w.VOC(out)
	case "labelme":
		return w.LabelMe(out)
	case "boxes":
		return w.BoxesWithImages(out)
	}
	return w.Masks(out)
}

// writeResults writes COCO results, of the images and categories as save.Writer.COCO numbers them: from 1.
func writeResults(path string, classes []string, list []filePrediction) error {
	var found []detection.Detection
	for i, p := range list {
		if p.Box != nil {
			found = append(found, detection.Detection{Image: i, Class: p.Predictions[0].Index, Score: float64(p.Predictions[0].Probability), Box: sides(*p.Box)})
		}
		for _, t := range p.Things {
			d := detection.Detection{Image: i, Class: t.Index, Score: float64(t.Score), Box: sides(t.Box)}
			if t.Mask != nil {
				var err error
				if d.Mask, err = detection.ParseMask(t.Mask.Size[0], t.Mask.Size[1], t.Mask.Counts); err != nil {
					return err
				}
			}
			found = append(found, d)
		}
	}
	return coco.WriteResults(path, fromOne(len(list)), fromOne(len(classes)), found)
}

func sides(b [4]float32) detection.Box {
	return detection.Box{X: float64(b[0]), Y: float64(b[1]), W: float64(b[2] - b[0]), H: float64(b[3] - b[1])}
}

// fromOne returns the numbers 1 to n.
func fromOne(n int) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	return ids
}

// findings are what was found in files, as a data set.
type findings struct {
	classes []string
	list    []filePrediction
}

var (
	_ data.Filer     = findings{}
	_ data.Annotator = findings{}
)

func (f findings) Len() int          { return len(f.list) }
func (f findings) Classes() []string { return f.classes }
func (f findings) Name(i int) string { return f.list[i].File }

func (f findings) OpenFile(i int) (io.ReadCloser, error) { return os.Open(f.list[i].File) }

func (f findings) Sample(i int) (data.Sample, error) {
	s, h, w, err := f.Annotations(i)
	if err != nil {
		return s, err
	}
	s.Image, err = data.ReadFile(f.list[i].File, data.Fit{C: 3, H: h, W: w}, 0)
	return s, err
}

func (f findings) Annotations(i int) (s data.Sample, h, w int, err error) {
	p := &f.list[i]
	s.Label = -1
	if p.Segments != nil {
		s.Mask, err = p.mask()
	} else {
		s.Boxes, err = p.boxes()
	}
	return s, p.Height, p.Width, err
}
