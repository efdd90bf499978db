package train

import (
	"context"
	"fmt"
)

// interrupted saves where the training is.
func (r *Run) interrupted(ctx context.Context) error {
	if err := r.save(); err != nil {
		return err
	}
	e := &Interrupted{Dir: r.dir, Epoch: r.progress.Epoch + 1, Step: r.progress.Batch, Err: context.Cause(ctx)}
	if r.done() {
		e.Epoch = 0
	}
	return e
}

// Interrupted is the error of a training that its context ended. It can go on: see Resume.
type Interrupted struct {
	Dir   string
	Epoch int   // the epoch it was in; the first is 1, and 0 says that only the test was left
	Step  int   // steps done of that epoch
	Err   error // why the context ended
}

// Error says where it stopped and how to go on.
func (e *Interrupted) Error() string {
	where := fmt.Sprintf("in epoch %d after %d steps", e.Epoch, e.Step)
	if e.Epoch == 0 {
		where = "before the test"
	}
	return fmt.Sprintf("interrupted %s; go on with: lince train --resume %s", where, e.Dir)
}

// Unwrap returns the reason.
func (e *Interrupted) Unwrap() error { return e.Err }
