package nn

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

// Identity returns x.
func Identity(_ Scope, x *graph.Node) *graph.Node { return x }

// Relu is max(x, 0) (Nair & Hinton 2010).
func Relu(_ Scope, x *graph.Node) *graph.Node { return op.Relu(x) }

// Relu6 is min(max(x, 0), 6) (Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010). At 0 and 6, the derivative is 1.
func Relu6(_ Scope, x *graph.Node) *graph.Node { return op.Clip(x, 0, 6) }

// LeakyRelu is x where x >= 0, else alpha x (Maas, Hannun & Ng 2013).
func LeakyRelu(alpha float32) Layer {
	return func(_ Scope, x *graph.Node) *graph.Node { return op.LeakyRelu(x, alpha) }
}

// Tanh is the hyperbolic tangent.
func Tanh(_ Scope, x *graph.Node) *graph.Node { return op.Tanh(x) }

// Sigmoid is 1/(1 + exp(-x)).
func Sigmoid(_ Scope, x *graph.Node) *graph.Node { return op.Sigmoid(x) }

// Gelu is x Φ(x), Φ the normal distribution function (Hendrycks & Gimpel 2016).
func Gelu(_ Scope, x *graph.Node) *graph.Node { return op.Gelu(x) }

// Silu is x sigmoid(x), also called swish (Hendrycks & Gimpel 2016; Ramachandran, Zoph & Le 2017).
func Silu(_ Scope, x *graph.Node) *graph.Node { return op.Silu(x) }

// HardSwish is x min(max(x+3, 0), 6)/6 (Howard et al., "Searching for MobileNetV3", ICCV 2019).
func HardSwish(_ Scope, x *graph.Node) *graph.Node { return op.HardSwish(x) }

// HardSigmoid is min(max(x/6 + 1/2, 0), 1) (Howard et al. 2019, equation 3: ReLU6(x+3)/6).
func HardSigmoid(_ Scope, x *graph.Node) *graph.Node { return op.HardSigmoid(x, 1.0/6, 0.5) }
