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

// CrossEntropyWeighted is CrossEntropy with a weight for each class, f32 [classes]: the mean of the images' losses, each with the weight of its
// label. Smoothing gives each class its share times its own weight, as PyTorch's cross_entropy does.
func CrossEntropyWeighted(logits, labels, weights *graph.Node, smoothing float32) *graph.Node {
	g, classes := logits.Graph(), logits.Shape().Dim(1)
	hard := op.Mul(op.OneHot(labels, classes), weights)
	soft := hard
	if smoothing > 0 {
		soft = op.Add(op.Mul(hard, g.Scalar(float64(1-smoothing))), op.Mul(weights, g.Scalar(float64(smoothing)/float64(classes))))
	}
	return op.Div(op.ReduceSum(op.SoftmaxCrossEntropySoft(logits, soft), false), op.ReduceSum(hard, false))
}

// CrossEntropySoft returns the mean over N of -Σ target log softmax(logits), for logits and target [N, classes]; each row of
// target is a distribution.
func CrossEntropySoft(logits, target *graph.Node) *graph.Node {
	return op.ReduceMean(op.SoftmaxCrossEntropySoft(logits, target), false)
}

// Focal returns the mean over N of -Σ target (1 - p)^gamma log p for p = softmax(logits): cross-entropy that cares less for what is nearly right
// (Lin et al., "Focal loss for dense object detection", ICCV 2017, equation 4). Logits and target are [N, classes]; with gamma 0 it is
// CrossEntropySoft. A target that is no distribution, times the weight of each class, is the paper's alpha.
func Focal(logits, target *graph.Node, gamma float32) *graph.Node {
	g := logits.Graph()
	log := op.LogSoftmax(logits, 1)
	miss := op.Clip(op.Sub(g.Scalar(1), op.Exp(log)), 1e-12, 1) // 0 to a power less than 1 has no gradient
	each := op.Mul(op.Mul(target, op.Pow(miss, g.Scalar(float64(gamma)))), log)
	return op.Neg(op.ReduceMean(op.ReduceSum(each, false, 1), false))
}

// BCE returns the mean binary cross-entropy of sigmoid(logits) with target, elements of [0, 1] in the shape of logits.
func BCE(logits, target *graph.Node) *graph.Node {
	return op.ReduceMean(op.BCEWithLogits(logits, target), false)
}

// BCEWeighted is BCE in which what is there counts as many times as positive says, f32 of one number or of [classes], and what is not there once:
// the mean of -(positive t log p + (1-t) log(1-p)).
func BCEWeighted(logits, target, positive *graph.Node) *graph.Node {
	there := op.Mul(op.Mul(target, positive), op.Softplus(op.Neg(logits)))
	return op.ReduceMean(op.Add(there, op.Mul(op.Sub(logits.Graph().Scalar(1), target), op.Softplus(logits))), false)
}

// SigmoidFocal returns the mean of -(alpha t (1-p)^gamma log p + (1-alpha) (1-t) p^gamma log(1-p)) for p = sigmoid(logits) and targets t in the
// shape of the logits (Lin et al. 2017, equation 5). A negative alpha stands for none: both terms count once. The powers are made of
// logarithms, log(1-p) = -softplus(x), which lose nothing near 0 and 1.
func SigmoidFocal(logits, target *graph.Node, gamma, alpha float32) *graph.Node {
	g := logits.Graph()
	share := func(v float32) *graph.Node {
		if alpha < 0 {
			return g.Scalar(1)
		}
		return g.Scalar(float64(v))
	}
	there, absent := op.Softplus(op.Neg(logits)), op.Softplus(logits) // -log p, -log(1-p)
	term := func(t, loss, other *graph.Node, share *graph.Node) *graph.Node {
		return op.Mul(op.Mul(op.Mul(t, share), op.Exp(op.Mul(other, g.Scalar(-float64(gamma))))), loss)
	}
	return op.ReduceMean(op.Add(
		term(target, there, absent, share(alpha)),
		term(op.Sub(g.Scalar(1), target), absent, there, share(1-alpha))), false)
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
