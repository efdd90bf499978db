package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lince-ml/lince/tensor"
)

// metadataName is the entry of the header that is not a tensor.
const metadataName = "__metadata__"

// An entry is what the header says of one tensor. Its data are the bytes [begin, end) behind the header.
type entry struct {
	name       string
	dtype      tensor.DType
	shape      tensor.Shape
	begin, end int64
}

// parseHeader reads the JSON by hand, token by token: json.Unmarshal would let duplicate and misspelt keys pass, and
// would build whatever nesting the file asks for.
func parseHeader(header []byte) ([]entry, map[string]string, error) {
	if !utf8.Valid(header) {
		return nil, nil, errors.New("not valid UTF-8")
	}
	if !bytes.HasPrefix(header, []byte("{")) {
		return nil, nil, errors.New("does not begin with {: not a safetensors file?")
	}
	p := &parser{json.NewDecoder(bytes.NewReader(header))}
	p.dec.UseNumber()
	var entries []entry
	metadata := map[string]string{}
	err := p.object(func(name string) error {
		if name == metadataName {
			return p.object(func(key string) (err error) {
				metadata[key], err = p.string()
				return err
			})
		}
		e, err := p.entry(name)
		entries = append(entries, e)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if _, err := p.dec.Token(); err != io.EOF {
		return nil, nil, errors.New("something after the closing }, expected only spaces")
	}
	return entries, metadata, nil
}

type parser struct{ dec *json.Decoder }

// entry reads the description of one tensor.
func (p *parser) entry(name string) (entry, error) {
	e := entry{name: name}
	var dtype string
	var dims, offsets []int64
	err := p.object(func(key string) (err error) {
		switch key {
		case "dtype":
			dtype, err = p.string()
		case "shape":
			dims, err = p.integers(tensor.MaxRank)
		case "data_offsets":
			offsets, err = p.integers(2)
		default:
			err = errors.New("unknown key, expected dtype, shape and data_offsets")
		}
		return err
	})
	switch {
	case err != nil:
		return e, err
	case dims == nil || len(offsets) != 2:
		return e, errors.New("expected a dtype, a shape and two data_offsets")
	}
	if e.dtype = dtypeOf(dtype); e.dtype == tensor.Invalid {
		return e, fmt.Errorf("dtype %q is not supported, expected one of %s", dtype, strings.Join(slices.Sorted(maps.Values(dtypeNames)), ", "))
	}
	e.begin, e.end = offsets[0], offsets[1]
	return e, e.setShape(dims)
}

// setShape checks that a shape of dims fills the data exactly.
func (e *entry) setShape(dims []int64) error {
	sizes := make([]int, len(dims))
	for i, d := range dims {
		sizes[i] = int(d)
		if int64(sizes[i]) != d {
			return fmt.Errorf("size %d is beyond this machine's memory", d)
		}
	}
	e.shape = tensor.ShapeOf(sizes...)
	n, ok := e.shape.CheckedSize()
	bytes, elem := e.end-e.begin, int64(e.dtype.Size())
	if !ok || bytes < 0 || bytes%elem != 0 || bytes/elem != int64(n) {
		return fmt.Errorf("data_offsets [%d, %d] do not fit %v%v", e.begin, e.end, e.dtype, e.shape)
	}
	return nil
}

func dtypeOf(name string) tensor.DType {
	for d, s := range dtypeNames {
		if s == name {
			return d
		}
	}
	return tensor.Invalid
}

// object reads an object and calls value for each key, to read what belongs to it. Its errors say where: "fc1": "shape": ...
func (p *parser) object(value func(key string) error) error {
	if err := p.delim('{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for p.dec.More() {
		key, err := p.string()
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("%q: twice in one object", key)
		}
		seen[key] = true
		if err := value(key); err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
	}
	return p.delim('}')
}

// integers reads an array of at most limit integers, none of them negative. The result is not nil.
func (p *parser) integers(limit int) ([]int64, error) {
	if err := p.delim('['); err != nil {
		return nil, err
	}
	ints := []int64{}
	for p.dec.More() {
		t, err := p.token()
		if err != nil {
			return nil, err
		}
		number, ok := t.(json.Number)
		if !ok {
			return nil, fmt.Errorf("found %v, expected a number", t)
		}
		n, err := strconv.ParseInt(number.String(), 10, 64)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("found %s, expected an integer from 0 to 2^63-1", number)
		}
		if len(ints) == limit {
			return nil, fmt.Errorf("more than %d numbers", limit)
		}
		ints = append(ints, n)
	}
	return ints, p.delim(']')
}

func (p *parser) string() (string, error) {
	t, err := p.token()
	if err != nil {
		return "", err
	}
	s, ok := t.(string)
	if !ok {
		return "", fmt.Errorf("found %v, expected a string", t)
	}
	return s, nil
}

func (p *parser) delim(want json.Delim) error {
	t, err := p.token()
	if err == nil && t != want {
		err = fmt.Errorf("found %v, expected %v", t, want)
	}
	return err
}

// token returns the next token; the end of the header in mid-object is not io.EOF but an error of its own.
func (p *parser) token() (json.Token, error) {
	t, err := p.dec.Token()
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = errors.New("ends in the middle")
	}
	return t, err
}
