package cpu

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// A pool is a fixed set of workers that share out numbered tasks. Each worker begins with tasks of its own, a run of neighbours: the same part
// of every job, so that what one job wrote, the next finds in the cache of the same core. Who is done with its own takes the others' tasks,
// so which worker runs which task is left to chance; results must not depend on it.
type pool struct {
	mu     sync.Mutex // held while a job runs; whoever does not get it works alone
	wake   []chan struct{}
	asleep []atomic.Bool
	job    job
	shares []share       // by worker
	state  atomic.Uint64 // number of the job << 32 | open | workers that joined and have not finished
	closed atomic.Bool
	fault  atomic.Pointer[Fault] // of the job, if a task panicked
}

// A Fault is a panic in a task, which is raised again where the program was run: a goroutine of which the caller knows nothing would end the process.
type Fault struct {
	Value any
	Stack []byte // where it happened
}

// Error returns the value as text.
func (f *Fault) Error() string { return fmt.Sprint(f.Value) }

// A share is the tasks lo..hi-1 that are left of a worker's own, as lo << 32 | hi. It has a cache line for itself.
type share struct {
	left atomic.Uint64
	_    [56]byte
}

// What take adds to a share: its worker takes the first task, the others take the last.
const (
	first = 1 << 32
	last  = ^uint64(0) // -1
)

// take takes the first or the last task of the share.
func (s *share) take(which uint64) (task int, ok bool) {
	for {
		v := s.left.Load()
		lo, hi := v>>32, v&(1<<32-1)
		if lo >= hi {
			return 0, false
		}
		if !s.left.CompareAndSwap(v, v+which) {
			continue
		}
		if which == first {
			return int(lo), true
		}
		return int(hi - 1), true
	}
}

// A job is tasks 0..n-1; do(task, worker) runs one.
type job interface {
	tasks() int
	do(task, worker int)
}

const (
	open   = 1 << 31 // workers may still join the job
	joined = open - 1

	// spins is how many times a worker looks for a new job before it sleeps: some hundred microseconds, longer than most tasks. Who
	// runs out of tasks first is then still awake for the next stage.
	spins = 200000
)

// newPool starts threads-1 workers; the caller of run is the last one.
func newPool(threads int) *pool {
	p := &pool{wake: make([]chan struct{}, threads-1), asleep: make([]atomic.Bool, threads-1), shares: make([]share, threads)}
	for i := range p.wake {
		p.wake[i] = make(chan struct{}, 1)
		go p.work(i)
	}
	return p
}

func (p *pool) threads() int { return len(p.shares) }

// close ends the workers, once no job runs.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed.Store(true)
	p.publish()
}

// run does all tasks of j and returns. A job of one task, or one that comes while another runs, is done by the caller alone.
func (p *pool) run(j job) {
	n := j.tasks()
	if n == 1 || len(p.wake) == 0 || !p.mu.TryLock() {
		for t := range n {
			j.do(t, len(p.wake))
		}
		return
	}
	p.job = j
	for i := range p.shares {
		lo, hi := n*i/len(p.shares), n*(i+1)/len(p.shares)
		p.shares[i].left.Store(uint64(lo)<<32 | uint64(hi))
	}
	p.publish()
	p.drain(len(p.wake))
	// No task is left to take. Workers that have not come yet are not waited for, those that joined are.
	p.state.And(^uint64(open))
	for spin := 0; p.state.Load()&joined > 0; spin++ {
		if spin > spins {
			runtime.Gosched()
		}
	}
	fault := p.fault.Swap(nil)
	p.mu.Unlock()
	if fault != nil {
		panic(fault)
	}
}

// publish opens the next job, waking the workers that sleep.
func (p *pool) publish() {
	p.state.Store((p.state.Load()>>32+1)<<32 | open)
	for i := range p.wake {
		if p.asleep[i].Swap(false) {
			p.wake[i] <- struct{}{}
		}
	}
}

// drain does tasks until none is left: the worker's own, then those of the workers after it. After a panic it leaves them to the others.
func (p *pool) drain(worker int) {
	defer func() {
		if v := recover(); v != nil {
			p.fault.CompareAndSwap(nil, &Fault{v, debug.Stack()})
		}
	}()
	which := uint64(first)
	for k := range p.shares {
		s := &p.shares[(worker+k)%len(p.shares)]
		for t, ok := s.take(which); ok; t, ok = s.take(which) {
			p.job.do(t, worker)
		}
		which = last
	}
}

func (p *pool) work(i int) {
	var seen uint64
	for !p.closed.Load() {
		s := p.await(i, seen)
		seen = s >> 32
		for s>>32 == seen && s&open != 0 && !p.closed.Load() {
			if p.state.CompareAndSwap(s, s+1) {
				p.drain(i)
				p.state.Add(^uint64(0))
				break
			}
			s = p.state.Load()
		}
	}
}

// await returns the state once its job is no longer the one seen.
func (p *pool) await(i int, seen uint64) uint64 {
	for range spins {
		if s := p.state.Load(); s>>32 != seen {
			return s
		}
	}
	for {
		p.asleep[i].Store(true)
		if s := p.state.Load(); s>>32 != seen && p.asleep[i].Swap(false) {
			return s // published meanwhile, and nobody will send
		}
		<-p.wake[i]
		if s := p.state.Load(); s>>32 != seen {
			return s
		}
	}
}
