package main

import (
	"github.com/lince-ml/lince/train"
	"github.com/spf13/pflag"
)

// lossFlags registers the flags of what training makes small.
func lossFlags(s *pflag.FlagSet, c *train.Config) {
	s.StringVar(&c.Loss, "loss", "", "`LOSS`: ce, bce (two classes by one sigmoid, or several labels), focal or sigmoid-focal, with settings as in focal:gamma=2 (ce; bce where images have several labels)")
	s.StringVar(&c.ClassWeights, "class-weights", "", "how much each class counts: balanced, or `NUMBERS` between commas in the order of the classes")
	s.Float64Var(&c.Smoothing, "label-smoothing", 0, "`SHARE` of each label given to all classes evenly")
}

// applyLoss sets what the given flags say.
func applyLoss(cfg, flags *train.Config, given *pflag.FlagSet) {
	if given.Changed("loss") {
		cfg.Loss = flags.Loss
	}
	if given.Changed("class-weights") {
		cfg.ClassWeights = flags.ClassWeights
	}
	if given.Changed("label-smoothing") {
		cfg.Smoothing = flags.Smoothing
	}
}
