package main

import (
	"cmp"
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/plot"
	"github.com/lince-ml/lince/train"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// trainFlags are the flags of `lince train`. Those that were not given leave the recipe as it is.
type trainFlags struct {
	train.Config // the flags that are settings
	model        string
	out          string
	config       string
	resume       string
	augment      string
}

func trainCommand(c *console) *cobra.Command {
	f := &trainFlags{}
	cmd := &cobra.Command{
		Use:   "train [DATA]",
		Short: "Learn to classify images",
		Long: "Train teaches a network to classify images and leaves a run folder with its weights, settings, metrics and plots.\n\n" +
			dataHelp + "\n\nWithout DATA it learns MNIST. What no flag says comes from a recipe for the data and the model; all settings " +
			"stand in config.yaml in the run folder, and --config takes such a file. The same settings give the same weights, " +
			"whatever --threads is. Ctrl-C saves and says how to go on; a second Ctrl-C stops at once.",
		Example: "  lince train\n" +
			"  lince train --model lenet5:activation=relu,pool=max --epochs 5 --seed 2\n" +
			"  lince train photos/ --model cnn3 --optim adamw --lr 1e-3 --schedule cosine:warmup=0.1\n" +
			"  lince train photos/ --model resnet18 --weights resnet18.pth --freeze layer3\n" +
			"  lince train --config runs/mnist-lenet5-1/config.yaml --out runs/again\n" +
			"  lince train --resume runs/mnist-lenet5-1",
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), c, cmd.Flags(), args) },
	}
	s := cmd.Flags()
	s.SortFlags = false
	s.StringVar(&f.model, "model", "", "`NAME` of the architecture, with options as NAME:KEY=VALUE,... (`lince models` lists them; that of --weights, or lenet5, for folders cnn3)")
	s.IntVar(&f.Epochs, "epochs", 0, "passes over the training images")
	s.IntVar(&f.Batch, "batch", 0, "images per step")
	s.StringVar(&f.Optim, "optim", "", "update `RULE`: sgd, adam or adamw, with settings as in sgd:momentum=0.9,nesterov=true,decay=5e-4")
	s.Float64Var(&f.Rate, "lr", 0, "base learning rate (the recipe's; with --optim, the usual one of the rule)")
	s.StringVar(&f.Schedule, "schedule", "", "`SHAPE` of the learning rate over time: constant, step, multistep, cosine or onecycle, with settings as in cosine:warmup=0.1")
	addAugment(s, &f.augment)
	s.StringVar(&f.Weights, "weights", "", "`FILE` to start from: a model, a run folder, weights of other programs or the name of pulled ones; what fits is loaded")
	s.StringVar(&f.Freeze, "freeze", "", "last `LAYER` that keeps its weights, such as layer3 or features.7; what is behind it is trained")
	s.Uint64Var(&f.Seed, "seed", 0, "of all chance")
	s.IntVar(&f.Threads, "threads", 0, "threads, 0 for one per CPU; changes no result")
	s.StringVar(&f.out, "out", "", "run folder `DIR` (default runs/DATA-MODEL-N)")
	s.StringVar(&f.config, "config", "", "`FILE` with settings, a config.yaml; flags win over it")
	s.StringVar(&f.resume, "resume", "", "go on with the run in `DIR`, where it stopped")
	return cmd
}

func (f *trainFlags) run(ctx context.Context, c *console, given *pflag.FlagSet, args []string) error {
	run, err := f.open(c, given, args)
	if err != nil {
		return err
	}
	defer run.Close()
	printRun(c, run)
	p := &progress{console: c}
	outcome, err := run.Train(ctx, train.Hooks{Progress: p.update, Epoch: func(e train.Epoch) { p.epoch(e, run.Config().Epochs) }})
	p.clear()
	if err != nil {
		return err
	}
	if err := plot.Training(filepath.Join(run.Dir(), "plots"), outcome); err != nil {
		return err
	}
	printOutcome(c, run.Dir(), outcome)
	return nil
}

