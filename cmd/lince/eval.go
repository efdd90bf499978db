package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/plot"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/train"
	"github.com/spf13/cobra"
)

type evalFlags struct {
	importFlags
	from        fromFlags
	json        bool
	plots       string
	predictions string
	tta         string
	calibrate   bool
	write       bool
	threads     int
}

// evalResult is what `lince eval --json` prints.
type evalResult struct {
	Task  string `json:"task"`
	Kind  string `json:"kind"`
	Model string `json:"model"`
	Data  string `json:"data"`
	classify.Metrics
	Classes     []classify.ClassMetrics `json:"classes"`
	Confusion   [][]int                 `json:"confusion,omitempty"`   // images by true and predicted class
	Reliability []metric.Bin            `json:"reliability,omitempty"` // images by confidence
	Calibration *calibration            `json:"calibration,omitempty"`
}

func evalCommand(c *console) *cobra.Command {
	f := &evalFlags{}
	cmd := &cobra.Command{
		Use:   "eval MODEL [DATA]",
		Short: "Measure a model on test images",
		Long: "Eval measures a model on the test images of DATA; on its validation images if it has no others, and on all images if it is not divided.\n\n" + importHelp +
			"\n\n" + dataHelp + "\n\nWithout DATA, the test images are those of the data that the model has learned from; without a test set, those that the run has set aside, or else the validation images of the data.\n\n" + fromHelp,
		Example: "  lince eval runs/mnist-lenet5-1\n" +
			"  lince eval runs/mnist-lenet5-1 digits:fashion/ --json\n" +
			"  lince eval best.safetensors photos/ --plots plots/\n" +
			"  lince eval runs/flowers --tta flip --save-predictions flipped.csv\n" +
			"  lince eval runs/flowers --calibrate\n" +
			"  lince eval runs/street --save-predictions found.json\n" +
			"  lince eval resnet56-4bfd9763.th cifar10/ --model resnet56-cifar\n" +
			"  lince eval --from predictions.json annotations/instances_val2017.json --iou segm",
		Args: arguments(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), c, args) },
	}
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	cmd.Flags().StringVar(&f.plots, "plots", "", "write the confusion matrix, curves, calibration and worst mistakes to `DIR`")
	cmd.Flags().StringVar(&f.predictions, "save-predictions", "", "write what the model says of each image to `FILE`, .csv or .jsonl, or either with .gz; of one that finds things .json, as COCO's results")
	cmd.Flags().StringVar(&f.tta, "tta", "", "mean of the probabilities of several `VIEWS` of each image: flip, or flip+shift")
	cmd.Flags().BoolVar(&f.calibrate, "calibrate", false, "fit a temperature on the validation images, and the thresholds of several labels, and say what they change")
	cmd.Flags().BoolVar(&f.write, "write", false, "with --calibrate: write them into the model, which uses them from then on")
	f.register(cmd.Flags())
	f.from.register(cmd.Flags())
	cmd.Flags().IntVar(&f.threads, "threads", 0, "threads, 0 for one per CPU; changes no result")
	return cmd
}

