package coco

import (
	"cmp"
	"math"
	"slices"

	"github.com/lince-ml/lince/metric/detection"
)

// members are the things and detections of one class.
type members struct {
	things     []int // by image
	detections []int // by image, the surest first
}

// group sorts things and detections by class and image. What is equal keeps its order.
func group(s *detection.Set) []members {
	groups := make([]members, len(s.Classes))
	for i, t := range s.Things {
		groups[t.Class].things = append(groups[t.Class].things, i)
	}
	for i, d := range s.Detections {
		groups[d.Class].detections = append(groups[d.Class].detections, i)
	}
	for _, g := range groups {
		slices.SortFunc(g.things, func(a, b int) int {
			return cmp.Or(cmp.Compare(s.Things[a].Image, s.Things[b].Image), cmp.Compare(a, b))
		})
		slices.SortFunc(g.detections, func(a, b int) int {
			x, y := &s.Detections[a], &s.Detections[b]
			return cmp.Or(cmp.Compare(x.Image, y.Image), cmp.Compare(y.Score, x.Score), cmp.Compare(a, b))
		})
	}
	return groups
}

// An outcome is what became of a detection, for each kind of area a bit for each IoU threshold.
type outcome struct {
	score            float64
	rank             int // in its image and class, from 0
	matched, ignored [len(areas)]uint16
}

const everyThreshold = 1<<nThresholds - 1

// A matcher matches the detections of a class with its things, and has room that is used again for each image.
type matcher struct {
	outcomes []outcome
	total    [len(areas)]int // things that count
	surest   []int32         // the outcomes by score
	best     []float64       // precisions

	truth []detection.Shape // of the things of an image
	iou   []float64         // of one detection with each of them
	apart []bool            // by thing: whether it is ignored
	used  [len(areas)][]uint16
	order [len(areas)][]int // of things: those that count first
}

// class measures one class.
func (m *matcher) class(s *detection.Set, g members) Class {
	m.outcomes, m.total = m.outcomes[:0], [len(areas)]int{}
	c := Class{Detections: len(g.detections)}
	for t, d := 0, 0; t < len(g.things) || d < len(g.detections); {
		image := len(s.Images)
		if t < len(g.things) {
			image = s.Things[g.things[t]].Image
		}
		if d < len(g.detections) {
			image = min(image, s.Detections[g.detections[d]].Image)
		}
		t0, d0 := t, d
		for t < len(g.things) && s.Things[g.things[t]].Image == image {
			t++
		}
		for d < len(g.detections) && s.Detections[g.detections[d]].Image == image {
			d++
		}
		m.image(s, g.things[t0:t], g.detections[d0:min(d, d0+MaxDetections)])
	}
	c.Things = m.total[0]
	m.surest = m.surest[:0]
	for i := range m.outcomes {
		m.surest = append(m.surest, int32(i))
	}
	slices.SortFunc(m.surest, func(a, b int32) int {
		return cmp.Or(cmp.Compare(m.outcomes[b].score, m.outcomes[a].score), cmp.Compare(a, b))
	})
	m.summarize(&c)
	return c
}

// image matches the detections of a class in an image, the surest first.
func (m *matcher) image(s *detection.Set, things, detections []int) {
	m.prepare(s, things)
	for rank, d := range detections {
		o := outcome{score: s.Detections[d].Score, rank: rank}
		shape := s.DetectionShape(d)
		near := false // whether anything overlaps enough for any threshold
		for i, t := range things {
			if s.Things[t].Crowd {
				m.iou[i] = detection.Inside(shape, m.truth[i])
			} else {
				m.iou[i] = detection.IoU(shape, m.truth[i])
			}
			near = near || m.iou[i] >= Thresholds[0]
		}
		for a, limits := range areas {
			if near {
				m.match(&o, a, s, things)
			}
			if shape.Area < limits[0] || shape.Area > limits[1] { // nothing is expected of it
				o.ignored[a] |= everyThreshold &^ o.matched[a]
			}
		}
		m.outcomes = append(m.outcomes, o)
	}
}

