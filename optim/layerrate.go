package optim

import (
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/nn"
)

// ParseFactors returns the factor of the learning rate for each of vars, which are in the order of the layers, as text says:
//
//	conv1=0.1,layer*=0.5     by layer: a name, or a pattern with * and ?, of which the first that fits counts; others have the factor 1
//	decay=0.75               by depth: 1 for the last layer, and 0.75 times that of the layer after it for each before
//
// A layer is what begins a variable's name: "layer3" fits "layer3.0.conv1.weight", and so does "layer3.0". Depth counts blocks such as layer3.0, features.7 or
// fc; normalisation belongs to what is before it. A pattern that fits nothing is a *NoLayer. (Howard & Ruder, "Universal language model fine-tuning", 2018,
// section 3.2; Bao et al., "BEiT", 2022, section 3.2.)
func ParseFactors(text string, vars []nn.Variable) (map[string]float64, error) {
	factors := map[string]float64{}
	if text == "" {
		return factors, nil
	}
	for i, item := range strings.Split(text, ",") {
		pattern, value, ok := strings.Cut(item, "=")
		f, err := strconv.ParseFloat(value, 64)
		if !ok || err != nil || !(f > 0 && f <= 1e6) || pattern == "" {
			return nil, fmt.Errorf("%q, expected LAYER=FACTOR or decay=FACTOR, where FACTOR is more than 0", item)
		}
		if pattern == "decay" {
			if i > 0 || text != item {
				return nil, fmt.Errorf("%q: decay stands alone", text)
			}
			byDepth(factors, vars, f)
			return factors, nil
		}
		fits := false
		for _, v := range vars {
			if fit, err := within(pattern, v.Name); err != nil {
				return nil, fmt.Errorf("%q: %w", pattern, err)
			} else if !fit {
				continue
			}
			fits = true
			if _, given := factors[v.Name]; !given {
				factors[v.Name] = f
			}
		}
		if !fits {
			return nil, &NoLayer{pattern}
		}
	}
	return factors, nil
}

// NoLayer is the error of a pattern that fits no layer.
type NoLayer struct{ Pattern string }

func (e *NoLayer) Error() string { return fmt.Sprintf("no layer fits %q", e.Pattern) }

// within reports whether pattern fits the beginning of name, up to a point or its end.
func within(pattern, name string) (bool, error) {
	for i, c := range name + "." {
		if c != '.' {
			continue
		}
		if ok, err := path.Match(pattern, name[:i]); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// byDepth sets decay^(blocks between it and the last) for each variable.
func byDepth(factors map[string]float64, vars []nn.Variable, decay float64) {
	depth, block := make([]int, len(vars)), ""
	for i, v := range vars {
		if i > 0 {
			depth[i] = depth[i-1]
		}
		if b := blockOf(v.Name); b != block && v.Node.Shape().Rank() > 1 {
			block = b
			depth[i]++
		}
	}
	for i, v := range vars {
		factors[v.Name] = math.Pow(decay, float64(depth[len(depth)-1]-depth[i]))
	}
}

// blockOf returns the part of a variable's name that says which block it is in: up to the first number, or else its first word.
func blockOf(name string) string {
	words := strings.Split(name, ".")
	for i, w := range words[:len(words)-1] {
		if c := w[len(w)-1]; i > 0 && c >= '0' && c <= '9' {
			return strings.Join(words[:i+1], ".")
		}
	}
	return words[0]
}
