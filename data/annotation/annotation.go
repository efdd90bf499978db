// Package annotation makes a data set of images and what annotation files say about them: boxes, outlines and masks. Packages that read a format fill Sets;
// here each image is looked at, faults are found, and what is wrong is left out or refused.
package annotation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/data/outline"
)

// Options say how sets are opened.
type Options struct {
	Images  folder.Options
	Refuse  bool     // what is wrong is an error, else it is left out
	Classes []string // the classes, in this order; nil: those that are found
	Masks   bool     // samples have a class for each pixel instead of boxes: that of the outlines, with a class "background" before the others, or of the format's own masks
}

// Background is the class of pixels that belong to no thing, where masks are made of outlines.
const Background = "background"

// A Set is what a reader has found.
type Set struct {
	Items  []Item
	Faults []Fault
	IDs    []int64 // the number of each class in the file, -1 for one that it does not have; nil if it has no numbers
}

// An Item is an image with what is said about it.
type Item struct {
	Path    string
	Label   int // an index into the classes, or -1
	Things  []Thing
	Mask    *Mask // classes of the pixels; nil if nothing says them
	Objects *Mask // of each pixel the number of its thing, from 1; nil if nothing says it

	// Where it is said.
	File string
	Line int   // 0: the format has no lines, or none of its own for the image
	W, H int   // pixels, as the file says; 0 if it does not
	ID   int64 // the image's number in the file, if Set.IDs are there
}

// A Thing is a box, with an outline or without. Its place is as the file says it: what is outside of the image is cut off later.
type Thing struct {
	data.Box
	Name   string       // its class, until NameClasses has made Box.Class of it
	RLE    *outline.RLE // its outline, instead of Box.Shape
	Object uint16       // its number in Item.Objects; 0 if it has none
	Line   int

	Relative bool   // its places, of box and polygons, are shares of the width and height of the image
	What     string // what the file calls it, such as "annotation 17"; may be ""
}

// A Fault is something that is wrong with an annotation.
type Fault struct {
	Kind  string `json:"kind"`
	File  string `json:"file"`           // that says it
	Line  int    `json:"line,omitempty"` // of it, from 1; 0 if lines mean nothing there
	Image string `json:"image,omitempty"`
	Text  string `json:"text"`
	Did   Action `json:"did"`
}

// An Action is what has become of what is wrong.
type Action string

// The actions.
const (
	LeftOut Action = "left out"
	CutOff  Action = "cut off at the edge of the image"
	Kept    Action = "kept"
)

// Error returns the fault as the error that it is where faults are refused.
func (f Fault) Error() string { return fmt.Sprintf("read %s: %s", f.Place(), f.Text) }

// Place returns the file, and the line if there is one.
func (f Fault) Place() string {
	if f.Line > 0 {
		return fmt.Sprintf("%s, line %d", f.File, f.Line)
	}
	return f.File
}

// The kinds of faults, and what they are called when they are counted.
var kinds = map[string]string{
	"file":           "annotation files that cannot be read",
	"missing":        "images that are not there",
	"unreadable":     "images that cannot be read",
	"size":           "images of another size than the annotations say",
	"mask-size":      "masks of another size than their image",
	"mask":           "masks that cannot be read",
	"class":          "things of unknown classes",
	"number":         "places that are no numbers",
	"empty":          "boxes of a point or less",
	"outside":        "boxes outside of the image",
	"beyond":         "boxes that reach beyond the image",
	"outline-beyond": "outlines that reach beyond the image",
	"outline":        "outlines that make no sense",
	"id":             "numbers that are there twice",
	"reference":      "annotations of images that nothing lists",
	"unannotated":    "images without annotations",
	"twice":          "boxes that are there twice",
	"crossing":       "outlines that cross themselves",
	"unlabelled":     "shapes that are no outlines",
	"mask-damaged":   "masks that are damaged",
	"mask-value":     "masks with values that are no classes",
	"without-mask":   "images without a mask",
}

// KindTitle returns what a kind of faults is called.
func KindTitle(kind string) string { return kinds[kind] }

// Add adds a fault of the annotation on a line of the item's file.
func (s *Set) Add(kind string, it *Item, line int, did Action, format string, args ...any) {
	s.Faults = append(s.Faults, Fault{kind, it.File, line, it.Path, fmt.Sprintf(format, args...), did})
}

// NameClasses gives all things the numbers of their classes, by their names, and returns the classes: those given, those in a file of dir (see ClassesIn), or else all
// names, sorted. Things of other classes are left out.
func NameClasses(dir string, sets map[string]*Set, given []string) (classes []string, err error) {
	if classes = given; classes == nil {
		if classes, err = ClassesIn(dir); err != nil {
			return nil, err
		}
	}
	if classes == nil {
		seen := map[string]bool{}
		for _, s := range sets {
			for _, it := range s.Items {
				for _, t := range it.Things {
					seen[t.Name] = true
				}
			}
		}
		classes = slices.Sorted(maps.Keys(seen))
	}
	index := Index(classes)
	for _, s := range sets {
		for i := range s.Items {
			it := &s.Items[i]
			kept := it.Things[:0]
			for _, t := range it.Things {
				var ok bool
				if t.Class, ok = index[t.Name]; !ok {
					s.Add("class", it, t.Line, LeftOut, "the class %q is none of the %d", t.Name, len(classes))
					continue
				}
				kept = append(kept, t)
			}
			it.Things = kept
		}
	}
	return classes, nil
}

// A Faulty is a Dataset that knows what was wrong when it was opened.
type Faulty interface{ Faults() []Fault }

// Note says in a sentence what was left out of the sets at path and cut off, for somebody who has not asked: "" if nothing was. name is what the command calls the data.
func Note(path, name string, sets data.Sets) string {
	counts := map[string]int{}
	var first *Fault
	for _, d := range sets.All() {
		faulty, ok := d.(Faulty)
		if !ok {
			continue
		}
		faults := faulty.Faults()
		for i := range faults {
			if faults[i].Did == Kept {
				continue
			}
			if first == nil {
				first = &faults[i]
			}
			counts[kinds[faults[i].Kind]+" "+string(faults[i].Did)]++
		}
	}
	if first == nil {
		return ""
	}
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s (%d)", what, counts[what]))
	}
	return fmt.Sprintf("%s: %s, such as %s: %s. `lince data check %s` lists all, ?bad=refuse stops at the first", path, strings.Join(parts, ", "), first.Place(), first.Text, name)
}
