package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// The severities of findings.
const (
	Error   = "error"   // training would fail, or its measurement be wrong
	Warning = "warning" // worth a look
)

// A Report is what there is to know about a data set.
type Report struct {
	Data     string    `json:"data"`
	Images   int       `json:"images"`
	Unread   int       `json:"unreadable"` // of the images; they are missing in what follows the sets
	Classes  []string  `json:"classes"`
	Sets     []Set     `json:"sets"`
	Sizes    []Count   `json:"sizes"`  // width x height, the most frequent first, at most 20
	Widths   *Spread   `json:"widths"` // pixels; nil if no image can be read
	Heights  *Spread   `json:"heights"`
	Aspects  [3]string `json:"aspects"` // the narrowest, the middle and the widest proportions, width : height
	Formats  []Count   `json:"formats"`
	Colours  []Count   `json:"colours"`
	Mean     []float64 `json:"mean"` // of the training images' pixels, 0 to 1, by plane
	Std      []float64 `json:"std"`
	Findings []Finding `json:"findings"`
}

// A Set is train, val or test. What is about boxes is there if images have boxes, what is about pixels if they have masks.
type Set struct {
	Name          string    `json:"name"`
	Images        int       `json:"images"`
	Counts        []int     `json:"counts"` // images by class; an image of several classes counts in each
	Boxes         int       `json:"boxes,omitempty"`
	BoxCounts     []int     `json:"box_counts,omitempty"` // by class
	BoxesPerImage *Spread   `json:"boxes_per_image,omitempty"`
	BoxSizes      *BoxSizes `json:"box_sizes,omitempty"`
	Empty         int       `json:"empty,omitempty"`          // images that are annotated with no box at all
	PixelCounts   []int     `json:"pixel_counts,omitempty"`   // of masks, by class
	UnknownPixels int       `json:"unknown_pixels,omitempty"` // of masks: those of no class, which count nowhere
}

// Amounts say how much of each class there is, in what counts for the task: boxes, pixels of masks, or else images.
type Amounts struct {
	Unit   string // "boxes", "pixels" or "images"
	Counts []int  // by class
	All    int
}

// Share returns the share of a class, 0 to 1.
func (a Amounts) Share(class int) float64 { return float64(a.Counts[class]) / float64(max(1, a.All)) }

// Amounts returns how much there is of each class.
func (s Set) Amounts() Amounts {
	switch {
	case s.BoxCounts != nil:
		return Amounts{"boxes", s.BoxCounts, s.Boxes}
	case s.PixelCounts != nil:
		all := s.UnknownPixels
		for _, n := range s.PixelCounts {
			all += n
		}
		return Amounts{"pixels", s.PixelCounts, all}
	}
	return Amounts{"images", s.Counts, s.Images}
}

// HasBoxes reports whether any set has.
func (r *Report) HasBoxes() bool {
	return slices.ContainsFunc(r.Sets, func(s Set) bool { return s.Boxes > 0 })
}

// A Spread says between what numbers are, and which is in the middle.
type Spread struct {
	Min    int `json:"min"`
	Median int `json:"median"`
	Max    int `json:"max"`
}

// spread returns the Spread of numbers, which it sorts; nil if there are none. Of two in the middle, it takes the larger.
func spread(numbers []int) *Spread {
	if len(numbers) == 0 {
		return nil
	}
	slices.Sort(numbers)
	return &Spread{numbers[0], numbers[len(numbers)/2], numbers[len(numbers)-1]}
}

// BoxSizes are the numbers of boxes by their area, in pixels of the file: below 32 x 32, up to 96 x 96, and above. The limits are COCO's, which takes the area of
// the outline where there is one.
type BoxSizes struct {
	Small  int `json:"small"`
	Medium int `json:"medium"`
	Large  int `json:"large"`
}

func (b *BoxSizes) add(area float32) {
	switch {
	case area < 32*32:
		b.Small++
	case area <= 96*96:
		b.Medium++
	default:
		b.Large++
	}
}

// A Count says how often something is there.
type Count struct {
	What string `json:"what"`
	N    int    `json:"n"`
}

// A Finding is something that is wrong, or looks so.
type Finding struct {
	Kind     string   `json:"kind"`
	Severity string   `json:"severity"`
	Title    string   `json:"title"`
	Advice   string   `json:"advice"`
	Groups   [][]Item `json:"groups"` // images that belong together, or one each
}

