// Ownnet trains a network of one's own on MNIST, and uses it: the network is a Go function, registered under a name, and everything else
// (training, run folder, model file) works with it as with those that come with lince.
//
//	go run ./examples/ownnet
package main

import (
	"context"
	"fmt"
	"image"
	"log"
	"os"
	"path/filepath"

	"github.com/lince-ml/lince"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/mnist"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/train"
)

func init() {
	models.Register(models.Spec{
		Name:     "ownnet",
		Channels: 1, Height: 28, Width: 28, Classes: 10,
		Build: func(a models.Args) (nn.Layer, error) {
			return nn.Seq(
				nn.Conv(8, 3, nn.Stride(2), nn.Pad(1), nn.NoBias), nn.BatchNorm(), nn.Relu,
				nn.Conv(16, 3, nn.Stride(2), nn.Pad(1), nn.NoBias), nn.BatchNorm(), nn.Relu,
				nn.Flatten, nn.Dropout(0.1), nn.Dense(a.Classes)), nil
		},
	})
}

func main() {
	dir, err := os.MkdirTemp("", "ownnet")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	learn, test, err := mnist.Open()
	if err != nil {
		log.Fatal(err)
	}
	if err := run(context.Background(), filepath.Join(dir, "run"), 2, learn, test); err != nil {
		log.Fatal(err)
	}
}

// run trains in the folder dir and asks the model what the first test image is.
func run(ctx context.Context, dir string, epochs int, learn, test data.Dataset) error {
	cfg, err := train.Recipe("digits", "mnist", "ownnet")
	if err != nil {
		return err
	}
	cfg.Epochs = epochs
	r, err := train.Start(dir, cfg, train.Data{Train: learn, Test: test})
	if err != nil {
		return err
	}
	defer r.Close()
	outcome, err := r.Train(ctx, train.Hooks{Epoch: func(e train.Epoch) {
		fmt.Printf("epoch %d: loss %.3f, %.1f %% of the validation images right\n", e.Epoch, e.Train.Loss, 100*e.Validation.Get("accuracy"))
	}})
	if err != nil {
		return err
	}
	fmt.Printf("%.1f %% of the test images right\n", 100*outcome.Model.Metrics["test.accuracy"])

	m, err := lince.Open(dir)
	if err != nil {
		return err
	}
	defer m.Close()
	sample, err := test.Sample(0)
	if err != nil {
		return err
	}
	im := sample.Image
	top, err := m.Classify(ctx, &image.Gray{Pix: im.Pix, Stride: im.W, Rect: image.Rect(0, 0, im.W, im.H)})
	if err != nil {
		return err
	}
	fmt.Printf("%s is a %d; the model says %s\n", test.Name(0), sample.Label, top[0].Label)
	return nil
}
