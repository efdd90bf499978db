package onnx

import (
	"fmt"
	"slices"
	"strings"
)

// An Unsupported is an operator, or a use of one, that cannot be part of a graph.
type Unsupported struct {
	Domain string   // "" for the default one
	Op     string   // the operator
	Reason string   // what is not supported
	Nodes  []string // each node that uses it so: by its name, or else as "-> output"
	Needs  []string // inputs of the model whose values, in Bindings.Values, would make it possible
}

// String returns for example "Loop (2 times: loop1, loop2): control flow".
func (u Unsupported) String() string {
	name := u.Op
	if u.Domain != "" {
		name = u.Domain + "." + u.Op
	}
	times := "once"
	if len(u.Nodes) > 1 {
		times = fmt.Sprintf("%d times", len(u.Nodes))
	}
	return fmt.Sprintf("%s (%s: %s): %s", name, times, strings.Join(u.Nodes, ", "), u.Reason)
}

// An UnsupportedError lists all that keeps a model from becoming a graph.
type UnsupportedError struct{ List []Unsupported }

// Error returns the list on one line.
func (e *UnsupportedError) Error() string {
	list := make([]string, len(e.List))
	for i, u := range e.List {
		list[i] = u.String()
	}
	return "not supported: " + strings.Join(list, "; ")
}

// refusals collects what is refused, by operator and reason in the order of the first use.
type refusals struct {
	list  []Unsupported
	index map[string]int
}

func newRefusals() *refusals { return &refusals{index: map[string]int{}} }

func (r *refusals) add(p *nodeProto, reason string) { r.addNeed(p, refusal{reason: reason}) }

func (r *refusals) addNeed(p *nodeProto, why refusal) {
	key := p.domain + "\x00" + p.op + "\x00" + why.reason
	i, ok := r.index[key]
	if !ok {
		i = len(r.list)
		r.index[key] = i
		r.list = append(r.list, Unsupported{Domain: p.domain, Op: p.op, Reason: why.reason})
	}
	u := &r.list[i]
	u.Nodes = append(u.Nodes, p.String())
	for _, name := range why.inputs {
		if !slices.Contains(u.Needs, name) {
			u.Needs = append(u.Needs, name)
		}
	}
}

func (r *refusals) err() error {
	if len(r.list) == 0 {
		return nil
	}
	return &UnsupportedError{r.list}
}

// Unsupported returns the operators of the model that are not supported at all, whatever is bound. [Model.Graph] may refuse more, where
// an operator is supported only for some attributes, or where it needs a value that is known only when the graph runs.
func (m *Model) Unsupported() []Unsupported {
	r := newRefusals()
	m.eachNode(func(p *nodeProto, opsets map[string]int64) {
		if _, reason := lookup(p.domain, p.op, int(opsets[p.domain])); reason != "" {
			r.add(p, reason)
		}
	})
	return r.list
}

// An OpCount is how often a model uses an operator.
type OpCount struct {
	Domain, Op string
	Count      int
}

// Operators returns the operators of the graph and of the functions that it calls, by name.
func (m *Model) Operators() []OpCount {
	index := map[OpCount]int{}
	var list []OpCount
	m.eachNode(func(p *nodeProto, _ map[string]int64) {
		key := OpCount{Domain: p.domain, Op: p.op}
		i, ok := index[key]
		if !ok {
			i = len(list)
			index[key] = i
			list = append(list, key)
		}
		list[i].Count++
	})
	slices.SortFunc(list, func(a, b OpCount) int { return strings.Compare(a.Domain+"\x00"+a.Op, b.Domain+"\x00"+b.Op) })
	return list
}

// eachNode calls f with each node of the graph, and of the functions that it calls, once each, that does not call a function itself.
func (m *Model) eachNode(f func(p *nodeProto, opsets map[string]int64)) {
	seen := map[*functionProto]bool{}
	var visit func(nodes []*nodeProto, opsets map[string]int64)
	visit = func(nodes []*nodeProto, opsets map[string]int64) {
		for _, p := range nodes {
			fn := m.functions[functionKey{p.domain, p.op, p.overload}]
			switch {
			case fn == nil:
				f(p, opsets)
			case !seen[fn]:
				seen[fn] = true
				visit(fn.nodes, fn.opsets)
			}
		}
	}
	visit(m.graph.nodes, m.Opsets)
}

// Parameters returns the number of elements of all weights.
func (m *Model) Parameters() int64 {
	var n int64
	for _, w := range m.initializers {
		n += int64(w.tensor.Size())
	}
	return n
}
