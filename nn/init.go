package nn

import (
	"hash/fnv"
	"math"
	"math/rand/v2"

	"github.com/lince-ml/lince/internal/philox"
	"github.com/lince-ml/lince/tensor"
)

// An Init writes the first value of a variable of the given shape to dst, drawing from r.
//
// Of a weight [out, in, ...], fan-in is the number of inputs of one output: in times the size of the remaining dimensions (a
// convolution's window); fan-out is out times the same.
type Init func(r *rand.Rand, shape tensor.Shape, dst []float32)

// Initialize returns the first value of each variable, in order. Each is drawn from a stream of random numbers of its own that
// seed and its name determine, so the other layers of a network make no difference to it.
func Initialize(vars []Variable, seed uint64) []*tensor.Tensor {
	values := make([]*tensor.Tensor, len(vars))
	for i, v := range vars {
		h := fnv.New64a()
		h.Write([]byte(v.Name))
		values[i] = tensor.New(tensor.F32, v.Node.Shape())
		v.Init(rand.New(philox.NewSource(seed, h.Sum64())), v.Node.Shape(), values[i].F32())
	}
	return values
}

// Zeros sets every element to 0.
func Zeros(_ *rand.Rand, _ tensor.Shape, dst []float32) { clear(dst) }

// Ones sets every element to 1.
func Ones(r *rand.Rand, shape tensor.Shape, dst []float32) { Constant(1)(r, shape, dst) }

// Constant sets every element to v.
func Constant(v float32) Init {
	return func(_ *rand.Rand, _ tensor.Shape, dst []float32) {
		for i := range dst {
			dst[i] = v
		}
	}
}

// Uniform draws from [lo, hi).
func Uniform(lo, hi float64) Init {
	return func(r *rand.Rand, _ tensor.Shape, dst []float32) {
		for i := range dst {
			// The inner conversion forbids a fused multiply-add, which would give other bits on other machines.
			dst[i] = float32(lo + float64((hi-lo)*r.Float64()))
		}
	}
}

// Normal draws from the normal distribution.
func Normal(mean, std float64) Init {
	return func(r *rand.Rand, _ tensor.Shape, dst []float32) {
		for i := range dst {
			dst[i] = float32(mean + float64(std*r.NormFloat64()))
		}
	}
}

// TruncNormal draws from the normal distribution until the number is within two standard deviations of the mean, so the
// numbers' own standard deviation is 0.88 std. It is the usual start of vision transformers (Dosovitskiy et al. 2021, with std 0.02).
func TruncNormal(mean, std float64) Init {
	return func(r *rand.Rand, _ tensor.Shape, dst []float32) {
		for i := range dst {
			z := r.NormFloat64()
			for math.Abs(z) > 2 {
				z = r.NormFloat64()
			}
			dst[i] = float32(mean + float64(std*z))
		}
	}
}

// LeCunNormal draws with variance 1/fan-in, for tanh-like activations (LeCun, Bottou, Orr & Müller, "Efficient BackProp", 1998,
// section 4.6).
func LeCunNormal(r *rand.Rand, shape tensor.Shape, dst []float32) {
	in, _ := fans(shape)
	Normal(0, math.Sqrt(1/in))(r, shape, dst)
}

// LeCunUniform draws evenly with variance 1/fan-in; see LeCunNormal.
func LeCunUniform(r *rand.Rand, shape tensor.Shape, dst []float32) {
	in, _ := fans(shape)
	uniformOfVariance(1/in)(r, shape, dst)
}

// XavierNormal draws with variance 2/(fan-in + fan-out) (Glorot & Bengio, "Understanding the difficulty of training deep feedforward
// neural networks", AISTATS 2010, equation 12).
func XavierNormal(r *rand.Rand, shape tensor.Shape, dst []float32) {
	in, out := fans(shape)
	Normal(0, math.Sqrt(2/(in+out)))(r, shape, dst)
}

// XavierUniform draws evenly with variance 2/(fan-in + fan-out) (Glorot & Bengio 2010, equation 16, the "normalized initialization").
func XavierUniform(r *rand.Rand, shape tensor.Shape, dst []float32) {
	in, out := fans(shape)
	uniformOfVariance(2/(in+out))(r, shape, dst)
}

// KaimingNormal draws with variance 2/((1+a²) fan-in), where a is the slope of the rectifier for negative numbers, 0 for ReLU (He,
// Zhang, Ren & Sun, "Delving deep into rectifiers", ICCV 2015, equation 15).
func KaimingNormal(a float64) Init {
	return func(r *rand.Rand, shape tensor.Shape, dst []float32) {
		in, _ := fans(shape)
		Normal(0, math.Sqrt(2/((1+a*a)*in)))(r, shape, dst)
	}
}

// KaimingNormalFanOut draws with variance 2/((1+a²) fan-out), which keeps the size of the gradients from layer to layer, as
// KaimingNormal does that of the values (He et al. 2015, equation 14).
func KaimingNormalFanOut(a float64) Init {
	return func(r *rand.Rand, shape tensor.Shape, dst []float32) {
		_, out := fans(shape)
		Normal(0, math.Sqrt(2/((1+a*a)*out)))(r, shape, dst)
	}
}

// KaimingUniform draws evenly with variance 2/((1+a²) fan-in); see KaimingNormal. PyTorch's default for the weights of Conv and
// Dense is a = √5, that is the bounds ±1/√(fan-in).
func KaimingUniform(a float64) Init {
	return func(r *rand.Rand, shape tensor.Shape, dst []float32) {
		in, _ := fans(shape)
		uniformOfVariance(2/((1+a*a)*in))(r, shape, dst)
	}
}

// uniformOfVariance draws evenly from ±√(3v), which has variance v.
func uniformOfVariance(v float64) Init {
	bound := math.Sqrt(3 * v)
	return Uniform(-bound, bound)
}

// fans returns fan-in and fan-out of a weight [out, in, ...]. What has fewer dimensions counts as one output.
func fans(s tensor.Shape) (in, out float64) {
	if s.Rank() < 2 {
		return float64(s.Size()), 1
	}
	window := 1
	for i, n := range s.All() {
		if i >= 2 {
			window *= n
		}
	}
	return float64(s.Dim(1) * window), float64(s.Dim(0) * window)
}
