package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/save"
	"github.com/lince-ml/lince/metric"
	"github.com/spf13/cobra"
)

type splitFlags struct {
	val, test   float64
	seed        uint64
	folds, fold int
	copy, link  bool
}

func dataSplitCommand(c *console) *cobra.Command {
	f := &splitFlags{}
	cmd := &cobra.Command{
		Use:   "split DATA OUT",
		Short: "Divide a data set into train, val and test",
		Long: "Split divides images by chance, the same share of each class, and writes train.csv, val.csv and test.csv to the new folder OUT: lists of the images where they are, " +
			"which are a DATA argument themselves. With --copy, OUT has copies of the images in folders instead, with --link other names of the same files. Images of one item (items:) stay " +
			"together. A set that DATA has already stays as it is.\n\nWith --folds, the validation set is one of so many equal parts of the training images.",
		Example: "  lince data split photos/ lists/ --val 0.15 --test 0.15\n  lince data split photos/ divided/ --copy\n  lince data split photos/ fold0/ --folds 5 --fold 0 --test 0",
		Args:    arguments(2, 2),
		RunE:    func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), c, args[0], args[1]) },
	}
	s := cmd.Flags()
	s.SortFlags = false
	s.Float64Var(&f.val, "val", 0.15, "share of the validation images")
	s.Float64Var(&f.test, "test", 0.15, "share of the test images")
	s.Uint64Var(&f.seed, "seed", 0, "of all chance")
	s.IntVar(&f.folds, "folds", 0, "validate with one of so many parts, instead of --val")
	s.IntVar(&f.fold, "fold", 0, "which of the parts, counted from 0")
	s.BoolVar(&f.copy, "copy", false, "copy the images into folders")
	s.BoolVar(&f.link, "link", false, "link the images into folders")
	return cmd
}

func (f *splitFlags) run(ctx context.Context, c *console, name, out string) error {
	switch {
	case !(f.val >= 0 && f.test >= 0 && f.val+f.test < 1):
		return usagef("--val %g and --test %g: expected shares of less than 1 together", f.val, f.test)
	case f.copy && f.link:
		return usagef("--copy and --link: expected one of them")
	case f.folds != 0 && (f.folds < 2 || f.fold < 0 || f.fold >= f.folds):
		return usagef("--folds %d and --fold %d: expected 2 folds or more, counted from 0", f.folds, f.fold)
	case f.folds == 0 && f.fold != 0:
		return usagef("--fold %d: expected --folds, too", f.fold)
	}
	sets, err := c.openSets(name, listing)
	if err != nil {
		return err
	}
	if sets, err = f.divide(sets); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	t := c.tally("writing", false)
	w := save.New(ctx, sets, t.update)
	switch {
	case f.copy:
		err = w.Folder(out, save.Copy)
	case f.link:
		err = w.Folder(out, save.Link)
	default:
		err = w.Lists(out)
	}
	t.clear()
	if err != nil {
		return err
	}
	for set, d := range sets.All() {
		c.printf("%-5s  %s images\n", set, metric.Thousands(d.Len()))
	}
	c.printf("\nNext:\n  %s train %s\n", program(), quoted(filepath.ToSlash(out)))
	return nil
}

// divide sets aside what is missing: first the test images, then those to validate with.
func (f *splitFlags) divide(s data.Sets) (data.Sets, error) {
	if s.Train == nil {
		return s, fmt.Errorf("no training images to divide")
	}
	var err error
	left := 1.0 // the share that the training images now are of all
	if s.Test == nil && f.test > 0 {
		if s.Train, s.Test, err = data.Split(s.Train, f.test, f.seed); err != nil {
			return s, err
		}
		left -= f.test
	}
	if s.Validation != nil {
		return s, nil
	}
	if f.folds > 0 {
		s.Train, s.Validation, err = data.KFold(s.Train, f.folds, f.fold, f.seed)
	} else if f.val > 0 {
		s.Train, s.Validation, err = data.Split(s.Train, f.val/left, f.seed+1)
	}
	return s, err
}
