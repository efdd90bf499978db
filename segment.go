package lince

import (
	"context"
	"image"
	"math/rand/v2"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/task/segment"
)

// Segment returns the class of each pixel of img, an index into Classes, if the model has learned that: see Task. The whole image is resized to what the model
// takes, whatever its proportions, and the answer to the size of the image; its first pixel is the upper left one of img, also where the bounds do not begin at 0.
func (m *Model) Segment(ctx context.Context, img image.Image) (*data.Mask, error) {
	leave, err := m.enter(img, segment.Name)
	if err != nil {
		return nil, err
	}
	defer leave()
	in, h, w := m.file.Input, img.Bounds().Dy(), img.Bounds().Dx()
	s := data.Sample{Image: data.FromImage(img, in.Channels, h, w)}
	if h != in.Height || w != in.Width {
		s = data.Resize(in.Height, in.Width)(rand.New(rand.NewPCG(0, 0)), s)
	}
	return m.segmenter.Segment(ctx, s.Image, h, w)
}
