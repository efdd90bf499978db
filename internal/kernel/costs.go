package kernel

// costs say what the parts of a 3x3 convolution, or of its input gradient, take at a level, in multiply-adds of vectors at the rate of
// [Set.PeakLoop]. The choice of the algorithm rests on them. They are committed and not measured while a program is compiled, because each algorithm
// rounds in its own way, and the same program is to give the same bits on every machine of a level. "make costs" measures them.
type costs struct{ direct, winograd4, winograd2 pathCosts }

// pathCosts are those of an algorithm: of a multiply-add; of transforming a vector of a tile, on the way in and on the way out; of reading a vector
// of packed weights, and of packing it.
type pathCosts struct{ product, input, output, read, pack float64 }

// A pathWork is how often an algorithm does what pathCosts say.
type pathWork struct{ products, inputs, outputs, weights int }

// time returns how long w takes. Weights that are constant are packed beforehand.
func (c pathCosts) time(w pathWork, constant bool) float64 {
	weights := c.read
	if !constant {
		weights += c.pack
	}
	return c.product*float64(w.products) + c.input*float64(w.inputs) + c.output*float64(w.outputs) + weights*float64(w.weights)
}

// room is what a vector of packed weights that stay in memory costs beside its time: those for tiles of 4x4 take four times the memory of the weights.
// GoogLeNet's last 3x3 layers, of 7x7 pixels, need 10 MiB less for it, and its prediction takes 1 % longer.
const room = 4

// of returns the cost of w: its time, and the room of its weights if they are constant.
func (c pathCosts) of(w pathWork, constant bool) float64 {
	cost := c.time(w, constant)
	if constant {
		cost += room * float64(w.weights)
	}
	return cost
}

// measuredCosts are those of the levels on which "make costs" has run: avx2 on an AMD EPYC (Zen 4). On the layers of costs_test.go, which are those of well-known
// networks with 1 and 8 images, what is chosen by them takes 1.0 % longer than the fastest algorithm of each layer in training and 0.4 % in
// prediction; by countedCosts, it takes 1.5 and 2.0 %.
var measuredCosts = map[string]costs{
	"avx2": {
		direct:    pathCosts{1.16, 0, 0, 12.4, 12.5},
		winograd4: pathCosts{1.37, 9.55, 4.38, 4.99, 12.8},
		winograd2: pathCosts{1.22, 9.3, 5.82, 7.32, 11.7},
	},
}

// countedCosts are those of other levels. A transform has as many instructions as 5.5 multiply-adds for each vector, and transformed weights may come from
// memory. At the level avx512, what is chosen by them took at most 0.2 % longer than the best choice for a whole network.
func countedCosts(lanes int) costs {
	winograd := pathCosts{1, 5.5, 5.5, float64(lanes), 0}
	return costs{pathCosts{product: 1}, winograd, winograd}
}

// costs returns those of the level.
func (s *Set) costs() costs {
	if c, ok := measuredCosts[s.Level]; ok {
		return c
	}
	return countedCosts(s.lanes)
}
