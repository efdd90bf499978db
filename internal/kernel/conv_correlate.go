package kernel

// A correlation is a matrix product whose right operand is never made: row k is
// the image shifted by off[k]. Its columns are the positions of an ho x wo
// output.
type correlation struct {
	set  *Set
	m    int
	off  []int64
	wide []columnTile // tiles of four vectors where they are possible
	deep []columnTile // tiles of at most two
}

// A columnTile is a tile and its number of vectors.
type columnTile struct {
	tile
	nv int
}

// newCorrelation plans m rows over taps off; rows of the image are pitch apart.
func newCorrelation(s *Set, m int, off []int64, ho, wo, pitch int) correlation {
	c := correlation{set: s, m: m, off: off}
	if pitch == wo {
		ho, wo = 1, ho*wo // no gap between rows: one long row
	}
	vecs := vectors(ho, wo, pitch, s.lanes)
	c.deep = tilesOf(vecs, 2, s.lanes)
	c.wide = tilesOf(vecs, 4, s.lanes)
	return c
}

// vector is a run of outputs within a row.
type vector struct{ src, dst, n int }

// vectors cuts each row of the output into vectors. The last vector of a row
// starts early enough to be whole, if the row is that long: outputs
// computed twice have the same value.
func vectors(ho, wo, pitch, lanes int) []vector {
	var out []vector
	for i := range ho {
		for j := 0; j < wo; j += lanes {
			at := max(0, min(j, wo-lanes))
			out = append(out, vector{i*pitch + at, i*wo + at, min(lanes, wo)})
		}
	}
	return out
}

// tilesOf groups vectors by nv at a time, and the rest by less.
func tilesOf(vecs []vector, nv, lanes int) []columnTile {
	var out []columnTile
	for ; nv > 0; nv /= 2 {
		for len(vecs) >= nv {
			t := columnTile{nv: nv}
			t.full = 1
			for i, v := range vecs[:nv] {
				t.src[i], t.dst[i], t.n[i] = int64(4*v.src), int64(4*v.dst), int64(v.n)
				if v.n < lanes {
					t.full = 0
				}
			}
			out = append(out, t)
			vecs = vecs[nv:]
		}
	}
	return out
}

// run computes all rows, plane values of dst apart.
func (c *correlation) run(dst []float32, plane int, xp, packed []float32, e Epilogue) {
	s := c.set
	flags := 0
	if e.Accumulate {
		flags |= flagAccumulate
	}
	if e.Relu {
		flags |= flagRelu
	}
	if e.Bias != nil {
		_ = e.Bias[c.m-1]
	}
	panels, _ := s.Panels(c.m, 0)
	k := len(c.off)
	for p := range panels {
		i, end := s.rowPanel(p, c.m), s.rowPanel(p+1, c.m)
		tiles := c.deep
		if end-i <= len(s.convs[4]) {
			tiles = c.wide
		}
		for t := range tiles {
			t := &tiles[t]
			s.convs[t.nv][end-i-1](&t.tile, &packed[i*k], &xp[0], &dst[i*plane], at(e.Bias, i),
				&c.off[0], k, 4*plane, flags)
		}
	}
}
