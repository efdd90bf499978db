package lince

import (
	"cmp"
	"image"
	"io"
	"math"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
)

// An Option is a choice for Open.
type Option func(*options)

type options struct {
	threads   int
	inversion Inversion
	weights   modelfile.Import
	threshold float32
	overlap   float32
}

// Threads sets how many threads work on one call; 0, the default, means one per CPU.
func Threads(n int) Option { return func(o *options) { o.threads = n } }

// Architecture names the network that weights from elsewhere are for, and its options, as `lince models` lists them. Without it, the names and shapes
// of the tensors tell.
func Architecture(name string, settings map[string]string) Option {
	return func(o *options) { o.weights.Architecture, o.weights.Options = name, settings }
}

// Normalize sets what weights from elsewhere are used with: channel c of pixel p, 0 to 1, becomes (p - mean[c]) / std[c].
func Normalize(mean, std []float32) Option {
	return func(o *options) { o.weights.Mean, o.weights.Std = mean, std }
}

// ImageSize sets the size of the images that weights from elsewhere are used with; without it, it is the architecture's own. Detectors find smaller things in
// larger images.
func ImageSize(height, width int) Option {
	return func(o *options) { o.weights.Height, o.weights.Width = height, width }
}

// Labels names the classes of weights from elsewhere.
func Labels(names []string) Option { return func(o *options) { o.weights.Classes = names } }

// An Inversion says when an image is turned into its negative before the model sees it.
type Inversion int

// The inversions.
const (
	// InvertAuto inverts images whose border is nearer in brightness to the negative of the training images' border than to that
	// border itself: dark writing on white paper for a model that has learned from white digits on black. It never
	// inverts where the training images have no even border.
	InvertAuto Inversion = iota
	InvertNever
	InvertAlways
)

// Invert sets when images are inverted; InvertAuto is the default.
func Invert(when Inversion) Option { return func(o *options) { o.inversion = when } }

// Prepare returns what the model sees of img, which must have a pixel: resized so that it just covers the model's input, cut around its middle,
// converted to grey or colour and, if inverted is true, turned into its negative. Grey images get the contrast of the training images where
// those have an even border.
func (m *Model) Prepare(img image.Image) (prepared data.Image, inverted bool) {
	in := m.file.Input
	return m.finish(data.FromMiddle(img, in.Channels, in.Height, in.Width, cmp.Or(in.Resize, min(in.Height, in.Width))))
}

// Read returns what the model sees of the image file that r reads: what Prepare makes of it, but decoded as in training, which of large JPEG files takes less
// time and may differ in single pixels; see data.Read. A file of more than maxPixels pixels is an error; 0 stands for data.MaxPixels.
func (m *Model) Read(r io.Reader, maxPixels int) (prepared data.Image, inverted bool, err error) {
	return m.read(data.Read(r, m.fit(), maxPixels))
}

// ReadFile is Read for the file at path. Errors name it.
func (m *Model) ReadFile(path string, maxPixels int) (prepared data.Image, inverted bool, err error) {
	return m.read(data.ReadFile(path, m.fit(), maxPixels))
}

func (m *Model) fit() data.Fit {
	in := m.file.Input
	return data.Fit{C: in.Channels, H: in.Height, W: in.Width, Resize: in.Resize}
}

func (m *Model) read(im data.Image, err error) (data.Image, bool, error) {
	if err != nil {
		return im, false, err
	}
	prepared, inverted := m.finish(im)
	return prepared, inverted, nil
}

// finish inverts prepared and gives it contrast, as the model wants it, in place.
func (m *Model) finish(prepared data.Image) (_ data.Image, inverted bool) {
	in := m.file.Input
	switch m.options.inversion {
	case InvertAlways:
		inverted = true
	case InvertAuto:
		border, want := borderBrightness(prepared), float64(in.Border.Mean)
		inverted = in.Border.Uniform() && math.Abs(border-(1-want)) < math.Abs(border-want)
	}
	if inverted {
		for i, p := range prepared.Pix {
			prepared.Pix[i] = 255 - p
		}
	}
	if in.Channels == 1 && in.Border.Uniform() {
		stretch(prepared, float64(in.Border.Mean))
	}
	return prepared, inverted
}

// borderBrightness returns the mean of the outermost pixels, 0 to 1.
func borderBrightness(im data.Image) float64 {
	sum, n := 0, 0
	for i, p := range im.Pix {
		x, y := i%im.W, i/im.W%im.H
		if x == 0 || y == 0 || x == im.W-1 || y == im.H-1 {
			sum += int(p)
			n++
		}
	}
	return float64(sum) / float64(255*n)
}
