package detection

import (
	"cmp"
	"math"
	"slices"
)

// A Kind is what a detection is: right, or which mistake.
type Kind uint8

const (
	Right          Kind = iota
	WrongClass          // it overlaps a thing of another class well
	BadlyPlaced         // it overlaps a thing of its class, but not well enough
	WrongAndPlaced      // it overlaps a thing of another class, and not well enough
	Duplicate           // a surer detection has found the thing
	Background          // there is nothing
	Missed              // of things: nothing has found it, and no mistake of the first two kinds is about it
	Ignored             // it is about a crowd or what is to be ignored, or there are too many of them
)

// Kinds are the mistakes, in the order of tables and pictures.
var Kinds = []Kind{WrongClass, BadlyPlaced, WrongAndPlaced, Duplicate, Background, Missed}

// String returns the name of the mistake for people.
func (k Kind) String() string {
	return [...]string{"right", "wrong class", "badly placed", "wrong class, badly placed", "duplicate", "nothing there", "missed", "ignored"}[k]
}

// The limits of Bolya et al.
const (
	wellPlaced = 0.5 // IoU from which on a detection has found a thing
	overlaps   = 0.1 // and from which on it is about it
	perImage   = 100 // detections of an image that count
)

// An Outcome is what became of a detection.
type Outcome struct {
	Kind  Kind
	Thing int // that it has found, or should have; -1 if there is none
}

// An Analysis says which kinds of mistakes there are, and how much average precision each costs (Bolya et al., "TIDE: a general toolbox for
// identifying object detection errors", ECCV 2020). Average precision is COCO's at IoU 0.50, the mean over the classes that have things.
type Analysis struct {
	AP             float64
	Count          map[Kind]int
	Cost           map[Kind]float64 // what AP would gain if there were none of them
	FalsePositives float64          // what AP would gain without any wrong detections
	FalseNegatives float64          // and without the things that nothing has found
	Outcomes       []Outcome        // by detection
	Finder         []int            // by thing: the detection that has found it, -1 if none has

	set      *Set
	surest   []int // all detections, the surest first
	claimant []int // by thing: the surest detection that would find it if its mistake were none, -1 if there is none
}

// Analyze finds out what became of each detection of the set, which Check must have found to be in order. In each image, the surest choose first:
// each takes the thing of its class that overlaps it most, of those that are left.
func Analyze(s *Set) *Analysis {
	a := &Analysis{
		Count: map[Kind]int{}, Cost: map[Kind]float64{}, Outcomes: make([]Outcome, len(s.Detections)),
		Finder: slices.Repeat([]int{-1}, len(s.Things)), set: s, claimant: slices.Repeat([]int{-1}, len(s.Things)),
	}
	a.surest = make([]int, len(s.Detections))
	for i := range a.surest {
		a.surest[i] = i
	}
	slices.SortFunc(a.surest, func(i, j int) int {
		x, y := &s.Detections[i], &s.Detections[j]
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(x.Image, y.Image), cmp.Compare(i, j))
	})
	things, detections := make([][]int, len(s.Images)), make([][]int, len(s.Images))
	for i, t := range s.Things {
		things[t.Image] = append(things[t.Image], i)
	}
	for _, i := range a.surest {
		image := s.Detections[i].Image
		detections[image] = append(detections[image], i)
	}
	for image := range s.Images {
		a.image(things[image], detections[image])
	}
	a.count()
	return a
}

// image finds out what became of the detections of an image.
func (a *Analysis) image(things, detections []int) {
	for _, d := range detections[min(perImage, len(detections)):] {
		a.Outcomes[d] = Outcome{Ignored, -1}
	}
	detections = detections[:min(perImage, len(detections))]
	shapes := make([]Shape, len(things))
	for i, t := range things {
		shapes[i] = a.set.ThingShape(t)
	}
	iou := make([]float64, len(things)*len(detections)) // of each detection with all things
	for i, d := range detections {
		shape, row := a.set.DetectionShape(d), iou[i*len(things):]
		best, o := wellPlaced, Outcome{Background, -1}
		for j, t := range things {
			thing := &a.set.Things[t]
			if thing.Crowd {
				row[j] = Inside(shape, shapes[j])
			} else {
				row[j] = IoU(shape, shapes[j])
			}
			if thing.apart() || thing.Class != a.set.Detections[d].Class || a.Finder[t] >= 0 {
				continue
			}
			if row[j] > best || row[j] == best && o.Thing < 0 {
				best, o = row[j], Outcome{Right, t}
			}
		}
		if o.Thing >= 0 {
			a.Finder[o.Thing] = d
		}
		a.Outcomes[d] = o
	}
	for i, d := range detections {
		if a.Outcomes[d].Kind != Right {
			a.Outcomes[d] = a.mistake(d, things, iou[i*len(things):])
		}
	}
}

