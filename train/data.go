package train

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
)

// Divide returns d as a training with the settings c uses it: with validation and test images set aside where it has none. The test
// images, and the folds, are the same for all seeds, so that runs can be compared.
func Divide(d Data, c *Config) (Data, error) {
	var err error
	if d.Test == nil && c.Test > 0 {
		if d.Train, d.Test, err = data.Split(d.Train, c.Test, 0); err != nil {
			return d, err
		}
	}
	switch {
	case c.Folds > 0 && d.Validation != nil:
		return d, fmt.Errorf("%s has validation images: folds is for data without", c.Data)
	case c.Folds > 0:
		if d.Train, d.Validation, err = data.KFold(d.Train, c.Folds, c.Fold, 0); err != nil {
			return d, err
		}
	case d.Validation == nil && c.Validation > 0:
		if d.Train, d.Validation, err = data.Split(d.Train, c.Validation, seedFor(seedSplit, c.Seed)); err != nil {
			return d, err
		}
	}
	for _, set := range []*data.Dataset{&d.Test, &d.Validation} {
		if *set != nil && (*set).Len() == 0 { // a share that was rounded to nothing
			*set = nil
		}
	}
	if n, step := d.Train.Len(), c.Batch*max(1, c.Accumulate); n < step {
		return d, fmt.Errorf("a batch of %d, but %d training images after validation and test are set aside: a smaller batch is needed", step, n)
	}
	return d, nil
}

// measured is how many images, evenly spaced, stand for a dataset when it is measured.
const measured = 5_000

// visit calls f for at most measured images of d, evenly spaced, in their order.
func visit(d data.Dataset, workers int, f func(pix []uint8, s data.Sample) error) error {
	if d.Len() == 0 {
		return fmt.Errorf("no training images")
	}
	var indices []int
	for i := 0; i < d.Len(); i += (d.Len() + measured - 1) / measured {
		indices = append(indices, i)
	}
	loader := data.Loader{Data: data.Subset(d, indices), Batch: 64, Workers: workers}
	for batch, err := range loader.Batches(context.Background(), 0, 0) {
		if err != nil {
			return err
		}
		size := batch.X.Size() / loader.Batch
		for i := range batch.N {
			if err := f(batch.X.U8()[i*size:(i+1)*size], batch.Samples[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// describe returns what is said of the training data d in model files. The hash is the SHA-256 of the text "N images of CLASSES" with
// CLASSES as %q prints them, and of label (little-endian i32), pixels, boxes
// (class and corners as fmt.Fprint prints them) and mask (little-endian u16) of those images that visit chooses.
func describe(name string, d data.Dataset, workers int) (modelfile.Data, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%d images of %q", d.Len(), d.Classes())
	err := visit(d, workers, func(pix []uint8, s data.Sample) error {
		sum.Write(binary.LittleEndian.AppendUint32(nil, uint32(int32(s.Label))))
		sum.Write(pix)
		for _, b := range s.Boxes {
			fmt.Fprint(sum, b.Class, b.X0, b.Y0, b.X1, b.Y1)
		}
		if s.Mask != nil {
			binary.Write(sum, binary.LittleEndian, s.Mask.Pix)
		}
		return nil
	})
	return modelfile.Data{Name: name, Train: d.Len(), SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}

// measure returns the preprocessing for d: mean and standard deviation of each channel, and the brightness of the border. The sums are
// of integers, so they are exact.
func measure(d data.Dataset, c, h, w, workers int) (modelfile.Input, error) {
	channels := make([]moments, c)
	var border moments
	err := visit(d, workers, func(pix []uint8, _ data.Sample) error {
		if len(pix) != c*h*w {
			return fmt.Errorf("training images of several sizes: some have %d bytes, the first has %dx%dx%d", len(pix), c, h, w)
		}
		for i := range channels {
			plane := pix[i*h*w : (i+1)*h*w]
			channels[i].add(plane)
			border.add(plane[:w])
			border.add(plane[(h-1)*w:])
			for y := 1; y < h-1; y++ {
				border.add(plane[y*w : y*w+1])
				border.add(plane[y*w+w-1 : y*w+w])
			}
		}
		return nil
	})
	in := modelfile.Input{Channels: c, Height: h, Width: w}
	for i := range channels {
		mean, std := channels[i].brightness()
		if std == 0 {
			std = 1 // a channel that is the same everywhere
		}
		in.Mean, in.Std = append(in.Mean, mean), append(in.Std, std)
	}
	in.Border.Mean, in.Border.Std = border.brightness()
	return in, err
}

// moments are sums over bytes.
type moments struct{ n, sum, squares uint64 }

func (m *moments) add(pix []uint8) {
	m.n += uint64(len(pix))
	for _, p := range pix {
		m.sum += uint64(p)
		m.squares += uint64(p) * uint64(p)
	}
}

// brightness returns mean and standard deviation, where 255 counts as 1.
func (m *moments) brightness() (mean, std float32) {
	n := float64(m.n)
	mu := float64(m.sum) / n
	variance := float64(m.squares)/n - float64(mu*mu)
	return float32(mu / 255), float32(math.Sqrt(max(0, variance)) / 255)
}
