package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/plot"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/task/detect"
	"github.com/lince-ml/lince/task/instances"
	"github.com/lince-ml/lince/task/localize"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type predictFlags struct {
	importFlags
	top       int
	threshold float32
	nms       float32
	json      bool
	grid      string
	out       string
	save      string
	given     func(flag string) bool
}

func predictCommand(c *console) *cobra.Command {
	f := &predictFlags{}
	cmd := &cobra.Command{
		Use:   "predict MODEL IMAGE...",
		Short: "Say what pictures show",
		Long: "Predict says what each IMAGE shows, as the model has learned it: which class it belongs to, where the thing is, what is where, or what each pixel is. IMAGE is a file, " +
			"a folder of files or a pattern such as 'photos/*.jpg' (" + imageFormats + "), of any size and colour.\n\n" +
			"--out draws boxes and masks on the pictures. --save writes them as a data set, which lince and other programs read: to correct by hand, or to learn from. " +
			saveHelp + "\n\n" + importHelp + "\n\nA drawing that is dark on light is turned into its negative for a classifier that has learned light on dark.",
		Example: "  lince predict runs/mnist-lenet5-1 seven.png\n" +
			"  lince predict runs/mnist-lenet5-1 drawings/*.png --top 1 --grid grid.png\n" +
			"  lince predict runs/street street.jpg --out found.jpg\n" +
			"  lince predict runs/street photos/ --threshold 0.3 --out found/ --save coco:found-coco/\n" +
			"  lince predict best.safetensors photos/ --json\n" +
			"  lince predict resnet50-11ad3fa6.pth cat.jpg",
		Args: arguments(2, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.given = cmd.Flags().Changed
			return f.run(cmd.Context(), c, args)
		},
	}
	f.registerOwn(cmd.Flags())
	f.register(cmd.Flags())
	return cmd
}

func (f *predictFlags) registerOwn(flags *pflag.FlagSet) {
	flags.IntVar(&f.top, "top", 3, "classes to name, the most probable first, of models that classify or localise")
	flags.Float32Var(&f.threshold, "threshold", 0, fmt.Sprintf("how sure a model that finds things must be of one, `SCORE` 0 to 1 (best for F1 on its validation images, or %g)", lince.DefaultThreshold))
	flags.Float32Var(&f.nms, "nms", 0, "the largest intersection over union, `IOU` 0 to 1, of two things of one class (as is usual for the model)")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	flags.StringVar(&f.grid, "grid", "", "write all pictures with what was found to the PNG `FILE`")
	flags.StringVar(&f.out, "out", "", "draw what was found: into the folder `DIR`, or the file FILE.png or FILE.jpg for a single picture")
	flags.StringVar(&f.save, "save", "", "write what was found as a data set, `FORMAT:DIR`")
}

func (f *predictFlags) run(ctx context.Context, c *console, args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	var options []lince.Option
	if f.given("threshold") {
		options = append(options, lince.Threshold(f.threshold))
	}
	if f.given("nms") {
		options = append(options, lince.Overlap(f.nms))
	}
	m, err := f.open(c, args[0], options...)
	if err != nil {
		return err
	}
	defer m.Close()
	if err := f.checkTask(args[0], m.Task()); err != nil {
		return err
	}
	files, err := imageFiles(args[1:])
	if err != nil {
		return err
	}
	drawn, err := newDrawings(f.out, files)
	if err != nil {
		return err
	}
	list, cells, failures := f.predict(ctx, c, m, files, drawn)
	if err := f.print(c, m, list); err != nil {
		return err
	}
	if f.grid != "" && len(cells) > 0 {
		if err := f.writeGrid(m.Task(), m.Classes(), cells); err != nil {
			return err
		}
	}
	if ctx.Err() == nil && f.save != "" && len(list) > 0 {
		if err := saveFound(ctx, f.save, m.Classes(), list); err != nil {
			return err
		}
	}
	return errors.Join(failures...)
}

// check reports flags that make no sense.
func (f *predictFlags) check() error {
	switch {
	case f.top < 1:
		return usagef("--top %d: expected 1 or more", f.top)
	case !(f.threshold >= 0 && f.threshold <= 1):
		return usagef("--threshold %g: expected 0 to 1", f.threshold)
	case !(f.nms >= 0 && f.nms <= 1):
		return usagef("--nms %g: expected 0 to 1", f.nms)
	case f.grid != "" && !strings.EqualFold(filepath.Ext(f.grid), ".png"):
		return usagef("--grid %s: expected a name that ends in .png", f.grid)
	case f.save != "":
		return checkSave(f.save)
	}
	return nil
}

// checkTask reports flags that mean nothing for a model, at path, of this task.
func (f *predictFlags) checkTask(path, task string) error {
	for _, flag := range []struct {
		name  string
		tasks []string
	}{
		{"top", []string{classify.Name, localize.Name}},
		{"threshold", []string{detect.Name, instances.Name}},
		{"nms", []string{detect.Name, instances.Name}},
	} {
		if f.given(flag.name) && !slices.Contains(flag.tasks, task) {
			return usagef("--%s: only for models of the tasks %s; %s is for the task %s", flag.name, strings.Join(flag.tasks, " and "), path, task)
		}
	}
	if task == classify.Name && f.out != "" {
		return usagef("--out: only for models that say where things are; --grid draws what %s says", path)
	}
	if f.save != "" {
		return checkSaveTask(f.save, path, task)
	}
	return nil
}

// predict asks the model about each file, and draws what it says. A file that cannot be read is a failure and does not keep it from the others.
func (f *predictFlags) predict(ctx context.Context, c *console, m *lince.Model, files []string, drawn *drawings) (list []filePrediction, cells []plot.Cell, failures []error) {
	t := c.tally("predicting", f.json || len(files) == 1)
	defer t.clear()
	for i, path := range files {
		p, picture, err := f.ask(ctx, m, path)
		if ctx.Err() != nil {
			return list, cells, append(failures, fmt.Errorf("%s: %w", path, err))
		}
		if err == nil {
			list = append(list, p)
			err = drawn.write(i, picture, p, m.Classes())
		}
		if err == nil && f.grid != "" {
			cells, err = appendCell(cells, picture, p, m.Classes())
		}
		if err != nil {
			failures = append(failures, err)
		}
		t.update(i+1, len(files))
	}
	return list, cells, failures
}

// imageFiles replaces folders by the images in them, and patterns, which not every shell replaces, by the files that they match.
func imageFiles(args []string) ([]string, error) {
	var files []string
	for _, arg := range args {
		matches := []string{arg}
		if _, err := os.Stat(arg); err != nil {
			if matches, _ = filepath.Glob(arg); matches == nil {
				return nil, fmt.Errorf("%s: %w", arg, errors.Unwrap(err))
			}
		}
		for _, path := range matches {
			found, err := imagesAt(path)
			if err != nil {
				return nil, err
			}
			files = append(files, found...)
		}
	}
	return files, nil
}

// imagesAt returns path, or the images in the folder that it names.
func imagesAt(path string) (files []string, err error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return []string{path}, nil // opening it says what is wrong
	}
	err = filepath.WalkDir(path, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && folder.IsImage(path) {
			files = append(files, path)
		}
		return err
	})
	if err == nil && files == nil {
		err = fmt.Errorf("%s: no images, expected files of %s", path, imageFormats)
	}
	return files, err
}
