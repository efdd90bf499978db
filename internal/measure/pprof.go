package measure

import (
	"io"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// WritePprof writes the times of a program's steps as a profile for `go tool pprof`. The stack of a step is its place in the network:
// under "layer1" is "layer1.0", under that "layer1.0.conv1", and at the end what it runs.
func WritePprof(w io.Writer, steps []StepTime) error {
	p := &profile.Profile{
		SampleType: []*profile.ValueType{
			{Type: "flops", Unit: "count"}, {Type: "bytes", Unit: "bytes"}, {Type: "time", Unit: "nanoseconds"},
		},
		DefaultSampleType: "time",
	}
	locations := map[string]*profile.Location{}
	for _, s := range steps {
		sample := &profile.Sample{Value: []int64{s.FLOPs, s.Bytes, s.Time.Nanoseconds()}}
		for _, frame := range slices.Backward(frames(s)) { // innermost first
			if locations[frame] == nil {
				locations[frame] = location(p, frame)
			}
			sample.Location = append(sample.Location, locations[frame])
		}
		p.Sample = append(p.Sample, sample)
	}
	if err := p.CheckValid(); err != nil {
		return err
	}
	return p.Write(w)
}

// frames returns the stack of a step, outermost first.
func frames(s StepTime) []string {
	var list []string
	for i, c := range s.Path {
		if c == '.' {
			list = append(list, s.Path[:i])
		}
	}
	if s.Path != "" {
		list = append(list, s.Path)
	}
	what := s.Name
	if ops := strings.Join(s.Ops, " "); ops != what {
		what += " (" + ops + ")"
	}
	return append(list, what)
}

// location adds a place called name to the profile.
func location(p *profile.Profile, name string) *profile.Location {
	f := &profile.Function{ID: uint64(len(p.Function) + 1), Name: name, SystemName: name}
	l := &profile.Location{ID: uint64(len(p.Location) + 1), Line: []profile.Line{{Function: f}}}
	p.Function, p.Location = append(p.Function, f), append(p.Location, l)
	return l
}
