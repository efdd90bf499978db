package train

import (
	"errors"
	"fmt"
	"math"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/tensor"
	"gonum.org/v1/gonum/mat"
)

// whitenImages is how many training images, the first ones, say what patches look like.
const whitenImages = 5000

// newWhitened is newRun, and gives the variables of nn.Whiten their values, which a run that goes on has in its checkpoint.
func newWhitened(dir string, cfg Config, d Data, as *modelfile.Input) (*Run, error) {
	r, err := newRun(dir, cfg, d, as)
	if err != nil {
		return nil, err
	}
	if err := r.whiten(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// whiten gives the variables of nn.Whiten their values.
func (r *Run) whiten() error {
	for _, v := range r.trainer.variables {
		if !v.Whitens {
			continue
		}
		if err := whiteningFilters(r.data.Train, r.model.Input, r.trainer.values[v.Name], r.cfg.Workers); err != nil {
			return fmt.Errorf("whiten images for %s: %w", v.Name, err)
		}
	}
	r.trainer.beginAverages()
	return nil
}

// whiteningFilters sets filters [2P, C, K, K] with P = C K K to the principal components of all patches of K x K pixels, each divided by the root of
// its variance, so that what the filters say has variance 1; and in the second half the same with the opposite sign. Sums are of integers, so they are exact.
func whiteningFilters(d data.Dataset, in modelfile.Input, filters *tensor.Tensor, workers int) error {
	shape := filters.Shape()
	k, p := shape.Dim(2), shape.Size()/shape.Dim(0)
	patches := patchSums{size: k, sums: make([]uint64, p), products: make([]uint64, p*p)}
	n := min(whitenImages, d.Len())
	first := make([]int, n)
	for i := range first {
		first[i] = i
	}
	err := visit(data.Subset(d, first), workers, func(pix []uint8, _ data.Sample) error {
		patches.add(pix, in)
		return nil
	})
	if err != nil {
		return err
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(patches.covariance(in), true) {
		return errors.New("no principal components found")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	const least = 5e-4 // keeps components that hardly vary from becoming noise; the paper's number
	for i, variance := range eigen.Values(nil) {
		factor := 1 / math.Sqrt(max(0, variance)+least)
		row := filters.F32()[(p-1-i)*p:][:p] // the most important component first
		for j := range row {
			row[j] = float32(factor * vectors.At(j, i))
			filters.F32()[p*p+(p-1-i)*p+j] = -row[j]
		}
	}
	return nil
}

// patchSums are sums over patches of size x size pixels, whose values are those of all channels, and over the products of two values.
type patchSums struct {
	size, n  int
	sums     []uint64
	products []uint64
}

// add adds the patches of an image.
func (s *patchSums) add(pix []uint8, in modelfile.Input) {
	patch := make([]uint64, len(s.sums))
	for y := range in.Height - s.size + 1 {
		for x := range in.Width - s.size + 1 {
			s.read(patch, pix, in, y, x)
			for i, a := range patch {
				s.sums[i] += a
				for j, b := range patch[:i+1] {
					s.products[i*len(patch)+j] += a * b
				}
			}
			s.n++
		}
	}
}

func (s *patchSums) read(patch []uint64, pix []uint8, in modelfile.Input, y, x int) {
	i := 0
	for c := range in.Channels {
		for dy := range s.size {
			row := pix[(c*in.Height+y+dy)*in.Width+x:]
			for dx := range s.size {
				patch[i] = uint64(row[dx])
				i++
			}
		}
	}
}

// covariance returns the mean product of two values, after normalisation.
func (s *patchSums) covariance(in modelfile.Input) *mat.SymDense {
	p := len(s.sums)
	area := p / in.Channels
	n := float64(s.n)
	c := mat.NewSymDense(p, nil)
	for i := range p {
		for j := range i + 1 {
			mi, mj := float64(in.Mean[i/area]), float64(in.Mean[j/area])
			product := float64(s.products[i*p+j]) / (n * 255 * 255)
			cross := float64(mj*float64(s.sums[i])/(n*255)) + float64(mi*float64(s.sums[j])/(n*255))
			c.SetSym(i, j, (product-cross+float64(mi*mj))/float64(float64(in.Std[i/area])*float64(in.Std[j/area])))
		}
	}
	return c
}
