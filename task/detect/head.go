package detect

import (
	"fmt"
	"maps"
	"slices"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/task"
)

// A head knows what the rows of a network's output mean, how they are taught, and how boxes come of them.
type head interface {
	// anchors returns those of an image of h x w pixels, one for each row.
	anchors(h, w int) *anchors
	// columns returns how many numbers a row has for so many classes.
	columns(classes int) int
	// match says which of boxes, of which there is at least one, each anchor is to find, or that it is background or ignored.
	match(a *anchors, boxes []rect, to []int32)
	// target returns the numbers that an anchor that is to find b learns from.
	target(anchor, b rect) [4]float32
	// losses emits what training makes small, for the output [N, A, columns], labels i32 [N, A], which are classes, background or ignored,
	// and targets f32 [N, A, 4].
	losses(out, labels, targets *graph.Node, a *anchors, classes int) task.Losses
	// candidates returns what a row by row reading finds, before suppression, in pixels of the network's input.
	candidates(out []float32, a *anchors, classes int, s Settings) []data.Detection
	// settings returns the usual ones.
	settings() Settings
}

// Settings say which of the things that a network may have seen are reported.
type Settings struct {
	Score      float32 // how sure it must be of them: more than this
	Overlap    float32 // the largest intersection over union of two things of one class
	Soft       float32 // not 0: the sigma of SoftSuppress, which then takes the place of Overlap
	Candidates int     // how many are looked at before suppression: the surest of each map, or with SSD of each class; all with R-CNN
	Most       int     // how many are reported, the surest
}

// heads are those of the architectures in package models.
var heads = map[string]head{
	"lince-det":                     linceHead{},
	"lince-mask":                    linceHead{},
	"fasterrcnn_resnet50_fpn":       rcnnHead{},
	"fcos_resnet50_fpn":             fcosHead{},
	"maskrcnn_resnet50_fpn":         rcnnHead{},
	"retinanet_resnet50_fpn":        retinaHead{},
	"ssd300_vgg16":                  ssd300,
	"ssdlite320_mobilenet_v3_large": ssdlite320,
}

func headOf(architecture string) (head, error) {
	if h, ok := heads[architecture]; ok {
		return h, nil
	}
	return nil, fmt.Errorf("no detector: %w", nearest.Error("detector", architecture, slices.Sorted(maps.Keys(heads))))
}

// byMap returns the candidates of heads that look at the surest of each map: score tells how sure a row is of a class, box what its box is.
// Of a row with a logit below floor it need not be asked.
func byMap(out []float32, a *anchors, columns, classes int, s Settings, floor float32,
	score func(row []float32, class int) float32, box func(anchor rect, row []float32) rect) []data.Detection {
	var all, level []data.Detection
	a.eachLevel(func(first, end int) {
		level = level[:0]
		for i := first; i < end; i++ {
			row := out[i*columns : (i+1)*columns]
			for c := range classes {
				if row[c] < floor {
					continue
				}
				if v := score(row, c); v > s.Score {
					level = append(level, data.Detection{Box: data.Box{Class: c, X0: float32(i)}, Score: v}) // the box comes below, if it is asked for
				}
			}
		}
		surest(level)
		for _, d := range level[:min(len(level), s.Candidates)] {
			i := int(d.X0)
			all = append(all, found(d.Class, d.Score, box(a.boxes[i], out[i*columns:(i+1)*columns])))
		}
	})
	return all
}

func found(class int, score float32, r rect) data.Detection {
	return data.Detection{Box: data.Box{Class: class, X0: r[0], Y0: r[1], X1: r[2], Y1: r[3]}, Score: score}
}
