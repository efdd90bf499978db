package lince

import (
	"context"
	"errors"
	"fmt"
	"image"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/task/localize"
)

// A Box is a rectangle in an image, in its pixels: X0 <= x < X1 and Y0 <= y < Y1.
type Box struct{ X0, Y0, X1, Y1 float32 }

// A Localization says what the thing in an image is, and where.
type Localization struct {
	Classes []Prediction // all classes, the most probable first
	Box     Box          // around the thing, in pixels of the image
}

// Localize returns what the thing in img is and where, if the model has learned that: see Task. An image of any size and colour is fitted to the
// model, which looks for the thing in the part that it sees; see Prepare.
func (m *Model) Localize(ctx context.Context, img image.Image) (Localization, error) {
	leave, err := m.enter(img, localize.Name)
	if err != nil {
		return Localization{}, err
	}
	defer leave()
	prepared, _ := m.Prepare(img)
	answers, err := m.localizer.Localize(ctx, []data.Image{prepared})
	if err != nil {
		return Localization{}, err
	}
	return Localization{m.ranked(answers[0].Probabilities), m.origin(answers[0].Box, img.Bounds())}, nil
}

// origin returns where in an image of these bounds the box is that was found in what Prepare made of it.
func (m *Model) origin(b data.Box, bounds image.Rectangle) Box {
	place := func(x, y float32) (float32, float32) {
		x, y = m.fit().Origin(bounds.Dx(), bounds.Dy(), x, y)
		return x + float32(bounds.Min.X), y + float32(bounds.Min.Y)
	}
	var o Box
	o.X0, o.Y0 = place(b.X0, b.Y0)
	o.X1, o.Y1 = place(b.X1, b.Y1)
	return o
}

// Task returns what the model has learned: classify, localize, detect, instances or segment.
func (m *Model) Task() string { return m.file.Task }

// enter begins a call that is asked what a task tells of img, and keeps the model open until leave is called.
func (m *Model) enter(img image.Image, asked string) (leave func(), err error) {
	if img == nil || img.Bounds().Empty() {
		return nil, errors.New("lince: the image has no pixels")
	}
	m.use.RLock()
	switch {
	case m.closed:
		err = ErrClosed
	case m.file.Task != asked:
		err = m.otherTask(asked)
	}
	if err != nil {
		m.use.RUnlock()
		return nil, err
	}
	return m.use.RUnlock, nil
}

func (m *Model) otherTask(asked string) error {
	return fmt.Errorf("lince: the model has learned the task %s, not %s", m.file.Task, asked)
}