// open begins a new run, or takes up the one to resume.
func (f *trainFlags) open(c *console, given *pflag.FlagSet, args []string) (*train.Run, error) {
	if f.resume != "" {
		return f.openResumed(c, given, args)
	}
	cfg, size, err := f.settings(given, args)
	if err != nil {
		return nil, err
	}
	d, err := c.openFor(cfg, size)
	if err != nil {
		return nil, err
	}
	dir := f.out
	if dir == "" {
		if dir, err = train.NewFolder("runs", cfg.RunName()); err != nil {
			return nil, err
		}
	}
	return train.Start(dir, cfg, d)
}

func (f *trainFlags) openResumed(c *console, given *pflag.FlagSet, args []string) (*train.Run, error) {
	var other string
	given.Visit(func(g *pflag.Flag) {
		if g.Name != "resume" {
			other = "--" + g.Name
		}
	})
	if len(args) > 0 {
		other = args[0]
	}
	if other != "" {
		return nil, usagef("%s: not with --resume, which goes on with the settings in %s", other, filepath.Join(f.resume, "config.yaml"))
	}
	cfg, err := train.ReadConfig(filepath.Join(f.resume, "config.yaml"), train.Config{})
	if err != nil {
		return nil, err
	}
	d, err := c.openFor(cfg, models.Args{})
	if err != nil {
		return nil, err
	}
	return train.Resume(f.resume, d)
}

// openFor opens the data that cfg names. Where it leaves the size of the images open, and they can be resized, it is that of usual, or else the
// architecture's own.
func (c *console) openFor(cfg train.Config, usual models.Args) (train.Data, error) {
	spec, err := models.Lookup(cfg.Model)
	if err != nil {
		return train.Data{}, err
	}
	as := folder.Options{
		C: cmp.Or(cfg.Channels, usual.Channels, spec.Channels),
		H: cmp.Or(cfg.Height, usual.Height, spec.Height), W: cmp.Or(cfg.Width, usual.Width, spec.Width),
	}
	d, err := c.openData(cfg.Data, as)
	if err != nil || !cfg.Augment.NeedsWhole() {
		return d, err
	}
	return c.withWhole(d, cfg.Data, as)
}

// settings returns the recipe for data and model, changed by the file --config, changed by the flags. Where the weights to start from decide
// on the model, usual is what they are for.
func (f *trainFlags) settings(given *pflag.FlagSet, args []string) (cfg train.Config, usual models.Args, err error) {
	var named train.Config // the data and the model, which the recipe depends on
	var options map[string]string
	if f.config != "" {
		if named, err = train.ReadConfig(f.config, train.Config{}); err != nil {
			return cfg, usual, err
		}
	}
	if len(args) > 0 {
		named.Data = args[0]
	}
	named.Data = cmp.Or(named.Data, "mnist")
	if f.model != "" {
		if named.Model, options, err = parseModel(f.model); err != nil {
			return cfg, usual, err
		}
	}
	if f.Weights, err = pulledFile(f.Weights); err != nil {
		return cfg, usual, err
	}
	if from := cmp.Or(f.Weights, named.Weights); from != "" && named.Model == "" {
		if named.Model, usual, err = train.ModelOf(from); err != nil {
			return cfg, usual, err
		}
		options = usual.Options
	}
	if named.Model == "" {
		named.Model = usualModel(named.Data)
	}
	spec, err := models.Lookup(named.Model)
	if err != nil {
		return cfg, usual, usageError{err}
	}
	cfg = train.Recipe(named.Data, named.Model)
	if f.config != "" {
		if cfg, err = train.ReadConfig(f.config, cfg); err != nil {
			return cfg, usual, err
		}
	}
	cfg.Data, cfg.Model = named.Data, named.Model
	if len(options) > 0 {
		all := maps.Clone(options)
		for k, v := range cfg.ModelOptions {
			if _, given := all[k]; !given {
				all[k] = v
			}
		}
		cfg.ModelOptions = all
	}
	f.apply(&cfg, given)
	if given.Changed("augment") {
		if cfg.Augment, err = parseAugment(f.augment); err != nil {
			return cfg, usual, err
		}
	}
	if _, err := spec.Complete(models.Args{Options: cfg.ModelOptions}); err != nil {
		return cfg, usual, usageError{err}
	}
	if err := cfg.Check(); err != nil {
		return cfg, usual, usageError{err}
	}
	return cfg, usual, nil
}

