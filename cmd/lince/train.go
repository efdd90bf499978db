package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lince-ml/lince/data/cache"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/data/open"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/plot"
	"github.com/lince-ml/lince/report"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/train"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// trainFlags are the flags of `lince train`. Those that were not given leave the recipe as it is.
type trainFlags struct {
	train.Config // the flags that are settings
	model        string
	mean, std    string
	augment      string
	batch        string
	size         string
	recipe       string
	time         time.Duration
	out          string
	config       string
	resume       string
	findRate     bool
	overfit      bool
	json         bool
}

func trainCommand(c *console) *cobra.Command {
	f := &trainFlags{}
	cmd := &cobra.Command{
		Use:   "train [DATA]",
		Short: "Learn from images",
		Long: "Train teaches a network to classify images, or to do another --task, and leaves a run folder with its weights, settings, metrics and plots.\n\n" +
			dataHelp + "\n\nWithout DATA it learns MNIST. What no flag says comes from a recipe for the data and the model; all settings " +
			"stand in config.yaml in the run folder, and --config takes such a file. The same settings give the same weights, " +
			"whatever --threads is. Ctrl-C saves and says how to go on; a second Ctrl-C stops at once.",
		Example: "  lince train\n" +
			"  lince train --model lenet5:activation=relu,pool=max --epochs 5 --seed 2\n" +
			"  lince train photos/ --model cnn3 --optim adamw --lr 1e-3 --schedule cosine:warmup=0.1\n" +
			"  lince train photos/ --model resnet18 --weights resnet18.pth --freeze layer3\n" +
			"  lince train cifar10/ --recipe resnet20-cifar-short --ema 0.999 --save-every 5m\n" +
			"  lince train tiny-imagenet/ --task localize\n" +
			"  lince train photos/ --find-lr\n" +
			"  lince train --config runs/mnist-lenet5-1/config.yaml --out runs/again\n" +
			"  lince train --resume runs/mnist-lenet5-1",
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := f.run(cmd.Context(), c, cmd.Flags(), args)
			if errors.As(err, new(train.SettingError)) {
				err = usageError{err}
			}
			return err
		},
	}
	s := cmd.Flags()
	s.SortFlags = false
	s.StringVar(&f.Task, "task", "", "`TASK` to learn: "+strings.Join(train.TaskNames(), ", ")+" (classify)")
	s.StringVar(&f.model, "model", "", "`NAME` of the architecture, with options as NAME:KEY=VALUE,... (`lince models` lists them; that of --weights, or lenet5, for folders cnn3)")
	s.StringVar(&f.recipe, "recipe", "", "`NAME` of settings to begin with (`lince recipes` lists them; by default those for the data)")
	s.StringVar(&f.size, "image-size", "", "`SIDE` or HEIGHTxWIDTH that images are resized to (the recipe's, or the architecture's own)")
	s.IntVar(&f.Epochs, "epochs", 0, "passes over the training images")
	s.IntVar(&f.Steps, "steps", 0, "end after so many steps, whatever the number of epochs")
	s.DurationVar(&f.time, "time", 0, "end after about this `TIME`, such as 10m: becomes a number of steps, judged from the first few")
	s.StringVar(&f.batch, "batch", "", "images per batch, `N`, or auto for the largest power of two that memory and data allow")
	s.IntVar(&f.Accumulate, "accumulate", 0, "batches per step: their gradients add up")
	s.StringVar(&f.Optim, "optim", "", "update `RULE`: sgd, adam, adamw, rmsprop, lars, lamb or muon, with settings as in sgd:momentum=0.9,nesterov=true,decay=5e-4")
	s.Float64Var(&f.Rate, "lr", 0, "base learning rate (the recipe's; with --optim, the usual one of the rule)")
	s.StringVar(&f.LayerRates, "layer-lr", "", "`FACTORS` of it by layer, as in conv1=0.1,layer*=0.5, or decay=0.75 from the last layer to the first")
	s.StringVar(&f.Schedule, "schedule", "", "`SHAPE` of the learning rate over time: constant, step, multistep, cosine, poly, cyclic, onecycle or plateau, with settings as in cosine:warmup=0.1")
	s.BoolVar(&f.DecayAll, "decay-all", false, "weight decay for biases and normalisation, too")
	s.Float64Var(&f.ClipNorm, "clip-norm", 0, "scale gradients down to this joint norm")
	s.Float64Var(&f.ClipValue, "clip-value", 0, "cut each gradient off at this size")
	s.StringVar(&f.EMA, "ema", "", "measure and keep a moving average of the weights with this `DECAY`, as in 0.999 or 0.999:every=10")
	s.IntVar(&f.Patience, "patience", 0, "stop after so many epochs without a better validation result")
	lossFlags(s, &f.Config)
	addAugment(s, &f.augment)
	s.StringVar(&f.Weights, "weights", "", "`FILE` to start from: a model, a run folder, weights of other programs or the name of pulled ones; what fits is loaded")
	s.StringVar(&f.Freeze, "freeze", "", "last `LAYER` that keeps its weights, such as layer3 or features.7; what is behind it is trained")
	s.StringVar(&f.mean, "mean", "", "the `MEANS` of the channels that images are normalised with, as in 0.485,0.456,0.406 (of --weights if they are known, else of the training images)")
	s.StringVar(&f.std, "std", "", "the standard `DEVIATIONS`, as in 0.229,0.224,0.225")
	s.IntVar(&f.UnfreezeAt, "unfreeze-at", 0, "`EPOCH` from which on they are trained, too")
	s.StringVar(&f.SaveEvery, "save-every", "", "checkpoints within an epoch, every `N` steps or every so often, such as 500 or 5m")
	s.Uint64Var(&f.Seed, "seed", 0, "of all chance")
	s.IntVar(&f.Folds, "folds", 0, "validate with one of so many equal parts of the training images")
	s.IntVar(&f.Fold, "fold", 0, "which of the parts, counted from 0")
	s.StringVar(&f.Cache, "cache", "", "`WHERE` decoded images of files are kept: ram (the default), disk, which the next run uses, too, or none; changes no result")
	s.IntVar(&f.Threads, "threads", 0, "threads, 0 for one per CPU; changes no result")
	s.StringVar(&f.out, "out", "", "run folder `DIR` (default runs/DATA-MODEL-N)")
	s.StringVar(&f.config, "config", "", "`FILE` with settings, a config.yaml; flags win over it")
	s.StringVar(&f.resume, "resume", "", "go on with the run in `DIR`, where it stopped")
	s.BoolVar(&f.findRate, "find-lr", false, "only try learning rates on a copy, suggest one, and draw the curve")
	s.BoolVar(&f.overfit, "overfit-batch", false, "only see whether a copy of the network learns a single batch by heart")
	s.BoolVar(&f.json, "json", false, "print a JSON object a line, for programs")
	return cmd
}

