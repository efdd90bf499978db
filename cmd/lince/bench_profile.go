package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/internal/measure"
	"github.com/spf13/cobra"
)

// profileFlags are the flags of `lince bench profile`.
type profileFlags struct {
	networkFlags
	infer   bool
	inOrder bool
	pprof   string
}

// stepProfile is what `lince bench profile --json` prints for each step.
type stepProfile struct {
	stepInfo
	MS          float64 `json:"ms"`
	Share       float64 `json:"share"` // of the time of all steps
	GFLOPS      float64 `json:"gflops"`
	GBPerSecond float64 `json:"gb_per_second"`
}

func benchProfileCommand(c *console) *cobra.Command {
	f := &profileFlags{}
	cmd := &cobra.Command{
		Use:   "profile",
		Short: "Measure each step of a compiled program",
		Long: "Profile runs the steps of a training step, or of a prediction, one after the other, each on all threads, and says how long each " +
			"takes. All operations count here, not only those of convolutions and matrix products.",
		Example: "  lince bench profile --model resnet18 --batch 8\n" +
			"  lince bench profile --model resnet50 --infer --pprof steps.pb.gz && go tool pprof -http :8080 steps.pb.gz",
		Args: arguments(0, 0),
		RunE: func(*cobra.Command, []string) error { return f.run(c) },
	}
	f.register(cmd.Flags(), 8)
	cmd.Flags().BoolVar(&f.infer, "infer", false, "a prediction instead of a training step")
	cmd.Flags().BoolVar(&f.inOrder, "in-order", false, "in the order in which the steps run, not the longest first")
	cmd.Flags().StringVar(&f.pprof, "pprof", "", "also write the profile to `FILE`, for go tool pprof")
	return cmd
}

func (f *profileFlags) run(c *console) error {
	n, err := f.network()
	if err != nil {
		return err
	}
	compile := measure.Training
	if f.infer {
		compile = measure.Inference
	}
	return with(f.threads, func(b *cpu.Backend) error {
		p, err := compile(b, n)
		if err != nil {
			return err
		}
		steps, err := f.effort(measure.Usual).Profile(p)
		if err != nil {
			return err
		}
		if err := f.writePprof(steps); err != nil {
			return err
		}
		list := profile(steps)
		if !f.inOrder {
			slices.SortStableFunc(list, func(a, b stepProfile) int { return cmp.Compare(b.MS, a.MS) })
		}
		if f.json {
			return c.json(list)
		}
		return printProfile(c, p.Name, b.Threads(), list)
	})
}

func (f *profileFlags) writePprof(steps []measure.StepTime) error {
	if f.pprof == "" {
		return nil
	}
	file, err := os.Create(f.pprof)
	if err != nil {
		return err
	}
	if err := measure.WritePprof(file, steps); err != nil {
		file.Close()
		return fmt.Errorf("write %s: %w", f.pprof, err)
	}
	return file.Close()
}

// profile returns the steps with their rates.
func profile(steps []measure.StepTime) []stepProfile {
	var total time.Duration
	for _, s := range steps {
		total += s.Time
	}
	list := make([]stepProfile, len(steps))
	for i, s := range steps {
		ns := float64(max(s.Time, 1))
		list[i] = stepProfile{stepInfoOf(s.Step), ns / 1e6, ns / float64(max(total, 1)), float64(s.FLOPs) / ns, float64(s.Bytes) / ns}
	}
	return list
}

func printProfile(c *console, name string, threads int, list []stepProfile) error {
	t := c.table()
	fmt.Fprintln(t, "ms\tshare\tGFLOP/s\tGB/s\tstage\ttasks\tstep\toutput\tops\twhere")
	var total float64
	for _, s := range list {
		total += s.MS
		fmt.Fprintf(t, "%.4f\t%.1f %%\t%.1f\t%.1f\t%d\t%d\t%s\t%s\t%s\t%s\n",
			s.MS, 100*s.Share, s.GFLOPS, s.GBPerSecond, s.Stage, s.Tasks, s.Name, s.Output, strings.Join(s.Ops, " "), s.Path)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	c.printf("\n%s, threads: %d: %.3f ms in %d steps\n", name, threads, total, len(list))
	return nil
}
