package train

// unfreezeInTime ends Config.Freeze when the epoch of Config.UnfreezeAt begins.
func (r *Run) unfreezeInTime() error {
	if at := r.cfg.UnfreezeAt; at == 0 || r.progress.Epoch+1 < at || r.progress.Unfrozen {
		return nil
	}
	return r.unfreeze()
}

// unfreeze goes on with a training step that changes all variables. Those that it changes for the first time begin as on the first day: without state of the
// optimiser, which counts their steps from there.
func (r *Run) unfreeze() error {
	old := r.trainer
	s := old.settings
	keep := s.Frozen
	begun := (r.cfg.UnfreezeAt - 1) * r.batches() / r.cfg.Accumulate
	s.Frozen = nil
	s.Optim.Begun = func(name string) int {
		if keep[name] {
			return begun
		}
		return 0
	}
	if err := r.setTrainer(s); err != nil {
		return err
	}
	r.trainer.take(old.values, old.state)
	r.trainer.steps = old.steps
	r.progress.Unfrozen = true
	return nil
}
