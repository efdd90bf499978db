package plot

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/metric/coco"
	"github.com/lince-ml/lince/metric/detection"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/task/detect"
	"github.com/lince-ml/lince/task/instances"
	"github.com/lince-ml/lince/task/localize"
	"github.com/lince-ml/lince/task/segment"
)

// A File is one of those that Measurement writes, and what it shows.
type File struct{ Name, Title string }

// MistakesFile is that of the most confident mistakes of a classifier.
const MistakesFile = "mistakes.png"

// Files are those that Measurement may write, in the order in which people look at them.
var Files = []File{
	{"precision-recall.png", "Precision and recall"},
	{"iou.png", "Intersection over union by class"},
	{"confusion.png", "Confusion matrix"},
	{"errors.png", "Kinds of mistakes"},
	{MistakesFile, "Worst mistakes"},
	{"worst.png", "The worst images, beside what is right"},
	{"predictions.png", "Predictions"},
}

const (
	shownWorst       = 8  // images with the most mistakes
	shownPredictions = 12 // images as they come
)

// Measurement writes the pictures of a measurement r on the dataset d to the folder dir, which it makes: see Files.
func Measurement(dir string, r task.Report, d data.Dataset, classes []string) error {
	switch r := r.(type) {
	case *classify.Report:
		return Report(dir, r, d, classes)
	case *localize.Report:
		return localized(dir, r, d)
	case *detect.Report:
		return detectedThings(dir, r, d)
	case *instances.Report:
		return detectedThings(dir, &r.Masks, d)
	case *segment.Report:
		return segmented(dir, r, d)
	}
	return nil
}

// writeAll writes pictures, but for those that are nil, to files of the folder dir, which it makes.
func writeAll(dir string, pictures map[string]image.Image) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("make folder %s: %w", dir, errors.Unwrap(err))
	}
	for name, m := range pictures {
		if m == nil {
			continue
		}
		if err := WritePNG(filepath.Join(dir, name), m); err != nil {
			return err
		}
	}
	return nil
}

// Detections writes the pictures of detections that need no images to the folder dir, which it makes.
func Detections(dir string, s *detection.Set, r *coco.Report, a *detection.Analysis) error {
	confusion, err := DetectionConfusion(a, s.Classes, a.BestF1().Score)
	if err != nil {
		return err
	}
	return writeAll(dir, map[string]image.Image{"confusion.png": confusion, "precision-recall.png": DetectionCurves(r), "errors.png": DetectionMistakes(a)})
}

func detectedThings(dir string, r *detect.Report, d data.Dataset) error {
	s, a := r.Set, r.Analysis()
	score := a.BestF1().Score
	if err := Detections(dir, s, &r.Report, a); err != nil {
		return err
	}
	picture := func(i int) (image.Image, error) { return pictureOf(d, i) }
	worst, err := WorstDetections(s, a, shownWorst, score, picture)
	if err != nil {
		return err
	}
	var cells []Cell
	for i := range min(shownPredictions, len(s.Images)) {
		src, err := picture(i)
		if err != nil {
			return err
		}
		c := Cell{Image: found(s, i, score, src), Title: shortName(filepath.ToSlash(s.Images[i]))}
		if n := len(surest(s, i, score)); n > mostFound {
			c.Details = []string{fmt.Sprintf("the %d surest of %d", mostFound, n)}
		}
		cells = append(cells, c)
	}
	title := fmt.Sprintf("What is found, with a score from %.3g", score)
	return writeAll(dir, map[string]image.Image{"worst.png": worst, "predictions.png": GridOf(title, cells, min(4, len(cells)), large)})
}

// pictureOf returns sample i as a picture.
func pictureOf(d data.Dataset, i int) (image.Image, error) {
	s, err := d.Sample(i)
	if err != nil {
		return nil, err
	}
	return Picture(s.Image), nil
}

