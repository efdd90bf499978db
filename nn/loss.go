package nn

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

// The losses are scalars, means over the batch, or over all elements where each has a loss of its own.

// CrossEntropy returns the mean of -log softmax(logits)[label] for logits [N, classes] and labels i32 [N]. Smoothing moves
// that share of each label evenly to all classes (Szegedy et al., "Rethinking the Inception architecture", CVPR 2016, section 7).
func CrossEntropy(logits, labels *graph.Node, smoothing float32) *graph.Node {
	return op.ReduceMean(op.SoftmaxCrossEntropy(logits, labels, smoothing), false)
}

// CrossEntropySoft returns the mean over N of -Σ target log softmax(logits), for logits and target [N, classes]; each row of
// target is a distribution.
func CrossEntropySoft(logits, target *graph.Node) *graph.Node {
	return op.ReduceMean(op.SoftmaxCrossEntropySoft(logits, target), false)
}

// BCE returns the mean binary cross-entropy of sigmoid(logits) with target, elements of [0, 1] in the shape of logits.
func BCE(logits, target *graph.Node) *graph.Node {
	return op.ReduceMean(op.BCEWithLogits(logits, target), false)
}

// MSE returns the mean of (x - target)².
func MSE(x, target *graph.Node) *graph.Node {
	return op.ReduceMean(op.SquaredError(x, target), false)
}

// SmoothL1 returns the mean of d²/(2 beta) where d = |x - target| < beta, else d - beta/2 (Girshick, "Fast R-CNN", ICCV 2015,
// equation 3, has beta 1).
func SmoothL1(x, target *graph.Node, beta float32) *graph.Node {
	return op.ReduceMean(op.SmoothL1(x, target, beta), false)
}
