// Batchnorm trains LeNet-5 on MNIST with and without batch normalisation at several learning rates, each from the same first weights, and draws the
// test errors: with it, rates work at which the plain network learns nothing (Ioffe & Szegedy, "Batch normalization", ICML 2015).
//
//	go run ./examples/batchnorm docs/images/batchnorm.png
package main

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"io"
	"os"
	"path/filepath"

	"github.com/lince-ml/lince/data/mnist"
	"github.com/lince-ml/lince/plot"
	"github.com/lince-ml/lince/train"
	gplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: batchnorm OUT.png")
		os.Exit(2)
	}
	learn, test, err := mnist.Open()
	if err == nil {
		err = run(context.Background(), os.Stdout, os.Args[1], train.Data{Train: learn, Test: test}, []float64{0.003, 0.01, 0.03, 0.1, 0.3, 1, 3})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "batchnorm:", err)
		os.Exit(1)
	}
}

// run measures both networks at each rate, prints a table to w and draws it to the PNG file out.
func run(ctx context.Context, w io.Writer, out string, d train.Data, rates []float64) error {
	fmt.Fprintf(w, "%8s  %-7s  %-7s\n", "lr", "without", "with batch normalisation")
	var plain, normed plotter.XYs
	for _, rate := range rates {
		without, err := testError(ctx, d, "none", rate)
		if err != nil {
			return err
		}
		with, err := testError(ctx, d, "batch", rate)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%8g  %5.2f %%  %5.2f %%\n", rate, without, with)
		plain, normed = append(plain, plotter.XY{X: rate, Y: without}), append(normed, plotter.XY{X: rate, Y: with})
	}
	return drawErrors(out, plain, normed)
}

// testError returns the share of the test images, in percent, that the network has wrong after an epoch. One that diverges guesses: 90 % are wrong.
func testError(ctx context.Context, d train.Data, norm string, rate float64) (percent float64, err error) {
	dir, err := os.MkdirTemp("", "batchnorm")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	cfg, err := train.Recipe("digits", "mnist", "lenet5")
	if err != nil {
		return 0, err
	}
	cfg.ModelOptions["norm"] = norm
	cfg.Optim, cfg.Schedule, cfg.Rate = "sgd:momentum=0.9", "constant", rate
	cfg.Epochs, cfg.Validation, cfg.Augment = 1, 0, train.Augment{}
	r, err := train.Start(filepath.Join(dir, "run"), cfg, d)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	outcome, err := r.Train(ctx, train.Hooks{})
	if diverged := (*train.Diverged)(nil); errors.As(err, &diverged) {
		return 90, nil
	} else if err != nil {
		return 0, err
	}
	return 100 * (1 - outcome.Model.Metrics["test.accuracy"]), nil
}

// drawErrors draws the errors over the rates, both on a logarithmic scale.
func drawErrors(out string, plain, normed plotter.XYs) error {
	gplot.DefaultFont.Variant = "Sans"
	p := gplot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = "LeNet-5 after one epoch of MNIST", "learning rate", "test error, %"
	p.X.Scale, p.Y.Scale = gplot.LogScale{}, gplot.LogScale{}
	var rates []float64
	for _, point := range plain {
		rates = append(rates, point.X)
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks(rates...), ticks(1, 2, 5, 10, 20, 50, 90)
	p.Y.Min, p.Y.Max = 0.8, 100
	p.Legend.Top, p.Legend.Left, p.Legend.Padding, p.Legend.YOffs = true, true, vg.Millimeter, -6*vg.Millimeter // below 90 %
	p.Add(plotter.NewGrid())
	for _, c := range []struct {
		name   string
		points plotter.XYs
		color  color.RGBA
	}{
		{"without", plain, color.RGBA{0xd5, 0x5e, 0x00, 0xff}},
		{"with batch normalisation", normed, color.RGBA{0x00, 0x72, 0xb2, 0xff}},
	} {
		line, dots, err := plotter.NewLinePoints(c.points)
		if err != nil {
			return err
		}
		line.Color, line.Width = c.color, vg.Points(1.6)
		dots.Shape, dots.Color, dots.Radius = draw.CircleGlyph{}, c.color, vg.Points(2.5)
		p.Add(line, dots)
		p.Legend.Add(c.name, line, dots)
	}
	canvas := vgimg.NewWith(vgimg.UseWH(5.6*vg.Inch, 3.6*vg.Inch), vgimg.UseDPI(144))
	p.Draw(draw.Crop(draw.New(canvas), 8, -12, 8, -8))
	return plot.WritePNG(out, canvas.Image())
}

func ticks(values ...float64) gplot.ConstantTicks {
	var list gplot.ConstantTicks
	for _, v := range values {
		list = append(list, gplot.Tick{Value: v, Label: fmt.Sprintf("%g", v)})
	}
	return list
}
