package modelfile

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/format/onnx"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/weights"
)

// An Import says of weights what their file does not. What is left open is found out, or is what is usual.
type Import struct {
	Architecture string            // of package models; empty: the one whose names and shapes are the file's
	Options      map[string]string // of the architecture
	Classes      []string          // their names; nil: those of ImageNet for 1000 classes, else numbers
	Mean, Std    []float32         // of each channel; nil: those that the architecture's published weights want
	Height       int               // of the images; 0: the architecture's own
	Width        int               // likewise
}

// ReadImport reads the model at path, as Read does, or an ONNX model, or weights that another program has written, in any of the formats of package
// weights.
// assumed says in words what was taken to be usual, such as the normalisation; it is empty for a model that lince has written, which
// says all of that itself.
func ReadImport(path string, im Import) (m *Model, assumed string, err error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		m, err = Read(path)
		return m, "", err
	}
	if onnx.Named(path) {
		return im.onnxModel(path)
	}
	f, err := weights.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	if Describes(f.Metadata) {
		m, err = Read(path)
		return m, "", err
	}
	if m, assumed, err = im.model(f); err != nil {
		return nil, "", fmt.Errorf("read %s: %w", path, err)
	}
	return m, assumed, nil
}

func (im *Import) model(f *weights.File) (*Model, string, error) {
	guess, err := im.guess(f)
	if err != nil {
		return nil, "", err
	}
	usage, err := UsageOf(f, guess.Spec.Name)
	if err != nil {
		return nil, "", err
	}
	args := guess.Args
	args.Height, args.Width = cmp.Or(im.Height, args.Height), cmp.Or(im.Width, args.Width)
	maps.Copy(args.Options, usage.Complete(im.Options))
	m := &Model{
		Task: cmp.Or(guess.Spec.Task, "classify"), Architecture: guess.Spec.Name, Options: args.Options, Classes: im.Classes,
		Input: Input{Channels: args.Channels, Height: args.Height, Width: args.Width, Mean: im.Mean, Std: im.Std, Border: anyBorder},
	}
	if err := m.Input.checkSides(); err != nil {
		return nil, "", err
	}
	p := publishedFor(f, m.Architecture)
	said := m.assume(p, args.Classes)
	if len(m.Classes) != args.Classes {
		return nil, "", fmt.Errorf("weights for %d classes, %d names of classes", args.Classes, len(m.Classes))
	}
	if m.Weights, err = f.Load(); err != nil {
		return nil, "", err
	}
	for name, t := range m.Weights {
		m.Weights[name] = t.Clone() // the file is closed after this
	}
	if err := m.checkWeights(); err != nil {
		return nil, "", err
	}
	if m.Input.Mean == nil && m.Input.Std == nil {
		if usage.Mean == nil {
			usage = usageOf(p)
		}
		said = append(said, m.normalize(usage))
	}
	return m, strings.Join(said, ", "), m.check()
}

// assume fills in what is usual for the architecture, and says so: the classes, and how images are resized.
func (m *Model) assume(p models.Pretrained, classes int) (said []string) {
	said = []string{m.Architecture}
	if m.Classes == nil {
		said = append(said, m.nameClasses(classes, p))
	}
	if in := &m.Input; p.Input.Crop == in.Height && p.Input.Crop == in.Width && p.Input.Resize > p.Input.Crop {
		in.Resize = p.Input.Resize
	}
	return said
}

// nameClasses names n classes, as those of p if these are as many.
func (m *Model) nameClasses(n int, p models.Pretrained) (said string) {
	if p.Model != "" && len(p.Classes()) == n {
		m.Classes = p.Classes()
		return "the classes of " + p.DataSet
	}
	for i := range n {
		m.Classes = append(m.Classes, strconv.Itoa(i))
	}
	return fmt.Sprintf("%d classes without names", n)
}

// normalize sets mean and deviation, to those of u for images in colour.
func (m *Model) normalize(u Usage) (said string) {
	in := &m.Input
	if in.Channels == 3 {
		in.Mean, in.Std = u.Mean, u.Std
	} else {
		in.Mean, in.Std = []float32{0.5}, []float32{0.5}
	}
	return fmt.Sprintf("mean %v and deviation %v", in.Mean, in.Std)
}

// publishedFor returns the published weights of the architecture that f is most like, if there are several: those with its name, the first for files of Keras,
// otherwise the best. If there are none, they have the input of ImageNet's networks, and no name.
func publishedFor(f *weights.File, architecture string) models.Pretrained {
	best, err := models.LookupPretrained(architecture)
	_, keras := f.Metadata[kerasNote]
	for _, p := range models.AllPretrained() {
		if p.Model == architecture && (p.File() == filepath.Base(f.Path) || keras && p.Weights == "IMAGENET1K_V1") {
			best = p
		}
	}
	if err != nil {
		best.Input.Mean, best.Input.Std = imageNet().Input.Mean, imageNet().Input.Std
	}
	return best
}

// imageNet returns published weights that are used as is usual for networks of ImageNet.
func imageNet() models.Pretrained {
	p, err := models.LookupPretrained("resnet18")
	if err != nil {
		panic(err) // it is in the table
	}
	return p
}

// guess returns the architecture that the weights are for.
func (im *Import) guess(f *weights.File) (*weights.Guess, error) {
	spec, err := models.Lookup(im.Architecture)
	if im.Architecture == "" {
		var g *weights.Guess
		if g, err = f.Guess(); err == nil && g == nil {
			err = errors.New("weights of no architecture that lince knows by their names and shapes; if it is one of those, --model says which")
		} else if err == nil {
			spec = g.Spec
		}
	}
	if err != nil {
		return nil, err
	}
	g, err := f.As(spec, im.Options)
	if err != nil || len(g.Missing) == 0 {
		return g, err
	}
	// Many files lack the heads that only training has.
	without := Usage{Options: map[string]string{"auxiliary": "false"}}
	if bare, err := f.As(spec, without.Complete(im.Options)); err == nil && len(bare.Missing) == 0 {
		return bare, nil
	}
	return g, nil
}
