package optim

import "math"

// Plateau multiplies the rate by Factor when the loss has not become better for more than Patience epochs, as torch.optim.lr_scheduler.ReduceLROnPlateau. Its
// only state is the list of losses.
type Plateau struct {
	Factor    float64 // 0 to 1
	Patience  int     // epochs
	Threshold float64 // better means less than the best loss times 1 - Threshold
	Cooldown  int     // epochs after a reduction in which none is counted
	Least     float64 // the factor of the base rate does not fall below it
}

// Schedule returns p as a schedule.
func (p Plateau) Schedule(t Time) float64 {
	factor, best := 1.0, math.Inf(1)
	bad, cooling := 0, 0
	for _, loss := range t.Losses {
		bad++
		if loss < best*(1-p.Threshold) {
			best, bad = loss, 0
		}
		if cooling > 0 {
			cooling, bad = cooling-1, 0
		}
		if bad > p.Patience {
			factor, bad, cooling = math.Max(factor*p.Factor, p.Least), 0, p.Cooldown
		}
	}
	return factor
}
