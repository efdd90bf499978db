package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/train"
	"github.com/spf13/pflag"
)

// addAugment adds the flag --augment, whose text goes to *spec.
func addAugment(s *pflag.FlagSet, spec *string) {
	s.StringVar(spec, "augment", "", "random variation of the training images, in place of the recipe's: none, or a `LIST` such as crop:pad=4,flip,cutmix:alpha=1 of "+
		strings.Join(train.AugmentNames(), ", "))
}

// parseAugment reads what the flag says.
func parseAugment(spec string) (train.Augment, error) {
	a, err := train.ParseAugment(spec)
	if err != nil {
		return a, usageError{fmt.Errorf("--augment: %w", err)}
	}
	return a, nil
}

// withWhole gives d, which the data of cfg was opened as, whole training images, for transforms that cut parts out of them. Their smaller side is larger than that of the
// cut ones by as much as is usual: 256 for 224.
func (c *console) withWhole(d train.Data, cfg train.Config, as folder.Options) (train.Data, error) {
	quiet := *c
	quiet.err = io.Discard // it has said what there is to say
	as.Whole, as.Resize = true, (max(as.H, as.W)*8+6)/7
	uncut, err := quiet.openData(cfg.Data, cfg.Task, cfg.Model, as)
	if err != nil {
		return d, err
	}
	if d.Train, err = data.WithWhole(d.Train, uncut.Train); err != nil {
		return d, fmt.Errorf("%s: %w", cfg.Data, err)
	}
	return d, nil
}