// An Item is an image of a finding.
type Item struct {
	Set    string `json:"set"`
	Name   string `json:"name"`           // the image, or the file that says what is wrong
	Line   int    `json:"line,omitempty"` // of that file
	Class  string `json:"class"`
	Detail string `json:"detail,omitempty"`
	image  int
}

// Errors returns the number of findings that are errors.
func (r *Report) Errors() (n int) {
	for _, f := range r.Findings {
		if f.Severity == Error {
			n++
		}
	}
	return n
}

// Statistics returns what there is, without findings.
func (c *Checker) Statistics(name string) *Report {
	r := &Report{Data: name, Images: len(c.images), Classes: c.classes, Findings: []Finding{}}
	for i := range c.names {
		r.Sets = append(r.Sets, c.newSet(i))
	}
	sizes, formats, colours := map[string]int{}, map[string]int{}, map[string]int{}
	var read []*image
	var widths, heights []int
	for i := range c.images {
		im := &c.images[i]
		c.count(&r.Sets[im.set], im)
		if im.err != nil {
			r.Unread++
			continue
		}
		read, widths, heights = append(read, im), append(widths, im.w), append(heights, im.h)
		sizes[im.size()]++
		colours[im.colour()]++
		if im.format != "" {
			formats[im.format]++
		}
	}
	r.Sizes, r.Formats, r.Colours = counts(sizes), counts(formats), counts(colours)
	if len(read) > 0 {
		r.Widths, r.Heights = spread(widths), spread(heights)
		slices.SortStableFunc(read, func(a, b *image) int { return cmp.Compare(a.w*b.h, b.w*a.h) })
		for i, im := range []*image{read[0], read[len(read)/2], read[len(read)-1]} {
			r.Aspects[i] = fmt.Sprintf("%.2f", float64(im.w)/float64(im.h))
		}
		r.Mean, r.Std = c.sums[0].moments()
	}
	return r
}

// newSet returns set i with all but its images.
func (c *Checker) newSet(i int) Set {
	s := Set{Name: c.names[i], Counts: make([]int, len(c.classes)), BoxCounts: c.sums[i].boxes}
	var each []int // boxes of images
	for k := range c.images {
		if im := &c.images[k]; im.set == i && im.boxes >= 0 {
			each = append(each, im.boxes)
			s.Boxes += im.boxes
		}
	}
	if s.BoxesPerImage = spread(each); s.Boxes > 0 {
		s.BoxSizes = &c.sums[i].sizes
	}
	if masks := c.sums[i].masks; masks != nil {
		s.PixelCounts, s.UnknownPixels = masks[:len(c.classes)], masks[len(c.classes)]
	}
	return s
}

func (c *Checker) count(s *Set, im *image) {
	s.Images++
	if im.boxes == 0 {
		s.Empty++
	}
	if im.labels == nil && im.label >= 0 && im.label < len(s.Counts) {
		s.Counts[im.label]++
	}
	for k, v := range im.labels {
		if v != 0 {
			s.Counts[k]++
		}
	}
}

func (im *image) size() string { return fmt.Sprintf("%d x %d", im.w, im.h) }

func (im *image) colour() string {
	s := "colour"
	if im.planes == 1 {
		s = "grey"
	}
	if im.alpha {
		s += ", in part transparent"
	}
	return s
}

// counts returns the most frequent of m, at most 20.
func counts(m map[string]int) []Count {
	all := []Count{}
	for what, n := range m {
		all = append(all, Count{what, n})
	}
	slices.SortFunc(all, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.What, b.What)) })
	return all[:min(len(all), 20)]
}

// class returns the name of the class of an image, or of its classes.
func (c *Checker) class(im *image) string {
	if im.labels == nil {
		if im.label < 0 || im.label >= len(c.classes) {
			return "-"
		}
		return c.classes[im.label]
	}
	var names []string
	for k, v := range im.labels {
		if v != 0 {
			names = append(names, c.classes[k])
		}
	}
	return cmp.Or(strings.Join(names, ", "), "-")
}

func (c *Checker) item(i int, detail string) Item {
	im := &c.images[i]
	return Item{Set: c.names[im.set], Name: c.name(im), Class: c.class(im), Detail: detail, image: i}
}
