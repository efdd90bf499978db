package graph

import (
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
)

// An Error says why a graph could not be built.
type Error struct {
	Op    string // the op's name
	Path  string // the scope, such as "layer1.0.conv1"
	In    []Type // the types of the inputs
	Where string // file:line of the call, outside the packages that build graphs
	Err   error  // what was wrong and what was expected
}

// Error returns for example
// "lenet.go:21: Conv2D at conv1: x has 3 channels, the weights take 1 (inputs f32[8 3 28 28], f32[6 1 5 5])".
func (e *Error) Error() string {
	var b strings.Builder
	if e.Where != "" {
		fmt.Fprintf(&b, "%s: ", e.Where)
	}
	b.WriteString(e.Op)
	if e.Path != "" {
		fmt.Fprintf(&b, " at %s", e.Path)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	for i, t := range e.In {
		b.WriteString([]string{" (inputs ", ", "}[min(i, 1)])
		b.WriteString(t.String())
	}
	if len(e.In) > 0 {
		b.WriteString(")")
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Fail ends the trace that n is part of: Trace returns an *Error for the named op and its inputs. It is for code that
// builds graphs and finds a mistake no single op would.
func Fail(name string, err error, in ...*Node) {
	in[0].g.fail(name, in, err)
}

func (g *Graph) fail(name string, in []*Node, err error) {
	panic(&Error{Op: name, Path: g.scope, In: types(in), Where: caller(), Err: err})
}

// builders are the folders of the packages whose frames are no news to somebody who looks for his own mistake. They are
// told by folder because a closure is named after the function that its maker was inlined into, maybe in another package.
var builders = func() []string {
	_, file, _, _ := runtime.Caller(0)
	root := path.Dir(path.Dir(file))
	return []string{root + "/graph", root + "/op", root + "/nn"}
}()

// caller returns file:line of the innermost frame outside the builders.
func caller() string {
	pc := make([]uintptr, 64)
	frames := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
	for {
		f, more := frames.Next()
		own := slices.Contains(builders, path.Dir(f.File)) && !strings.HasSuffix(f.File, "_test.go")
		if !own && f.File != "" && !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("%s:%d", path.Base(f.File), f.Line)
		}
		if !more {
			return ""
		}
	}
}
