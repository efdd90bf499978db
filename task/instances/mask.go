package instances

import (
	"math"
	"math/rand/v2"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/op"
)

// jitter is by how much the sides of boxes are moved in training, as a share of the box: the boxes that masks are made of later are not exact either.
const jitter = 0.1

// align reads a mask as torchvision's loss of Mask R-CNN does.
var align = op.RoIAlignOp{Height: side, Width: side, Samples: 2, Scale: 1, Aligned: true}

// encodeMasks writes boxes around things of s whose shape is known, and their masks. Which ones, if they are too many, and how the boxes are moved, is by
// chance, as the sample and its epoch decide.
func encodeMasks(s data.Sample, image int32, boxes []float32, images []int32, cells []float32) {
	r := rand.New(rand.NewPCG(uint64(s.Index), uint64(s.Epoch)))
	order := r.Perm(len(s.Boxes))
	var taps []op.RoITap
	k := 0
	for _, j := range order {
		b := s.Boxes[j]
		if k == perImage {
			break
		}
		if b.Shape == nil || b.Crowd || b.Difficult || !(b.X1 > b.X0 && b.Y1 > b.Y0) {
			continue
		}
		w, h := b.X1-b.X0, b.Y1-b.Y0
		move := func(length float32) float32 { return length * jitter * (2*r.Float32() - 1) }
		box := boxes[4*k : 4*k+4]
		box[0], box[1], box[2], box[3] = b.X0+move(w), b.Y0+move(h), b.X1+move(w), b.Y1+move(h)
		images[k] = image
		taps = fillCells(taps, cells[k*side*side:(k+1)*side*side], b.Shape.Raster(s.Image.H, s.Image.W), box)
		k++
	}
	clear(boxes[4*k:])
	clear(cells[k*side*side:])
	for ; k < perImage; k++ {
		images[k] = -1
	}
}

// fillCells writes how much of each cell of box is of the mask. It returns the room that it has taken.
func fillCells(room []op.RoITap, cells []float32, m *data.Mask, box []float32) []op.RoITap {
	taps, per := align.Taps(room[:0], box, m.H, m.W)
	for i := range cells {
		sum := float32(0)
		for _, t := range taps[i*per : (i+1)*per] {
			if m.Pix[t.At] == 1 {
				sum += t.Weight
			}
		}
		cells[i] = sum
	}
	return taps
}

// paste returns the pixels of an image of h x w that are more likely of the thing in box than not, by what the cells of the box say: between the
// middles of cells, bilinearly.
func paste(cells []float32, box data.Box, h, w int) *data.Mask {
	m := &data.Mask{H: h, W: w, Pix: make([]uint16, h*w)}
	bw, bh := box.X1-box.X0, box.Y1-box.Y0
	if inf := float32(math.Inf(1)); !(bw > 0 && bh > 0 && bw < inf && bh < inf) {
		return m
	}
	first := func(v float32) int { return max(0, int(math.Floor(float64(v)))) }
	for y := first(box.Y0); y < min(h, int(math.Ceil(float64(box.Y1)))); y++ {
		v := (float32(y)+0.5-box.Y0)/bh*side - 0.5
		for x := first(box.X0); x < min(w, int(math.Ceil(float64(box.X1)))); x++ {
			u := (float32(x)+0.5-box.X0)/bw*side - 0.5
			if at(cells, side, v, u) >= 0.5 {
				m.Pix[y*w+x] = 1
			}
		}
	}
	return m
}

// pasteWhole is paste as torchvision does it for Mask R-CNN: around the cells are others that say 0, and the box with these is cut off to whole pixels, each
// side apart, before the cells are resized to it.
func pasteWhole(cells []float32, box data.Box, h, w int) *data.Mask {
	const padded = side + 2
	m := &data.Mask{H: h, W: w, Pix: make([]uint16, h*w)}
	around := make([]float32, padded*padded)
	for y := range side {
		copy(around[(y+1)*padded+1:], cells[y*side:(y+1)*side])
	}
	x0, x1, ok := whole(box.X0, box.X1, w)
	y0, y1, too := whole(box.Y0, box.Y1, h)
	if !ok || !too {
		return m
	}
	for y := max(y0, 0); y < min(y1+1, h); y++ {
		v := (float32(y-y0)+0.5)*(padded/float32(max(y1-y0+1, 1))) - 0.5
		for x := max(x0, 0); x < min(x1+1, w); x++ {
			u := (float32(x-x0)+0.5)*(padded/float32(max(x1-x0+1, 1))) - 0.5
			if at(around, padded, v, u) > 0.5 {
				m.Pix[y*w+x] = 1
			}
		}
	}
	return m
}

// whole returns the first and the last pixel of a side from low to high, with what is around its cells. It is not ok if the side is not one of a box within
// an image of that size.
func whole(low, high float32, size int) (first, last int, ok bool) {
	if !(low >= 0 && high >= low && high <= float32(size)) {
		return 0, 0, false
	}
	half := (high - low) * 0.5 * (float32(side+2) / side)
	middle := (high + low) * 0.5
	return int(middle - half), int(middle + half), true
}

// at returns what n x n cells say at row v and column u, those of the edge beyond it.
func at(cells []float32, n int, v, u float32) float32 {
	y0, y1, down := neighbours(v, n)
	x0, x1, across := neighbours(u, n)
	top := cells[y0*n+x0]*(1-across) + cells[y0*n+x1]*across
	bottom := cells[y1*n+x0]*(1-across) + cells[y1*n+x1]*across
	return top*(1-down) + bottom*down
}

func neighbours(v float32, n int) (low, high int, part float32) {
	v = min(max(v, 0), float32(n-1))
	low = int(v)
	return low, min(low+1, n-1), v - float32(low)
}
