package onnx

import "fmt"

// An operator makes the outputs of a node. It supports the versions of its operator set from since to until, 0 meaning the newest.
type operator struct {
	since, until int
	build        func(c *call) []value
}

type operatorKey struct{ domain, name string }

// operators is filled by the files of the operators.
var operators = map[operatorKey]operator{}

const microsoft = "com.microsoft"

// register adds an operator of the default domain that is supported from operator set since on.
func register(name string, since int, build func(c *call) []value) {
	operators[operatorKey{"", name}] = operator{since: since, build: build}
}

// lookup returns the operator, or why there is none.
func lookup(domain, name string, opset int) (o operator, reason string) {
	o, ok := operators[operatorKey{domain, name}]
	switch {
	case !ok && domain == "" && unsupported[name] != "":
		return o, unsupported[name]
	case !ok && domain != "":
		return o, "an operator of domain " + domain
	case !ok:
		return o, "there is no such operator in operator set 1 to " + fmt.Sprint(MaxOpset)
	case opset < o.since && domain == "":
		return o, fmt.Sprintf("supported from operator set %d on, the model has %d", o.since, opset)
	case o.until > 0 && opset > o.until:
		return o, fmt.Sprintf("there is no such operator after operator set %d, the model has %d", o.until, opset)
	}
	return o, ""
}
