package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/lince-ml/lince"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/plot"
	"github.com/lince-ml/lince/task/localize"
	"github.com/spf13/cobra"
)

type predictFlags struct {
	importFlags
	top  int
	json bool
	grid string
}

// filePrediction is what `lince predict --json` prints for each file.
type filePrediction struct {
	File        string            `json:"file"`
	Inverted    bool              `json:"inverted"` // the model was shown its negative
	Predictions []labelPrediction `json:"predictions"`
	Box         *[4]float32       `json:"box,omitempty"` // x0, y0, x1, y1 in pixels of the file, of a model that localises
}

type labelPrediction struct {
	Label       string  `json:"label"`
	Index       int     `json:"index"`
	Probability float32 `json:"probability"`
	Chosen      bool    `json:"chosen"` // the model's answer
}

func predictCommand(c *console) *cobra.Command {
	f := &predictFlags{}
	cmd := &cobra.Command{
		Use:   "predict MODEL IMAGE...",
		Short: "Say what pictures show",
		Long: "Predict says which class each IMAGE belongs to, and where the thing is if the model has learned that. IMAGE is a file or a folder of files (" + imageFormats + ") of any " +
			"size and colour.\n\n" + importHelp + "\n\nA drawing that is dark on light is turned into its negative for a " +
			"model that has learned light on dark.",
		Example: "  lince predict runs/mnist-lenet5-1 seven.png\n" +
			"  lince predict runs/mnist-lenet5-1 drawings/*.png --top 1 --grid grid.png\n" +
			"  lince predict best.safetensors photos/ --json\n" +
			"  lince predict resnet50-11ad3fa6.pth cat.jpg",
		Args: arguments(2, -1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), c, args) },
	}
	cmd.Flags().IntVar(&f.top, "top", 3, "classes to name, the most probable first")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	cmd.Flags().StringVar(&f.grid, "grid", "", "write the pictures with their labels to the PNG `FILE`")
	f.register(cmd.Flags())
	return cmd
}

func (f *predictFlags) run(ctx context.Context, c *console, args []string) error {
	if f.top < 1 {
		return usagef("--top %d: expected 1 or more", f.top)
	}
	if f.grid != "" && !strings.EqualFold(filepath.Ext(f.grid), ".png") {
		return usagef("--grid %s: expected a name that ends in .png", f.grid)
	}
	m, err := f.open(c, args[0])
	if err != nil {
		return err
	}
	defer m.Close()
	files, err := imageFiles(args[1:])
	if err != nil {
		return err
	}
	list, cells, failures := f.predict(ctx, m, files)
	if err := f.print(c, list); err != nil {
		return err
	}
	if f.grid != "" && len(cells) > 0 {
		if err := plot.WritePNG(f.grid, plot.Grid("", cells, 0)); err != nil {
			return err
		}
	}
	return errors.Join(failures...)
}

// predict asks the model about each file. A file that cannot be read is a failure and does not keep it from the others.
func (f *predictFlags) predict(ctx context.Context, m *lince.Model, files []string) (list []filePrediction, cells []plot.Cell, failures []error) {
	for _, path := range files {
		p, err := f.ask(ctx, m, path)
		if ctx.Err() != nil {
			return list, cells, append(failures, fmt.Errorf("%s: %w", path, err))
		}
		if err != nil {
			failures = append(failures, err)
			continue
		}
		list = append(list, p)
		if f.grid != "" {
			im, err := data.DecodeFile(path, 0)
			if err != nil {
				failures = append(failures, err)
				continue
			}
			cells = append(cells, cell(im, p))
		}
	}
	return list, cells, failures
}

// ask asks the model about a file.
func (f *predictFlags) ask(ctx context.Context, m *lince.Model, path string) (p filePrediction, err error) {
	p.File = path
	var all []lince.Prediction
	if m.Task() == localize.Name {
		all, p.Box, err = locate(ctx, m, path)
	} else {
		all, p.Inverted, err = classes(ctx, m, path)
	}
	for _, q := range all[:min(f.top, len(all))] {
		p.Predictions = append(p.Predictions, labelPrediction{q.Label, q.Index, q.Probability, q.Chosen})
	}
	return p, err
}

// classes returns the classes of a file, the most probable first.
func classes(ctx context.Context, m *lince.Model, path string) (all []lince.Prediction, inverted bool, err error) {
	prepared, inverted, err := m.ReadFile(path, 0)
	if err != nil {
		return nil, false, err
	}
	rows, err := m.ClassifyPrepared(ctx, []data.Image{prepared})
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", path, err)
	}
	return rows[0], inverted, nil
}

// locate returns the classes of the thing in a file, and its box.
func locate(ctx context.Context, m *lince.Model, path string) ([]lince.Prediction, *[4]float32, error) {
	im, err := data.DecodeFile(path, 0)
	if err != nil {
		return nil, nil, err
	}
	l, err := m.Localize(ctx, im)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return l.Classes, &[4]float32{l.Box.X0, l.Box.Y0, l.Box.X1, l.Box.Y1}, nil
}

func cell(im image.Image, p filePrediction) plot.Cell {
	best := p.Predictions[0]
	return plot.Cell{
		Image:   plot.Thumbnail(im),
		Title:   best.Label,
		Details: []string{fmt.Sprintf("%.1f %%", 100*best.Probability), filepath.Base(p.File)},
	}
}

// imageFiles replaces folders by the images in them.
func imageFiles(args []string) ([]string, error) {
	var files []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", arg, errors.Unwrap(err))
		}
		if !info.IsDir() {
			files = append(files, arg)
			continue
		}
		before := len(files)
		err = filepath.WalkDir(arg, func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() && folder.IsImage(path) {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(files) == before {
			return nil, fmt.Errorf("%s: no images, expected files of %s", arg, imageFormats)
		}
	}
	return files, nil
}

func (f *predictFlags) print(c *console, list []filePrediction) error {
	if f.json {
		if list == nil {
			list = []filePrediction{}
		}
		return c.json(list)
	}
	if len(list) == 0 {
		return nil
	}
	file, label, inverted, several := len("file"), len("label"), 0, false
	for _, p := range list {
		file = max(file, utf8.RuneCountInString(p.File))
		for i, q := range p.Predictions {
			label = max(label, utf8.RuneCountInString(q.Label))
			several = several || q.Chosen != (i == 0)
		}
		if p.Inverted {
			inverted++
		}
	}
	c.printf("%-*s  %-*s  %s\n", file, "file", label, "label", "probability")
	for _, p := range list {
		name, where := p.File, ""
		if b := p.Box; b != nil {
			where = fmt.Sprintf("  from (%.0f, %.0f) to (%.0f, %.0f)", b[0], b[1], b[2], b[3])
		}
		for i, q := range p.Predictions {
			if i > 0 && q.Probability < 0.0005 {
				break // would print as 0.0 %
			}
			paint, mark := c.faint, ""
			if q.Chosen {
				paint = c.bold
				if several {
					mark = " *"
				}
			}
			c.printf("%-*s  %s  %s %5.1f %%%s%s\n", file, name, paint(fmt.Sprintf("%-*s", label, q.Label)), bar(float64(q.Probability), 20), 100*q.Probability, mark, where)
			name, where = "", ""
		}
	}
	if several {
		c.printf("\n* what the model says: the probability reaches the threshold of the class.\n")
	}
	if inverted > 0 {
		c.printf("\n%d of %d are dark on light; the model has learned light on dark and was shown the negative.\n", inverted, len(list))
	}
	return nil
}
