package nn

import (
	"slices"

	"github.com/lince-ml/lince/graph"
)

// An AuxiliaryOutput is what a head in the middle of a network says, of which the training loss has a share.
type AuxiliaryOutput struct {
	Node   *graph.Node // like the output of the network: logits [N, classes]
	Weight float32     // of its loss; that of the network's output has weight 1
}

// Auxiliary returns x, and in training it also applies head to it and leaves the result in [Scope.Auxiliaries], so that lower
// layers learn from a loss near to them (Szegedy et al., "Going deeper with convolutions", CVPR 2015, section 5). In evaluation
// there is no head, and neither are its parameters.
func Auxiliary(weight float32, head Layer) Layer {
	return func(s Scope, x *graph.Node) *graph.Node {
		if s.Training() {
			s.auxiliaries = append(s.auxiliaries, AuxiliaryOutput{head(s, x), weight})
		}
		return x
	}
}

// Auxiliaries returns the outputs of the auxiliary heads of the whole network, in the order in which they were applied; there
// are none in Eval mode. What trains the network must add, for each, its loss times its weight to that of the network's output:
//
//	loss := nn.CrossEntropy(net(s, x), labels, smoothing)
//	for _, a := range s.Auxiliaries() {
//		loss = op.Add(loss, op.Mul(nn.CrossEntropy(a.Node, labels, smoothing), g.Scalar(float64(a.Weight))))
//	}
func (s Scope) Auxiliaries() []AuxiliaryOutput { return slices.Clone(s.auxiliaries) }
