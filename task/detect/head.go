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
	// read emits what the output says: the box of each anchor in pixels of the network's input, and how sure it is of each class, from 0 to 1,
	// [N, A, classes].
	read(out *graph.Node, a *anchors, classes int) (boxes quad, scores *graph.Node)
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

func isSSD(h head) bool {
	if e, ok := h.(exportedHead); ok {
		h = e.head
	}
	_, ok := h.(ssdHead)
	return ok
}

func found(class int, score float32, r rect) data.Detection {
	return data.Detection{Box: data.Box{Class: class, X0: r[0], Y0: r[1], X1: r[2], Y1: r[3]}, Score: score}
}
