package nn

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

// Residual returns body(x) + shortcut(x), or body(x) + x if shortcut is nil (He, Zhang, Ren & Sun, "Deep residual learning
// for image recognition", CVPR 2016, equations 1 and 2).
func Residual(body, shortcut Layer) Layer {
	return func(s Scope, x *graph.Node) *graph.Node {
		y, skip := body(s, x), x
		if shortcut != nil {
			skip = shortcut(s, x)
		}
		if y.Type() != skip.Type() {
			graph.Fail("Residual", fmt.Errorf("the body gives %v, the shortcut %v: they must be alike", y.Type(), skip.Type()), x)
		}
		return op.Add(y, skip)
	}
}
