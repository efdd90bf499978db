package cpu

import "github.com/lince-ml/lince/tensor"

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

// cutRows cuts positions of so many channels into groups of about taskSize values.
func cutRows(positions, channels int) cut {
	k := cut{step: max(1, taskSize/channels), channels: channels}
	groups := min(maxGroups, (positions+k.step-1)/k.step)
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
