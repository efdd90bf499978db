package cpu

import (
	"sync"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// A Program is a compiled graph. What changes during a run is in a run, of which it keeps those not in use.
type Program struct {
	g       *graph.Graph
	pool    *pool
	stages  []*stage
	values  []*value
	evals   [][]*value
	arena   int // bytes
	scratch int // floats per worker

	mu   sync.Mutex
	idle []*run
}

// A run is the memory of one execution.
type run struct {
	p       *Program
	floats  [][]float32        // by value
	raw     [][]byte           // by value
	scratch [][]float32        // by worker
	evals   [][]*tensor.Tensor // by step that runs a reference
	callers []*tensor.Tensor   // by value: the caller's tensor, if it is one
	stage   *stage
	owner   []*value // values whose memory comes from the caller
}

// Run executes the program. It allocates nothing once as many runs have finished as ever overlap.
func (p *Program) Run(in, out []*tensor.Tensor) error {
	if err := backend.Check(p.g, in, out); err != nil {
		return err
	}
	r := p.take()
	r.bind(in, out)
	for _, s := range p.stages {
		r.stage = s
		p.pool.run(r)
	}
	p.giveBack(r)
	return nil
}

// giveBack keeps r for the next run.
func (p *Program) giveBack(r *run) {
	r.release()
	p.mu.Lock()
	p.idle = append(p.idle, r)
	p.mu.Unlock()
}

func (p *Program) take() *run {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := len(p.idle) - 1; k >= 0 {
		r := p.idle[k]
		p.idle = p.idle[:k]
		return r
	}
	return p.newRun()
}

func (p *Program) newRun() *run {
	r := &run{p: p, floats: make([][]float32, len(p.values)), raw: make([][]byte, len(p.values)), callers: make([]*tensor.Tensor, len(p.values))}
	for _, v := range p.evals {
		r.evals = append(r.evals, make([]*tensor.Tensor, len(v)))
	}
	arena := tensor.Bytes(p.arena)
	for _, v := range p.values {
		switch root := v.root(); {
		case root.place == inConst:
			r.set(v, root.data)
		case root.place == inArena && root.store != nil:
			r.set(v, arena[root.store.offset:][:v.typ.Bytes()])
		case root.place != inArena:
			r.owner = append(r.owner, v)
		}
	}
	r.scratch = make([][]float32, p.pool.threads())
	for i := range r.scratch {
		r.scratch[i] = tensor.View[float32](tensor.Bytes(4 * p.scratch))
	}
	return r
}

func (r *run) set(v *value, b []byte) {
	r.raw[v.id] = b
	if v.typ.DType == tensor.F32 {
		r.floats[v.id] = tensor.View[float32](b)
	}
}

// bind points the values that live in the caller's tensors at them.
func (r *run) bind(in, out []*tensor.Tensor) {
	for _, v := range r.owner {
		root := v.root()
		var t *tensor.Tensor
		if root.place == inOutput {
			t = out[root.index]
		} else {
			t = in[root.index]
		}
		r.set(v, t.Bytes())
		if v == root {
			r.callers[v.id] = t
		}
	}
}

// release forgets the caller's tensors.
func (r *run) release() {
	for _, v := range r.owner {
		r.raw[v.id], r.floats[v.id], r.callers[v.id] = nil, nil, nil
	}
}

func (r *run) f32(v *value) []float32 { return r.floats[v.id] }
func (r *run) bytes(v *value) []byte  { return r.raw[v.id] }
func (r *run) u8(v *value) []uint8    { return r.raw[v.id] }
func (r *run) i32(v *value) []int32   { return tensor.View[int32](r.raw[v.id]) }

// tasks and do make a run the pool's job: the tasks of all chains of the stage.
func (r *run) tasks() int { return len(r.stage.tasks) }

func (r *run) do(task, worker int) {
	t := r.stage.tasks[task]
	t.run(r, t.number, r.scratch[worker])
}
