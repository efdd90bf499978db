// Package data brings images to the network: datasets, transforms that vary them, and a loader that makes batches
// ahead of time. The order of samples and their variation depend on seed, epoch and sample only, never on timing or
// on the number of workers.
package data

import "math/rand/v2"

// An Image is C planes of H x W pixels, each 0 to 255: planes are red, green, blue for C = 3, grey for C = 1.
// Pixel (c, y, x) is Pix[(c*H+y)*W+x]. Pix may be shared with a dataset, so it must not be changed.
type Image struct {
	C, H, W int
	Pix     []uint8
}

// NewImage returns a black image.
func NewImage(c, h, w int) Image { return Image{c, h, w, make([]uint8, c*h*w)} }

// A Sample is an image and the class it belongs to, an index into Dataset.Classes.
type Sample struct {
	Image Image
	Label int
}

// A Dataset is a fixed list of samples. All methods are safe for concurrent use.
type Dataset interface {
	Len() int
	Classes() []string
	// Sample returns sample i, 0 <= i < Len(). Errors name the file.
	Sample(i int) (Sample, error)
	// Name names sample i in messages and reports: a file, or such as "mnist/test#17".
	Name(i int) string
}

// A Labeler is a Dataset that gives the label of sample i without reading its image.
type Labeler interface{ Label(i int) (int, error) }

// A Transform returns a variation of im, which it leaves as it is. It is a pure function of its arguments: all
// chance comes from r, which the Loader seeds by seed, epoch and sample.
type Transform func(r *rand.Rand, im Image) Image

// Compose returns the Transform that applies each of list in turn.
func Compose(list ...Transform) Transform {
	return func(r *rand.Rand, im Image) Image {
		for _, t := range list {
			im = t(r, im)
		}
		return im
	}
}
