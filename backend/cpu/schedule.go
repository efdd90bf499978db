package cpu

import (
	"fmt"
	"slices"
)

// A stage is a set of chains that do not depend on each other; all their tasks run as one job.
type stage struct {
	steps []*step // of all chains
	tasks []task  // in the order in which the pool is to have them
}

// A task is one of a chain's.
type task struct {
	*chain
	number int
}

// newStage returns the stage of the chains. Its first half has the first half of each chain's tasks, if there are two workers, and so on
// for more: the pool gives each worker such a part, and what goes through the same images then does so on the same worker.
func newStage(chains []*chain, workers int) *stage {
	st := &stage{}
	for _, k := range chains {
		k.order()
		st.steps = append(st.steps, k.steps...)
	}
	for w := range workers {
		for _, k := range chains {
			n := k.tasks()
			for t := range n {
				if (2*t+1)*workers/(2*n) == w {
					st.tasks = append(st.tasks, task{k, t})
				}
			}
		}
	}
	return st
}

// placeOutputs decides where the results go: straight into the caller's tensor where the value is made by a step and
// not yet placed, else by a copy at the end. A value that updates an input is written over that input once nobody reads it any more.
func (c *compiler) placeOutputs() {
	for i, o := range c.g.Outputs() {
		v := c.result(o.Node)
		r := v.root()
		if r.place == inArena && r.made != nil {
			if o.Updates < 0 {
				r.place, r.index = inOutput, i
				continue
			}
			if c.overwrite(r, c.of[c.g.Inputs()[o.Updates]]) {
				r.place, r.index = inInput, o.Updates
				continue
			}
		}
		dst := c.newValue(v.typ)
		if dst.place, dst.index = inOutput, i; o.Updates >= 0 {
			dst.place, dst.index = inInput, o.Updates
		}
		c.copies = append(c.copies, copyOut{v, dst})
	}
	// Copies come last of all: an update may overwrite what another copy reads.
	end := append([]*step(nil), c.steps...)
	for _, o := range c.copies {
		c.add(&step{name: "copy", in: []*value{o.from}, out: []*value{o.to}, tasks: 1, after: end, run: func(r *run, _ int, _ []float32) {
			copy(r.bytes(o.to), r.bytes(o.from))
		}})
	}
}

// A copyOut is a result that must be copied to its place.
type copyOut struct{ from, to *value }

// overwrite reports whether the step that makes next can write it over the input in, and if so makes it wait for
// the other readers of in.
func (c *compiler) overwrite(next, in *value) bool {
	for _, v := range c.values {
		if v.place == inInput && v.made != nil && v.index == in.index {
			return false // it has been overwritten already
		}
	}
	var readers []*step
	for _, s := range c.steps {
		reads := false
		for _, v := range s.in {
			reads = reads || v.root() == in
		}
		switch {
		case !reads:
		case s == next.made:
			if s.mayShare == nil || !s.mayShare(in, next) {
				return false
			}
		default:
			readers = append(readers, s)
		}
	}
	for _, s := range readers {
		if dependsOn(s, next.made, map[*step]bool{}) {
			return false
		}
	}
	for _, o := range c.g.Outputs() { // a copy of the input itself would read it at the very end
		if c.result(o.Node).root() == in {
			return false
		}
	}
	next.made.after = append(next.made.after, readers...)
	return true
}

// dependsOn reports whether s comes, directly or not, after t.
func dependsOn(s, t *step, seen map[*step]bool) bool {
	if s == t {
		return true
	}
	if seen[s] {
		return false
	}
	seen[s] = true
	for _, b := range s.before() {
		if dependsOn(b, t, seen) {
			return true
		}
	}
	return false
}

// schedule puts each step into the earliest stage that its inputs allow, and packing into the latest: packed weights take memory, and
// are best used while they are in the cache.
func (c *compiler) schedule() []*stage {
	done := map[*step]bool{}
	for _, s := range c.steps {
		s.early(done)
	}
	latest := map[*step]int{}
	for _, s := range c.steps {
		for _, b := range s.before() {
			if at, ok := latest[b]; !ok || s.stage-1 < at {
				latest[b] = s.stage - 1
			}
		}
	}
	var chains [][]*chain // by stage
	for _, s := range c.steps {
		if at, ok := latest[s]; ok && s.name == "pack" {
			s.stage = at
		}
		if s.tasks < 1 {
			panic(fmt.Sprintf("cpu: step %s has no tasks", s.name))
		}
		for len(chains) <= s.stage {
			chains = append(chains, nil)
		}
		if s.chain.steps[0] == s {
			chains[s.stage] = append(chains[s.stage], s.chain)
		}
	}
	var stages []*stage
	for _, list := range chains {
		if len(list) > 0 {
			stages = append(stages, newStage(list, c.Threads()))
		}
	}
	return stages
}

// before returns the steps that must be done before s.
func (s *step) before() []*step {
	list := slices.Clone(s.after)
	for _, v := range s.in {
		if m := v.root().made; m != nil && m != s {
			list = append(list, m)
		}
	}
	return list
}

// early gives s, and first all that comes before it, the earliest stage. The first is kept for packing, so that no chain need begin after it.
func (s *step) early(done map[*step]bool) {
	if done[s] {
		return
	}
	done[s] = true
	for _, b := range s.before() {
		b.early(done)
		s.stage = max(s.stage, b.stage+1)
	}
	if s.shares >= minGroups {
		s.stage = max(s.stage, 1)
	}
	s.join()
}
