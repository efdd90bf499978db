package cpu

import (
	"slices"
	"testing"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/internal/kernel"
)

// TestChains compares steps that are run in chains, all of a step before the next, bit by bit, in both layouts.
func TestChains(t *testing.T) {
	for _, k := range kernel.Sets() {
		for _, last := range []int{8, 1000} {
			b := newBackend(3, k)
			b.minLast = last
			g, in := trainingStep(t, 96)
			_, want := trainingStep(t, 96)
			p, err := b.compile(g, false)
			if err != nil {
				t.Fatal(err)
			}
			longest := 0
			for _, st := range p.stages {
				for _, c := range st.tasks {
					longest = max(longest, len(c.chain.steps))
				}
			}
			if longest < 2 {
				t.Errorf("%s: there are no chains", k.Level)
			}
			for range 3 {
				if err := p.Run(in, backend.Outputs(g)); err != nil {
					t.Fatal(err)
				}
				if _, err := p.Profile(want, backend.Outputs(g), 1); err != nil {
					t.Fatal(err)
				}
			}
			for i, v := range in {
				if !slices.Equal(v.Bytes(), want[i].Bytes()) {
					t.Errorf("%s: input %d has other bits after steps in chains than after one step after the other", k.Level, i)
				}
			}
			b.Close()
		}
	}
}

// TestLinks follows a chain of steps that make their shares by ones and by twos: each share comes as soon as what it reads is there.
func TestLinks(t *testing.T) {
	v := []*value{{}, {}}
	a := &step{shares: 32, tasks: 32, out: v[:1]}
	b := &step{shares: 16, tasks: 32, in: v[:1], local: v[:1], out: v[1:]}
	c := &step{shares: 8, tasks: 8, in: v[1:], local: v[1:]}
	v[0].made, v[1].made = a, b
	k := &chain{steps: []*step{a, b, c}, groups: 8}
	k.order()
	want := []link{{0, 0}, {0, 1}, {1, 0}, {0, 2}, {0, 3}, {1, 1}, {2, 0}}
	if len(k.links) != len(want) {
		t.Fatalf("links %v, want %v", k.links, want)
	}
	for i, l := range k.links {
		if l != want[i] {
			t.Fatalf("links %v, want %v", k.links, want)
		}
	}
}
