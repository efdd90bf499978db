package train

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/nn"
)

// frozen returns the names of vars, the variables of a network in the order in which its layers are applied, up to the last one of layer: what
// Config.Freeze freezes. What a frozen layer computes thus depends on frozen variables only.
func frozen(vars []nn.Variable, layer string) (map[string]bool, error) {
	names := map[string]bool{}
	last := -1
	for i, v := range vars {
		if strings.HasPrefix(v.Name, layer+".") {
			last = i
		}
	}
	if last < 0 {
		return nil, fmt.Errorf("freeze: %w", unknownLayer(layer, vars))
	}
	for i, v := range vars {
		if i <= last {
			names[v.Name] = true
		} else if v.Trainable {
			return names, nil // something is left to train
		}
	}
	return nil, fmt.Errorf("freeze: nothing is left to train behind %s", layer)
}

// unknownLayer lists the outermost layers only, but suggests one at any depth.
func unknownLayer(layer string, vars []nn.Variable) error {
	var outer, all []string
	for _, v := range vars {
		for i, c := range v.Name {
			if name := v.Name[:i]; c == '.' && !slices.Contains(all, name) {
				all = append(all, name)
				if !strings.Contains(name, ".") {
					outer = append(outer, name)
				}
			}
		}
	}
	if n, ok := nearest.Name(layer, all); ok && !slices.Contains(outer, n) {
		outer = append(outer, n)
	}
	return nearest.Error("layer", layer, outer)
}
