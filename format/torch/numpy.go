package torch

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/lince-ml/lince/format"
)

// An Array is an array of numpy, of unsigned bytes in row-major order.
type Array struct {
	Shape []int
	Data  []byte
}

// Unpickle reads the one pickle in r, of size bytes, that is made of plain values and arrays of bytes. They become nil, bool, int64, float64, string, []byte,
// *Array, []any for lists, tuples and sets, and map[string]any for dictionaries. Nothing else may be in it, and nothing of it is run.
func Unpickle(r io.Reader, size int64) (any, error) {
	in := newInput(r, size)
	if start, _ := in.r.Peek(1); len(start) == 0 || start[0] != opProto {
		return nil, errors.New("no pickle of protocol 2 to 5")
	}
	noStorages := func(tuple) (any, error) {
		return nil, errors.New("it asks for a storage of PyTorch, expected plain values")
	}
	m := newMachine(in, noStorages)
	m.functions = numpyFunctions
	v, err := m.run()
	if err != nil {
		return nil, err
	}
	return plain(v)
}

// numpyFunctions are all that may be called, beside what makes dictionaries.
var numpyFunctions = map[global]function{
	{"numpy", "dtype"}:                         numpyType,
	{"numpy", "ndarray"}:                       nil, // is named, not called
	{"numpy.core.multiarray", "_reconstruct"}:  func(tuple) (any, error) { return &Array{}, nil },
	{"numpy._core.multiarray", "_reconstruct"}: func(tuple) (any, error) { return &Array{}, nil },
	{"numpy.core.numeric", "_frombuffer"}:      fromBuffer, // protocol 5
	{"numpy._core.numeric", "_frombuffer"}:     fromBuffer,
	{"_codecs", "encode"}:                      latin1,
	{"collections", "OrderedDict"}:             newDict,
}

// fromBuffer makes an array of (content, type, shape, order).
func fromBuffer(args tuple) (any, error) {
	if len(args) != 4 {
		return nil, errors.New("expected four arguments")
	}
	a := &Array{}
	return a, a.set(tuple{nil, args[2], args[1], args[3] != "C", args[0]})
}

// A numpyDType is the name of an element type, such as u1.
type numpyDType string

func numpyType(args tuple) (any, error) {
	if len(args) > 0 {
		switch name := args[0].(type) {
		case string:
			return numpyDType(name), nil
		case []byte:
			return numpyDType(name), nil
		}
	}
	return nil, errors.New("expected the name of a type")
}

// latin1 returns the bytes that protocol 2 of Python 3 writes as a text of as many letters.
func latin1(args tuple) (any, error) {
	if len(args) != 2 || args[1] != "latin1" {
		return nil, errors.New("expected a text and latin1")
	}
	text, ok := args[0].(string)
	if !ok {
		return nil, errors.New("expected a text and latin1")
	}
	b := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 0xff {
			return nil, fmt.Errorf("the letter %q, expected those of latin1", r)
		}
		b = append(b, byte(r))
	}
	return b, nil
}

// set gives the array its state: (version, shape, type, whether columns come first, content).
func (a *Array) set(state any) error {
	t, ok := state.(tuple)
	if !ok || len(t) != 5 {
		return errors.New("an array of another version of numpy")
	}
	shape, ok := t[1].(tuple)
	if !ok {
		return errors.New("an array without a shape")
	}
	if t[2] != numpyDType("u1") && t[2] != numpyDType("|u1") {
		return fmt.Errorf("an array of %s, expected u1 (unsigned bytes)", format.Shorten(fmt.Sprint(t[2])))
	}
	if t[3] == true {
		return errors.New("an array with its columns first, expected its rows first")
	}
	n := 1
	a.Shape, a.Data = nil, nil
	for _, v := range shape {
		d, ok := v.(int64)
		if !ok || d < 0 || d > math.MaxInt32 || n > math.MaxInt32/max(1, int(d)) {
			return errors.New("an array with an impossible shape")
		}
		n *= int(d)
		a.Shape = append(a.Shape, int(d))
	}
	switch content := t[4].(type) {
	case []byte:
		a.Data = content
	case string: // of Python 2
		a.Data = []byte(content)
	}
	if len(a.Data) != n {
		return fmt.Errorf("an array of %v with %d bytes, expected %d", a.Shape, len(a.Data), n)
	}
	return nil
}

// maxNesting is how deep values may be in each other.
const maxNesting = 16

// plain returns the values of a pickle as Go has them. A pickle that takes a value many times from its memo would grow, so what it is made of is counted.
func plain(v any) (any, error) {
	left := 1 << 22
	return plainer(v, maxNesting, &left)
}

func plainer(v any, depth int, left *int) (any, error) {
	if *left--; *left < 0 || depth == 0 {
		return nil, errors.New("values nested too deep, or too many")
	}
	switch v := v.(type) {
	case nil, bool, int64, float64, string, []byte, *Array:
		return v, nil
	case tuple, *list:
		items, _ := itemsOf(v)
		all := make([]any, len(items))
		for i := range items {
			var err error
			if all[i], err = plainer(items[i], depth-1, left); err != nil {
				return nil, err
			}
		}
		return all, nil
	case *dict:
		all := map[string]any{}
		for i, k := range v.keys {
			key, ok := k.(string)
			if b, isBytes := k.([]byte); isBytes {
				key, ok = string(b), true
			}
			if !ok {
				return nil, errors.New("a dictionary with keys that are no text")
			}
			var err error
			if all[key], err = plainer(v.values[i], depth-1, left); err != nil {
				return nil, err
			}
		}
		return all, nil
	}
	return nil, errors.New("a value that is neither plain nor an array")
}
