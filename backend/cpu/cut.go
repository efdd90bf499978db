package cpu

import (
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/tensor"
)

// A cut divides the positions of a value whose channels lie side by side, those of all images in order, into groups.
type cut struct {
	starts   []int // the first position of each group, and the end of the last
	step     int   // positions of a piece: few enough that they are in the cache still when what follows is done with them
	channels int
}

// A piece is some positions of a group, lo up to hi, and channels c0 up to c1 of them.
type piece struct {
	group, start     int // start is the group's first position
	lo, hi           int
	c0, c1, channels int
}

const maxGroups = 64 // of positions: more would make too many partial sums

// cutRows cuts the positions of so many images and channels into groups of about taskSize values.
func cutRows(images, positions, channels int) cut {
	k := cut{step: max(1, taskSize/channels), channels: channels}
	groups := min(maxGroups, (positions+k.step-1)/k.step)
	if groups > images {
		groups -= groups % images
	} else {
		groups = min(kernel.EvenCut(images, groups), maxGroups)
	}
	for i := range groups + 1 {
		k.starts = append(k.starts, positions*i/groups)
	}
	return k
}

// cutImages cuts a tensor [N C H W] into n groups of whole images, or of as many rows of the images.
func cutImages(s tensor.Shape, n int) cut {
	rows, width := s.Dim(0)*s.Dim(2), s.Dim(3)
	k := cut{step: max(1, taskSize/s.Dim(1)), channels: s.Dim(1)}
	for i := range n + 1 {
		k.starts = append(k.starts, rows*i/n*width)
	}
	return k
}

func (k *cut) groups() int { return len(k.starts) - 1 }

// each calls f for the pieces of a group.
func (k *cut) each(group int, f func(piece)) {
	start, end := k.starts[group], k.starts[group+1]
	for lo := start; lo < end; lo += k.step {
		f(piece{group, start, lo, min(lo+k.step, end), 0, k.channels, k.channels})
	}
}

// shares returns into how many equal shares of whole images something is cut that is made in so many groups; 0 if into none.
func shares(images, groups int) int {
	switch {
	case images%groups == 0:
		return groups
	case groups%images == 0:
		return images
	}
	return 0
}

// A shareCut cuts images, each of count units of some size, into tasks of about taskSize values: some images, or a part of one.
type shareCut struct{ images, count, size, each, parts int }

func cutShares(images, count, size int) shareCut {
	k := shareCut{images, count, size, 1, max(1, min(count, count*size/taskSize))}
	for n := 2; n*count*size <= taskSize && n <= images; n++ {
		k.each = n
	}
	for n := k.each; 2*n > k.each; n-- {
		if images%n == 0 {
			k.each = n
			break
		}
	}
	return k
}

func (k *shareCut) shares() int { return shares(k.images, k.groups()) }

func (k *shareCut) groups() int { return (k.images + k.each - 1) / k.each }

func (k *shareCut) tasks() int { return k.groups() * k.parts }

// units returns the units of a task.
func (k *shareCut) units(task int) (lo, hi int) {
	first, part := task/k.parts*k.each, task%k.parts
	n := (min(first+k.each, k.images) - first) * k.count
	return first*k.count + n*part/k.parts, first*k.count + n*(part+1)/k.parts
}
