// Package segmentation measures which class each pixel is said to have. Where a quantity is not defined, such as the overlap of a class that no
// pixel has or is said to have, it is NaN and part of no mean.
package segmentation

import (
	"fmt"
	"math"
)

// A Confusion counts pixels: Counts[t*Classes+p] are of class t and said to be of class p.
type Confusion struct {
	Classes int
	Counts  []int64
}

// New returns a Confusion without pixels.
func New(classes int) *Confusion { return &Confusion{classes, make([]int64, classes*classes)} }

// Add counts the pixels of an image by their class and that which they are said to have. Those with the class ignore do not count. A class that
// there is not is an error, and then nothing of the image counts.
func (c *Confusion) Add(truth, predicted []uint16, ignore uint16) error {
	if len(truth) != len(predicted) {
		return fmt.Errorf("%d pixels with a class, but %d predicted", len(truth), len(predicted))
	}
	for i, t := range truth {
		if p := predicted[i]; t != ignore && (int(t) >= c.Classes || int(p) >= c.Classes) {
			return fmt.Errorf("pixel %d is of class %d and said to be of class %d, expected 0 to %d", i, t, p, c.Classes-1)
		}
	}
	for i, t := range truth {
		if t != ignore {
			c.Counts[int(t)*c.Classes+int(predicted[i])]++
		}
	}
	return nil
}

// Merge adds the pixels of another Confusion of the same classes.
func (c *Confusion) Merge(o *Confusion) {
	for i, n := range o.Counts {
		c.Counts[i] += n
	}
}

// Hits returns how many pixels are of class i and said to be.
func (c *Confusion) Hits(i int) int64 { return c.Counts[i*c.Classes+i] }

// Truth returns how many pixels are of class i.
func (c *Confusion) Truth(i int) (n int64) {
	for _, v := range c.Counts[i*c.Classes : (i+1)*c.Classes] {
		n += v
	}
	return n
}

// Predicted returns how many pixels are said to be of class i.
func (c *Confusion) Predicted(i int) (n int64) {
	for t := range c.Classes {
		n += c.Counts[t*c.Classes+i]
	}
	return n
}

// Pixels returns how many pixels count.
func (c *Confusion) Pixels() (n int64) {
	for _, v := range c.Counts {
		n += v
	}
	return n
}

// PixelAccuracy returns the share of the pixels that are right.
func (c *Confusion) PixelAccuracy() float64 {
	hits := int64(0)
	for i := range c.Classes {
		hits += c.Hits(i)
	}
	return float64(hits) / float64(c.Pixels())
}

// Accuracy returns the share of the pixels of class i that are right: its recall.
func (c *Confusion) Accuracy(i int) float64 { return float64(c.Hits(i)) / float64(c.Truth(i)) }

// IoU returns, for class i, the pixels rightly said to be of it by those that are or are said to be: intersection over union, Jaccard's index.
func (c *Confusion) IoU(i int) float64 {
	return float64(c.Hits(i)) / float64(c.Truth(i)+c.Predicted(i)-c.Hits(i))
}

// Dice returns, for class i, twice the pixels rightly said to be of it by the sum of those that are and those that are said to be (Dice, "Measures
// of the amount of ecologic association between species", 1945): the F1 score.
func (c *Confusion) Dice(i int) float64 {
	return 2 * float64(c.Hits(i)) / float64(c.Truth(i)+c.Predicted(i))
}

// MeanAccuracy returns the mean accuracy of the classes that have pixels.
func (c *Confusion) MeanAccuracy() float64 { return c.mean(c.Accuracy) }

// MeanIoU returns the mean IoU of the classes that have pixels, or are said to have.
func (c *Confusion) MeanIoU() float64 { return c.mean(c.IoU) }

// MeanDice returns the mean Dice coefficient of the classes that have pixels, or are said to have.
func (c *Confusion) MeanDice() float64 { return c.mean(c.Dice) }

func (c *Confusion) mean(of func(i int) float64) float64 {
	sum, n := 0.0, 0
	for i := range c.Classes {
		if v := of(i); !math.IsNaN(v) {
			sum += v
			n++
		}
	}
	return sum / float64(n)
}

// FrequencyWeightedIoU returns the mean IoU, each class with the number of its pixels (Long et al., "Fully convolutional networks for semantic
// segmentation", CVPR 2015, section 5).
func (c *Confusion) FrequencyWeightedIoU() float64 {
	sum := 0.0
	for i := range c.Classes {
		if n := c.Truth(i); n > 0 {
			sum += float64(n) * c.IoU(i)
		}
	}
	return sum / float64(c.Pixels())
}
