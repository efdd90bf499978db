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
	if !(bw > 0 && bh > 0) {
		return m
	}
	first := func(v float32) int { return max(0, int(math.Floor(float64(v)))) }
	for y := first(box.Y0); y < min(h, int(math.Ceil(float64(box.Y1)))); y++ {
		v := (float32(y)+0.5-box.Y0)/bh*side - 0.5
		for x := first(box.X0); x < min(w, int(math.Ceil(float64(box.X1)))); x++ {
			u := (float32(x)+0.5-box.X0)/bw*side - 0.5
			if at(cells, v, u) >= 0.5 {
				m.Pix[y*w+x] = 1
			}
		}
	}
	return m
}

// at returns what the cells say at row v and column u, those of the edge beyond it.
func at(cells []float32, v, u float32) float32 {
	y0, y1, down := neighbours(v)
	x0, x1, across := neighbours(u)
	top := cells[y0*side+x0]*(1-across) + cells[y0*side+x1]*across
	bottom := cells[y1*side+x0]*(1-across) + cells[y1*side+x1]*across
	return top*(1-down) + bottom*down
}

func neighbours(v float32) (low, high int, part float32) {
	v = min(max(v, 0), side-1)
	low = int(v)
	return low, min(low+1, side-1), v - float32(low)
}
