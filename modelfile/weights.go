package modelfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
)

// Variables returns the variables of the network: all that it has in training.
func (m *Model) Variables() ([]nn.Variable, error) {
	net, err := m.Network()
	if err != nil {
		return nil, err
	}
	return models.Variables(net, graph.F32(1, m.Input.Channels, m.Input.Height, m.Input.Width))
}

func (m *Model) checkWeights() error {
	vars, err := m.Variables()
	if err != nil {
		return err
	}
	return Match(m.Architecture, vars, m.Weights)
}

// Match checks that tensors has exactly what vars, the variables of the network or optimiser called owner, asks for. The error lists all
// that is missing, unexpected or of another shape.
func Match(owner string, vars []nn.Variable, tensors map[string]*tensor.Tensor) error {
	var missing, other []string
	unexpected := maps.Clone(tensors)
	for _, v := range vars {
		t, ok := tensors[v.Name]
		delete(unexpected, v.Name)
		want := v.Node.Type()
		switch {
		case !ok:
			missing = append(missing, v.Name)
		case t.DType() != want.DType || t.Shape() != want.Shape:
			other = append(other, fmt.Sprintf("%s is %v and should be %v", v.Name, t, want))
		}
	}
	var faults []string
	for _, f := range []struct {
		what  string
		names []string
	}{{"missing", missing}, {"unexpected", slices.Sorted(maps.Keys(unexpected))}, {"of another shape", other}} {
		if len(f.names) > 0 {
			faults = append(faults, f.what+": "+strings.Join(f.names, ", "))
		}
	}
	if faults != nil {
		return fmt.Errorf("the tensors are not those of %s: %s", owner, strings.Join(faults, "; "))
	}
	return nil
}

// ParameterSum returns the SHA-256, in hexadecimal, of the parameters among vars with the values in tensors: in the order of
// their names (by bytes), the name, a zero byte, and the elements as little-endian float32, row-major. Running statistics are no
// parameters.
func ParameterSum(vars []nn.Variable, tensors map[string]*tensor.Tensor) string {
	var names []string
	for _, v := range nn.Trainable(vars) {
		names = append(names, v.Name)
	}
	slices.Sort(names)
	sum := sha256.New()
	for _, name := range names {
		io.WriteString(sum, name+"\x00")
		sum.Write(tensors[name].Bytes())
	}
	return hex.EncodeToString(sum.Sum(nil))
}
