// Package shapes draws labelled scenes: shapes and digits that overlap, on textures, with noise. Nothing is stored or fetched: sample i of a set is a
// pure function of the seed, the set and i. Boxes and masks are exact, so that what a network gets wrong is the network's fault.
//
// A pixel belongs to the thing that is drawn last of those that its middle is inside of. Masks and boxes are those of the visible part, as in COCO: what is
// hidden by another thing, or outside of the image, does not count. Of each thing at least half is visible.
package shapes

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/internal/philox"
)

// Options says which scenes there are; where all is zero, the usual ones.
type Options struct {
	Task       string // what the samples tell; see Dataset.For
	Train      int    // images of each set; those of usual if all three are 0
	Validation int
	Test       int
	Size       int    // pixels of a side; 128 if 0
	Seed       uint64 // other scenes
}

// usual are the sizes of the sets where nothing else is said.
var usual = Options{Train: 20000, Validation: 500, Test: 1000}

// The limits of what may be asked for. Smaller images have no room for things that can be told apart.
const (
	maxImages = 10_000_000
	minSize   = 48
	maxSize   = 1024
)

// Tasks are the values of Options.Task.
var Tasks = []string{"classify", "localize", "detect", "instances", "segment"}

// Settings are the keys that ParseOptions knows.
var Settings = []string{"task", "train", "val", "test", "size", "seed"}

// ParseOptions returns the options that settings, such as size=96, say.
func ParseOptions(settings map[string]string) (o Options, err error) {
	o = usual
	o.Task = settings["task"]
	numbers := map[string]*int{"train": &o.Train, "val": &o.Validation, "test": &o.Test, "size": &o.Size}
	for key, text := range settings {
		to, ok := numbers[key]
		if !ok {
			continue
		}
		if *to, err = strconv.Atoi(text); err != nil {
			return o, fmt.Errorf("%s is %q, expected a whole number", key, text)
		}
	}
	if text, ok := settings["seed"]; ok {
		if o.Seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			return o, fmt.Errorf("seed is %q, expected a whole number, 0 or more", text)
		}
	}
	return o, o.check()
}

func (o Options) check() error {
	if o.Task != "" && !slices.Contains(Tasks, o.Task) {
		return nearest.Error("task", o.Task, Tasks)
	}
	for _, n := range []int{o.Train, o.Validation, o.Test} {
		if n < 0 || n > maxImages {
			return fmt.Errorf("a set of %d images, expected 0 to %d", n, maxImages)
		}
	}
	if o.Size != 0 && (o.Size < minSize || o.Size > maxSize) {
		return fmt.Errorf("images of %d x %d pixels, expected %d to %d", o.Size, o.Size, minSize, maxSize)
	}
	return nil
}

// Open returns the sets. One without images is nil.
func Open(o Options) (sets data.Sets, err error) {
	if err := o.check(); err != nil {
		return sets, err
	}
	if o.Train == 0 && o.Validation == 0 && o.Test == 0 {
		o.Train, o.Validation, o.Test = usual.Train, usual.Validation, usual.Test
	}
	if o.Size == 0 {
		o.Size = 128
	}
	v, err := viewOf(o.Task)
	for i, n := range []int{o.Train, o.Validation, o.Test} {
		if set := []string{"train", "val", "test"}[i]; n > 0 {
			sets.Put(set, &Dataset{set: set, stream: uint64(i), n: n, size: o.Size, seed: o.Seed, view: v})
		}
	}
	return sets, err
}

// A Dataset is a set of scenes.
type Dataset struct {
	set     string
	stream  uint64 // of the random numbers
	n, size int
	seed    uint64
	view
}

var (
	_ data.Dataset      = (*Dataset)(nil)
	_ data.Labeler      = (*Dataset)(nil)
	_ data.MultiLabeler = (*Dataset)(nil)
	_ data.Tasker       = (*Dataset)(nil)
)

// A view is what samples tell of their scene.
type view struct {
	single bool // one large thing, with Label
	mask   bool // the class of each pixel, instead of boxes
}

func viewOf(task string) (v view, err error) {
	switch task {
	case "", "detect", "instances":
	case "classify", "localize":
		v.single = true
	case "segment":
		v.mask = true
	default:
		err = nearest.Error("task", task, Tasks)
	}
	return v, err
}

// For returns the same set as a task needs it:
//
//   - detect and instances, also "": two to seven things, each with its box and mask.
//   - segment: the same scenes; Mask has the class of each pixel, and what is no thing is of the class "background", which comes first in Classes.
//   - classify and localize: other scenes of one large thing each, whose class is the Label; its box and mask are there, too.
func (d *Dataset) For(task string) (data.Dataset, error) {
	v, err := viewOf(task)
	other := *d
	other.view = v
	return &other, err
}

// Len returns the number of scenes.
func (d *Dataset) Len() int { return d.n }

// Classes returns the names of the classes, with "background" first where the task is segment.
func (d *Dataset) Classes() []string {
	if d.mask {
		return append([]string{"background"}, classNames...)
	}
	return slices.Clone(classNames)
}

// Name returns such as "shapes/train#17".
func (d *Dataset) Name(i int) string { return fmt.Sprintf("shapes/%s#%d", d.set, i) }

// Label returns the class of scenes with a single thing, else -1.
func (d *Dataset) Label(i int) (int, error) {
	if !d.single {
		return -1, nil
	}
	return d.random(i).IntN(len(classNames)), nil // the first number that a scene draws
}

// Labels returns nil: no scene has a list of labels.
func (d *Dataset) Labels(int) ([]float32, error) { return nil, nil }

// random returns the random numbers of scene i.
func (d *Dataset) random(i int) *rand.Rand {
	kind := uint64(0)
	if d.single {
		kind = 1
	}
	return rand.New(philox.NewSource(d.seed, kind, d.stream, uint64(i)))
}

// Sample draws scene i.
func (d *Dataset) Sample(i int) (data.Sample, error) {
	if i < 0 || i >= d.n {
		return data.Sample{}, fmt.Errorf("%s: expected a number below %d", d.Name(i), d.n)
	}
	s := newScene(d.random(i), d.size)
	label := -1
	if d.single {
		label = s.single()
	} else {
		s.several()
	}
	s.noise()
	out := data.Sample{Image: s.image, Label: label}
	if d.mask {
		out.Mask = s.classes()
	} else {
		out.Boxes = s.boxes()
	}
	return out, nil
}