// apply sets what the given flags say.
func (f *trainFlags) apply(cfg *train.Config, given *pflag.FlagSet) {
	if given.Changed("optim") {
		cfg.Rate = 0 // the one it had belongs to another rule
	}
	if given.Changed("weights") {
		cfg.WeightsSHA256 = "" // likewise
	}
	for name, set := range map[string]func(){
		"epochs":   func() { cfg.Epochs = f.Epochs },
		"batch":    func() { cfg.Batch = f.Batch },
		"optim":    func() { cfg.Optim = f.Optim },
		"lr":       func() { cfg.Rate = f.Rate },
		"schedule": func() { cfg.Schedule = f.Schedule },
		"weights":  func() { cfg.Weights = f.Weights },
		"freeze":   func() { cfg.Freeze = f.Freeze },
		"seed":     func() { cfg.Seed = f.Seed },
		"threads":  func() { cfg.Threads = f.Threads },
	} {
		if given.Changed(name) {
			set()
		}
	}
}

// parseModel reads NAME or NAME:KEY=VALUE,KEY=VALUE.
func parseModel(text string) (name string, options map[string]string, err error) {
	name, list, found := strings.Cut(text, ":")
	if !found {
		return name, nil, nil
	}
	options = map[string]string{}
	for _, item := range strings.Split(list, ",") {
		key, value, ok := strings.Cut(item, "=")
		if !ok {
			return "", nil, usagef("--model %q: %q, expected KEY=VALUE", text, item)
		}
		options[key] = value
	}
	return name, options, nil
}

// usualModel returns the architecture for data if the user names none.
func usualModel(data string) string {
	if data == "mnist" || strings.HasPrefix(data, "digits:") {
		return "lenet5"
	}
	return "cnn3"
}

func printRun(c *console, run *train.Run) {
	cfg, d, m := run.Config(), run.Data(), run.Model()
	c.printf("%s: %s training", cfg.Data, thousands(int64(d.Train.Len())))
	if d.Validation != nil {
		c.printf(", %s validation", thousands(int64(d.Validation.Len())))
	}
	if d.Test != nil {
		c.printf(", %s test", thousands(int64(d.Test.Len())))
	}
	c.printf(" images of %dx%dx%d, %d classes\n", m.Input.Channels, m.Input.Height, m.Input.Width, len(m.Classes))
	c.printf("%s: %s, learning rate %g, %s, batches of %d, seed %d\n", cfg.Model, cfg.Optim, cfg.Rate, cfg.Schedule, cfg.Batch, cfg.Seed)
	printInitial(c, run)
	printFrozen(c, run)
	c.printf("%s: settings, weights, metrics and plots\n\n", run.Dir())
}

func printOutcome(c *console, dir string, o *train.Outcome) {
	r := o.Result
	c.printf("\n")
	if t := r.Test; t != nil {
		c.printf("%s  %s of %s test images right, %s wrong, loss %.4f\n", c.bold("test"), c.bold(c.green(percent(t.Accuracy))),
			thousands(int64(t.N)), thousands(int64(t.N)-int64(t.Accuracy*float64(t.N)+0.5)), t.Loss)
	}
	epochs := "epochs"
	if r.Epochs == 1 {
		epochs = "epoch"
	}
	c.printf("%d %s in %.1f s, %s images/s; best epoch %d", r.Epochs, epochs, r.TrainSeconds, thousands(int64(r.ImagesPerSecond)), r.BestEpoch)
	if r.EarlyStopped {
		c.printf(", stopped early")
	}
	c.printf("\nparameters  sha256 %s\n\nNext:\n", r.ParamsSHA256)
	me := program()
	for _, line := range [][2]string{
		{"predict " + dir + " IMAGE... --grid grid.png", "use it on your own pictures"},
		{"eval " + dir, "errors by class"},
		{"inspect " + dir, "layers and sizes"},
	} {
		c.printf("  %-*s  %s\n", len(me)+len(dir)+36, me+" "+line[0], c.faint(line[1]))
	}
	c.printf("  %-*s  %s\n", len(me)+len(dir)+36, "look at "+filepath.Join(dir, "plots"), c.faint("curves, confusions, mistakes, filters"))
}

// program returns how the user called lince, for commands to copy.
func program() string {
	if path, err := os.Executable(); err == nil && strings.Contains(path, "go-build") {
		return "go run ./cmd/lince"
	}
	return "lince"
}
