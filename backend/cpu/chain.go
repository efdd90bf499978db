package cpu

import "slices"

// A chain is steps of one stage, each of which reads what one before it makes, share by share: see step.shares. It is done in groups of
// shares, in each as soon as can be, so that a step finds in the cache what the one before it has made, and no thread waits for another
// between them. Most chains are of one step alone.
type chain struct {
	steps  []*step
	groups int // that its shares are cut into; of no meaning if the only step has no shares
	bytes  int // that the steps write
	links  []link
}

// A link is a share of a step, of those in a group.
type link struct{ step, share int }

const (
	// minGroups is how many groups a chain of several steps has at least.
	minGroups = minTasks
	// chainBytes is how many bytes its steps may write: all of it has memory at the same time.
	chainBytes = 32 << 20
	// wholeBytes is how many bytes a step that joins may read in all groups, such as weights: they are to stay in the second-level cache.
	wholeBytes = 512 << 10
)

// tasks returns the number of tasks of the chain: those of its only step, or its groups.
func (k *chain) tasks() int {
	if len(k.steps) == 1 {
		return k.steps[0].tasks
	}
	return k.groups
}

func (k *chain) run(r *run, task int, scratch []float32) {
	if len(k.steps) == 1 {
		s := k.steps[0]
		s.run(r, task, scratch[:s.scratch])
		return
	}
	for _, l := range k.links {
		s := k.steps[l.step]
		share, parts := task*(s.shares/k.groups)+l.share, s.tasks/s.shares
		for t := share * parts; t < (share+1)*parts; t++ {
			s.run(r, t, scratch[:s.scratch])
		}
	}
}

// join makes s the last step of a chain of the stage before its own, if it reads from that stage only what the chain makes, share by
// share. Otherwise s begins a chain of its own.
func (s *step) join() {
	var k *chain
	latest := s.stage - 1
	for _, b := range s.before() {
		if b.stage != latest {
			continue
		}
		if k != nil && b.chain != k || b.shares == 0 || !s.follows(b) {
			k = nil
			break
		}
		k = b.chain
	}
	whole, written := s.traffic()
	if k != nil && whole <= wholeBytes && k.bytes+written <= chainBytes {
		if groups := gcd(k.groups, s.shares); groups >= minGroups {
			k.groups, s.chain, s.stage = groups, k, latest
			k.steps, k.bytes = append(k.steps, s), k.bytes+written
			return
		}
	}
	s.chain = &chain{steps: []*step{s}, groups: s.shares, bytes: written}
}

// traffic returns how many bytes all tasks of s read, and how many it writes.
func (s *step) traffic() (whole, written int) {
	for _, v := range s.in {
		if !slices.Contains(s.local, v) {
			whole += v.typ.Bytes()
		}
	}
	for _, v := range s.out {
		written += v.typ.Bytes()
	}
	return whole, written
}

// follows reports whether s reads all that b makes of it share by share, and need not come after all of b for another reason.
func (s *step) follows(b *step) bool {
	if s.shares == 0 || slices.Contains(s.after, b) {
		return false
	}
	for _, v := range s.in {
		if v.root().made == b && !slices.Contains(s.local, v) {
			return false
		}
	}
	return true
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// order lists the shares of a group: again and again the last step that has all it reads.
func (k *chain) order() {
	if len(k.steps) == 1 {
		return
	}
	done := make([]int, len(k.steps))
	ready := func(i int) bool {
		s := k.steps[i]
		n := s.shares / k.groups
		if done[i] == n {
			return false
		}
		for j, b := range k.steps[:i] {
			if slices.Contains(s.before(), b) && done[j]*n < (done[i]+1)*(b.shares/k.groups) {
				return false
			}
		}
		return true
	}
	for i := len(k.steps) - 1; i >= 0; i-- {
		if ready(i) {
			k.links = append(k.links, link{i, done[i]})
			done[i]++
			i = len(k.steps)
		}
	}
}
