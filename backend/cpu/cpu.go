// Package cpu compiles graphs for the processor it runs on: elementwise chains are fused, also into the convolution or
// matrix product that feeds them; memory is one arena planned in advance; a fixed pool of workers runs the steps.
//
// Compilation: rewrite (fold constants, take composite ops apart) -> fuse -> emit steps, choosing layouts (one file per op) -> place outputs ->
// schedule into stages -> plan memory. The work split and every order of summation depend on shapes alone, so that results
// have the same bits for any number of threads.
package cpu

import (
	"runtime"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
)

// A Backend compiles for the CPU. It is safe for concurrent use.
type Backend struct {
	pool    *pool
	kernel  *kernel.Set
	minLast int // channels from which on convolutions keep them side by side
}

var _ backend.Backend = (*Backend)(nil)

// New returns a backend with the given number of threads; 0 means one per processor. The environment variable LINCE_CPU
// (generic, avx2, avx512, neon) overrides the choice of kernels; a value that this processor cannot run is an error.
func New(threads int) (*Backend, error) {
	k, err := kernel.Default()
	if err != nil {
		return nil, err
	}
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return newBackend(threads, k), nil
}

func newBackend(threads int, k *kernel.Set) *Backend { return &Backend{newPool(threads), k, minLast} }

// Close ends the backend's threads. Programs still run afterwards, on the caller's thread alone.
func (b *Backend) Close() { b.pool.close() }

// Name returns "cpu".
func (b *Backend) Name() string { return "cpu" }

// Threads returns the number of threads.
func (b *Backend) Threads() int { return b.pool.threads() }

// Compile returns the program for g.
func (b *Backend) Compile(g *graph.Graph) (backend.Program, error) { return b.compile(g, false) }

// CompilePart returns the program for g as a part of a larger program, to measure it: what goes in and out lies in the order in which its
// neighbours would leave and take it.
func (b *Backend) CompilePart(g *graph.Graph) (*Program, error) { return b.compile(g, true) }
