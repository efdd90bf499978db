package main

import (
	"fmt"
	"strings"

	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/train"
)

// printInitial says what was loaded from --weights, and begins lists that weights.json has in full.
func printInitial(c *console, run *train.Run) {
	in := run.Initial()
	if in == nil {
		return
	}
	c.printf("weights %s: %d of %d variables", in.File, len(in.Loaded), len(run.Variables()))
	var other []string
	for _, o := range in.OtherShape {
		other = append(other, fmt.Sprintf("%s (%s in the file, %s here)", o.Name, o.File, o.Network))
	}
	for _, l := range []struct {
		what  string
		names []string
	}{{"new, of another shape", other}, {"new, not in the file", in.Missing}, {"left out, not in the model", in.Unexpected}} {
		if len(l.names) > 0 {
			c.printf("; %s: %s", l.what, first(l.names))
		}
	}
	c.printf("\nimages are normalised with mean %v and deviation %v, %s\n", run.Model().Input.Mean, run.Model().Input.Std, in.Normalized)
}

// first lists a few of names.
func first(names []string) string {
	const few = 4
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}

// printFrozen says how much of the network keeps its weights.
func printFrozen(c *console, run *train.Run) {
	layer, vars := run.Config().Freeze, run.Variables()
	if layer == "" {
		return
	}
	frozen, parameters, all := 0, 0, 0
	for _, v := range vars {
		size := 0
		if v.Trainable {
			size = v.Node.Shape().Size()
		}
		all += size
		if v.Frozen {
			frozen++
			parameters += size
		}
	}
	c.printf("frozen up to %s: %d of %d variables, %s of %s parameters\n",
		layer, frozen, len(vars), metric.Thousands(parameters), metric.Thousands(all))
}
