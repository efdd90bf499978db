package detect

import (
	"cmp"
	"math"
	"slices"
)

// What an anchor is for that finds none of the boxes.
const (
	background = -1 // it says that there is nothing
	ignored    = -2 // it learns nothing
)

// matchThresholds gives each anchor the box with which it has the largest IoU, if that is high or more; it is background below low and ignored
// between. With rescue, the anchors with the largest IoU of some box get theirs in any case (Ren, He, Girshick & Sun, "Faster R-CNN", 2015,
// section 3.1.2; torchvision's Matcher).
func matchThresholds(a *anchors, boxes []rect, high, low float32, rescue bool, to []int32) {
	best := make([]float32, len(boxes)) // of each box
	for i, anchor := range a.boxes {
		to[i] = background
		most := float32(-1)
		for j, b := range boxes {
			v := iou(b, anchor)
			if v > most {
				most, to[i] = v, int32(j)
			}
			best[j] = max(best[j], v)
		}
		switch {
		case most < low:
			to[i] = background
		case most < high:
			to[i] = ignored
		}
	}
	if rescue {
		rescueBest(a, boxes, best, to)
	}
}

// rescueBest gives the anchors that have the best IoU of some box the box with which they have the largest.
func rescueBest(a *anchors, boxes []rect, best []float32, to []int32) {
	for i, anchor := range a.boxes {
		rescued, most, nearest := false, float32(-1), int32(0)
		for j, b := range boxes {
			v := iou(b, anchor)
			rescued = rescued || v == best[j]
			if v > most {
				most, nearest = v, int32(j)
			}
		}
		if rescued {
			to[i] = nearest
		}
	}
}

// matchSSD is matchThresholds with one threshold; then each box gets the anchor with which it has the largest IoU (SSD, section 2.2).
func matchSSD(a *anchors, boxes []rect, threshold float32, to []int32) {
	matchThresholds(a, boxes, threshold, threshold, false, to)
	for j, b := range boxes {
		best, most := 0, float32(-1)
		for i, anchor := range a.boxes {
			if v := iou(b, anchor); v > most {
				best, most = i, v
			}
		}
		to[best] = int32(j)
	}
}

// matchFCOS gives a box the points that are inside of it, within radius strides of its middle, and from which its farthest side is 4 to 8 strides
// away: on the first map less, on the last map more (Tian et al., "FCOS", ICCV 2019, section 3.2, with the centre sampling of the authors'
// later code). Of several boxes a point gets the smallest. Anchors are squares of the size of the stride.
func matchFCOS(a *anchors, boxes []rect, radius float32, to []int32) {
	level := 0
	a.eachLevel(func(first, end int) {
		for i := first; i < end; i++ {
			anchor := a.boxes[i]
			x, y := anchor.center()
			size, least := anchor.width(), float32(math.Inf(1))
			from, below := 4*size, 8*size
			if level == 0 {
				from = 0
			}
			if level == len(a.levels)-1 {
				below = float32(math.Inf(1))
			}
			to[i] = background
			for j, b := range boxes {
				cx, cy := b.center()
				nearest := min(x-b[0], y-b[1], b[2]-x, b[3]-y)
				farthest := max(x-b[0], y-b[1], b[2]-x, b[3]-y)
				if max(abs(x-cx), abs(y-cy)) < radius*size && nearest > 0 && farthest > from && farthest < below && b.area() < least {
					least, to[i] = b.area(), int32(j)
				}
			}
		}
		level++
	})
}

func abs(v float32) float32 { return float32(math.Abs(float64(v))) }

// matchATSS gives a box those of the k anchors nearest to its middle on each map whose IoU with it is at least mean plus standard deviation of
// theirs, and whose middle is inside of the box (Zhang, Chi, Yao, Lei & Li, "Bridging the gap between anchor-based and anchor-free detection",
// CVPR 2020, algorithm 1). A box for which none is left, being small, gets the best one. Of several boxes an anchor gets that of the largest IoU.
func matchATSS(a *anchors, boxes []rect, k int, to []int32) {
	taken := make([]float32, len(a.boxes)) // the IoU with the box that an anchor has
	for i := range to {
		to[i] = background
	}
	var near []candidate
	for j, b := range boxes {
		near = near[:0]
		a.eachLevel(func(first, end int) { near = append(near, nearestTo(a.boxes[first:end], first, b, k)...) })
		least := threshold(near)
		found := false
		for _, c := range near {
			if c.inside && c.iou >= least {
				found = true
				take(to, taken, c, j)
			}
		}
		if !found {
			take(to, taken, slices.MaxFunc(near, better), j)
		}
	}
}

// better compares candidates: one inside of the box is better, then one that overlaps it more.
func better(a, b candidate) int {
	if a.inside != b.inside {
		if a.inside {
			return 1
		}
		return -1
	}
	return cmp.Compare(a.iou, b.iou)
}

func take(to []int32, taken []float32, c candidate, box int) {
	if to[c.anchor] == background || c.iou > taken[c.anchor] {
		to[c.anchor], taken[c.anchor] = int32(box), c.iou
	}
}

// A candidate is an anchor near a box.
type candidate struct {
	anchor   int
	distance float32 // of the middles, squared
	iou      float32
	inside   bool // the middle of the anchor is in the box
}

// nearestTo returns the k of boxes, whose numbers begin with first, whose middles are nearest to that of b.
func nearestTo(boxes []rect, first int, b rect, k int) []candidate {
	cx, cy := b.center()
	list := make([]candidate, 0, k+1)
	for i, anchor := range boxes {
		x, y := anchor.center()
		d := (x-cx)*(x-cx) + (y-cy)*(y-cy)
		if len(list) == k && d >= list[k-1].distance {
			continue
		}
		c := candidate{first + i, d, iou(anchor, b), x > b[0] && x < b[2] && y > b[1] && y < b[3]}
		at, _ := slices.BinarySearchFunc(list, c, func(x, y candidate) int {
			return cmp.Or(cmp.Compare(x.distance, y.distance), cmp.Compare(x.anchor, y.anchor))
		})
		list = slices.Insert(list, at, c)
		list = list[:min(k, len(list))]
	}
	return list
}

// threshold returns mean plus standard deviation of the candidates' IoU.
func threshold(list []candidate) float32 {
	var sum, squares float64
	for _, c := range list {
		sum += float64(c.iou)
	}
	mean := sum / float64(len(list))
	for _, c := range list {
		squares += (float64(c.iou) - mean) * (float64(c.iou) - mean)
	}
	return float32(mean + math.Sqrt(squares/float64(max(1, len(list)-1))))
}
