package main

import (
	"fmt"
	"image"
	"math"
	"path/filepath"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/metric/coco"
	"github.com/lince-ml/lince/metric/detection"
	"github.com/lince-ml/lince/plot"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/detect"
	"github.com/spf13/pflag"
)

// fromFlags are those of `lince eval --from`, which measures what other programs have found.
type fromFlags struct {
	file   string
	iou    string
	images string
}

const fromHelp = "With --from, no model is run: the file of COCO results, from any program, is measured against a file of COCO annotations, as pycocotools does."

func (f *fromFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.file, "from", "", "measure the COCO results in `FILE`, such as predictions.json; the argument is a file of COCO annotations")
	flags.StringVar(&f.iou, "iou", "bbox", "with --from: what is compared, `KIND` bbox or segm")
	flags.StringVar(&f.images, "images", "", "with --from and --plots: folder `DIR` of the images, for pictures of those with the most mistakes")
}

// worstShown is how many images with the most mistakes are drawn.
const worstShown = 9

// fromResult is what `lince eval --from --json` prints. What is not defined is null.
type fromResult struct {
	Task        string              `json:"task"`
	From        string              `json:"from"`
	Data        string              `json:"data"`
	IoU         string              `json:"iou"`
	Images      int                 `json:"images"`
	Things      int                 `json:"things"`
	Detections  int                 `json:"detections"`
	Metrics     map[string]*float64 `json:"metrics"`
	Classes     []fromClass         `json:"classes"`
	Mistakes    []detect.Mistake    `json:"mistakes"`
	Operating   detect.Operating    `json:"best_f1"`
	Confusion   [][]int             `json:"confusion"` // at the score of best_f1, by class of the thing and of the detection; the last is the background
	WorstImages []detect.WorstImage `json:"worst_images"`
}

type fromClass struct {
	Name       string              `json:"name"`
	Things     int                 `json:"things"`
	Detections int                 `json:"detections"`
	Metrics    map[string]*float64 `json:"metrics"`
}

// runFrom is `lince eval --from`: args are the file of annotations.
func (f *evalFlags) runFrom(c *console, args []string) error {
	switch {
	case len(args) > 1:
		return usagef("%q is too much, expected: lince eval --from FILE ANNOTATIONS", args[1])
	case f.predictions != "" || f.tta != "" || f.calibrate:
		return usagef("--save-predictions, --tta and --calibrate: not with --from, which runs no model")
	}
	if f.from.images != "" && f.plots == "" {
		return usagef("--images: only with --plots")
	}
	return f.from.run(c, args[0], f.plots, f.json)
}

// run measures the results against the annotations in the file truth, and writes pictures to the folder plots if it is named.
func (f *fromFlags) run(c *console, truth, plots string, asJSON bool) error {
	masks, ok := map[string]bool{"bbox": false, "segm": true}[f.iou]
	if !ok {
		return usageError{nearest.Error("value of --iou", f.iou, []string{"bbox", "segm"})}
	}
	t, err := coco.ReadTruth(truth, masks)
	if err != nil {
		return err
	}
	detections, err := t.ReadResults(f.file, masks)
	if err != nil {
		return err
	}
	s := t.Set(detections, masks)
	if err := s.Check(); err != nil {
		return fmt.Errorf("%s with %s: %w", f.file, truth, err)
	}
	r, a := coco.Evaluate(s), detection.Analyze(s)
	if plots != "" {
		if err := plot.Detections(plots, s, r, a); err != nil {
			return err
		}
		if err := f.plotWorst(plots, s, a); err != nil {
			return err
		}
	}
	if asJSON {
		return c.json(f.result(truth, s, r, a))
	}
	return f.print(c, truth, s, r, a)
}

// plotWorst draws the images with the most mistakes, if it is known where the images are.
func (f *fromFlags) plotWorst(dir string, s *detection.Set, a *detection.Analysis) error {
	if f.images == "" {
		return nil
	}
	m, err := plot.WorstDetections(s, a, worstShown, a.BestF1().Score, func(i int) (image.Image, error) {
		if !filepath.IsLocal(s.Images[i]) {
			return nil, fmt.Errorf("the annotations name the image %q, expected a file within %s", s.Images[i], f.images)
		}
		return data.DecodeFile(filepath.Join(f.images, filepath.FromSlash(s.Images[i])), 0)
	})
	if err != nil || m == nil {
		return err
	}
	return plot.WritePNG(filepath.Join(dir, "worst.png"), m)
}

func (f *fromFlags) print(c *console, truth string, s *detection.Set, r *coco.Report, a *detection.Analysis) error {
	what := map[bool]string{false: "boxes", true: "masks"}[s.Masks]
	c.printf("%s on %s: AP %s of %s; %s detections, %s things in %s images\n", filepath.ToSlash(f.file), filepath.ToSlash(truth), c.bold(orDash(r.AP)), what,
		metric.Thousands(len(s.Detections)), metric.Thousands(len(s.Things)), metric.Thousands(len(s.Images)))
	c.printf("\n")
	metrics := task.Table{Header: []string{"metric", "value"}}
	for _, q := range r.Quantities() {
		metrics.Rows = append(metrics.Rows, []string{q.Title, orDash(q.Value)})
	}
	return printTables(c, append([]task.Table{metrics}, detect.MetricsOf(s, r, a).Tables()...))
}

func orDash(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	return metric.Percent(v)
}

func (f *fromFlags) result(truth string, s *detection.Set, r *coco.Report, a *detection.Analysis) fromResult {
	m := detect.MetricsOf(s, r, a)
	result := fromResult{
		Task: map[bool]string{false: "detect", true: "instances"}[s.Masks], From: f.file, Data: truth, IoU: f.iou,
		Images: len(s.Images), Things: len(s.Things), Detections: len(s.Detections),
		Metrics: defined(r.Summary), Mistakes: m.Mistakes, Operating: m.BestF1, Confusion: a.Confusion(m.BestF1.Score), WorstImages: m.Worst,
	}
	for i := range r.Classes {
		k := &r.Classes[i]
		result.Classes = append(result.Classes, fromClass{k.Name, k.Things, k.Detections, defined(k.Summary)})
	}
	return result
}

// defined returns the numbers by name, with nil for those that are not defined, which JSON cannot say otherwise.
func defined(s coco.Summary) map[string]*float64 {
	all := map[string]*float64{}
	for _, q := range s.Quantities() {
		all[q.Name] = number(q.Value)
	}
	return all
}

func number(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}
