package op

import (
	"fmt"
	"strings"

	"github.com/lince-ml/lince/graph"
)

// expect returns an error unless there is one input for each entry of want, such as "x f32[N C H W]", and it has that element
// type and as many dimensions.
func expect(in []graph.Type, want ...string) error {
	if len(in) != len(want) {
		return fmt.Errorf("%d inputs, %d expected", len(in), len(want))
	}
	for i, w := range want {
		name, typ, _ := strings.Cut(w, " ")
		element, layout, _ := strings.Cut(typ, "[")
		if t := in[i]; t.DType.String() != element || t.Shape.Rank() != len(strings.Fields(layout)) {
			return fmt.Errorf("%s is %v, %s expected", name, t, typ)
		}
	}
	return nil
}

// expectType returns an error unless t is want.
func expectType(what string, t, want graph.Type) error {
	if t != want {
		return fmt.Errorf("%s is %v, %v expected", what, t, want)
	}
	return nil
}

// maxAttr bounds sizes, strides and their like: a larger one is a mistake, and products of two smaller ones do not overflow.
const maxAttr = 1 << 24

// expectRange returns an error unless each value is from lo to maxAttr.
func expectRange(what string, lo int, values ...int) error {
	for _, v := range values {
		if v < lo || v > maxAttr {
			return fmt.Errorf("%s %v, from %d to %d expected", what, values, lo, maxAttr)
		}
	}
	return nil
}
