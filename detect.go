package lince

import (
	"context"
	"image"
	"math"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/task/detect"
	"github.com/lince-ml/lince/task/instances"
)

// A Detection is a thing that was found in an image.
type Detection struct {
	Label string     // name of the class
	Index int        // its place in Classes
	Score float32    // how sure the model is, 0 to 1
	Box   Box        // around the thing, in pixels of the image
	Mask  *data.Mask // of Instances: 1 where the thing is, else 0, of the size of the image; the first pixel is the upper left one. Else nil
}

// DefaultThreshold is how sure a model must be of a thing for Detect and Instances to return it, if it does not say so itself. Measurements of models look at
// less sure ones, too.
const DefaultThreshold = 0.4

// usual stands for the threshold of the model, and for the overlap of the architecture.
const usual = -1

// Threshold sets how sure a model must be of a thing, more than score, for Detect and Instances to return it: 0 to 1. Without it, that is the score that its training has
// found best for F1 on the validation images, or else DefaultThreshold.
func Threshold(score float32) Option { return func(o *options) { o.threshold = score } }

// Overlap sets how much of what two boxes of one class cover together they may share, both being returned by Detect or Instances: the largest intersection over
// union, 0 to 1, that non-maximum suppression leaves. Without it, that is as is usual for the architecture.
func Overlap(iou float32) Option { return func(o *options) { o.overlap = iou } }

// apply returns the settings s of an architecture with what the options say, of a model with this threshold.
func (o options) apply(s detect.Settings, threshold float32) detect.Settings {
	switch {
	case o.threshold >= 0:
		s.Score = o.threshold
	case threshold > 0:
		s.Score = math.Nextafter32(threshold, 0) // a thing that is as sure counts
	default:
		s.Score = DefaultThreshold
	}
	if o.overlap >= 0 {
		s.Overlap = o.overlap
	}
	return s
}

// Threshold returns how sure the model must be of a thing, more than that, for Detect and Instances to return it: see the option.
func (m *Model) Threshold() float32 { return m.settings.Score }

// Detect returns the things in img, the surest first, if the model has learned the task detect: see Task. An image of any size and colour is resized to what the
// model takes, all of it; see also Threshold and Overlap.
func (m *Model) Detect(ctx context.Context, img image.Image) ([]Detection, error) {
	return m.find(ctx, img, detect.Name)
}

// Instances is Detect for models that have learned the task instances, which tell the pixels of each thing, too.
func (m *Model) Instances(ctx context.Context, img image.Image) ([]Detection, error) {
	return m.find(ctx, img, instances.Name)
}

// find returns what the model, which must have learned the task asked, finds in img.
func (m *Model) find(ctx context.Context, img image.Image, asked string) ([]Detection, error) {
	leave, err := m.enter(img, asked)
	if err != nil {
		return nil, err
	}
	defer leave()
	b := img.Bounds()
	im := data.FromImage(img, m.file.Input.Channels, b.Dy(), b.Dx())
	var found []data.Detection
	if m.detector != nil {
		found, err = m.detector.Detect(ctx, im, m.settings)
	} else {
		found, err = m.instances.Detect(ctx, im, m.settings)
	}
	if err != nil {
		return nil, err
	}
	list := make([]Detection, len(found))
	x, y := float32(b.Min.X), float32(b.Min.Y)
	for i, d := range found {
		list[i] = Detection{Label: m.file.Classes[d.Class], Index: d.Class, Score: d.Score, Box: Box{d.X0 + x, d.Y0 + y, d.X1 + x, d.Y1 + y}}
		if d.Shape != nil {
			list[i].Mask = d.Shape.Mask
		}
	}
	return list, nil
}
