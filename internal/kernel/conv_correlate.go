package kernel

// A correlation is a matrix product whose right operand is never made: row k is
// the image shifted by off[k]. Its columns are the positions of an ho x wo
// output.
//
// There are two ways through the columns, with the same results. The direct
// one lets the register tiles read the taps where they lie, vector by vector
// within the rows of the output. The dense one gathers a block of taps for one
// panel of columns into a buffer of first-level cache size; that pays where
// many row panels use it, or where rows are short.
type correlation struct {
	positions
	set    *Set
	m      int
	off    []int64
	dense  bool
	merged bool // the images' columns follow each other in the panels
	inner  bool // no vector reaches beyond the image
	tiles  []columnTile
}

// positions are the columns of a correlation: an ho x wo output for each image;
// images are step values apart, rows of an image pitch.
type positions struct{ images, step, ho, wo, pitch int }

// A columnTile is a tile with its number of vectors and, if it is dense, the
// runs that gather its columns.
type columnTile struct {
	tile
	nv   int
	runs []run
}

// A run copies n values, at most one vector, of a tap from byte src of the
// shifted image to byte dst of a row of the panel. The assembly knows this
// layout.
type run struct{ src, dst, n int64 }

// mergeBelow is the number of positions of an image from which on its last
// panel wastes little.
const mergeBelow = 400

// newCorrelation plans m rows over taps off.
func newCorrelation(s *Set, m int, off []int64, at positions) correlation {
	if at.pitch == at.wo {
		at.ho, at.wo = 1, at.ho*at.wo // no gap between rows: one long row
		at.pitch = at.wo
	}
	c := correlation{set: s, m: m, off: off, positions: at}
	c.merged = at.images > 1 && at.ho*at.wo < mergeBelow
	images := 1
	if c.merged {
		images = at.images
	}
	direct := vectors(at, s.lanes)
	dense, runs := densePanels(s, images, at)
	// In units of one fused multiply-add: unaligned operands cost a tenth
	// more, a run of the gathering as much as three.
	if 11*images*len(direct)*m > 10*ceilDiv(images*at.ho*at.wo, s.lanes)*m+30*runs {
		c.dense, c.inner, c.tiles = true, true, dense
		return c
	}
	c.merged = false
	c.inner = at.wo >= s.lanes
	panels, _ := s.Panels(m, 0)
	c.tiles = tilesOf(direct, s.widest(ceilDiv(m, panels)), s.lanes)
	return c
}

// vector is a run of outputs within a row.
type vector struct{ src, dst, n int }

// vectors cuts each row of the output into vectors. The last vector of a row
// starts early enough to be whole, if the row is that long, and the one
// before it stores only what comes before: an output accumulated twice would
// be wrong.
func vectors(p positions, lanes int) []vector {
	var out []vector
	ho, wo, pitch := p.ho, p.wo, p.pitch
	for i := range ho {
		for j := 0; j < wo; j += lanes {
			at := max(0, min(j, wo-lanes))
			next := min(j+lanes, wo-lanes)
			if j+lanes >= wo {
				next = wo
			}
			out = append(out, vector{i*pitch + at, i*wo + at, next - at})
		}
	}
	return out
}

// widest returns the largest number of vectors of a tile of that many rows.
func (t *tiling) widest(rows int) int {
	nv := len(t.convs) - 1
	for len(t.convs[nv]) < rows {
		nv--
	}
	return nv
}

