package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/train"
	"github.com/spf13/cobra"
)

// comparison is what `lince compare --json` prints. Differences are the second less the first.
type comparison struct {
	Names      [2]string            `json:"names"`
	N          int                  `json:"n"`
	Metrics    [2]classify.Metrics  `json:"metrics"`
	OnlyFirst  int                  `json:"only_first_right"`  // images that the first alone has right
	OnlySecond int                  `json:"only_second_right"` // and the second
	Exact      float64              `json:"mcnemar_exact"`     // how probable a difference as large is by chance
	MidP       float64              `json:"mcnemar_mid_p"`
	Difference map[string]paired    `json:"difference"`
	Settings   map[string][2]string `json:"settings,omitempty"` // those that differ
}

type paired struct {
	Value    float64         `json:"value"`
	Interval metric.Interval `json:"interval"` // 95 %, by bootstrap of the same images for both
}

func compareCommand(c *console) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "compare RUN RUN",
		Short: "Tell whether one run is better than another",
		Long: "Compare sets two runs side by side: their metrics on the same test images, whether the difference may be chance, and the settings that differ. " +
			"RUN is the folder of a run that classifies, or a file of predictions as `lince eval --save-predictions` writes it.\n\n" +
			"Whether the difference may be chance is told by McNemar's test, which counts the images that only one of the two has right, and by a paired bootstrap. " +
			"Both speak of these weights on images like these; what another seed would do, only runs with other seeds tell.",
		Example: "  lince compare runs/mnist-lenet5-1 runs/mnist-lenet5-2\n" +
			"  lince compare runs/flowers flipped.csv",
		Args: arguments(2, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := compare(args[0], args[1])
			if err != nil {
				return err
			}
			if asJSON {
				return c.json(r)
			}
			return r.print(c)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// compare reads and compares the predictions of two runs or files.
func compare(first, second string) (*comparison, error) {
	a, err := readPredictions(first)
	if err != nil {
		return nil, err
	}
	b, err := readPredictions(second)
	if err != nil {
		return nil, err
	}
	if err := sameImages(first, second, a, b); err != nil {
		return nil, err
	}
	r := &comparison{Names: [2]string{first, second}, N: a.Report.N, Metrics: [2]classify.Metrics{a.Report.Metrics(), b.Report.Metrics()}}
	for i, s := range a.Report.Samples {
		switch t := b.Report.Samples[i]; {
		case s.Right && !t.Right:
			r.OnlyFirst++
		case t.Right && !s.Right:
			r.OnlySecond++
		}
	}
	r.Exact, r.MidP = metric.McNemar(r.OnlyFirst, r.OnlySecond)
	r.Difference = pairedDifferences(a.Report, b.Report)
	r.Settings, err = otherSettings(first, second, a.Report.Targets != nil)
	return r, err
}

// readPredictions reads those of a run folder or a file.
func readPredictions(name string) (*classify.Predictions, error) {
	info, err := os.Stat(name)
	if err != nil || !info.IsDir() {
		p, err := classify.ReadPredictions(name)
		return p, meant(name, err)
	}
	if _, err := os.Stat(filepath.Join(name, train.ConfigFile)); err != nil {
		return nil, fmt.Errorf("%s: no %s: not the folder of a run", name, train.ConfigFile)
	}
	cfg, err := train.ReadConfig(filepath.Join(name, train.ConfigFile), train.Config{})
	if err != nil {
		return nil, err
	}
	if t := cmp.Or(cfg.Task, classify.Name); t != classify.Name {
		return nil, fmt.Errorf("%s: a run of the task %s, which keeps no answer for each image, so that nothing can tell whether a difference is chance: expected runs that classify; "+
			"`lince eval %s` prints its metrics, to set beside those of others", name, t, name)
	}
	file := filepath.Join(name, train.PredictionsFile)
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("%s: no %s: the run has not finished, had no test images, or is of an older lince; `lince eval %s --save-predictions FILE` makes one",
			name, train.PredictionsFile, name)
	}
	return classify.ReadPredictions(file)
}

// sameImages reports whether both are about the same images, with the same labels, in the same order. Where the folder of the data has another
// name, that does not matter.
func sameImages(first, second string, a, b *classify.Predictions) error {
	other := func(what string, args ...any) error {
		return fmt.Errorf("%s and %s cannot be compared: %s", first, second, fmt.Sprintf(what, args...))
	}
	if !slices.Equal(slices.Sorted(slices.Values(a.Classes)), slices.Sorted(slices.Values(b.Classes))) {
		return other("%d classes, %s ..., and %d classes, %s ...", len(a.Classes), a.Classes[0], len(b.Classes), b.Classes[0])
	}
	if len(a.Images) != len(b.Images) {
		return other("%d and %d test images", len(a.Images), len(b.Images))
	}
	if (a.Report.Targets == nil) != (b.Report.Targets == nil) {
		return other("one has images with one label, one with several")
	}
	place := make([]int, len(a.Classes)) // of a's classes among b's
	for i, name := range a.Classes {
		place[i] = slices.Index(b.Classes, name)
	}
	x, y := withoutFolder(a.Images), withoutFolder(b.Images)
	for i := range x {
		if x[i] != y[i] {
			return other("test image %d is %s and %s", i+1, a.Images[i], b.Images[i])
		}
		for c := range a.Classes {
			if a.Report.Has(i, c) != b.Report.Has(i, place[c]) {
				return other("test image %s has another label", a.Images[i])
			}
		}
	}
	return nil
}

