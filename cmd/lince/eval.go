package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/plot"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/train"
	"github.com/spf13/cobra"
)

type evalFlags struct {
	importFlags
	json    bool
	plots   string
	threads int
}

// evalResult is what `lince eval --json` prints.
type evalResult struct {
	Task      string        `json:"task"`
	Model     string        `json:"model"`
	Data      string        `json:"data"`
	N         int           `json:"n"`
	Accuracy  float64       `json:"accuracy"`
	Loss      float64       `json:"loss"`
	ErrorRate float64       `json:"error_rate"`
	Classes   []classResult `json:"classes"`
	Confusion [][]int       `json:"confusion"` // images by true and predicted class
}

type classResult struct {
	Name      string  `json:"name"`
	N         int     `json:"n"`
	Recall    float64 `json:"recall"`    // share of its images that are found; 0 if it has none
	Precision float64 `json:"precision"` // share of what is called so that is right; 0 if nothing is
}

func evalCommand(c *console) *cobra.Command {
	f := &evalFlags{}
	cmd := &cobra.Command{
		Use:   "eval MODEL [DATA]",
		Short: "Measure a model on test images",
		Long: "Eval measures a model on the test images of DATA, or on all images of a folder that has no test set.\n\n" + importHelp +
			"\n\n" + dataHelp + "\n\nWithout DATA, the test images are those of the data that the model has learned from; of a folder without a test set, those that the run has set aside.",
		Example: "  lince eval runs/mnist-lenet5-1\n" +
			"  lince eval runs/mnist-lenet5-1 digits:fashion/ --json\n" +
			"  lince eval best.safetensors photos/ --plots plots/\n" +
			"  lince eval resnet56-4bfd9763.th cifar10/ --model resnet56-cifar",
		Args: arguments(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), c, args) },
	}
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	cmd.Flags().StringVar(&f.plots, "plots", "", "write the confusion matrix and the worst mistakes to `DIR`")
	f.register(cmd.Flags())
	cmd.Flags().IntVar(&f.threads, "threads", 0, "threads, 0 for one per CPU; changes no result")
	return cmd
}

func (f *evalFlags) run(ctx context.Context, c *console, args []string) error {
	if f.threads < 0 {
		return usagef("--threads %d: expected 0 or more", f.threads)
	}
	m, err := f.read(c, args[0])
	if err != nil {
		return err
	}
	name, test, err := c.testData(args, m)
	if err != nil {
		return err
	}
	if m.Data.Name == "" && len(test.Classes()) == len(m.Classes) { // weights from elsewhere have no names of their own
		m.Classes = test.Classes()
	}
	report, err := f.measure(ctx, m, test)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	if f.plots != "" {
		if err := plot.Report(f.plots, report, test, m.Classes); err != nil {
			return err
		}
	}
	r := result(args[0], name, m, report)
	if f.json {
		return c.json(r)
	}
	return printResult(c, r)
}

// testData returns the images to measure m with, and what to call them.
func (c *console) testData(args []string, m *modelfile.Model) (string, data.Dataset, error) {
	name := m.Data.Name
	if len(args) > 1 {
		name = args[1]
	}
	if name == "" {
		return "", nil, usagef("%s does not say what it was trained on: expected DATA", args[0])
	}
	in := m.Input
	d, err := c.openData(name, folder.Options{C: in.Channels, H: in.Height, W: in.Width, Resize: in.Resize})
	if err != nil {
		return "", nil, err
	}
	if d.Test != nil {
		return name, d.Test, nil
	}
	if len(args) > 1 {
		return name, d.Train, nil
	}
	test, err := setAside(args[0], name, d)
	return name, test, err
}

// setAside returns the test images that the run in the folder dir has set aside from d, the data called name.
func setAside(dir, name string, d train.Data) (data.Dataset, error) {
	cfg, err := train.ReadConfig(filepath.Join(dir, train.ConfigFile), train.Config{})
	if err != nil {
		return nil, usagef("%s has no test set, and %s is no run folder, which would tell the images set aside: expected DATA", name, dir)
	}
	if d, err = train.Divide(d, &cfg); err == nil && d.Test == nil {
		return nil, usagef("the run %s has set no test images aside, expected DATA", dir)
	}
	return d.Test, err
}

func (f *evalFlags) measure(ctx context.Context, m *modelfile.Model, test data.Dataset) (*classify.Report, error) {
	t, err := classify.Of(m)
	if err != nil {
		return nil, err
	}
	b, err := cpu.New(f.threads)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return classify.New(b, t, m.Weights).Evaluate(ctx, test, 0)
}

func result(model, name string, m *modelfile.Model, r *classify.Report) evalResult {
	e := evalResult{classify.Name, m.Architecture, name, r.N, r.Accuracy(), r.Loss, r.ErrorRate(), nil, r.Confusion}
	for i, class := range m.Classes {
		var n, called int
		for j := range m.Classes {
			n += r.Confusion[i][j]
			called += r.Confusion[j][i]
		}
		right := float64(r.Confusion[i][i])
		e.Classes = append(e.Classes, classResult{class, n, right / float64(max(1, n)), right / float64(max(1, called))})
	}
	return e
}

func printResult(c *console, r evalResult) error {
	wrong := r.N - int(r.Accuracy*float64(r.N)+0.5)
	c.printf("%s on %s: %s of %s images right, %s wrong, loss %.4f\n\n", r.Model, filepath.ToSlash(r.Data), c.bold(percent(r.Accuracy)),
		thousands(int64(r.N)), thousands(int64(wrong)), r.Loss)
	t := c.table()
	fmt.Fprintln(t, "class\timages\trecall\tprecision\tmostly taken for")
	for i, k := range r.Classes {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", k.Name, thousands(int64(k.N)), percent(k.Recall), percent(k.Precision), r.confusedWith(i))
	}
	return t.Flush()
}

// confusedWith returns the class that images of class i are most often taken for, and how often.
func (r evalResult) confusedWith(i int) string {
	worst := -1
	for j, n := range r.Confusion[i] {
		if j != i && n > 0 && (worst < 0 || n > r.Confusion[i][worst]) {
			worst = j
		}
	}
	if worst < 0 {
		return "-"
	}
	return fmt.Sprintf("%s (%d)", r.Classes[worst].Name, r.Confusion[i][worst])
}
