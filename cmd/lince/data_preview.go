package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path"
	"path/filepath"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/plot"
	"github.com/lince-ml/lince/train"
	"github.com/spf13/cobra"
)

type previewFlags struct {
	out, set string
	augment  string
	n        int
	seed     uint64
}

// previewed are images of all proportions, about as large as those with boxes or masks are shown.
var previewed = folder.Options{C: 3, H: 288, W: 288, Resize: 288, Whole: true}

func dataPreviewCommand(c *console) *cobra.Command {
	f := &previewFlags{}
	cmd := &cobra.Command{
		Use:   "preview DATA",
		Short: "Draw images of a data set with their classes",
		Long: "Preview draws images by chance, as many of each class, with their classes, boxes, masks and names. Another --seed shows others. Look at it before you train: it shows wrong " +
			"classes and pictures that lie on their side sooner than any number.\n\nWith --augment, it shows what a training with this flag sees, but for mixtures of images.",
		Example: "  lince data preview photos/ --out grid.png\n  lince data preview cifar10 --out grid.png --n 60 --set test\n" +
			"  lince data preview photos/ --augment resized_crop,flip,trivialaugment\n  lince data preview shapes --augment mosaic,copy_paste\n" +
			"  lince data preview 'shapes?task=segment'",
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), c, args[0]) },
	}
	cmd.Flags().StringVar(&f.out, "out", "preview.png", "the `FILE` to write, a PNG")
	cmd.Flags().IntVar(&f.n, "n", 40, "images")
	cmd.Flags().StringVar(&f.set, "set", "train", "the `SET` to show: train, val or test")
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "which images are shown, and how they vary")
	addAugment(cmd.Flags(), &f.augment)
	return cmd
}

func (f *previewFlags) run(ctx context.Context, c *console, name string) error {
	if f.n < 1 || f.n > 1000 {
		return usagef("--n %d: expected 1 to 1000", f.n)
	}
	if !strings.EqualFold(filepath.Ext(f.out), ".png") {
		return usagef("--out %s: expected a name that ends in .png", f.out)
	}
	set, ok := data.SetName(f.set)
	if !ok {
		return usagef("--set %s: expected train, val or test", f.set)
	}
	as, a := previewed, train.Augment{}
	if f.augment != "" {
		var err error
		if a, err = parseAugment(f.augment); err != nil {
			return err
		}
		if a.Mixes() {
			fmt.Fprintln(c.err, "lince: --augment: mixup and cutmix are not shown, since they take more than one image")
		}
		as.Whole = a.NeedsWhole()
	}
	sets, err := c.openSets(name, as)
	if err != nil {
		return err
	}
	var d data.Dataset
	for n, s := range sets.All() {
		if n == set {
			d = s
		}
	}
	if d == nil {
		return fmt.Errorf("%s: no %s set", name, set)
	}
	look, err := f.looker(d, a)
	if err != nil {
		return err
	}
	chosen, err := choose(d, f.n, f.seed)
	if err != nil {
		return err
	}
	var cells []plot.Cell
	side := 160
	masks := false
	for _, i := range chosen {
		if err := ctx.Err(); err != nil {
			return err
		}
		s, err := look(i)
		if err != nil {
			return err
		}
		if s.Boxes != nil || s.Mask != nil {
			side = annotatedSide
		}
		masks = masks || s.Mask != nil
		cells = append(cells, previewCell(d, i, s))
	}
	if masks && len(d.Classes()) <= maxLegend {
		cells = append(cells, plot.Cell{Image: plot.Legend(d.Classes(), side), Title: "classes"})
	}
	title := fmt.Sprintf("%s: %s of %s %s images, %d classes", name, metric.Thousands(len(chosen)), metric.Thousands(d.Len()), set, len(d.Classes()))
	if err := plot.WritePNG(f.out, plot.GridOf(title, cells, 0, side)); err != nil {
		return err
	}
	c.printf("%s: %s\n", f.out, title)
	return nil
}

// annotatedSide is how large pictures with boxes or masks are drawn: twenty boxes have room for their labels.
const annotatedSide = 384

