package check

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Report returns all there is to say about the data set called name.
func (c *Checker) Report(name string, opt Options) *Report {
	r := c.Statistics(name)
	add := func(kind, severity, title, advice string, groups [][]Item) {
		if len(groups) > 0 {
			r.Findings = append(r.Findings, Finding{kind, severity, title, advice, groups})
		}
	}
	add("unreadable", Error, "Images that cannot be read", "Replace or remove them: training stops at the first.", c.each(func(im *image) (string, bool) {
		return fmt.Sprint(im.err), im.err != nil
	}))
	r.Findings = append(r.Findings, c.annotations()...)
	exact := c.exact()
	leaks, conflicts, twice := c.sort(exact, func(*image) bool { return true })
	add("leak", Error, "The same picture in more than one set", "Keep it in one of them: a model that has seen a test image measures too well.", leaks)
	add("conflict", Error, "The same picture with different classes", "Decide for one of the classes, or remove the picture.", conflicts)
	add("duplicate", Warning, "The same picture more than once", "Remove all but one: duplicates weigh more than others.", twice)
	if opt.Distance >= 0 {
		// Pictures one after the other look the same and have other things on them, so only labels contradict each other.
		leaks, conflicts, twice = c.sort(c.near(exact, opt.Distance), func(im *image) bool { return !im.annotated })
		add("near-leak", Warning, "Pictures in different sets that look the same", "Look at them: are they parts of one series, or the same picture saved again?", leaks)
		add("near-conflict", Warning, "Pictures of different classes that look the same", "Look at them: is one of the classes wrong?", conflicts)
		add("near-duplicate", Warning, "Pictures that look the same", "Look at them: the same picture saved again adds nothing.", twice)
	}
	add("suffix", Warning, "Files that are of another format than they are called", "They are read all the same; other programs may trip over them.", c.each(c.misnamed))
	add("rotated", Warning, "Pictures that EXIF data turn", "lince turns them; some programs do not, and show them lying on their side.", c.each(func(im *image) (string, bool) {
		return "stored otherwise than shown", im.turned
	}))
	r.Findings = append(r.Findings, c.balance(r)...)
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return cmp.Compare(a.Severity, b.Severity) }) // errors come first
	return r
}

// each returns the images for which is holds, one in each group.
func (c *Checker) each(is func(*image) (detail string, ok bool)) (groups [][]Item) {
	for i := range c.images {
		if detail, ok := is(&c.images[i]); ok {
			groups = append(groups, []Item{c.item(i, detail)})
		}
	}
	return groups
}

// exact returns the groups of images with the same pixels.
func (c *Checker) exact() union {
	u := newUnion(len(c.images))
	first := map[[16]byte]int32{}
	for i := range c.images {
		im := &c.images[i]
		if im.err != nil {
			continue
		}
		if j, ok := first[im.digest]; ok {
			u.join(j, int32(i))
		} else {
			first[im.digest] = int32(i)
		}
	}
	return u
}

// alike is how much two pictures of near duplicates may differ: see look.difference. Saved again as a poor JPEG, at half the size or 20 % brighter, a photograph
// differs by 0.02 to 0.1. Small simple pictures, such as a written 1, come as near without being the same.
const alike = 0.1

// near returns the groups of images that look alike; those of exact are left out but for one of each. Pictures that are all but of one colour are none: any two of
// them look alike.
func (c *Checker) near(exact union, distance int) union {
	var which []int32
	var hashes []uint64
	for i := range c.images {
		im := &c.images[i]
		if im.err == nil && exact[i] == int32(i) && !plain(&im.look) {
			which, hashes = append(which, int32(i)), append(hashes, im.look.hash)
		}
	}
	u := newUnion(len(c.images))
	near(hashes, distance, func(a, b int32) {
		i, j := which[a], which[b]
		if u.find(i) != u.find(j) && c.images[i].look.difference(&c.images[j].look) <= alike {
			u.join(i, j)
		}
	})
	return u
}

