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

// A Sample is an image and what is known about it. Only the image and one of the others need be there. What the slices and Mask lead to
// may be shared with a dataset, so it must not be changed.
//
// Places in the image are in pixels: x to the right, y down, (0, 0) the corner of the first pixel and (0.5, 0.5) its middle.
type Sample struct {
	Image  Image
	Label  int       // the class it belongs to, an index into Dataset.Classes; -1 if it has none or any number of them
	Labels []float32 // where it may belong to any number of classes: 1 for those that it belongs to, 0 for the others
	Boxes  []Box
	Mask   *Mask
	Points []Point

	Index, Epoch int // its place in the dataset and the pass over it; set by the Loader, for a Transform
}

// A Box is a rectangle around a thing: X0 <= x < X1 and Y0 <= y < Y1.
type Box struct {
	Class          int // an index into Dataset.Classes
	X0, Y0, X1, Y1 float32
	Shape          *Shape // which pixels within it are the thing; nil if nobody has said
	Crowd          bool   // stands for many things of the class; finding them is neither right nor wrong (COCO)
	Difficult      bool   // hard to see; finding it is neither right nor wrong (Pascal VOC)
}

// A Shape is the outline of a thing, in pixels of its image: one of both.
type Shape struct {
	Polygons [][]float32 // corners x0, y0, x1, y1, ... of each; the thing is all that is inside of any of them
	Mask     *Mask       // of the size of the image: 1 where the thing is, else 0
}

// A Detection is a thing that a network has found.
type Detection struct {
	Box
	Score float32 // how sure it is, 0 to 1
}

// A Mask has a value for each pixel of an image of the same size: the index of a class, or of a thing. That of pixel (y, x) is Pix[y*W+x].
type Mask struct {
	H, W int
	Pix  []uint16
}

// Ignore is the value of a mask where nothing is known: it counts neither in training nor in measuring.
const Ignore = 65535

// A Point is a place that has a meaning, such as the left eye; which it is follows from its place in Sample.Points.
type Point struct {
	X, Y    float32
	Visible uint8 // as in COCO: 0 means not marked or outside of the image, 1 marked but hidden, 2 visible
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

// A MultiLabeler is a Dataset that gives the list of labels of sample i, as in Sample.Labels, without reading its image.
type MultiLabeler interface {
	Labels(i int) ([]float32, error)
}

// A Transform returns a variation of s, which it leaves as it is. Boxes, mask and points follow the image. It is a pure
// function of its arguments: all chance comes from r, which the Loader seeds by seed, epoch and sample.
type Transform func(r *rand.Rand, s Sample) Sample

// A Collage makes one sample of s, which it leaves as it is, and others of the n of the dataset, which it reads by their place. As a Transform it is a pure
// function: which ones it asks for is drawn from r.
type Collage func(r *rand.Rand, s Sample, n int, read func(i int) (Sample, error)) (Sample, error)

// Compose returns the Transform that applies each of list in turn.
func Compose(list ...Transform) Transform {
	return func(r *rand.Rand, s Sample) Sample {
		for _, t := range list {
			s = t(r, s)
		}
		return s
	}
}
