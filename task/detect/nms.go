package detect

import (
	"cmp"
	"math"
	"slices"

	"github.com/lince-ml/lince/data"
)

func rectOf(b data.Box) rect { return rect{b.X0, b.Y0, b.X1, b.Y1} }

// surest sorts found by score, the surest first; of equal ones the earlier stays first.
func surest(found []data.Detection) {
	slices.SortStableFunc(found, func(a, b data.Detection) int { return cmp.Compare(b.Score, a.Score) })
}

// Suppress returns those of found, the surest first, that have an intersection over union of overlap or less with each surer one of their
// class: non-maximum suppression. With all, things of other classes count, too. It may reorder found.
func Suppress(found []data.Detection, overlap float32, all bool) []data.Detection {
	surest(found)
	var kept []data.Detection
	for _, d := range found {
		r := rectOf(d.Box)
		if !slices.ContainsFunc(kept, func(k data.Detection) bool {
			return (all || k.Class == d.Class) && iou(rectOf(k.Box), r) > overlap
		}) {
			kept = append(kept, d)
		}
	}
	return kept
}

// SoftSuppress does not take away what overlaps a surer thing of its class, but makes it less sure, by exp(-iou²/sigma), and takes away what
// then has a score of least or less (Bodla, Singh, Chellappa & Davis, "Soft-NMS", ICCV 2017, equation 3). The result is sorted by the new scores.
func SoftSuppress(found []data.Detection, sigma, least float32) []data.Detection {
	rest := slices.Clone(found)
	var kept []data.Detection
	for len(rest) > 0 {
		surest(rest)
		d := rest[0]
		if d.Score <= least {
			break
		}
		kept, rest = append(kept, d), rest[1:]
		for i := range rest {
			if o := &rest[i]; o.Class == d.Class {
				v := float64(iou(rectOf(d.Box), rectOf(o.Box)))
				o.Score *= float32(math.Exp(-v * v / float64(sigma)))
			}
		}
	}
	return kept
}
