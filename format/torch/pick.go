package torch

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/tensor"
)

// keys are those under which checkpoints have their weights, the more usual first. A smoothed copy (EMA) comes last: who wants it when there
// are others converts the file in Python.
var keys = []string{
	"state_dict", "model_state_dict", "model_state", "model", "net", "network", "module", "weights", "params", "backbone",
	"ema", "model_ema", "ema_state_dict", "state_dict_ema", "params_ema",
}

// pick finds the state_dict in what a file holds:
//
//   - Below one of the keys, also if it is below another ({"model": {"state_dict": ...}}).
//   - Else the file's dictionary itself, if it has tensors.
//   - Else its only dictionary that has tensors.
//
// A tensor alone is called "tensor".
func pick(root any) (*File, error) {
	switch v := root.(type) {
	case view:
		return &File{Entries: []format.Entry{v.entry("tensor")}, Metadata: map[string]string{}}, nil
	case refused:
		return nil, v.error("tensor")
	case *dict:
		path, found, err := search{map[*dict]bool{}, map[*dict]bool{}}.in(v, 0)
		if err != nil {
			return nil, err
		}
		entries, err := found.entries()
		if err != nil {
			return nil, err
		}
		f := &File{entries, metadata(v)}
		if len(path) > 0 {
			f.Metadata["torch.key"] = strings.Join(path, ".")
		}
		return f, nil
	}
	return nil, errors.New("holds neither a dictionary nor a tensor, expected a state_dict")
}

// A search looks for dictionaries of tensors. A pickle can have a dictionary in many places, even within itself; each is looked at once.
type search struct {
	visited    map[*dict]bool
	hasTensors map[*dict]bool
}

// in returns the dictionary of tensors in d, and the keys on the way.
func (s search) in(d *dict, depth int) (path []string, found *dict, err error) {
	const deepest = 3
	s.visited[d] = true
	for _, key := range keys {
		if inner, ok := d.get(key).(*dict); ok && depth < deepest && !s.visited[inner] {
			if path, found, err := s.in(inner, depth+1); err == nil {
				return append([]string{key}, path...), found, nil
			}
		}
	}
	if s.has(d) {
		return nil, d, nil
	}
	var candidates []string
	for i, key := range d.keys {
		if inner, ok := d.values[i].(*dict); ok && s.has(inner) {
			name, _ := key.(string)
			candidates, found = append(candidates, name), inner
		}
	}
	switch len(candidates) {
	case 1:
		return candidates, found, nil
	case 0:
		return nil, nil, fmt.Errorf("no tensors: a dictionary with %s, expected a state_dict, or one below %s", some(d.names()), some(keys))
	}
	return nil, nil, fmt.Errorf("several dictionaries of tensors: %s, expected one, or one below %s", some(candidates), some(keys))
}

// has reports whether d has tensors.
func (s search) has(d *dict) bool {
	has, known := s.hasTensors[d]
	if !known {
		has = slices.ContainsFunc(d.values, func(v any) bool {
			switch v.(type) {
			case view, refused:
				return true
			}
			return false
		})
		s.hasTensors[d] = has
	}
	return has
}

// get returns the value of key; of a key that is there twice, the last, as Python does.
func (d *dict) get(key string) any {
	for i, k := range slices.Backward(d.keys) {
		if k == key {
			return d.values[i]
		}
	}
	return nil
}

// names returns the keys that are strings.
func (d *dict) names() []string {
	var names []string
	for _, k := range d.keys {
		if s, ok := k.(string); ok {
			names = append(names, s)
		}
	}
	return names
}

// some lists names, at most ten of them, for a message.
func some(names []string) string {
	var quoted []string
	for _, n := range names[:min(10, len(names))] {
		quoted = append(quoted, strconv.Quote(format.Shorten(n)))
	}
	switch {
	case len(names) == 0:
		return "no names"
	case len(names) > 10:
		quoted = append(quoted, "...")
	}
	return strings.Join(quoted, ", ")
}

// entries returns the tensors of d, in its order. Anything else in a state_dict ("_extra_state") is passed over.
func (d *dict) entries() ([]format.Entry, error) {
	var entries []format.Entry
	seen := map[string]bool{}
	for i, key := range d.keys {
		name, ok := key.(string)
		if !ok {
			continue
		}
		switch v := d.values[i].(type) {
		case view:
			entries = append(entries, v.entry(name))
		case refused:
			return nil, v.error(name)
		default:
			continue
		}
		if seen[name] {
			return nil, fmt.Errorf("tensor %q: twice in the state_dict", format.Shorten(name))
		}
		seen[name] = true
	}
	return entries, nil
}

func (v view) entry(name string) format.Entry {
	return format.Entry{Name: name, DType: v.dtype, Shape: v.shape, Read: func() (*tensor.Tensor, error) {
		t, err := v.read()
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", format.Shorten(name), err)
		}
		return t, nil
	}}
}

func (r refused) error(name string) error {
	return fmt.Errorf("tensor %q: %s tensors are not supported, expected a dense tensor of ordinary numbers", format.Shorten(name), r.kind)
}

// metadata returns the numbers and strings in d.
func metadata(d *dict) map[string]string {
	m := map[string]string{}
	for i, k := range d.keys {
		key, ok := k.(string)
		if !ok {
			continue
		}
		switch v := d.values[i].(type) {
		case string:
			m[key] = strings.ToValidUTF8(v, "?")
		case bool, int64, float64:
			m[key] = fmt.Sprint(v)
		}
	}
	return m
}