// tilesOf groups vectors by nv at a time, and the rest by less.
func tilesOf(vecs []vector, nv, lanes int) []columnTile {
	var out []columnTile
	for ; nv > 0; nv-- {
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

// densePanels cuts the outputs of some images, rows end to end, into panels of
// columns, and returns the number of runs in all.
func densePanels(s *Set, images int, p positions) (out []columnTile, runs int) {
	each := p.ho * p.wo
	for j := 0; j < images*each; j += s.nr() {
		w := min(s.nr(), images*each-j)
		t := columnTile{tile: s.columns[w], nv: ceilDiv(w, s.lanes)}
		for v := range t.nv {
			t.dst[v] += int64(4 * j)
		}
		for at := 0; at < w; {
			image, y, x := (j+at)/each, (j+at)%each/p.wo, (j+at)%p.wo
			n := min(s.lanes, p.wo-x, w-at)
			t.runs = append(t.runs, run{int64(4 * (image*p.step + y*p.pitch + x)), int64(4 * at), int64(n)})
			at += n
		}
		runs += len(t.runs)
		out = append(out, t)
	}
	return out, runs
}

// secondLevel is the room for packed weights in the second-level cache, in
// values.
const secondLevel = 1 << 18

// scratch returns the length of the buffers of a dense correlation: a panel and,
// for merged images, the product.
func (c *correlation) scratch() int {
	if !c.dense {
		return 0
	}
	n := min(len(c.off), blockK)*c.set.nr() + alignment
	if c.merged {
		n += c.m*c.images*c.ho*c.wo + alignment
	}
	return n
}

// correlate is one call's arguments.
type correlate struct {
	*correlation
	dst, x, a []float32
	plane     int // values of dst from row to row
	panel     []float32
}

// run computes row panels p0 to p1 of dst [images,m,ho,wo].
func (c *correlation) run(dst, x, packed []float32, p0, p1 int, scratch []float32) {
	plane := c.ho * c.wo
	r := correlate{c, dst, x, packed, plane, aligned(scratch)}
	if !c.merged {
		for i := range c.images {
			r.dst, r.x = dst[i*c.m*plane:], x[i*c.step:]
			r.panels(p0, p1)
		}
		return
	}
	first, rows := c.set.RowPanel(p0, c.m), c.set.RowPanel(p1, c.m)-c.set.RowPanel(p0, c.m)
	r.plane = c.images * plane
	r.dst, r.panel = r.panel[:c.m*r.plane], aligned(r.panel[c.m*r.plane:])
	r.panels(p0, p1)
	for i := range c.images {
		c.set.CopyMatrix(dst[(i*c.m+first)*plane:], plane, r.dst[first*r.plane+i*plane:], r.plane, rows, plane)
	}
}

// panels computes all columns of row panels p0 to end. What is larger stays outside: the weights, if the second-level cache does not
// hold them, else the image.
func (c *correlate) panels(p0, end int) {
	group := blockRows / c.set.mr()
	blocks := blocksOf(len(c.off))
	rows := c.set.RowPanel(end, c.m) - c.set.RowPanel(p0, c.m)
	for p := p0; p < end; p += group {
		p1 := min(p+group, end)
		if rows*len(c.off) <= secondLevel {
			for t := range c.tiles {
				for i := range blocks {
					c.block(&c.tiles[t], i, p, p1)
				}
			}
			continue
		}
		for i := range blocks {
			for t := range c.tiles {
				c.block(&c.tiles[t], i, p, p1)
			}
		}
	}
}

// block adds block i of the taps to row panels p0 to p1 of one tile.
func (c *correlate) block(t *columnTile, i, p0, p1 int) {
	s, k, n := c.set, len(c.off), blocksOf(len(c.off))
	k0, k1 := k*i/n, k*(i+1)/n
	flags := 0
	if i > 0 {
		flags = flagAccumulate
	}
	if c.dense {
		s.gather(&c.panel[0], &c.x[0], &c.off[k0], &t.runs[0], len(t.runs), k1-k0, 4*t.nv*s.lanes)
	}
	for p := p0; p < p1; p++ {
		r, end := s.RowPanel(p, c.m), s.RowPanel(p+1, c.m)
		a, dst := &c.a[k0*c.m+r*(k1-k0)], &c.dst[r*c.plane]
		if c.dense {
			s.tiles[t.nv][end-r-1](&t.tile, a, &c.panel[0], dst, nil, k1-k0, 4*t.nv*s.lanes, 4*c.plane, flags)
			continue
		}
		s.convs[t.nv][end-r-1](&t.tile, a, &c.x[0], dst, nil, &c.off[k0], k1-k0, 4*c.plane, flags)
	}
}
