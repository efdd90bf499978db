package data

import "sync"

// A scratch is memory that a transform needs while it works, and others after it.
type scratch struct{ bytes []uint8 }

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// takeScratch returns n bytes of any content. Give them back at the end.
func takeScratch(n int) *scratch {
	s := scratches.Get().(*scratch)
	if cap(s.bytes) < n {
		s.bytes = make([]uint8, n)
	}
	s.bytes = s.bytes[:n]
	return s
}

func (s *scratch) give() { scratches.Put(s) }
