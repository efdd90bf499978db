package npy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/tensor"
)

// A parser reads the few things of Python's notation that a header has.
type parser struct{ rest string }

// parseHeader reads the dictionary with the keys descr, fortran_order and shape.
func parseHeader(header string) (array, error) {
	p := &parser{header}
	var a array
	seen := map[string]bool{}
	err := p.sequence('{', '}', func() error {
		key, err := p.string()
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("%q: twice", key)
		}
		seen[key] = true
		if err := p.expect(':'); err != nil {
			return err
		}
		switch key {
		case "descr":
			var descr string
			if descr, err = p.string(); err == nil {
				err = a.setType(descr)
			}
		case "fortran_order":
			a.fortran, err = p.bool()
		case "shape":
			a.shape, err = p.shape()
		default:
			err = errors.New("unknown key, expected descr, fortran_order and shape")
		}
		if err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
		return nil
	})
	switch {
	case err != nil:
		return a, err
	case len(seen) < 3:
		return a, errors.New("expected the keys descr, fortran_order and shape")
	case strings.TrimSpace(p.rest) != "":
		return a, errors.New("something after the closing }, expected only spaces")
	}
	return a, nil
}

// next returns the next character that is no space, 0 at the end.
func (p *parser) next() byte {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	if p.rest == "" {
		return 0
	}
	return p.rest[0]
}

func (p *parser) expect(c byte) error {
	if found := p.next(); found != c {
		return fmt.Errorf("found %q, expected %q", p.rest[:min(1, len(p.rest))], c)
	}
	p.rest = p.rest[1:]
	return nil
}

// sequence reads what stands between open and end, separated by commas; there may be one at the end.
func (p *parser) sequence(open, end byte, element func() error) error {
	if err := p.expect(open); err != nil {
		return err
	}
	for p.next() != end {
		if err := element(); err != nil {
			return err
		}
		if p.next() == end {
			break
		}
		if err := p.expect(','); err != nil {
			return err
		}
	}
	return p.expect(end)
}

// string reads a string without escapes.
func (p *parser) string() (string, error) {
	quote := p.next()
	if quote != '\'' && quote != '"' {
		if quote == '[' {
			return "", errors.New("an array of records, expected one of numbers")
		}
		return "", fmt.Errorf("found %q, expected a string", p.rest[:min(1, len(p.rest))])
	}
	s, rest, ok := strings.Cut(p.rest[1:], string(quote))
	if !ok || strings.Contains(s, `\`) {
		return "", errors.New("a string that does not end, or has a backslash")
	}
	p.rest = rest
	return s, nil
}

func (p *parser) bool() (bool, error) {
	p.next()
	for text, value := range map[string]bool{"True": true, "False": false} {
		if rest, ok := strings.CutPrefix(p.rest, text); ok {
			p.rest = rest
			return value, nil
		}
	}
	return false, errors.New("expected True or False")
}

// shape reads a tuple of sizes. Python 2 wrote an L behind large ones.
func (p *parser) shape() (tensor.Shape, error) {
	var dims []int64
	err := p.sequence('(', ')', func() error {
		p.next()
		digits := p.rest[:len(p.rest)-len(strings.TrimLeft(p.rest, "0123456789"))]
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return fmt.Errorf("found %q, expected an integer from 0 to 2^63-1", p.rest[:min(20, len(p.rest))])
		}
		if len(dims) == tensor.MaxRank {
			return fmt.Errorf("more than %d dimensions", tensor.MaxRank)
		}
		dims = append(dims, n)
		p.rest = strings.TrimPrefix(p.rest[len(digits):], "L")
		return nil
	})
	if err != nil {
		return tensor.Shape{}, err
	}
	return format.Shape(dims)
}
