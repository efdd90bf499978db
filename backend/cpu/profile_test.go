package cpu

import (
	"fmt"
	"io"
	"time"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// Profile runs a program compiled by this package n times, step after step on the caller's thread, and writes the mean time of each step.
func (p *program) profile(w io.Writer, in, out []*tensor.Tensor, n int) {
	times := map[*step]time.Duration{}
	for range n {
		r := p.take()
		r.bind(in, out)
		for _, st := range p.stages {
			for _, s := range st.steps {
				t := time.Now()
				for task := range s.tasks {
					s.run(r, task, r.scratch[0][:s.scratch])
				}
				times[s] += time.Since(t)
			}
		}
		p.idle = append(p.idle, r)
	}
	for i, st := range p.stages {
		for _, s := range st.steps {
			var flops int64
			for _, n := range s.nodes {
				flops += n.FLOPs()
			}
			t := times[s] / time.Duration(n)
			fmt.Fprintf(w, "%3d %8.1f us %6.1f GF/s %3d tasks  %s", i, float64(t.Nanoseconds())/1e3, float64(flops)/float64(t.Nanoseconds()), s.tasks, s.name)
			for _, n := range s.nodes {
				fmt.Fprintf(w, " %s", graph.Describe(n.Op()))
			}
			if len(s.out) > 0 {
				fmt.Fprintf(w, " %v %s", s.out[0].typ, s.nodes[len(s.nodes)-1].Path())
			}
			fmt.Fprintln(w)
		}
	}
}
