package optim

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/internal/nearest"
)

// A choice is something that can be named on a command line, as "name" or "name:key=value,key=value".
type choice[T any] struct {
	name string
	make func(*settings) T
}

// parse makes what text names. what says what the choices are, in errors.
func parse[T any](what, text string, choices []choice[T]) (T, error) {
	var none T
	name, rest, _ := strings.Cut(text, ":")
	for _, c := range choices {
		if c.name != name {
			continue
		}
		s, err := parseSettings(what+" "+name, rest)
		if err != nil {
			return none, err
		}
		t := c.make(s)
		if err := s.check(); err != nil {
			return none, err
		}
		return t, nil
	}
	return none, nearest.Error(what, name, names(choices))
}

func names[T any](choices []choice[T]) []string {
	list := make([]string, len(choices))
	for i, c := range choices {
		list[i] = c.name
	}
	return list
}

// settings are the pairs of key and value behind a name. The first error stays, and is returned by check.
type settings struct {
	owner string // "schedule cosine"
	given map[string]string
	asked []string
	err   error
}

func parseSettings(owner, text string) (*settings, error) {
	s := &settings{owner: owner, given: map[string]string{}}
	if text == "" {
		return s, nil
	}
	for _, pair := range strings.Split(text, ",") {
		key, value, ok := strings.Cut(pair, "=")
		if _, twice := s.given[key]; !ok || twice {
			return nil, fmt.Errorf("%s: %q: settings are written key=value,key=value, each key once", owner, text)
		}
		s.given[key] = value
	}
	return s, nil
}

// A domain is a set of numbers.
type domain struct {
	has  func(float64) bool
	says string
}

var (
	share       = domain{func(v float64) bool { return v >= 0 && v < 1 }, "0 or more and less than 1"}
	positive    = domain{func(v float64) bool { return v > 0 && v <= 1e30 }, "more than 0"}
	fraction    = domain{func(v float64) bool { return v > 0 && v <= 1 }, "more than 0 and at most 1"}
	notNegative = domain{func(v float64) bool { return v >= 0 && v <= 1e30 }, "0 or more"}
)

// numbers returns the numbers given for key, separated by slashes, or those of preset.
func (s *settings) numbers(key string, d domain, preset ...float64) []float64 {
	s.asked = append(s.asked, key)
	text, ok := s.given[key]
	if !ok {
		return preset
	}
	var list []float64
	for _, word := range strings.Split(text, "/") {
		v, err := strconv.ParseFloat(word, 64)
		if (err != nil || !d.has(v)) && s.err == nil {
			s.err = fmt.Errorf("%s: %s is %q, expected a number that is %s", s.owner, key, word, d.says)
		}
		list = append(list, v)
	}
	return list
}

// number returns the number given for key, or preset.
func (s *settings) number(key string, d domain, preset float64) float64 {
	list := s.numbers(key, d, preset)
	if len(list) > 1 && s.err == nil {
		s.err = fmt.Errorf("%s: %s is %q, one number expected", s.owner, key, s.given[key])
	}
	return list[0]
}

// whole returns the whole number given for key, which is at least least, or preset.
func (s *settings) whole(key string, least, preset int) int {
	d := domain{func(v float64) bool { return v == math.Trunc(v) && v >= float64(least) && v <= 1e9 }, fmt.Sprintf("whole and %d or more", least)}
	return int(s.number(key, d, float64(preset)))
}

// word returns the one of choices given for key, or preset.
func (s *settings) word(key, preset string, choices ...string) string {
	s.asked = append(s.asked, key)
	v, ok := s.given[key]
	if !ok {
		return preset
	}
	if !slices.Contains(choices, v) && s.err == nil {
		s.err = fmt.Errorf("%s: %s is %q, %s expected", s.owner, key, v, strings.Join(choices, " or "))
	}
	return v
}

// flag returns the truth value given for key, or preset.
func (s *settings) flag(key string, preset bool) bool {
	return s.word(key, strconv.FormatBool(preset), "true", "false") == "true"
}

// check returns the first error: of a value, or of a key that nobody asked for.
func (s *settings) check() error {
	if s.err != nil {
		return s.err
	}
	for _, key := range slices.Sorted(maps.Keys(s.given)) {
		if !slices.Contains(s.asked, key) {
			return fmt.Errorf("%s: %w", s.owner, nearest.Error("setting", key, s.asked))
		}
	}
	return nil
}
