// Package mnist carries the MNIST database of handwritten digits: 60,000 images for training and 10,000 for testing,
// 28x28 grey pixels, white on black (LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document
// recognition", Proceedings of the IEEE, 1998). NOTICE says where the files come from. They add 11 MB to a program.
package mnist

import (
	_ "embed"
	"fmt"
	"sync"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/idx"
)

var (
	//go:embed train-images-idx3-ubyte.gz
	trainImages []byte
	//go:embed train-labels-idx1-ubyte.gz
	trainLabels []byte
	//go:embed t10k-images-idx3-ubyte.gz
	testImages []byte
	//go:embed t10k-labels-idx1-ubyte.gz
	testLabels []byte
)

// Open returns the training set and the test set. The first call unpacks them, into 55 MB of memory.
func Open() (train, test data.Dataset, err error) {
	if train, err = openTrain(); err != nil {
		return nil, nil, err
	}
	if test, err = openTest(); err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

var (
	openTrain = sync.OnceValues(func() (data.Dataset, error) { return unpack("mnist/train", trainImages, trainLabels) })
	openTest  = sync.OnceValues(func() (data.Dataset, error) { return unpack("mnist/test", testImages, testLabels) })
)

func unpack(name string, images, labels []byte) (data.Dataset, error) {
	x, err := idx.Decode(images, 3)
	if err != nil {
		return nil, fmt.Errorf("%s images: %w", name, err)
	}
	y, err := idx.Decode(labels, 1)
	if err != nil {
		return nil, fmt.Errorf("%s labels: %w", name, err)
	}
	return idx.NewDataset(name, x, y)
}