func (t *Thing) apart() bool { return t.Crowd || t.Ignore }

// mistake returns what is wrong with detection d, by how much it overlaps each thing of its image.
func (a *Analysis) mistake(d int, things []int, iou []float64) Outcome {
	class := a.set.Detections[d].Class
	same, other, duplicate := -1, -1, -1 // the things that overlap most
	for j, t := range things {
		thing := &a.set.Things[t]
		switch {
		case thing.apart():
			if thing.Class == class && iou[j] >= wellPlaced {
				return Outcome{Ignored, t}
			}
		case thing.Class != class:
			if other < 0 || iou[j] > iou[other] {
				other = j
			}
		default:
			if same < 0 || iou[j] > iou[same] {
				same = j
			}
			if a.Finder[t] >= 0 && (duplicate < 0 || iou[j] > iou[duplicate]) {
				duplicate = j
			}
		}
	}
	reaches := func(j int, limit float64) bool { return j >= 0 && iou[j] >= limit }
	switch {
	case reaches(same, overlaps) && iou[same] < wellPlaced:
		return a.claim(d, BadlyPlaced, things[same])
	case reaches(other, wellPlaced):
		return a.claim(d, WrongClass, things[other])
	case reaches(duplicate, wellPlaced):
		return Outcome{Duplicate, things[duplicate]}
	case reaches(other, overlaps):
		return Outcome{WrongAndPlaced, things[other]}
	}
	return Outcome{Background, -1}
}

// claim notes that detection d would have found thing t. The surest come first.
func (a *Analysis) claim(d int, k Kind, t int) Outcome {
	if a.Finder[t] < 0 && a.claimant[t] < 0 {
		a.claimant[t] = d
	}
	return Outcome{k, t}
}

// count counts the mistakes and computes what they cost.
func (a *Analysis) count() {
	total := make([]int, len(a.set.Classes)) // of things
	found, free := slices.Clone(total), slices.Clone(total)
	for i := range a.set.Things {
		t := &a.set.Things[i]
		if t.apart() {
			continue
		}
		total[t.Class]++
		if a.Finder[i] >= 0 {
			found[t.Class]++
		}
		if a.Finder[i] < 0 && a.claimant[i] < 0 {
			a.Count[Missed]++
		} else {
			free[t.Class]++ // of what is missed
		}
	}
	for _, o := range a.Outcomes {
		a.Count[o.Kind]++
	}
	a.AP = a.ap(total, total, nil)
	for _, k := range Kinds[:5] {
		a.Cost[k] = a.ap(total, total, a.mend(k)) - a.AP
	}
	a.Cost[Missed] = a.ap(total, free, nil) - a.AP
	a.FalseNegatives = a.ap(total, found, nil) - a.AP
	a.FalsePositives = a.ap(total, total, func(int) (int, bool) { return -1, false }) - a.AP
}

// mend returns a function that says what a wrong detection were if there were no mistakes of a kind: its class, -1 if it were not there, and
// whether it were right. Of several that would find the same thing then, the surest does.
func (a *Analysis) mend(k Kind) func(d int) (class int, right bool) {
	return func(d int) (int, bool) {
		o := a.Outcomes[d]
		switch {
		case o.Kind != k:
			return a.set.Detections[d].Class, false
		case (k == WrongClass || k == BadlyPlaced) && a.claimant[o.Thing] == d:
			return a.set.Things[o.Thing].Class, true
		}
		return -1, false
	}
}

// ap returns the mean average precision of the classes that have things, as if there were n of each, and as if the wrong detections were as mended
// says; nil leaves them as they are.
func (a *Analysis) ap(total, n []int, mended func(d int) (class int, right bool)) float64 {
	ranking := make([][]bool, len(n)) // which detections of a class are right
	for _, d := range a.surest {
		class, right := a.set.Detections[d].Class, true
		switch a.Outcomes[d].Kind {
		case Ignored:
			continue
		case Right:
		default:
			if right = false; mended != nil {
				class, right = mended(d)
			}
		}
		if class >= 0 {
			ranking[class] = append(ranking[class], right)
		}
	}
	sum, classes := 0.0, 0
	for c := range n {
		if total[c] > 0 {
			sum += averagePrecision(ranking[c], n[c])
			classes++
		}
	}
	return sum / float64(classes)
}

