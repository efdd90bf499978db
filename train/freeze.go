package train

import (
	"errors"
	"slices"
	"strings"

	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/optim"
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
		return nil, settingf("freeze: %w", unknownLayer(layer, vars))
	}
	for i, v := range vars {
		if i <= last {
			names[v.Name] = true
		} else if v.Trainable {
			return names, nil // something is left to train
		}
	}
	return nil, settingf("freeze: nothing is left to train behind %s", layer)
}

// layerFactors returns the factor of the learning rate for each of vars, as Config.LayerRates says.
func layerFactors(text string, vars []nn.Variable) (map[string]float64, error) {
	factors, err := optim.ParseFactors(text, vars)
	if none := (*optim.NoLayer)(nil); errors.As(err, &none) {
		err = unknownLayer(none.Pattern, vars)
	}
	if err != nil {
		return nil, settingf("layer_lr: %w", err)
	}
	return factors, nil
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