// maxLegend is how many classes fit into one legend of annotatedSide. Of more, each picture has its own.
const maxLegend = 34

// looker returns what reads sample i of d, and varies it as a training with a does.
func (f *previewFlags) looker(d data.Dataset, a train.Augment) (func(i int) (data.Sample, error), error) {
	if f.augment == "" {
		return d.Sample, nil
	}
	s, err := d.Sample(0)
	if err != nil {
		return nil, err
	}
	h, w := min(s.Image.H, previewed.H), min(s.Image.W, previewed.W)
	transform, err := a.Transform(h, w, f.seed)
	return func(i int) (data.Sample, error) {
		s, err := d.Sample(i)
		r := rand.New(rand.NewPCG(f.seed, uint64(i)))
		for _, c := range a.Collages(h, w) {
			if err == nil {
				s, err = c(r, s, d.Len(), d.Sample)
			}
		}
		if err != nil {
			return s, err
		}
		s.Index = i
		return transform(r, s), nil
	}, err
}

// previewCell draws a sample with its boxes and its mask.
func previewCell(d data.Dataset, i int, s data.Sample) plot.Cell {
	picture := plot.Picture(s.Image)
	switch {
	case s.Mask != nil:
		picture = plot.Segments(picture, s.Mask, d.Classes(), plot.AnnotateOptions{Side: annotatedSide, Legend: len(d.Classes()) > maxLegend})
	case s.Boxes != nil:
		picture = plot.Annotate(picture, things(d, s), plot.AnnotateOptions{Side: annotatedSide})
	}
	return plot.Cell{Image: picture, Title: classNames(d, s), Details: []string{shortName(d, i)}}
}

// shortName returns the last part of the name of sample i; of an item's picture the folder, too, which says which item it is.
func shortName(d data.Dataset, i int) string {
	name := filepath.ToSlash(d.Name(i))
	if at := strings.LastIndex(name, "#"); at >= 0 {
		return name[at:]
	}
	dir, file := path.Split(name)
	if _, items := d.(data.Grouper); items {
		return path.Join(path.Base(dir), file)
	}
	return file
}

// things returns the boxes of a sample as they are drawn. Those that count neither as right nor as wrong say so.
func things(d data.Dataset, s data.Sample) []plot.Thing {
	var list []plot.Thing
	for _, b := range s.Boxes {
		t := plot.Thing{Box: [4]float32{b.X0, b.Y0, b.X1, b.Y1}, Label: d.Classes()[b.Class], Color: b.Class}
		if b.Shape != nil {
			t.Mask = b.Shape.Raster(s.Image.H, s.Image.W)
		}
		switch {
		case b.Crowd:
			t.Label += " (crowd)"
		case b.Difficult:
			t.Label += " (difficult)"
		}
		list = append(list, t)
	}
	return list
}

// classNames returns the class of a sample, or its classes.
func classNames(d data.Dataset, s data.Sample) string {
	switch {
	case s.Labels == nil && s.Label >= 0:
		return d.Classes()[s.Label]
	case s.Boxes != nil:
		return fmt.Sprintf("%d boxes", len(s.Boxes))
	case s.Labels == nil:
		return ""
	}
	var names []string
	for k, v := range s.Labels {
		if v != 0 {
			names = append(names, d.Classes()[k])
		}
	}
	if names == nil {
		return "-"
	}
	return strings.Join(names, ", ")
}

// choose returns n samples of d, or all, by chance: one of each class in turn.
func choose(d data.Dataset, n int, seed uint64) ([]int, error) {
	byClass := make([][]int, len(d.Classes())+1) // the last are those of several
	for i := range d.Len() {
		l, _, err := data.Labels(d, i)
		if err != nil {
			return nil, err
		}
		if l < 0 {
			l = len(byClass) - 1
		}
		byClass[l] = append(byClass[l], i)
	}
	r := rand.New(rand.NewPCG(seed, 0))
	for _, list := range byClass {
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	var chosen []int
	for k := 0; len(chosen) < min(n, d.Len()); k++ {
		for _, list := range byClass {
			if k < len(list) && len(chosen) < n {
				chosen = append(chosen, list[k])
			}
		}
	}
	return chosen, nil
}