// plain reports whether a picture has next to no contrast.
func plain(l *look) bool { return slices.Max(l.grey[:])-slices.Min(l.grey[:]) < 16 }

// sort divides groups into those in more than one set, those of one set but different classes, and the others. labelled says of which images the classes count.
func (c *Checker) sort(u union, labelled func(*image) bool) (leaks, conflicts, others [][]Item) {
	for _, g := range u.groups() {
		var items []Item
		sets, classes := map[string]bool{}, map[string]bool{}
		for _, i := range g {
			it := c.item(i, "")
			items = append(items, it)
			sets[it.Set] = true
			if labelled(&c.images[i]) {
				classes[it.Class] = true
			}
		}
		switch {
		case len(sets) > 1:
			leaks = append(leaks, items)
		case len(classes) > 1:
			conflicts = append(conflicts, items)
		default:
			others = append(others, items)
		}
	}
	return leaks, conflicts, others
}

// suffixes are those that files of a format have.
var suffixes = map[string][]string{
	"jpeg": {".jpg", ".jpeg", ".jpe", ".jfif"}, "png": {".png"}, "gif": {".gif"}, "bmp": {".bmp"}, "webp": {".webp"}, "tiff": {".tif", ".tiff"},
	"pnm": {".pnm", ".pgm", ".ppm", ".pbm"},
}

// misnamed reports whether a file is called as if it had another format.
func (c *Checker) misnamed(im *image) (detail string, ok bool) {
	ext := strings.ToLower(path.Ext(c.name(im)))
	if im.err != nil || suffixes[im.format] == nil || slices.Contains(suffixes[im.format], ext) {
		return "", false
	}
	return fmt.Sprintf("%s, called %s", im.format, ext), true
}

// imbalance is how many times as many images, boxes or pixels the largest class may have as the smallest.
const imbalance = 10

// balance returns what there is to say about how much there is of each class.
func (c *Checker) balance(r *Report) (all []Finding) {
	train := r.Sets[0]
	if empty := c.empty(train); empty != nil {
		all = append(all, Finding{"empty", Error, "Classes without images",
			fmt.Sprintf("There are no %s images of %s: add some, or remove the class.", train.Name, strings.Join(empty, ", ")), [][]Item{}})
	}
	by := train.Amounts()
	small, large := -1, -1 // classes
	for k, n := range by.Counts {
		if n > 0 && (small < 0 || n < by.Counts[small]) {
			small = k
		}
		if n > 0 && (large < 0 || n > by.Counts[large]) {
			large = k
		}
	}
	if small >= 0 && by.Counts[large] > imbalance*by.Counts[small] {
		has, other := fmt.Sprintf("%d %s %s", by.Counts[large], train.Name, by.Unit), fmt.Sprint(by.Counts[small])
		if by.Unit == "pixels" {
			has, other = fmt.Sprintf("%.3g %% of the %s pixels", 100*by.Share(large), train.Name), fmt.Sprintf("%.3g %%", 100*by.Share(small))
		}
		all = append(all, Finding{"imbalance", Warning, "Classes of very different size",
			fmt.Sprintf("%s has %s, %s has %s: a model may hardly learn the small ones. Collect more of them, or weigh classes.", c.classes[large], has, c.classes[small], other),
			[][]Item{}})
	}
	for _, s := range r.Sets[1:] {
		if empty := c.empty(s); empty != nil {
			all = append(all, Finding{"missing", Warning, "Classes without images in " + s.Name,
				"Nothing is measured of " + strings.Join(empty, ", ") + ".", [][]Item{}})
		}
	}
	return all
}

// empty returns the classes that have no images in s.
func (c *Checker) empty(s Set) (names []string) {
	for k, n := range s.Counts {
		if n == 0 {
			names = append(names, c.classes[k])
		}
	}
	return names
}