// averagePrecision returns COCO's: the mean over the recalls 0, 0.01, ... 1 of the best precision from there on.
func averagePrecision(ranking []bool, n int) float64 {
	if n == 0 {
		return 0
	}
	precision, at, hits := make([]float64, len(ranking)), []int{}, 0
	for i, right := range ranking {
		if right {
			hits++
		}
		for len(at) <= 100 && float64(hits)/float64(n) >= float64(len(at))*0.01 {
			at = append(at, i)
		}
		precision[i] = float64(hits) / float64(i+1)
	}
	for i := len(precision) - 1; i > 0; i-- {
		precision[i-1] = max(precision[i-1], precision[i])
	}
	sum := 0.0
	for _, i := range at {
		sum += precision[i]
	}
	return sum / 101
}

// An Operating point is a score from which on detections are taken for true, and what then holds of all classes together.
type Operating struct {
	Score                 float64
	Precision, Recall, F1 float64
}

// BestF1 returns the operating point of the highest F1; without anything right, that of all detections.
func (a *Analysis) BestF1() Operating {
	things := 0
	for i := range a.set.Things {
		if !a.set.Things[i].apart() {
			things++
		}
	}
	best := Operating{}
	hits, n := 0, 0
	for i, d := range a.surest {
		score := a.set.Detections[d].Score
		switch a.Outcomes[d].Kind {
		case Right:
			hits++
			n++
		case Ignored:
		default:
			n++
		}
		if i+1 < len(a.surest) && a.set.Detections[a.surest[i+1]].Score == score { // equals are taken together
			continue
		}
		p, r := float64(hits)/math.Max(1, float64(n)), float64(hits)/math.Max(1, float64(things))
		if f1 := 2 * p * r / math.Max(p+r, 1e-300); f1 > best.F1 || hits == 0 {
			best = Operating{score, p, r, f1}
		}
	}
	return best
}

// Confusion returns how often a thing of class i was taken for class j, by detections that are at least as sure as score. The last row counts the
// detections where nothing of the kind is, the last column the things that nothing has found. A row of a class has all its things, a column all
// detections of the class, but for what is ignored.
func (a *Analysis) Confusion(score float64) [][]int {
	n := len(a.set.Classes)
	counts := make([][]int, n+1)
	for i := range counts {
		counts[i] = make([]int, n+1)
	}
	taken := make([]bool, len(a.set.Things))
	for i := range a.set.Things {
		t := &a.set.Things[i]
		if f := a.Finder[i]; f >= 0 && a.set.Detections[f].Score >= score {
			taken[i] = true
			counts[t.Class][t.Class]++
		}
	}
	for _, d := range a.surest {
		said, o := a.set.Detections[d], a.Outcomes[d]
		switch {
		case said.Score < score || o.Kind == Right || o.Kind == Ignored:
		case o.Kind == WrongClass && !taken[o.Thing]:
			taken[o.Thing] = true
			counts[a.set.Things[o.Thing].Class][said.Class]++
		default:
			counts[n][said.Class]++
		}
	}
	for i := range a.set.Things {
		if t := &a.set.Things[i]; !taken[i] && !t.apart() {
			counts[t.Class][n]++
		}
	}
	return counts
}

// An ImageCount says how well the things of an image were found.
type ImageCount struct {
	Image               int
	Found, Missed       int // things
	Wrong               int // detections
	surenessOfItsWrongs float64
}

// Worst returns the n images with the most mistakes by detections that are at least as sure as score, and by things that they have missed; of equals,
// those that are wrong with the most confidence. Images without mistakes are left out.
func (a *Analysis) Worst(n int, score float64) []ImageCount {
	all := make([]ImageCount, len(a.set.Images))
	for i := range all {
		all[i].Image = i
	}
	for i := range a.set.Things {
		t := &a.set.Things[i]
		if f := a.Finder[i]; f >= 0 && a.set.Detections[f].Score >= score {
			all[t.Image].Found++
		} else if !t.apart() {
			all[t.Image].Missed++
		}
	}
	for d, o := range a.Outcomes {
		if said := &a.set.Detections[d]; said.Score >= score && o.Kind != Right && o.Kind != Ignored {
			all[said.Image].Wrong++
			all[said.Image].surenessOfItsWrongs += said.Score
		}
	}
	all = slices.DeleteFunc(all, func(c ImageCount) bool { return c.Missed+c.Wrong == 0 })
	slices.SortStableFunc(all, func(x, y ImageCount) int {
		return cmp.Or(cmp.Compare(y.Missed+y.Wrong, x.Missed+x.Wrong), cmp.Compare(y.surenessOfItsWrongs, x.surenessOfItsWrongs))
	})
	return all[:min(n, len(all))]
}
