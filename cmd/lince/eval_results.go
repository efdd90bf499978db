package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/outline"
	"github.com/lince-ml/lince/metric/coco"
	"github.com/lince-ml/lince/metric/detection"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/detect"
	"github.com/lince-ml/lince/task/instances"
	"github.com/lince-ml/lince/train"
)

// isResults reports whether a name is that of a file of COCO results.
func isResults(name string) bool { return strings.EqualFold(filepath.Ext(name), ".json") }

// checkResults reports a --save-predictions that a model, at path, of this task has nothing for.
func (f *evalFlags) checkResults(path, task string) error {
	switch {
	case f.predictions == "":
		return nil
	case task != detect.Name && task != instances.Name:
		return usagef("--save-predictions: only for models that classify or find things; %s is for the task %s", path, task)
	case !isResults(f.predictions):
		return usagef("--save-predictions %s: expected a name that ends in .json, for COCO results", f.predictions)
	}
	return nil
}

// detections returns what was compared, nil if the report is not about things.
func detections(r task.Report) *detection.Set {
	switch r := r.(type) {
	case *detect.Report:
		return r.Set
	case *instances.Report:
		return r.Masks.Set
	}
	return nil
}

// saveResults writes what m has found in the images of d, as COCO results: in the pixels of the files, with the numbers that the file of annotations has, or
// that `lince data convert` gives to images and classes.
func saveResults(path string, s *detection.Set, d data.Dataset, m *modelfile.Model) error {
	framing, err := train.Framing(m.Task, m.Architecture)
	if err != nil {
		return err
	}
	fit := data.Fit{C: m.Input.Channels, H: m.Input.Height, W: m.Input.Width, Resize: m.Input.Resize, Framing: framing}
	images, classes := make([]int64, d.Len()), make([]int64, len(s.Classes))
	for i := range images {
		images[i] = data.ImageID(d, i)
	}
	for i := range classes {
		classes[i] = data.ClassID(d, i)
	}
	list := slices.Clone(s.Detections)
	places := map[int]place{} // by image
	for i := range list {
		p, ok := places[list[i].Image]
		if !ok {
			_, h, w, err := data.Annotations(d, list[i].Image)
			if err != nil {
				return err
			}
			p = placeOf(fit, h, w)
			places[list[i].Image] = p
		}
		list[i] = p.back(list[i])
	}
	return coco.WriteResults(path, images, classes, list)
}

// A place is where in the input of a network a picture lies.
type place struct {
	h, w      int        // of the picture
	left, top float64    // where its corner lies
	scale     [2]float64 // pixels of the input for one of the picture, across and down
}

// placeOf returns where a picture of h x w pixels lies. One that has the size of the input is there as it is.
func placeOf(fit data.Fit, h, w int) place {
	if h == fit.H && w == fit.W {
		return place{h, w, 0, 0, [2]float64{1, 1}}
	}
	all := fit.Follow(data.Sample{Boxes: []data.Box{{X1: float32(w), Y1: float32(h)}}}, w, h).Boxes[0]
	return place{h, w, float64(all.X0), float64(all.Y0), [2]float64{float64(all.X1-all.X0) / float64(w), float64(all.Y1-all.Y0) / float64(h)}}
}

// back returns d, which is in pixels of the input, in those of the picture.
func (p place) back(d detection.Detection) detection.Detection {
	// What lies beside the picture stays: it was measured with it.
	d.Box = detection.Box{X: (d.Box.X - p.left) / p.scale[0], Y: (d.Box.Y - p.top) / p.scale[1], W: d.Box.W / p.scale[0], H: d.Box.H / p.scale[1]}
	if d.Mask.Counts == nil || d.Mask.H == p.h && d.Mask.W == p.w {
		return d
	}
	m := outline.RLE{Runs: d.Mask.Runs}.Mask()
	d.Mask = detection.NewMask(p.h, p.w, func(y, x int) bool {
		u, v := int((float64(x)+0.5)*p.scale[0]+p.left), int((float64(y)+0.5)*p.scale[1]+p.top)
		return m.Pix[min(v, m.H-1)*m.W+min(u, m.W-1)] != 0
	})
	return d
}
