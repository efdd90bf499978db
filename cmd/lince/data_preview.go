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

// previewed are images of all proportions, somewhat larger than they are shown.
var previewed = folder.Options{C: 3, H: 160, W: 160, Resize: 160, Whole: true}

func dataPreviewCommand(c *console) *cobra.Command {
	f := &previewFlags{}
	cmd := &cobra.Command{
		Use:   "preview DATA",
		Short: "Draw images of a data set with their classes",
		Long: "Preview draws images by chance, as many of each class, with their classes and names. Another --seed shows others. Look at it before you train: it shows wrong " +
			"classes and pictures that lie on their side sooner than any number.\n\nWith --augment, it shows what a training with this flag sees, but for mixtures of images.",
		Example: "  lince data preview photos/ --out grid.png\n  lince data preview cifar10 --out grid.png --n 60 --set test\n" +
			"  lince data preview photos/ --augment resized_crop,flip,trivialaugment",
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
	var transform data.Transform
	if f.augment != "" {
		if transform, err = augmented(d, a, f.seed); err != nil {
			return err
		}
	}
	chosen, err := choose(d, f.n, f.seed)
	if err != nil {
		return err
	}
	var cells []plot.Cell
	for _, i := range chosen {
		if err := ctx.Err(); err != nil {
			return err
		}
		cell, err := f.cell(d, i, transform)
		if err != nil {
			return err
		}
		cells = append(cells, cell)
	}
	title := fmt.Sprintf("%s: %s of %s %s images, %d classes", name, thousands(int64(len(cells))), thousands(int64(d.Len())), set, len(d.Classes()))
	if err := plot.WritePNG(f.out, plot.Grid(title, cells, 0)); err != nil {
		return err
	}
	c.printf("%s: %s\n", f.out, title)
	return nil
}

// augmented returns what varies the images of d as a training with a does.
func augmented(d data.Dataset, a train.Augment, seed uint64) (data.Transform, error) {
	s, err := d.Sample(0)
	if err != nil {
		return nil, err
	}
	return a.Transform(min(s.Image.H, previewed.H), min(s.Image.W, previewed.W), seed)
}

func (f *previewFlags) cell(d data.Dataset, i int, transform data.Transform) (plot.Cell, error) {
	s, err := d.Sample(i)
	if err != nil {
		return plot.Cell{}, err
	}
	if transform != nil {
		s.Index = i
		s = transform(rand.New(rand.NewPCG(f.seed, uint64(i))), s)
	}
	return plot.Cell{Image: plot.Picture(s.Image), Title: classNames(d, s), Details: []string{shortName(d, i)}}, nil
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

// classNames returns the class of a sample, or its classes.
func classNames(d data.Dataset, s data.Sample) string {
	if s.Labels == nil {
		return d.Classes()[s.Label]
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