func (f *evalFlags) run(ctx context.Context, c *console, args []string) error {
	views, err := f.check()
	if err != nil {
		return err
	}
	if f.from.file != "" {
		return f.runFrom(c, args)
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
	if m.Task != classify.Name {
		return f.runTask(ctx, c, args[0], name, m, test)
	}
	if isResults(f.predictions) {
		return usagef("--save-predictions %s: only for models that find things; %s is for the task %s, expected .csv or .jsonl", f.predictions, args[0], m.Task)
	}
	var fitted *calibration
	if f.calibrate {
		if fitted, err = f.fit(ctx, c, args[0], m, views); err != nil {
			return err
		}
	}
	report, err := f.measure(ctx, m, test, views)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	if f.predictions != "" {
		if err := classify.NewPredictions(report, test).Write(f.predictions); err != nil {
			return err
		}
	}
	if f.plots != "" {
		if err := plot.Report(f.plots, report, test, m.Classes); err != nil {
			return err
		}
	}
	r := result(name, m, report)
	if fitted != nil {
		r.Calibration = fitted.after(report)
	}
	if f.json {
		return c.json(r)
	}
	return printResult(c, r)
}

// check reports flags that make no sense, and returns the views of --tta.
func (f *evalFlags) check() ([]data.View, error) {
	switch {
	case f.threads < 0:
		return nil, usagef("--threads %d: expected 0 or more", f.threads)
	case f.write && !f.calibrate:
		return nil, usagef("--write: only with --calibrate")
	case (f.from.iou != "bbox" || f.from.images != "") && f.from.file == "":
		return nil, usagef("--iou and --images: only with --from")
	case f.predictions != "" && !classify.IsPredictions(f.predictions) && !isResults(f.predictions):
		return nil, usagef("--save-predictions %s: expected a name that ends in .csv, .jsonl, .csv.gz or .jsonl.gz, or in .json for detections", f.predictions)
	}
	switch f.tta {
	case "":
		return nil, nil
	case "flip":
		return data.FlipViews(), nil
	case "flip+shift":
		return data.ShiftViews(1), nil
	}
	return nil, usageError{nearest.Error("views", f.tta, []string{"flip", "flip+shift"})}
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
	d, err := c.openData(name, m.Task, m.Architecture, folder.Options{C: in.Channels, H: in.Height, W: in.Width, Resize: in.Resize})
	if err != nil {
		return "", nil, err
	}
	switch {
	case d.Test != nil:
		return name, d.Test, nil
	case len(args) > 1 && d.Validation != nil:
		return name, d.Validation, nil
	case len(args) > 1:
		return name, d.Train, nil
	}
	test, err := setAside(args[0], name, d)
	return name, test, err
}

// setAside returns the test images that the run in the folder dir has set aside from d, the data called name; if none, the validation images that d has.
func setAside(dir, name string, d train.Data) (data.Dataset, error) {
	cfg, err := train.ReadConfig(filepath.Join(dir, train.ConfigFile), train.Config{})
	if err != nil {
		return nil, usagef("%s has no test set, and %s is no run folder, which would tell the images set aside: expected DATA", name, dir)
	}
	given := d.Validation
	if d, err = train.Divide(d, &cfg); err == nil && d.Test == nil {
		if given != nil {
			return given, nil
		}
		return nil, usagef("the run %s has set no test images aside, expected DATA", dir)
	}
	return d.Test, err
}

func (f *evalFlags) measure(ctx context.Context, m *modelfile.Model, test data.Dataset, views []data.View) (*classify.Report, error) {
	t, err := classify.Of(m)
	if err != nil {
		return nil, err
	}
	b, err := cpu.New(f.threads)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return classify.New(b, t, m.Weights).EvaluateViews(ctx, test, 0, views)
}

func result(name string, m *modelfile.Model, r *classify.Report) evalResult {
	e := evalResult{
		Task: classify.Name, Kind: m.Kind.String(), Model: m.Architecture, Data: name,
		Metrics: r.Metrics(), Classes: r.ByClass(m.Classes), Confusion: r.Confusion,
	}
	if r.Targets == nil {
		e.Reliability = r.Reliability()
	}
	return e
}

func printResult(c *console, r evalResult) error {
	wrong := r.N - int(r.Accuracy*float64(r.N)+0.5)
	c.printf("%s on %s: %s of %s images right, %s wrong, loss %.4f\n\n", r.Model, filepath.ToSlash(r.Data), c.bold(metric.Percent(r.Accuracy)),
		metric.Thousands(r.N), metric.Thousands(wrong), r.Loss)
	if err := printQuantities(c, r.Quantities()); err != nil {
		return err
	}
	r.Calibration.print(c)
	t := c.table()
	last := "mostly taken for"
	if r.Confusion == nil {
		last = "threshold"
	}
	fmt.Fprintf(t, "class\timages\trecall\tprecision\tF1\tAP\t%s\n", last)
	for i, k := range r.Classes {
		ap, last := "-", ""
		if k.AveragePrecision != nil {
			ap = fmt.Sprintf("%.4f", *k.AveragePrecision)
		}
		if r.Confusion != nil {
			last = r.confusedWith(i)
		} else {
			last = fmt.Sprintf("%.3g", *k.Threshold)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.Name, metric.Thousands(k.N), metric.Percent(k.Recall), metric.Percent(k.Precision), metric.Percent(k.F1), ap, last)
	}
	return t.Flush()
}

func printQuantities(c *console, list []metric.Quantity) error {
	t := c.table()
	header := "metric\tvalue"
	if slices.ContainsFunc(list, func(q metric.Quantity) bool { return q.Interval != nil }) {
		header += "\t95 % interval"
	}
	fmt.Fprintln(t, header)
	for _, q := range list {
		fmt.Fprintf(t, "%s\t%s\t%s\n", q.Title, quantity(q, q.Value), interval(q))
	}
	fmt.Fprintln(t)
	return t.Flush()
}

// quantity writes a value of q for people.
func quantity(q metric.Quantity, value float64) string {
	if q.Share {
		return metric.Percent(value)
	}
	return fmt.Sprintf("%.4f", value)
}

// interval writes the interval of q, if there is one.
func interval(q metric.Quantity) string {
	i := q.Interval
	if i == nil {
		return ""
	}
	return quantity(q, i[0]) + " to " + quantity(q, i[1])
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
