package measure

import (
	"fmt"

	"github.com/lince-ml/lince/internal/kernel"
)

// Kernel measures a row of the kernel table on data in the first-level cache, on one thread.
func (e Effort) Kernel(r kernel.Row) (Figure, error) {
	k, err := kernel.Select(r.Level)
	if err != nil {
		return Figure{}, err
	}
	w := r.Workload()
	// One call may be shorter than the clock's ticks.
	const calls = 64
	peak := Peak(k, 1)
	t, err := e.repeat(func() error {
		for range calls {
			w.Run()
		}
		return nil
	})
	if err != nil {
		return Figure{}, err
	}
	f := t.figure(fmt.Sprintf("%s/%s/%s", r.Level, r.Name, w.Size), int64(calls*w.Flops), peak, 1)
	f.GBPerSecond = float64(calls*w.Bytes) / f.MS / 1e6
	f.MS, f.MSMin, f.MSMax = f.MS/calls, f.MSMin/calls, f.MSMax/calls
	return f, nil
}
