package check

import (
	"cmp"
	"fmt"
	"math"
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
	Sizes    []Count   `json:"sizes"`    // width x height, the most frequent first, at most 20
	Smallest string    `json:"smallest"` // sizes by their number of pixels
	Largest  string    `json:"largest"`
	Aspects  [3]string `json:"aspects"` // the narrowest, the middle and the widest proportions, width : height
	Formats  []Count   `json:"formats"`
	Colours  []Count   `json:"colours"`
	Mean     []float64 `json:"mean"` // of the training images' pixels, 0 to 1, by plane
	Std      []float64 `json:"std"`
	Findings []Finding `json:"findings"`
}

// A Set is train, val or test.
type Set struct {
	Name   string `json:"name"`
	Images int    `json:"images"`
	Counts []int  `json:"counts"` // images by class; an image of several classes counts in each
	Boxes  int    `json:"boxes,omitempty"`
	Empty  int    `json:"empty,omitempty"` // images that are annotated with no box at all
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
	for _, n := range c.names {
		r.Sets = append(r.Sets, Set{Name: n, Counts: make([]int, len(c.classes))})
	}
	sizes, formats, colours := map[string]int{}, map[string]int{}, map[string]int{}
	var read []*image
	for i := range c.images {
		im := &c.images[i]
		c.count(&r.Sets[im.set], im)
		if im.err != nil {
			r.Unread++
			continue
		}
		read = append(read, im)
		sizes[im.size()]++
		colours[im.colour()]++
		if im.format != "" {
			formats[im.format]++
		}
	}
	r.Sizes, r.Formats, r.Colours = counts(sizes), counts(formats), counts(colours)
	if len(read) > 0 {
		pixels := func(a, b *image) int { return cmp.Compare(a.w*a.h, b.w*b.h) }
		r.Smallest, r.Largest = slices.MinFunc(read, pixels).size(), slices.MaxFunc(read, pixels).size()
		slices.SortStableFunc(read, func(a, b *image) int { return cmp.Compare(a.w*b.h, b.w*a.h) })
		for i, im := range []*image{read[0], read[len(read)/2], read[len(read)-1]} {
			r.Aspects[i] = fmt.Sprintf("%.2f", float64(im.w)/float64(im.h))
		}
		r.Mean, r.Std = c.pixels[0].moments()
	}
	return r
}

func (c *Checker) count(s *Set, im *image) {
	s.Images++
	if s.Boxes += im.boxes; im.annotated && im.labels != nil && !slices.Contains(im.labels, 1) {
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

// moments returns mean and standard deviation of each plane, as shares of 255.
func (p *pixels) moments() (mean, std []float64) {
	for c := range p.planes {
		m := float64(p.sum[c]) / float64(p.n)
		mean = append(mean, m/255)
		std = append(std, math.Sqrt(max(0, float64(p.square[c])/float64(p.n)-m*m))/255)
	}
	return mean, std
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