// prepare looks at the things of an image.
func (m *matcher) prepare(s *detection.Set, things []int) {
	m.truth, m.iou = m.truth[:0], slices.Grow(m.iou[:0], len(things))[:len(things)]
	for _, t := range things {
		m.truth = append(m.truth, s.ThingShape(t))
	}
	m.apart = slices.Grow(m.apart[:0], len(things)*len(areas))[:len(things)*len(areas)]
	for a, limits := range areas {
		m.used[a] = slices.Grow(m.used[a][:0], len(things))[:len(things)]
		clear(m.used[a])
		m.order[a] = m.order[a][:0]
		for i, t := range things {
			thing := &s.Things[t]
			apart := thing.Crowd || thing.Ignore || thing.Area < limits[0] || thing.Area > limits[1]
			m.apart[a*len(things)+i] = apart
			if !apart {
				m.order[a] = append(m.order[a], i)
			}
		}
		m.total[a] += len(m.order[a])
		for i := range things {
			if m.apart[a*len(things)+i] {
				m.order[a] = append(m.order[a], i)
			}
		}
	}
}

// match finds the thing that a detection takes at each threshold: the one that overlaps most, the last of equals, of those that are free; one that
// is ignored only if no other will do.
func (m *matcher) match(o *outcome, a int, s *detection.Set, things []int) {
	apart, used := m.apart[a*len(things):], m.used[a]
	for t, threshold := range Thresholds {
		best, least := -1, min(threshold, 1-1e-10)
		for _, i := range m.order[a] {
			if used[i]>>t&1 == 1 && !s.Things[things[i]].Crowd {
				continue
			}
			if best >= 0 && !apart[best] && apart[i] {
				break
			}
			if m.iou[i] >= least {
				best, least = i, m.iou[i]
			}
		}
		if best < 0 {
			continue
		}
		used[best] |= 1 << t
		o.matched[a] |= 1 << t
		if apart[best] {
			o.ignored[a] |= 1 << t
		}
	}
}

// summarize computes the numbers of a class from the outcomes.
func (m *matcher) summarize(c *Class) {
	ap := [len(areas)]*float64{&c.AP, &c.APSmall, &c.APMedium, &c.APLarge}
	ar := [len(areas)]*float64{&c.AR100, &c.ARSmall, &c.ARMedium, &c.ARLarge}
	for a := range areas {
		var precision, recall average
		for t := range Thresholds {
			p, scores, r := m.curve(a, t, MaxDetections)
			mean := math.NaN()
			if m.total[a] > 0 {
				sum := 0.0
				for _, v := range p {
					sum += v
				}
				mean = sum / nRecalls
			}
			precision.add(mean)
			recall.add(r)
			if a > 0 {
				continue
			}
			c.Precision[t], c.Scores[t] = p, scores
			switch t {
			case 0:
				c.AP50 = mean
			case 5:
				c.AP75 = mean
			}
		}
		*ap[a], *ar[a] = precision.value(), recall.value()
	}
	c.AR1, c.AR10 = m.recall(1), m.recall(10)
}

// recall returns the mean recall over the thresholds, with the most sure detections of an image.
func (m *matcher) recall(most int) float64 {
	var mean average
	for t := range Thresholds {
		_, _, r := m.curve(0, t, most)
		mean.add(r)
	}
	return mean.value()
}

// curve returns the precision, and the score of the detection that reaches it, at each of the recalls, and the recall of all detections.
func (m *matcher) curve(a, t, most int) (precision, scores [nRecalls]float64, recall float64) {
	if m.total[a] == 0 {
		for i := range precision {
			precision[i] = math.NaN()
		}
		return precision, scores, math.NaN()
	}
	hits, wrong, next := 0, 0, 0
	var at [nRecalls]int // place of the detection that reaches each recall
	best := m.best[:0]
	for _, i := range m.surest {
		o := &m.outcomes[i]
		if o.rank >= most || o.ignored[a]>>t&1 == 1 {
			continue
		}
		if o.matched[a]>>t&1 == 1 {
			hits++
		} else {
			wrong++
		}
		recall = float64(hits) / float64(m.total[a])
		for next < nRecalls && recall >= float64(next)*0.01 {
			at[next], scores[next] = len(best), o.score
			next++
		}
		best = append(best, float64(hits)/(float64(hits+wrong)+0x1p-52))
	}
	m.best = best
	for i := len(best) - 1; i > 0; i-- {
		best[i-1] = max(best[i-1], best[i])
	}
	for i := range next {
		precision[i] = best[at[i]]
	}
	return precision, scores, recall
}