func (f *trainFlags) run(ctx context.Context, c *console, given *pflag.FlagSet, args []string) error {
	if f.findRate && f.overfit {
		return usagef("--find-lr and --overfit-batch: one at a time")
	}
	var run *train.Run
	var err error
	if f.resume != "" {
		run, err = f.openResumed(c, given, args)
	} else {
		cfg, d, prepErr := f.prepare(ctx, c, given, args)
		switch {
		case prepErr != nil:
			return prepErr
		case f.findRate:
			return f.printRates(ctx, c, cfg, d)
		case f.overfit:
			return f.printOverfit(ctx, c, cfg, d)
		}
		run, err = f.open(cfg, d)
	}
	if err != nil {
		return err
	}
	defer run.Close()
	if f.json {
		return trainForPrograms(ctx, c, run)
	}
	printRun(c, run)
	p := &progress{console: c, steps: run.Config().Steps}
	outcome, err := run.Train(ctx, train.Hooks{Progress: p.update, Warning: p.warn, Epoch: func(e train.Epoch) { p.epoch(e, run.Config().Epochs) }})
	p.clear()
	if err != nil {
		return err
	}
	if err := draw(run, outcome); err != nil {
		return err
	}
	printOutcome(c, run.Dir(), outcome)
	return nil
}