// withoutFolder takes from names the folder that all are in.
func withoutFolder(names []string) []string {
	dir := path.Dir(filepath.ToSlash(names[0]))
	for _, n := range names {
		for dir != "." && dir != "/" && !strings.HasPrefix(filepath.ToSlash(n), dir+"/") {
			dir = path.Dir(dir)
		}
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.TrimPrefix(filepath.ToSlash(n), dir+"/")
	}
	return out
}

// pairedDifferences returns the paired differences that a bootstrap tells the intervals of.
func pairedDifferences(a, b *classify.Report) map[string]paired {
	names := []string{"accuracy", "loss", "macro_f1"}
	measure := func(r *classify.Report, t *metric.Tally, sample []int) []float64 {
		t.Clear()
		right, loss := 0, 0.0
		for _, i := range sample {
			r.Count(t, i)
			loss += float64(r.Samples[i].Loss)
			if r.Samples[i].Right {
				right++
			}
		}
		n := float64(len(sample))
		return []float64{float64(right) / n, loss / n, t.Macro().F1}
	}
	ta, tb := metric.NewTally(a.Classes()), metric.NewTally(b.Classes())
	difference := func(sample []int) []float64 {
		x, y := measure(a, &ta, sample), measure(b, &tb, sample)
		for i := range x {
			y[i] -= x[i]
		}
		return y
	}
	all := make([]int, a.N)
	for i := range all {
		all[i] = i
	}
	values, intervals := difference(all), metric.Bootstrap(a.N, 0, difference)
	out := map[string]paired{}
	for i, name := range names {
		out[name] = paired{values[i], intervals[i]}
	}
	return out
}

// otherSettings returns the settings in which two run folders differ, but for those that change no result; nothing for files of predictions. several says whether images
// have any number of labels.
func otherSettings(first, second string, several bool) (map[string][2]string, error) {
	out := map[string][2]string{}
	for i, dir := range []string{first, second} {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, nil
		}
		cfg, err := train.ReadConfig(filepath.Join(dir, train.ConfigFile), train.Config{})
		if err != nil {
			return nil, err
		}
		cfg.Loss = cmp.Or(cfg.Loss, train.UsualLoss(several)) // older runs leave it out
		list, err := cfg.Settings()
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			pair := out[s.Key]
			pair[i] = s.Value
			out[s.Key] = pair
		}
	}
	maps.DeleteFunc(out, func(key string, pair [2]string) bool {
		return pair[0] == pair[1] || key == "threads" || key == "workers"
	})
	return out, nil
}

func (r *comparison) print(c *console) error {
	t := c.table()
	fmt.Fprintf(t, "%s test images\t%s\t%s\tdifference\t95 %% interval\n", metric.Thousands(r.N), r.Names[0], r.Names[1])
	other := r.Metrics[1].Quantities()
	for _, q := range r.Metrics[0].Quantities() {
		i := slices.IndexFunc(other, func(o metric.Quantity) bool { return o.Name == q.Name })
		if i < 0 {
			continue
		}
		interval := ""
		if d, ok := r.Difference[q.Name]; ok {
			interval = signed(q, d.Interval[0]) + " to " + signed(q, d.Interval[1])
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", q.Title, quantity(q, q.Value), quantity(q, other[i].Value), signed(q, other[i].Value-q.Value), interval)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	c.printf("\n%s images are right with the first alone, %s with the second alone.\n", metric.Thousands(r.OnlyFirst), metric.Thousands(r.OnlySecond))
	c.printf("McNemar's test: p = %.4g (exact), %.4g (mid-p): %s\n", r.Exact, r.MidP, c.bold(r.verdict()))
	if len(r.Settings) == 0 {
		return nil
	}
	c.printf("\n")
	t = c.table()
	fmt.Fprintln(t, "setting\tfirst\tsecond")
	for _, key := range slices.Sorted(maps.Keys(r.Settings)) {
		fmt.Fprintf(t, "%s\t%s\t%s\n", key, cmp.Or(r.Settings[key][0], "-"), cmp.Or(r.Settings[key][1], "-"))
	}
	return t.Flush()
}

// verdict says what the test means at the level of 5 %.
func (r *comparison) verdict() string {
	switch {
	case r.MidP >= 0.05:
		return "the difference may well be chance"
	case r.OnlyFirst > r.OnlySecond:
		return "the first is better"
	}
	return "the second is better"
}

// signed writes a difference of q.
func signed(q metric.Quantity, v float64) string {
	if q.Share {
		return fmt.Sprintf("%+.2f points", math.Round(1e4*v)/100+0) // + 0: -0 becomes 0
	}
	return fmt.Sprintf("%+.4f", math.Round(1e4*v)/1e4+0)
}
