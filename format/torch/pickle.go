package torch

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// What a pickle builds. None, True, int, float, str and bytes are nil, bool, int64, float64, string and []byte.
type (
	// A dict is a dictionary in the order of its keys, and whatever else has attributes.
	dict struct{ keys, values []any }
	list struct{ items []any }
	// A tuple is never changed.
	tuple []any
	// A global is a name that the pickle asked for, and that is allowed.
	global struct{ module, name string }
	// A long is an integer of more than 64 bits, little-endian.
	long []byte
)

// set makes value the value of key.
func (d *dict) set(key, value any) {
	d.keys = append(d.keys, key)
	d.values = append(d.values, value)
}

// An input is where pickles are read from, one after another.
type input struct {
	r    *bufio.Reader
	at   int64 // bytes read
	left int64 // bytes until the end
}

func newInput(r io.Reader, size int64) *input { return &input{bufio.NewReaderSize(r, 1<<16), 0, size} }

// read returns the next n bytes.
func (in *input) read(n uint64) ([]byte, error) {
	if n > uint64(in.left) {
		return nil, fmt.Errorf("truncated: %d bytes expected, %d found", n, in.left)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(in.r, b); err != nil {
		return nil, err
	}
	in.at, in.left = in.at+int64(n), in.left-int64(n)
	return b, nil
}

// line returns the bytes up to the next newline, without it.
func (in *input) line() ([]byte, error) {
	const longest = 1024 // a name, and no name is longer
	var b []byte
	for len(b) < longest {
		c, err := in.read(1)
		if err != nil {
			return nil, err
		}
		if c[0] == '\n' {
			return b, nil
		}
		b = append(b, c[0])
	}
	return nil, fmt.Errorf("a name of more than %d bytes", longest)
}

// A machine runs one pickle: a stack, marks in it, and a memo.
type machine struct {
	in    *input
	load  func(id tuple) (any, error) // returns the storage with a persistent id
	memo  map[uint64]any
	stack []any
	marks []int

	functions map[global]function // all that it may call; nil for those of weights

	highest int   // places that the stack has had
	spent   int64 // bytes of memory, about
	err     error // the first; after it nothing happens
}

// memoryFactor is how many bytes a pickle may take in memory for each of its own; those of weights take about ten.
const memoryFactor = 32

// unpickle runs the pickle that begins at in, and returns what it builds. Afterwards in is behind it.
func unpickle(in *input, load func(id tuple) (any, error)) (any, error) {
	return newMachine(in, load).run()
}

func newMachine(in *input, load func(id tuple) (any, error)) *machine {
	return &machine{in: in, load: load, memo: map[uint64]any{}}
}

func (m *machine) run() (any, error) {
	in := m.in
	begin := in.at
	for m.err == nil {
		at := in.at
		op, err := in.read(1)
		if err != nil {
			return nil, fmt.Errorf("pickle: %w", err)
		}
		if op[0] == opStop {
			return m.result()
		}
		if run := opcodes[op[0]]; run != nil {
			run(m)
		} else {
			m.fail("opcode %#x, which is not of protocols 2 to 5, or which weights do not need", op[0])
		}
		if m.spent > 1<<20+memoryFactor*(in.at-begin) {
			m.fail("it builds more than %d times its size", memoryFactor)
		}
		if m.err != nil {
			return nil, fmt.Errorf("pickle, byte %d: %w", at, m.err)
		}
	}
	return nil, m.err
}

func (m *machine) result() (any, error) {
	v := m.pop()
	if m.err == nil && len(m.stack) > 0 {
		m.fail("%d values left at the end, expected none", len(m.stack))
	}
	if m.err != nil {
		return nil, fmt.Errorf("pickle, at the end: %w", m.err)
	}
	return v, nil
}

func (m *machine) fail(format string, args ...any) {
	if m.err == nil {
		m.err = fmt.Errorf(format, args...)
	}
}

// push puts v, which takes about n bytes beside its place on the stack, on the stack.
func (m *machine) push(v any, n int) {
	m.spent += int64(n)
	if m.stack = append(m.stack, v); len(m.stack) > m.highest {
		m.highest++
		m.spent += 32 // a place, and as much again for the growth of the stack
	}
}

// pop takes the uppermost value off the stack, but none below the last mark.
func (m *machine) pop() any {
	floor := 0
	if len(m.marks) > 0 {
		floor = m.marks[len(m.marks)-1]
	}
	if len(m.stack) <= floor {
		m.fail("a value is missing on the stack")
		return nil
	}
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return v
}

// top returns the uppermost value.
func (m *machine) top() any {
	v := m.pop()
	if m.err == nil {
		m.stack = append(m.stack, v)
	}
	return v
}

// popMark takes everything above the last mark, and the mark. The result lives as long as the stack is not pushed to.
func (m *machine) popMark() []any {
	if len(m.marks) == 0 {
		m.fail("a mark is missing on the stack")
		return nil
	}
	at := m.marks[len(m.marks)-1]
	m.marks = m.marks[:len(m.marks)-1]
	above := m.stack[at:]
	m.stack = m.stack[:at]
	return above
}

func (m *machine) put(index uint64) {
	v := m.top()
	m.spent += 64
	m.memo[index] = v
}

func (m *machine) get(index uint64) {
	v, ok := m.memo[index]
	if !ok {
		m.fail("nothing was memoised as %d", index)
	}
	m.push(v, 0)
}

// bytes returns the next n bytes.
func (m *machine) bytes(n uint64) []byte {
	if m.err != nil {
		return nil
	}
	b, err := m.in.read(n)
	if err != nil {
		m.err = err
	}
	return b
}

// uint returns the unsigned number in the next size bytes, little-endian.
func (m *machine) uint(size int) uint64 {
	var b [8]byte
	copy(b[:], m.bytes(uint64(size)))
	return binary.LittleEndian.Uint64(b[:])
}

// text pushes the string of n bytes that follows, data the same as bytes.
func (m *machine) text(n uint64) { m.pushed(string(m.bytes(n)), n) }
func (m *machine) data(n uint64) { m.pushed(m.bytes(n), n) }

func (m *machine) pushed(v any, n uint64) {
	if m.err == nil {
		m.push(v, 24+int(n))
	}
}

// long pushes the integer in the next n bytes, little-endian, in two's complement.
func (m *machine) long(n uint64) {
	b := m.bytes(n)
	if n > 8 {
		m.pushed(long(b), n)
		return
	}
	var v int64
	for i, c := range b {
		v |= int64(c) << (8 * i)
	}
	if n > 0 && m.err == nil && n < 8 && b[n-1] >= 0x80 {
		v -= 1 << (8 * n)
	}
	m.push(v, 8)
}

func (m *machine) tuple(n int) {
	t := make(tuple, n)
	for i := n - 1; i >= 0; i-- {
		t[i] = m.pop()
	}
	m.push(t, 24+16*n)
}

// list returns the list under the values that an opcode adds to it.
func (m *machine) list() *list {
	l, ok := m.top().(*list)
	if !ok {
		m.fail("values are added to something that is no list")
		return &list{}
	}
	return l
}

func (m *machine) append(l *list, values []any) {
	m.spent += 32 * int64(len(values))
	l.items = append(l.items, values...)
}

// dict returns the dictionary under the values that an opcode adds to it.
func (m *machine) dict() *dict {
	d, ok := m.top().(*dict)
	if !ok {
		m.fail("keys are added to something that is no dictionary")
		return &dict{}
	}
	return d
}

func (m *machine) setItems(d *dict, pairs []any) {
	if len(pairs)%2 != 0 {
		m.fail("a key without a value")
		return
	}
	m.spent += 32 * int64(len(pairs))
	for i := 0; i < len(pairs); i += 2 {
		d.set(pairs[i], pairs[i+1])
	}
}

// above returns a copy of the values above the last mark, since the stack is used again.
func (m *machine) above() []any { return append([]any(nil), m.popMark()...) }

func float(b []byte) float64 { return math.Float64frombits(binary.BigEndian.Uint64(b)) }