// draw writes the plots of a training that has ended, and at last the page with all of it: a run without it is not complete, see openResumed.
func draw(run *train.Run, o *train.Outcome) error {
	dir := filepath.Join(run.Dir(), "plots")
	if err := plot.Training(dir, o); err != nil {
		return err
	}
	if err := run.LogPictures(dir); err != nil {
		return err
	}
	return report.Write(run.Dir())
}

// prepare returns the settings and the data of a new run.
func (f *trainFlags) prepare(ctx context.Context, c *console, given *pflag.FlagSet, args []string) (train.Config, train.Data, error) {
	cfg, size, err := f.settings(given, args)
	if err != nil {
		return cfg, train.Data{}, err
	}
	d, err := c.openFor(cfg, size)
	if err != nil {
		return cfg, d, err
	}
	if f.batch == "auto" {
		if cfg.Batch, err = train.LargestBatch(cfg, d); err != nil {
			return cfg, d, err
		}
	}
	if given.Changed("time") && !f.findRate && !f.overfit {
		cfg.Steps, err = train.StepsWithin(ctx, cfg, d, f.time)
	}
	return cfg, d, err
}

// open begins a new run.
func (f *trainFlags) open(cfg train.Config, d train.Data) (*train.Run, error) {
	dir, err := f.folder("runs", cfg.RunName())
	if err != nil {
		return nil, err
	}
	return train.Start(dir, cfg, d)
}

// folder returns --out, or a new folder.
func (f *trainFlags) folder(parent, name string) (string, error) {
	if f.out != "" {
		return f.out, nil
	}
	return train.NewFolder(parent, name)
}

