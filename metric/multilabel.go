package metric

// AddSet counts an image that may have any number of classes: it has those whose target is 1, and is said to have those whose probability
// reaches the threshold. It reports whether that is right of every class.
func (t *Tally) AddSet(probabilities, targets, thresholds []float32) (exact bool) {
	t.N++
	exact = true
	for c, p := range probabilities {
		has, called := targets[c] == 1, p >= thresholds[c]
		switch {
		case has && called:
			t.Hits[c]++
			fallthrough
		case has:
			t.Support[c]++
		}
		if called {
			t.Called[c]++
		}
		exact = exact && has == called
	}
	return exact
}

// HammingLoss returns the share of all pairs of image and class that are judged wrongly.
func (t Tally) HammingLoss() float64 {
	wrong := sum(t.Called) + sum(t.Support) - 2*sum(t.Hits)
	return float64(wrong) / float64(t.N*len(t.Support))
}