func segmented(dir string, r *segment.Report, d data.Dataset) error {
	confusion, err := PixelConfusion(r.Confusion, r.Classes)
	if err != nil {
		return err
	}
	// pairs draws, for each image, what is there and what is said to be.
	pairs := func(title string, samples []segment.Sample) (image.Image, error) {
		var cells []Cell
		for _, m := range samples {
			s, err := d.Sample(m.Index)
			if err != nil {
				return nil, err
			}
			said := r.Masks[m.Index]
			if said == nil || s.Mask == nil {
				continue
			}
			draw := func(mask *data.Mask) image.Image {
				return Segments(Picture(s.Image), mask, r.Classes, AnnotateOptions{Side: large})
			}
			cells = append(cells, Cell{Image: draw(s.Mask), Title: shortName(filepath.ToSlash(d.Name(m.Index))), Details: []string{"what is there"}},
				Cell{Image: draw(said), Title: "predicted", Details: []string{fmt.Sprintf("mean IoU %s, %s right", percent(m.MeanIoU), percent(m.Accuracy))}})
		}
		if len(cells) == 0 {
			return nil, nil
		}
		grid := GridOf(title, cells, min(4, len(cells)), large)
		return above(grid, Legend(r.Classes, grid.Bounds().Dx()-2*gap), gap), nil
	}
	worst, err := pairs("The lowest mean IoU", r.Worst)
	if err != nil {
		return err
	}
	first, err := pairs("The first images", r.Samples[:min(segment.Shown, len(r.Samples))])
	if err != nil {
		return err
	}
	return writeAll(dir, map[string]image.Image{"confusion.png": confusion, "iou.png": ClassIoU(r.Confusion, r.Classes), "worst.png": worst, "predictions.png": first})
}

func localized(dir string, r *localize.Report, d data.Dataset) error {
	counts := make([][]int, len(r.Classes))
	for i := range counts {
		counts[i] = make([]int, len(r.Classes))
	}
	right := 0
	for i := range r.Samples {
		s := &r.Samples[i]
		counts[s.Class][mostProbable(s)]++
		if s.Rank == 0 {
			right++
		}
	}
	confusion, err := Confusion(fmt.Sprintf("%d of %d classes right", right, len(r.Samples)), counts, r.Classes)
	if err != nil {
		return err
	}
	worst := slices.DeleteFunc(slices.Clone(r.Samples), func(s localize.Sample) bool { return s.Right(1) })
	slices.SortStableFunc(worst, func(a, b localize.Sample) int { return cmp.Compare(b.Loss, a.Loss) })
	mistakes, err := bothBoxes("The largest losses: the box green, the predicted one orange", worst[:min(shownPredictions, len(worst))], r.Classes, d)
	if err != nil {
		return err
	}
	first, err := bothBoxes("The first images: the box green, the predicted one orange", r.Samples[:min(shownPredictions, len(r.Samples))], r.Classes, d)
	if err != nil {
		return err
	}
	return writeAll(dir, map[string]image.Image{"confusion.png": confusion, "worst.png": mistakes, "predictions.png": first})
}

// bothBoxes draws the true and the predicted box of each sample.
func bothBoxes(title string, samples []localize.Sample, classes []string, d data.Dataset) (image.Image, error) {
	const side = 240
	var cells []Cell
	for i := range samples {
		s := &samples[i]
		src, err := pictureOf(d, s.Index)
		if err != nil {
			return nil, err
		}
		m := enlarged(src, side)
		box := func(b data.Box) detection.Box {
			return detection.Box{X: float64(b.X0), Y: float64(b.Y0), W: float64(b.X1 - b.X0), H: float64(b.Y1 - b.Y0)}
		}
		m.frame(box(s.Truth), green, false)
		m.frame(box(s.Box), orange, false)
		said, mark := mostProbable(s), Wrong
		if s.Right(1) {
			mark = Right
		}
		details := []string{fmt.Sprintf("%s  %.1f %%", classes[said], 100*s.Probabilities[said]), fmt.Sprintf("IoU %.2f, %s", s.IoU, shortName(filepath.ToSlash(d.Name(s.Index))))}
		cells = append(cells, Cell{Image: m.m, Title: classes[s.Class], Details: details, Mark: mark})
	}
	if len(cells) == 0 {
		return nil, nil
	}
	return GridOf(title, cells, min(6, len(cells)), side), nil
}

// mostProbable returns the class that is said to be there.
func mostProbable(s *localize.Sample) int {
	best := 0
	for c, p := range s.Probabilities {
		if p > s.Probabilities[best] {
			best = c
		}
	}
	return best
}
