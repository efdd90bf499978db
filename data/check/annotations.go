package check

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/outline"
)

// A fault is something that looks wrong in the annotations of an image.
type fault struct {
	kind, text, file string
	line             int
}

// A liner is a Dataset that knows where box k of sample i is said, or the sample itself if k is -1.
type liner interface {
	Line(i, k int) (file string, line int)
}

// examineAnnotations looks at boxes, outlines and the mask of an image, which s has or d tells, notes which classes are there, and adds them to sums.
func (im *image) examineAnnotations(d data.Dataset, s data.Sample, sums *sums) {
	add := func(k int, kind, format string, args ...any) {
		f := fault{kind: kind, text: fmt.Sprintf(format, args...)}
		if l, ok := d.(liner); ok {
			f.file, f.line = l.Line(im.index, k)
		}
		im.faults = append(im.faults, f)
	}
	if a, ok := d.(data.Annotator); ok {
		var err error
		if s, _, _, err = a.Annotations(im.index); err != nil {
			kind := "mask-damaged"
			if errors.As(err, new(*annotation.ValueError)) {
				kind = "mask-value"
			}
			add(-1, kind, "%v", cause(err))
			return
		}
	}
	if s.Boxes == nil && s.Mask == nil {
		return
	}
	classes := len(d.Classes())
	labels := make([]float32, classes)
	if s.Mask != nil {
		sums.addMask(s.Mask, classes, labels)
	} else {
		im.boxes = len(s.Boxes)
		sums.addBoxes(s.Boxes, classes, labels)
	}
	if im.label < 0 {
		im.annotated, im.labels = true, labels
	}
	first := map[data.Box]bool{}
	for k, b := range s.Boxes {
		if b.Shape != nil {
			for _, p := range b.Shape.Polygons {
				if x, y, ok := outline.Crossing(p); ok {
					add(k, "crossing", "the outline of %s crosses itself at (%.1f, %.1f)", className(d, b.Class), x, y)
					break
				}
			}
		}
		b.Shape = nil
		if first[b] {
			add(k, "twice", "the same box of %s is there already", className(d, b.Class))
		}
		first[b] = true
	}
}

func className(d data.Dataset, class int) string {
	if names := d.Classes(); class >= 0 && class < len(names) {
		return names[class]
	}
	return fmt.Sprint(class)
}

// annotations returns what is wrong with annotations, by kind: what was left out or cut off when they were read, and what was found now.
func (c *Checker) annotations() (all []Finding) {
	byKind := map[string]*Finding{}
	var kinds []string
	add := func(kind string, did annotation.Action, it Item) {
		key := kind + string(did)
		if byKind[key] == nil {
			title := annotation.KindTitle(kind)
			title = strings.ToUpper(title[:1]) + title[1:]
			f := &Finding{Kind: kind, Severity: Warning, Title: title + ", " + string(did), Advice: advice[did]}
			if did == annotation.LeftOut && kind != "unannotated" {
				f.Severity = Error
			}
			if stop, ok := stops[kind]; ok {
				f.Severity, f.Title, f.Advice = Error, title, stop
			}
			byKind[key], kinds = f, append(kinds, key)
		}
		byKind[key].Groups = append(byKind[key].Groups, []Item{it})
	}
	places := c.places()
	for set, d := range c.sets {
		if faulty, ok := d.(annotation.Faulty); ok {
			for _, f := range faulty.Faults() {
				it := Item{Set: c.names[set], Name: f.File, Line: f.Line, Class: "-", Detail: f.Text, image: -1}
				if i, ok := places[f.Image]; ok {
					it.image = i
				}
				add(f.Kind, f.Did, it)
			}
		}
	}
	for i := range c.images {
		for _, f := range c.images[i].faults {
			it := c.item(i, f.text)
			if f.file != "" {
				it.Name, it.Line = f.file, f.line
			}
			add(f.kind, annotation.Kept, it)
		}
	}
	slices.SortStableFunc(kinds, func(a, b string) int { return strings.Compare(byKind[a].Severity, byKind[b].Severity) }) // errors first
	for _, k := range kinds {
		all = append(all, *byKind[k])
	}
	return all
}

var advice = map[annotation.Action]string{
	annotation.LeftOut: "Mend them, or remove them from the files: they count neither in training nor in measuring.",
	annotation.CutOff:  "What is beyond the edge is not used; is the image the one that was annotated?",
	annotation.Kept:    "Look at them: they are used as they are.",
}

// stops are what keeps a training from going on, and what to do.
var stops = map[string]string{
	"mask-value":   "Training stops at the first: name their values, or leave them out with void=.",
	"mask-damaged": "Training stops at the first: replace them, or remove them.",
}

// places returns the images by their names.
func (c *Checker) places() map[string]int {
	places := make(map[string]int, len(c.images))
	for i := range c.images {
		places[c.name(&c.images[i])] = i
	}
	return places
}
