package optim

import "math"

// A Schedule returns the factor of the base learning rate for a step, where 0 <= step < steps, the length of the training.
// Settings that say when something happens are fractions of the training.
type Schedule func(step, steps int) float64

// Constant keeps the base rate.
func Constant(_, _ int) float64 { return 1 }

// StepDecay multiplies the rate by gamma whenever the fraction every > 0 of the training is over.
func StepDecay(every, gamma float64) Schedule {
	return func(step, steps int) float64 {
		// The half keeps rounding errors from moving a change that falls on a whole step.
		return math.Pow(gamma, math.Floor((float64(step)+0.5)/(every*float64(steps))))
	}
}

// MultiStep multiplies the rate by gamma at each of the given fractions of the training. He et al. 2016 train on CIFAR-10 with
// gamma 0.1 at 0.5 and 0.75.
func MultiStep(gamma float64, at ...float64) Schedule {
	return func(step, steps int) float64 {
		factor := 1.0
		for _, f := range at {
			if whole(f, steps) <= step {
				factor *= gamma
			}
		}
		return factor
	}
}

// Cosine raises the rate linearly for the fraction warmup of the training (Goyal et al., "Accurate, large minibatch SGD", 2017,
// section 2.2) and then lowers it to 0 along a half cosine (Loshchilov & Hutter, "SGDR", ICLR 2017, equation 5, without restarts).
// Step k of w steps of warm-up has the factor (k+1)/w.
func Cosine(warmup float64) Schedule {
	return func(step, steps int) float64 {
		w := whole(warmup, steps)
		if step < w {
			return float64(step+1) / float64(w)
		}
		return cosine(1, 0, float64(step-w)/float64(steps-w))
	}
}

// OneCycle raises the rate from 1/div to 1 during the fraction warmup of the training and then lowers it to 1/(div finalDiv), both
// along half cosines (Smith & Topin, "Super-convergence", 2018; the shape is torch.optim.lr_scheduler.OneCycleLR's, whose cycle
// of the momentum is left out).
func OneCycle(warmup, div, finalDiv float64) Schedule {
	return func(step, steps int) float64 {
		peak, last := warmup*float64(steps)-1, float64(steps-1)
		if s := float64(step); s < peak {
			return cosine(1/div, 1, s/peak)
		} else if last > peak {
			return cosine(1, 1/(div*finalDiv), (s-peak)/(last-peak))
		}
		return 1
	}
}

// cosine goes from a to b along a half cosine as t goes from 0 to 1.
func cosine(a, b, t float64) float64 { return b + (a-b)*(1+math.Cos(math.Pi*t))/2 }

// whole returns the step at which the given fraction of the training is over.
func whole(fraction float64, steps int) int { return int(math.Round(fraction * float64(steps))) }
