package task

import (
	"sync"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// A Program is a program of a network with its weights. It is compiled when it is first needed, and safe for concurrent use.
type Program struct {
	compile func() (*compiled, error)
	weights map[string]*tensor.Tensor
	calls   sync.Pool // with the tensors they write to
}

type compiled struct {
	backend.Program
	graph *graph.Graph
}

// NewProgram returns the program that trace emits. If it is live it reads weights at each run, and so sees what training does to them, which must not be during
// a run; otherwise they become part of the program, so that what depends on them alone is computed once, and must not change.
func NewProgram(b backend.Backend, weights map[string]*tensor.Tensor, live bool, trace func() (*graph.Graph, error)) *Program {
	return &Program{weights: weights, compile: sync.OnceValues(func() (*compiled, error) {
		g, err := trace()
		if err != nil {
			return nil, err
		}
		if !live {
			if g, err = graph.Freeze(g, weights); err != nil {
				return nil, err
			}
		}
		code, err := b.Compile(g)
		return &compiled{code, g}, err
	})}
}

// Call returns a call with the weights set, for one goroutine. Put gives it back.
func (p *Program) Call() (*backend.Call, error) {
	if call, ok := p.calls.Get().(*backend.Call); ok {
		return call, nil
	}
	code, err := p.compile()
	if err != nil {
		return nil, err
	}
	call := backend.NewCall(code, code.graph)
	for name, t := range p.weights {
		call.Set(name, t) // does nothing if they are frozen
	}
	return call, nil
}

// Put gives a call back, when its outputs have been read.
func (p *Program) Put(call *backend.Call) { p.calls.Put(call) }
