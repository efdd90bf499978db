package train

import (
	"context"
	"fmt"
	"math"

	"github.com/lince-ml/lince/data"
)

// The sweep of FindRate.
const (
	sweepSteps    = 200
	sweepFrom     = 1e-7
	sweepTo       = 10.0
	sweepSmooth   = 0.95 // decay of the mean of the losses
	sweepDiverged = 4    // times the least loss
)

// A RateSweep is what FindRate saw.
type RateSweep struct {
	Points   []RatePoint `json:"points"`
	Steepest float64     `json:"steepest"` // the rate at which the smoothed loss falls fastest
	Tenth    float64     `json:"tenth"`    // a tenth of the rate with the least smoothed loss
}

// A RatePoint is a step of a sweep.
type RatePoint struct {
	Rate   float64 `json:"lr"`
	Loss   float64 `json:"loss"`
	Smooth float64 `json:"smooth"` // the loss, smoothed
}

// FindRate trains a copy of the network, which is thrown away, while the learning rate rises exponentially from step to step, until the loss explodes
// (Smith, "Cyclical learning rates for training neural networks", WACV 2017, section 3.3). progress is called after each step and may be nil. It writes no file.
func FindRate(ctx context.Context, cfg Config, d Data, progress func(done, steps int)) (*RateSweep, error) {
	r, err := prepare("", cfg, d)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	s := &RateSweep{}
	mean, least, sum := 0.0, math.Inf(1), 0.0
	err = r.sweep(ctx, func(batch *data.Batch) (bool, error) {
		k := len(s.Points)
		rate := sweepFrom * math.Pow(sweepTo/sweepFrom, float64(k)/(sweepSteps-1))
		loss, _, err := r.trainer.Step(batch, rate)
		if sum += loss; err != nil || r.trainer.pending > 0 {
			return true, err
		}
		loss, sum = sum/float64(r.cfg.Accumulate), 0
		mean = sweepSmooth*mean + (1-sweepSmooth)*loss
		smooth := mean / (1 - math.Pow(sweepSmooth, float64(k+1)))
		if math.IsNaN(smooth) || math.IsInf(smooth, 0) || smooth > sweepDiverged*least {
			return false, nil
		}
		least = min(least, smooth)
		s.Points = append(s.Points, RatePoint{rate, loss, smooth})
		if progress != nil {
			progress(k+1, sweepSteps)
		}
		return k+1 < sweepSteps, nil
	})
	if err != nil {
		return nil, err
	}
	return s, s.suggest()
}

// suggest finds the two rates.
func (s *RateSweep) suggest() error {
	const margin = 10 // steps in which the mean is of too few losses
	if len(s.Points) < 3*margin {
		return fmt.Errorf("the loss explodes after %d steps, with a learning rate of %.1g: are images and labels right?", len(s.Points), s.Points[max(0, len(s.Points)-1)].Rate)
	}
	lowest := margin
	for i := range s.Points {
		if i >= margin && s.Points[i].Smooth < s.Points[lowest].Smooth {
			lowest = i
		}
	}
	if fall := s.Points[lowest].Smooth / s.Points[margin].Smooth; fall > 0.99 { // less than chance makes of batches
		return fmt.Errorf("the loss does not fall at any learning rate from %g to %.1g: are images and labels right?", sweepFrom, s.Points[len(s.Points)-1].Rate)
	}
	s.Tenth = s.Points[lowest].Rate / 10
	const span = 5 // steps to each side over which the slope is taken; they are at equal distances on the logarithmic scale
	steepest := math.Inf(1)
	for i := margin; i <= lowest && i+span < len(s.Points); i++ {
		if slope := s.Points[i+span].Smooth - s.Points[i-span].Smooth; slope < steepest {
			steepest, s.Steepest = slope, s.Points[i].Rate
		}
	}
	return nil
}
