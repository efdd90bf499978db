package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lince-ml/lince"
	"github.com/lince-ml/lince/format/onnx"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/modelfile"
	"github.com/spf13/pflag"
)

// importFlags say of weights that another program has written what their file does not.
type importFlags struct{ model, size, mean, std, classes string }

const importHelp = "MODEL is a run folder, a model file, the name of weights that `lince models pull` has downloaded, an ONNX model, or a file of weights that another program has written (PyTorch's .pth, safetensors, Keras's .h5 ...). The " +
	"architecture of such weights is known by the names and shapes of the tensors, or named by --model; the rest is as is usual for it, and is " +
	"said on standard error."

func (f *importFlags) register(s *pflag.FlagSet) {
	s.StringVar(&f.model, "model", "", "the architecture of weights from elsewhere, `NAME` or NAME:KEY=VALUE,...")
	s.StringVar(&f.size, "image-size", "", "the `SIDE` or HEIGHTxWIDTH of the images that weights from elsewhere are used with, for networks that take any size")
	s.StringVar(&f.mean, "mean", "", "the `MEANS` of the channels that weights from elsewhere are used with, as in 0.485,0.456,0.406")
	s.StringVar(&f.std, "std", "", "the standard `DEVIATIONS`, as in 0.229,0.224,0.225")
	s.StringVar(&f.classes, "classes", "", "`FILE` with the names of the classes of weights from elsewhere, one a line")
}

// read returns the model at path, with what the flags say.
func (f *importFlags) read(c *console, path string) (*modelfile.Model, error) {
	path, im, err := f.settings(path)
	if err != nil {
		return nil, err
	}
	m, assumed, err := modelfile.ReadImport(path, im)
	if err != nil {
		return nil, meant(path, err)
	}
	return m, f.tell(c, path, assumed)
}

// open is read for predictions.
func (f *importFlags) open(c *console, path string, options ...lince.Option) (*lince.Model, error) {
	path, im, err := f.settings(path)
	if err != nil {
		return nil, err
	}
	options = append(options, lince.Architecture(im.Architecture, im.Options), lince.ImageSize(im.Height, im.Width), lince.Normalize(im.Mean, im.Std),
		lince.Labels(im.Classes))
	m, err := lince.Open(path, options...)
	if err != nil {
		return nil, meant(path, err)
	}
	if err := f.tell(c, path, m.Assumed()); err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

// meant adds to err, if there is nothing at path, which model or run was probably meant.
func meant(path string, err error) error {
	if _, gone := os.Stat(path); err == nil || !errors.Is(gone, fs.ErrNotExist) {
		return err
	}
	name, ok := nearest.Path(filepath.Join("runs", path))
	if !ok {
		name, ok = nearest.Path(path)
	}
	if ok {
		err = fmt.Errorf("%w: did you mean %q?", err, name)
	}
	return err
}

// tell says what was assumed of weights from elsewhere. Flags for a model that says all itself are wrong usage.
func (f *importFlags) tell(c *console, path, assumed string) error {
	if assumed != "" {
		fmt.Fprintf(c.err, "lince: %s: taken as %s\n", path, assumed)
	} else if *f != (importFlags{}) {
		return usagef("%s says itself what it is: expected no --model, --image-size, --mean, --std or --classes", path)
	}
	return nil
}

// settings returns what the flags say, and the file that path names.
func (f *importFlags) settings(path string) (file string, im modelfile.Import, err error) {
	if onnx.Named(path) && (f.model != "" || f.size != "") {
		return "", im, usagef("%s is an ONNX model, which has an architecture and a size of its own: expected no --model or --image-size", path)
	}
	if f.model != "" {
		if im.Architecture, im.Options, err = parseModel(f.model); err != nil {
			return "", im, err
		}
	}
	if f.size != "" {
		if im.Height, im.Width, err = imageSize(f.size); err != nil {
			return "", im, err
		}
	}
	if im.Mean, im.Std, err = normalization(f.mean, f.std); err != nil {
		return "", im, err
	}
	if f.classes != "" {
		if im.Classes, err = lines(f.classes); err != nil {
			return "", im, err
		}
	}
	file, err = pulledFile(path)
	return file, im, err
}

// imageSize reads SIDE or HEIGHTxWIDTH.
func imageSize(text string) (h, w int, err error) {
	high, wide, both := strings.Cut(text, "x")
	if !both {
		wide = high
	}
	h, err = strconv.Atoi(high)
	if err == nil {
		w, err = strconv.Atoi(wide)
	}
	if err != nil || h < 1 || w < 1 {
		return 0, 0, usagef("--image-size %s: expected SIDE or HEIGHTxWIDTH, in pixels", text)
	}
	return h, w, nil
}

// normalization reads the flags --mean and --std.
func normalization(mean, std string) (m, s []float32, err error) {
	if (mean == "") != (std == "") {
		return nil, nil, usagef("--mean and --std: expected both or neither")
	}
	if m, err = floats("--mean", mean); err == nil {
		s, err = floats("--std", std)
	}
	return m, s, err
}

// floats reads numbers between commas.
func floats(flag, text string) (list []float32, err error) {
	if text == "" {
		return nil, nil
	}
	for _, item := range strings.Split(text, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(item), 32)
		if err != nil {
			return nil, usagef("%s %s: %q, expected numbers between commas", flag, text, item)
		}
		list = append(list, float32(v))
	}
	return list, nil
}

// maxNames is the size of a file of names that is read at most.
const maxNames = 16 << 20

// lines returns the lines of a file.
func lines(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxNames {
		return nil, fmt.Errorf("read %s: %d bytes, expected names of classes, one a line", path, info.Size())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
	}
	var list []string
	for line := range strings.Lines(string(text)) {
		list = append(list, strings.TrimSpace(line))
	}
	return list, nil
}
