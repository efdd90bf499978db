package optim

import "math"

// A Schedule returns the factor of the base learning rate for a step. Settings that say when something happens are fractions of the training.
type Schedule func(t Time) float64

// A Time is where a training is when a step begins.
type Time struct {
	Step, Steps int       // 0 <= Step < Steps, the length of the training
	Losses      []float64 // after each epoch so far: of the validation images, or else of the training images
}

// fraction returns the part of the training that is over, 0 to less than 1.
func (t Time) fraction() float64 { return float64(t.Step) / float64(t.Steps) }

// Constant keeps the base rate.
func Constant(Time) float64 { return 1 }

// StepDecay multiplies the rate by gamma whenever the fraction every > 0 of the training is over.
func StepDecay(every, gamma float64) Schedule {
	return func(t Time) float64 {
		// The half keeps rounding errors from moving a change that falls on a whole step.
		return math.Pow(gamma, math.Floor((float64(t.Step)+0.5)/(every*float64(t.Steps))))
	}
}

// MultiStep multiplies the rate by gamma at each of the given fractions of the training. He et al. 2016 train on CIFAR-10 with
// gamma 0.1 at 0.5 and 0.75.
func MultiStep(gamma float64, at ...float64) Schedule {
	return func(t Time) float64 {
		factor := 1.0
		for _, f := range at {
			if whole(f, t.Steps) <= t.Step {
				factor *= gamma
			}
		}
		return factor
	}
}

// Cosine lowers the rate to 0 along a half cosine (Loshchilov & Hutter, "SGDR", ICLR 2017, equation 5, without restarts).
func Cosine(t Time) float64 { return cosine(1, 0, t.fraction()) }

// Poly lowers the rate to 0 along the power of a line (Chen et al., "DeepLab", 2017, section 4.1.2, with 0.9; torch's PolynomialLR).
func Poly(power float64) Schedule {
	return func(t Time) float64 { return math.Pow(1-t.fraction(), power) }
}

// Cyclic goes up and down between low and 1 along straight lines, cycles times; each peak is gamma times as high above low as the one before (Smith,
// "Cyclical learning rates for training neural networks", WACV 2017: gamma 1 is its triangular policy, 0.5 its triangular2).
func Cyclic(cycles, low, gamma float64) Schedule {
	return func(t Time) float64 {
		cycle, at := math.Modf(cycles * t.fraction())
		return low + (1-low)*(1-math.Abs(2*at-1))*math.Pow(gamma, cycle)
	}
}

// OneCycle raises the rate from 1/div to 1 during the fraction warmup of the training and then lowers it to 1/(div finalDiv), both
// along half cosines (Smith & Topin, "Super-convergence", 2018; the shape is torch.optim.lr_scheduler.OneCycleLR's, whose cycle
// of the momentum is left out).
func OneCycle(warmup, div, finalDiv float64) Schedule {
	return func(t Time) float64 {
		peak, last := warmup*float64(t.Steps)-1, float64(t.Steps-1)
		if s := float64(t.Step); s < peak {
			return cosine(1/div, 1, s/peak)
		} else if last > peak {
			return cosine(1, 1/(div*finalDiv), (s-peak)/(last-peak))
		}
		return 1
	}
}

// Warmup raises the rate linearly for the fraction share of the training (Goyal et al., "Accurate, large minibatch SGD", 2017, section 2.2): step k of
// w has the factor (k+1)/w. Then comes s, for which the training begins there.
func Warmup(share float64, s Schedule) Schedule {
	return func(t Time) float64 {
		w := whole(share, t.Steps)
		if t.Step < w {
			return float64(t.Step+1) / float64(w)
		}
		return s(Time{t.Step - w, t.Steps - w, t.Losses})
	}
}

// WarmupWithin is Warmup of a schedule whose fractions go on to be those of the whole training.
func WarmupWithin(share float64, s Schedule) Schedule {
	return func(t Time) float64 {
		factor := s(t)
		if w := whole(share, t.Steps); t.Step < w {
			factor *= float64(t.Step+1) / float64(w)
		}
		return factor
	}
}

// cosine goes from a to b along a half cosine as t goes from 0 to 1.
func cosine(a, b, t float64) float64 { return b + (a-b)*(1+math.Cos(math.Pi*t))/2 }

// whole returns the step at which the given fraction of the training is over.
func whole(fraction float64, steps int) int { return int(math.Round(fraction * float64(steps))) }
