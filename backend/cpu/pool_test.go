package cpu

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type countJob struct {
	count []atomic.Int32
	busy  []atomic.Bool
	t     *testing.T
}

func (j *countJob) tasks() int { return len(j.count) }

func (j *countJob) do(task, worker int) {
	if j.busy[worker].Swap(true) {
		j.t.Error("two tasks on one worker at a time")
	}
	j.count[task].Add(1)
	j.busy[worker].Store(false)
}

func TestPoolRunsEveryTaskOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		p := newPool(threads)
		for i := range 2000 {
			j := &countJob{make([]atomic.Int32, i%17), make([]atomic.Bool, threads), t}
			p.run(j)
			for k := range j.count {
				if c := j.count[k].Load(); c != 1 {
					t.Fatalf("%d threads: task %d of %d ran %d times", threads, k, len(j.count), c)
				}
			}
			if i%500 == 0 {
				time.Sleep(time.Millisecond) // lets the workers fall asleep
			}
		}
		p.close()
	}
}

func TestPoolServesSeveralCallers(t *testing.T) {
	p := newPool(3)
	defer p.close()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 500 {
				var sum sumJob
				p.run(&sum)
				if sum.n.Load() != 45 {
					t.Error("a task is missing")
				}
			}
		})
	}
	wg.Wait()
}

type sumJob struct{ n atomic.Int64 }

func (j *sumJob) tasks() int     { return 10 }
func (j *sumJob) do(task, _ int) { j.n.Add(int64(task)) }

// panicJob panics in one task, on whichever worker.
type panicJob struct{ n, at int }

func (j *panicJob) tasks() int { return j.n }

func (j *panicJob) do(task, _ int) {
	if task == j.at {
		panic("no such number")
	}
}

// TestPoolPanics raises the panic of a worker where the job was run, and works on.
func TestPoolPanics(t *testing.T) {
	p := newPool(3)
	defer p.close()
	for i := range 300 {
		func() {
			defer func() {
				if f, ok := recover().(*Fault); !ok || f.Error() != "no such number" || len(f.Stack) == 0 {
					t.Fatalf("recovered %v", f)
				}
			}()
			p.run(&panicJob{20, i % 20})
		}()
		var sum sumJob
		p.run(&sum)
		if sum.n.Load() != 45 {
			t.Fatal("a task is missing")
		}
	}
}
