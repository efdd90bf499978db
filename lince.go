// Package lince uses trained models of images in Go programs:
//
//	m, err := lince.Open("runs/mnist-lenet5-1")
//	...
//	top, err := m.Classify(ctx, img)
//	fmt.Println(top[0].Label, top[0].Probability)
//
// Models are trained by the lince command, or by package train.
package lince

import (
	"context"
	"errors"
	"image"

	"github.com/lince-ml/lince/data"
)

// A Model is a trained model, ready to use. It is safe for concurrent use.
type Model struct{}

// A Prediction is a class and how probable it is.
type Prediction struct {
	Label       string  // name of the class
	Index       int     // its place in Classes
	Probability float32 // 0 to 1; those of all classes sum to 1
}

// An Option is a choice for Open.
type Option func(*Model)

// Threads sets how many threads work on one call; 0, the default, means one per CPU.
func Threads(n int) Option { return func(*Model) {} }

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
func Invert(when Inversion) Option { return func(*Model) {} }

// Open reads the model at path: a model file, or a run folder that lince train has written, whose best weights are taken. Errors
// name the file and say what is wrong.
func Open(path string, opts ...Option) (*Model, error) { return nil, errors.New("not yet written") }

// Classes returns the names of the classes.
func (m *Model) Classes() []string { return nil }

// Classify returns all classes, the most probable first. An image of any size and colour is fitted to the model; see Prepare.
func (m *Model) Classify(ctx context.Context, img image.Image) ([]Prediction, error) {
	return nil, errors.New("not yet written")
}

// ClassifyBatch is Classify for several images, which takes less time than one after the other.
func (m *Model) ClassifyBatch(ctx context.Context, imgs []image.Image) ([][]Prediction, error) {
	return nil, errors.New("not yet written")
}

// Prepare returns what the model sees of img: resized so that it just covers the model's input, cut around its middle, converted to
// grey or colour and, if inverted is true, turned into its negative.
func (m *Model) Prepare(img image.Image) (prepared data.Image, inverted bool) { return }

// Close frees the model's threads. The model must not be used afterwards.
func (m *Model) Close() error { return nil }
