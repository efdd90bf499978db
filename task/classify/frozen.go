package classify

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// Frozen is Prediction with the weights as constants of the program, which makes it faster: a backend folds batch normalisation into
// the convolutions and packs weights once. The result may differ from Prediction's in the last bits. The weights must not change
// afterwards.
func (t Task) Frozen(n int, weights map[string]*tensor.Tensor) (*graph.Graph, error) {
	g, err := t.Prediction(n)
	if err != nil {
		return nil, err
	}
	return graph.Freeze(g, weights)
}
