// Package coco measures detectors as the COCO challenge does (Lin et al., "Microsoft COCO: common objects in context", ECCV 2014;
// cocodataset.org/#detection-eval), and reads and writes its files of annotations and results.
//
// A detection is right if it overlaps a thing of its class that no surer detection has taken. How much it must overlap is a threshold of
// intersection over union; AP is the mean over ten of them, 0.50 to 0.95, of the average precision at 101 recalls, and over the classes.
// What is not defined, such as the precision of a class without things, is NaN and part of no mean (pycocotools has -1 there).
package coco

import (
	"math"
	"runtime"
	"sync"

	"github.com/lince-ml/lince/metric/detection"
)

// MaxDetections is how many detections of an image and class count: the surest.
const MaxDetections = 100

// numbers of IoU thresholds, and of recalls at which precision is looked up.
const (
	nThresholds = 10
	nRecalls    = 101
)

// Thresholds are the intersections over union from which on a detection is right: 0.50, 0.55, ... 0.95.
var Thresholds = func() (list [nThresholds]float64) {
	low, high := 0.5, 0.95
	step := (high - low) / (nThresholds - 1) // computed as numpy does, for the same bits
	for i := range list {
		list[i] = low + float64(float64(i)*step)
	}
	list[nThresholds-1] = high
	return list
}()

// areas are the sizes of things, in pixels, that are measured: all, small, medium and large, both ends included.
var areas = [...][2]float64{{0, 1e10}, {0, 32 * 32}, {32 * 32, 96 * 96}, {96 * 96, 1e10}}

// A Summary is the challenge's twelve numbers. AP is average precision, AR the recall, both as a mean over the IoU thresholds.
type Summary struct {
	AP, AP50, AP75             float64 // AP50 and AP75 at one threshold
	APSmall, APMedium, APLarge float64 // of things by their area: below 32², up to 96², and above
	AR1, AR10, AR100           float64 // with that many detections per image and class
	ARSmall, ARMedium, ARLarge float64 // with 100
}

// A Class is the result for one class.
type Class struct {
	Name string
	Summary
	Things     int                            // without crowds and what is to be ignored
	Detections int                            // all that were given
	Precision  [nThresholds][nRecalls]float64 // at IoU Thresholds[t] and recall r/100: the best of all recalls as large; NaN without things
	Scores     [nThresholds][nRecalls]float64 // of the least sure of the detections that reach the recall; 0 if none do
}

// A Report is the result of a measurement.
type Report struct {
	Summary
	Classes []Class
}

// Evaluate measures the set, which Check must have found to be in order.
func Evaluate(s *detection.Set) *Report {
	r := &Report{Classes: make([]Class, len(s.Classes))}
	groups := group(s)
	work := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(s.Classes)) {
		wg.Go(func() {
			var m matcher
			for c := range work {
				r.Classes[c] = m.class(s, groups[c])
				r.Classes[c].Name = s.Classes[c]
			}
		})
	}
	for c := range s.Classes {
		work <- c
	}
	close(work)
	wg.Wait()
	r.Summary = mean(r.Classes)
	return r
}

// mean returns the mean of each number over the classes for which it is defined.
func mean(classes []Class) Summary {
	var sum Summary
	for i, v := range sum.values() {
		var all average
		for c := range classes {
			all.add(*classes[c].values()[i])
		}
		*v = all.value()
	}
	return sum
}

// values are the numbers, in the order of the challenge.
func (s *Summary) values() [12]*float64 {
	return [12]*float64{&s.AP, &s.AP50, &s.AP75, &s.APSmall, &s.APMedium, &s.APLarge, &s.AR1, &s.AR10, &s.AR100, &s.ARSmall, &s.ARMedium, &s.ARLarge}
}

// A Quantity is one of the numbers, for tables and files.
type Quantity struct {
	Name, Title string // "ap50", and what it is for people
	Value       float64
}

var quantities = [12][2]string{
	{"ap", "AP, IoU 0.50 to 0.95"}, {"ap50", "AP, IoU 0.50"}, {"ap75", "AP, IoU 0.75"},
	{"ap_small", "AP, small things"}, {"ap_medium", "AP, medium things"}, {"ap_large", "AP, large things"},
	{"ar1", "recall, 1 detection per image and class"}, {"ar10", "recall, 10 detections"}, {"ar100", "recall, 100 detections"},
	{"ar_small", "recall, small things"}, {"ar_medium", "recall, medium things"}, {"ar_large", "recall, large things"},
}

// Quantities returns the twelve numbers with their names.
func (s Summary) Quantities() []Quantity {
	list := make([]Quantity, len(quantities))
	for i, v := range s.values() {
		list[i] = Quantity{quantities[i][0], quantities[i][1], *v}
	}
	return list
}

// An average sums up what is defined.
type average struct {
	sum float64
	n   int
}

func (a *average) add(v float64) {
	if !math.IsNaN(v) {
		a.sum += v
		a.n++
	}
}

func (a *average) value() float64 {
	if a.n == 0 {
		return math.NaN()
	}
	return a.sum / float64(a.n)
}