func (f *trainFlags) openResumed(c *console, given *pflag.FlagSet, args []string) (*train.Run, error) {
	var other string
	given.Visit(func(g *pflag.Flag) {
		if g.Name != "resume" && g.Name != "json" {
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
	if errors.Is(err, fs.ErrNotExist) {
		return nil, meant(f.resume, fmt.Errorf("%s: no config.yaml: not the folder of a run", f.resume))
	} else if err != nil {
		return nil, err
	}
	if complete(f.resume) {
		return nil, fmt.Errorf("%s: this run has finished; there is nothing to resume", f.resume)
	}
	d, err := c.openFor(cfg, models.Args{})
	if err != nil {
		return nil, err
	}
	return train.Resume(f.resume, d)
}

// complete reports whether all of the run in dir is there, up to the page that draw writes at the end.
func complete(dir string) bool {
	for _, name := range []string{train.ResultFile, report.File} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
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
	if as.Cache.Mode, err = cache.ParseMode(cmp.Or(cfg.Cache, "ram")); err != nil {
		return train.Data{}, err
	}
	d, err := c.openData(cfg.Data, cfg.Task, cfg.Model, as)
	if err != nil || !cfg.Augment.NeedsWhole() {
		return d, err
	}
	return c.withWhole(d, cfg, as)
}

// settings returns the recipe for data, task and model, changed by the file --config, changed by the flags. Where the weights to start from decide
// on the model, usual is what they are for.
func (f *trainFlags) settings(given *pflag.FlagSet, args []string) (cfg train.Config, usual models.Args, err error) {
	var named train.Config // the data, the task and the model, which the recipe depends on
	var options map[string]string
	if f.config != "" {
		if named, err = train.ReadConfig(f.config, train.Config{}); err != nil {
			return cfg, usual, err
		}
	}
	if len(args) > 0 {
		named.Data = args[0]
	}
	named.Data, named.Task = cmp.Or(named.Data, "mnist"), cmp.Or(f.Task, named.Task)
	recipe := f.recipe
	if recipe == "" {
		if recipe, err = usualRecipe(named.Data, named.Task); err != nil {
			return cfg, usual, usageError{err}
		}
	}
	if f.model != "" {
		if named.Model, options, err = parseModel(f.model); err != nil {
			return cfg, usual, err
		}
	}
	if f.Weights, err = pulledFile(f.Weights); err != nil {
		return cfg, usual, err
	}
	if from := cmp.Or(f.Weights, named.Weights); from != "" && named.Model == "" && f.recipe == "" {
		if named.Model, usual, err = train.ModelOf(from); err != nil {
			return cfg, usual, meant(from, err)
		}
		options = usual.Options
	}
	if named.Model == "" {
		r, err := train.NamedRecipe(recipe)
		if err != nil {
			return cfg, usual, usageError{err}
		}
		named.Model = r.Model
	}
	spec, err := models.Lookup(named.Model)
	if err != nil {
		return cfg, usual, usageError{err}
	}
	if cfg, err = train.Recipe(recipe, named.Data, named.Model); err != nil {
		return cfg, usual, usageError{err}
	}
	cfg.Task = cmp.Or(named.Task, cfg.Task)
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
	if f.Mean, f.Std, err = normalization(f.mean, f.std); err != nil {
		return cfg, usual, err
	}
	if err := f.apply(&cfg, given); err != nil {
		return cfg, usual, err
	}
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
func (f *trainFlags) apply(cfg *train.Config, given *pflag.FlagSet) error {
	if given.Changed("steps") && given.Changed("time") || given.Changed("epochs") && given.Changed("time") {
		return usagef("--time: not with --steps or --epochs, which say how long")
	}
	if given.Changed("time") && f.time <= 0 {
		return usagef("--time %v: expected more than nothing, such as 10m", f.time)
	}
	if given.Changed("image-size") {
		var err error
		if cfg.Height, cfg.Width, err = imageSize(f.size); err != nil {
			return err
		}
	}
	if given.Changed("batch") && f.batch != "auto" {
		n, err := strconv.Atoi(f.batch)
		if err != nil {
			return usagef("--batch %q: expected a whole number, or auto", f.batch)
		}
		cfg.Batch = n
	}
	if given.Changed("epochs") {
		cfg.Steps = 0 // of the recipe
	}
	if given.Changed("optim") {
		cfg.Rate = 0 // the one it had belongs to another rule
	}
	if given.Changed("weights") {
		cfg.WeightsSHA256 = "" // likewise
	}
	for name, set := range map[string]func(){
		"task":        func() { cfg.Task = f.Task },
		"epochs":      func() { cfg.Epochs = f.Epochs },
		"steps":       func() { cfg.Steps = f.Steps },
		"accumulate":  func() { cfg.Accumulate = f.Accumulate },
		"optim":       func() { cfg.Optim = f.Optim },
		"lr":          func() { cfg.Rate = f.Rate },
		"layer-lr":    func() { cfg.LayerRates = f.LayerRates },
		"schedule":    func() { cfg.Schedule = f.Schedule },
		"decay-all":   func() { cfg.DecayAll = f.DecayAll },
		"clip-norm":   func() { cfg.ClipNorm = f.ClipNorm },
		"clip-value":  func() { cfg.ClipValue = f.ClipValue },
		"ema":         func() { cfg.EMA = f.EMA },
		"patience":    func() { cfg.Patience = f.Patience },
		"weights":     func() { cfg.Weights = f.Weights },
		"freeze":      func() { cfg.Freeze = f.Freeze },
		"mean":        func() { cfg.Mean, cfg.Std = f.Mean, f.Std },
		"unfreeze-at": func() { cfg.UnfreezeAt = f.UnfreezeAt },
		"save-every":  func() { cfg.SaveEvery = f.SaveEvery },
		"seed":        func() { cfg.Seed = f.Seed },
		"folds":       func() { cfg.Folds = f.Folds },
		"fold":        func() { cfg.Fold = f.Fold },
		"cache":       func() { cfg.Cache = f.Cache },
		"threads":     func() { cfg.Threads = f.Threads },
	} {
		if given.Changed(name) {
			set()
		}
	}
	applyLoss(cfg, &f.Config, given)
	return nil
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

// usualRecipe returns the recipe for data and task if the user names none: that for scans of writing where data to classify are in MNIST's format, that of
// the built-in scenes for these.
func usualRecipe(data, task string) (string, error) {
	task = cmp.Or(task, classify.Name)
	if s, err := open.Parse(data); err == nil {
		if task == classify.Name && (s.Format == "mnist" || s.Format == "idx") {
			return "digits", nil
		}
		if name := "shapes-" + task; s.Format == "shapes" && slices.Contains(train.RecipeNames(), name) {
			return name, nil
		}
	}
	return train.UsualRecipe(task)
}

func printRun(c *console, run *train.Run) {
	cfg, d, m := run.Config(), run.Data(), run.Model()
	c.printf("%s: %s training", cfg.Data, metric.Thousands(d.Train.Len()))
	if d.Validation != nil {
		c.printf(", %s validation", metric.Thousands(d.Validation.Len()))
	}
	if d.Test != nil {
		c.printf(", %s test", metric.Thousands(d.Test.Len()))
	}
	c.printf(" images of %dx%dx%d, %d classes\n", m.Input.Channels, m.Input.Height, m.Input.Width, len(m.Classes))
	batch := fmt.Sprintf("batches of %d", cfg.Batch)
	if cfg.Accumulate > 1 {
		batch += fmt.Sprintf(", %d a step", cfg.Accumulate)
	}
	if cfg.Steps > 0 {
		batch += fmt.Sprintf(", %s steps", metric.Thousands(cfg.Steps))
	}
	c.printf("%s: %s, learning rate %g, %s, %s, seed %d\n", cfg.Model, cfg.Optim, cfg.Rate, cfg.Schedule, batch, cfg.Seed)
	c.printf("%s\n", lossLine(cfg, run.LossTerms()))
	printInitial(c, run)
	printFrozen(c, run)
	c.printf("%s: settings, weights, metrics and plots\n\n", run.Dir())
}

// lossLine says what is made small, and how images vary. Of a task that leaves no choice of losses, it names the terms.
func lossLine(cfg train.Config, terms []string) string {
	line := "loss " + cmp.Or(cfg.Loss, strings.Join(terms, " + "))
	if cfg.Smoothing > 0 {
		line += fmt.Sprintf(", label smoothing %g", cfg.Smoothing)
	}
	if cfg.ClassWeights != "" {
		line += ", class weights " + cfg.ClassWeights
	}
	return line + "; augmentation " + cfg.Augment.String()
}

func printOutcome(c *console, dir string, o *train.Outcome) {
	r := o.Result
	c.printf("\n")
	switch t := r.Test.(type) {
	case nil:
		if v := r.Validation; v != nil {
			c.printf("%s  %s\n", c.bold("validation"), score(*v, c.bold))
		}
	case *classify.Metrics:
		c.printf("%s  %s of %s test images right, %s wrong, loss %.4f\n", c.bold("test"), c.bold(c.green(metric.Percent(t.Accuracy))),
			metric.Thousands(t.N), metric.Thousands(t.N-int(t.Accuracy*float64(t.N)+0.5)), t.Loss)
	default:
		c.printf("%s  on %s images:\n", c.bold("test"), metric.Thousands(t.Images()))
		for _, q := range t.Quantities() {
			c.printf("  %-10s  %s\n", quantity(q, q.Value), q.Title)
		}
	}
	epochs := "epochs"
	if r.Epochs == 1 {
		epochs = "epoch"
	}
	c.printf("%d %s in %.1f s, %s images/s; best epoch %d", r.Epochs, epochs, r.TrainSeconds, metric.Thousands(int64(r.ImagesPerSecond)), r.BestEpoch)
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
	c.printf("  %-*s  %s\n", len(me)+len(dir)+36, "look at "+filepath.Join(dir, report.File), c.faint("all of it on a page"))
}

// program returns how the user called lince, for commands to copy.
func program() string {
	if path, err := os.Executable(); err == nil && strings.Contains(path, "go-build") {
		return "go run ./cmd/lince"
	}
	return "lince"
}
