package main

import (
	"fmt"
	"strings"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/internal/measure"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/modelfile"
)

// stepInfo is what `lince inspect --program --json` prints for each step.
type stepInfo struct {
	Stage  int      `json:"stage"` // steps of one stage run at the same time
	Name   string   `json:"name"`
	Output string   `json:"output"` // type of its (first) result
	Layout string   `json:"layout"` // of the output: "" for row-major
	Tasks  int      `json:"tasks"`  // pieces that different threads can do
	FLOPs  int64    `json:"flops"`
	Bytes  int64    `json:"bytes"` // read and written, each tensor once
	Ops    []string `json:"ops"`
	Path   string   `json:"path"` // where in the network
}

func stepInfoOf(s cpu.Step) stepInfo {
	return stepInfo{s.Stage, s.Name, fmt.Sprint(s.Out), s.Layout, s.Tasks, s.FLOPs, s.Bytes, s.Ops, s.Path}
}

// programInfo is what `lince inspect --program --json` prints.
type programInfo struct {
	Architecture string     `json:"architecture"`
	Batch        int        `json:"batch"`
	Steps        []stepInfo `json:"steps"`
	FLOPs        int64      `json:"flops"`
	Bytes        int64      `json:"bytes"`
	Arena        int        `json:"arena_bytes"` // memory of a run for all that is neither input nor output
}

// inspectProgram prints the steps of the compiled prediction of a batch.
func inspectProgram(c *console, m *modelfile.Model, batch int, asJSON bool) error {
	return with(0, func(b *cpu.Backend) error {
		p, err := measure.Prediction(b, m, batch)
		if err != nil {
			return err
		}
		i := programInfo{Architecture: m.Architecture, Batch: batch, Arena: p.Code.Arena()}
		for _, s := range p.Code.Steps() {
			i.Steps = append(i.Steps, stepInfoOf(s))
			i.FLOPs, i.Bytes = i.FLOPs+s.FLOPs, i.Bytes+s.Bytes
		}
		if asJSON {
			return c.json(i)
		}
		return i.print(c)
	})
}

func (i programInfo) print(c *console) error {
	c.printf("%s: %d steps for a batch of %d images; those of one stage run at the same time\n\n", c.bold(i.Architecture), len(i.Steps), i.Batch)
	t := c.table()
	fmt.Fprintln(t, "stage\tstep\toutput\tlayout\ttasks\tFLOPs\tbytes\tops\twhere")
	for _, s := range i.Steps {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\n", s.Stage, s.Name, s.Output, s.Layout, s.Tasks,
			metric.Thousands(s.FLOPs), metric.Thousands(s.Bytes), strings.Join(s.Ops, " "), s.Path)
	}
	fmt.Fprintf(t, "total\t\t\t\t\t%s\t%s\t\t\n", metric.Thousands(i.FLOPs), metric.Thousands(i.Bytes))
	if err := t.Flush(); err != nil {
		return err
	}
	c.printf("\nmemory of a run, beside weights, input and output: %s\n", byteCount(i.Arena))
	return nil
}
