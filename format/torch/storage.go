package torch

import (
	"fmt"
	"math"

	"github.com/lince-ml/lince/format"
)

// storages are those that a pickle speaks of, by their key.
type storages map[string]*storage

// load returns the storage with a persistent id ("storage", class, key, device, elements[, view]), where view is nil or (key, offset, elements).
// It is the same for the same key.
func (all storages) load(id tuple) (any, error) {
	const expected = `expected a persistent id ("storage", class, key, device, elements)`
	if len(id) < 5 || len(id) > 6 {
		return nil, fmt.Errorf("%d values, %s", len(id), expected)
	}
	kind, _ := id[0].(string)
	class, ok := id[1].(storageType)
	key, isText := id[2].(string)
	numel, isNumber := id[4].(int64)
	if kind != "storage" || !ok || !isText || !isNumber || numel < 0 || numel > math.MaxInt64/16 {
		return nil, fmt.Errorf("persistent id of %q: %s", format.Shorten(kind), expected)
	}
	s := all[key]
	if s == nil {
		s = &storage{typ: class, numel: numel}
		all[key] = s
	}
	if s.typ != class || s.numel != numel {
		return nil, fmt.Errorf("storage %q: %d elements in a %s, and %d in a %s", format.Shorten(key), numel, class.name, s.numel, s.typ.name)
	}
	if len(id) == 5 || id[5] == nil {
		return s, nil
	}
	view, ok := id[5].(tuple)
	if !ok || len(view) != 3 {
		return nil, fmt.Errorf("storage %q: a view that is no tuple of 3", format.Shorten(key))
	}
	offset, ok := view[1].(int64)
	if !ok || offset < 0 || offset > numel {
		return nil, fmt.Errorf("storage %q: a view from element %v on, of %d", format.Shorten(key), view[1], numel)
	}
	return part{s, offset}, nil
}
