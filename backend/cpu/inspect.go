package cpu

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// A Step describes a step of a compiled program.
type Step struct {
	Stage  int      // steps of one stage run at the same time, or share by share
	Name   string   // what it runs, such as "Conv2D", "elementwise" or "pack"
	Ops    []string // the ops of the graph that it computes, in order
	Path   string   // where in the network the last of them comes from
	Out    graph.Type
	Layout string // of Out: "" for row-major, "packed" for what a kernel reads in an order of its own
	Tasks  int    // pieces that different threads can do
	FLOPs  int64  // floating-point operations
	Bytes  int64  // read and written, each tensor once
}

// Steps returns the steps of the program in the order of their stages.
func (p *Program) Steps() []Step {
	var list []Step
	for i, st := range p.stages {
		for _, s := range st.steps {
			list = append(list, s.describe(i))
		}
	}
	return list
}

func (s *step) describe(stage int) Step {
	d := Step{Stage: stage, Name: s.name, Tasks: s.tasks}
	if len(s.out) > 0 {
		d.Out, d.Layout = s.out[0].typ, s.out[0].layout.String()
	}
	if s.name == "pack" {
		d.Layout = "packed"
	}
	for _, n := range s.nodes {
		d.Ops = append(d.Ops, n.Op().Name())
		d.Path = n.Path()
		if !s.part {
			d.FLOPs += n.FLOPs()
		}
	}
	for _, list := range [][]*value{s.in, s.out} {
		for _, v := range list {
			d.Bytes += int64(v.typ.Bytes())
		}
	}
	return d
}

// Arena returns how many bytes a run needs for all that is neither input nor output.
func (p *Program) Arena() int { return p.arena }

// Dump writes the steps as text, one a line. The text depends only on the graph and the kernels' level.
func (p *Program) Dump(w io.Writer) error {
	var b strings.Builder
	for _, s := range p.Steps() {
		fmt.Fprintf(&b, "%3d %-18s %-22v %3d tasks  %s", s.Stage, s.Name, s.Out, s.Tasks, strings.Join(s.Ops, " "))
		if s.Layout == channelsLast.String() {
			fmt.Fprintf(&b, " (%s)", s.Layout)
		}
		if s.Path != "" {
			fmt.Fprintf(&b, "  # %s", s.Path)
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Profile runs the program n times, one step after the other on all threads, and returns the mean time of each step of Steps.
func (p *Program) Profile(in, out []*tensor.Tensor, n int) ([]time.Duration, error) {
	if err := backend.Check(p.g, in, out); err != nil {
		return nil, err
	}
	var times []time.Duration
	r := p.take()
	r.bind(in, out)
	for range n {
		k := 0
		for _, st := range p.stages {
			for _, s := range st.steps {
				r.stage = newStage([]*chain{{steps: []*step{s}}}, p.pool.threads())
				start := time.Now()
				p.pool.run(r)
				if len(times) <= k {
					times = append(times, 0)
				}
				times[k] += time.Since(start)
				k++
			}
		}
	}
	for i := range times {
		times[i] /= time.Duration(n)
	}
	p.giveBack(r)
	return times, nil
}
