package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// sum is a dot product in float64 with the size of its terms.
type sum struct{ value, scale float64 }

func (s *sum) add(x float64) {
	s.value += x
	s.scale += math.Abs(x)
}

func (s *sum) product(a, b float32) { s.add(float64(a) * float64(b)) }

// expect fails unless value i of c is want.
func expect(t *testing.T, c []float32, i int, want sum) {
	t.Helper()
	if !closeTo(c[i], want.value, want.scale) {
		t.Fatalf("element %d is %v, want %v", i, c[i], want.value)
	}
}

// tileCase is one call of a tile of mr x nv vectors: whole vectors or parts of them, apart from each other or not.
type tileCase struct {
	tile
	mr, nv, k, ldc int
	flags          int
	c, old, bias   []float32
	check          func()
}

func newTileCase(t *testing.T, r *rand.Rand, mr, nv, lanes, k int) *tileCase {
	x := &tileCase{mr: mr, nv: nv, k: k, ldc: nv*(lanes+2) + r.IntN(5), flags: r.IntN(4)}
	x.full = int64(r.IntN(2))
	for v := range nv {
		x.n[v] = int64(lanes)
		if x.full == 0 {
			x.n[v] = int64(1 + r.IntN(lanes))
		}
		x.dst[v], x.src[v] = int64(4*(v*(lanes+2)+r.IntN(3))), int64(4*r.IntN(9))
	}
	x.c, x.check = guarded(t, (mr-1)*x.ldc+int(x.dst[nv-1]/4+x.n[nv-1]), r.IntN(16))
	copy(x.c, random(r, len(x.c)))
	x.old = append(x.old, x.c...)
	if r.IntN(2) == 0 {
		x.bias = random(r, mr)
	}
	return x
}

// verify compares C with the sums of product, for row r and lane l of vector v.
func (x *tileCase) verify(t *testing.T, product func(r, v, l int) sum) {
	t.Helper()
	x.check()
	for r := range x.mr {
		row := x.old[r*x.ldc:]
		for v := range x.nv {
			for l := range int(x.n[v]) {
				at := int(x.dst[v])/4 + l
				want := product(r, v, l)
				if x.flags&flagAccumulate != 0 {
					want.add(float64(row[at]))
				}
				if x.bias != nil {
					want.add(float64(x.bias[r]))
				}
				if x.flags&flagRelu != 0 {
					want.value = max(0, want.value)
				}
				expect(t, x.c, r*x.ldc+at, want)
				row[at] = x.c[r*x.ldc+at]
			}
		}
	}
	for i, v := range x.old {
		if x.c[i] != v {
			t.Fatalf("wrote element %d, which is of no vector", i)
		}
	}
}

// eachTile calls f with the mr and nv of every tile that count returns a number of.
func eachTile(s *Set, count func(nv int) int, f func(mr, nv int)) {
	for nv := 1; nv <= 4; nv++ {
		for mr := 1; mr <= count(nv); mr++ {
			f(mr, nv)
		}
	}
}

// TestTiles compares every register tile of the products with the definition.
func TestTiles(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		count := func(nv int) int { return len(append(s.tiles[:], nil, nil)[nv]) }
		eachTile(s, count, func(mr, nv int) {
			for k := 1; k <= 9; k++ {
				x, ldb := newTileCase(t, r, mr, nv, s.lanes, k), nv*s.lanes+r.IntN(3)
				a, b := random(r, mr*k), random(r, (k-1)*ldb+nv*s.lanes)
				s.tiles[nv][mr-1](&x.tile, &a[0], &b[0], &x.c[0], at(x.bias, 0), k, 4*ldb, 4*x.ldc, x.flags)
				x.verify(t, func(r, v, l int) (p sum) {
					for i := range k {
						p.product(a[i*mr+r], b[i*ldb+v*s.lanes+l])
					}
					return
				})
			}
		})
	})
}

// TestConvTiles does it for those that read an image.
func TestConvTiles(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		eachTile(s, func(nv int) int { return len(s.convs[nv]) }, func(mr, nv int) {
			for k := 1; k <= 9; k++ {
				x := newTileCase(t, r, mr, nv, s.lanes, k)
				a, b, off := random(r, mr*k), random(r, 60+s.lanes), make([]int64, k)
				for i := range off {
					off[i] = int64(4 * r.IntN(50))
				}
				s.convs[nv][mr-1](&x.tile, &a[0], &b[0], &x.c[0], at(x.bias, 0), &off[0], k, 4*x.ldc, x.flags)
				x.verify(t, func(r, v, l int) (p sum) {
					for i, o := range off {
						p.product(a[i*mr+r], b[int(o+x.src[v])/4+l])
					}
					return
				})
			}
		})
	})
}

// gradCase is a walk over images of rows of cols positions of the output, with the place of each in the input.
type gradCase struct {
	images, rows, cols, xskip, xnext int
	x                                []float32
	off                              []int64
	places                           []int
}

func newGradCase(r *rand.Rand, images, cols, taps int) *gradCase {
	g := &gradCase{images: images, rows: 1 + r.IntN(3), cols: cols, xskip: r.IntN(5), xnext: r.IntN(5)}
	at := 0
	for range images {
		for range g.rows {
			for range cols {
				g.places = append(g.places, at)
				at++
			}
			at += g.xskip
		}
		at += g.xnext
	}
	g.off = make([]int64, taps)
	for i := range g.off {
		g.off[i] = int64(4 * r.IntN(20))
	}
	g.x = random(r, at+20)
	return g
}

// TestWeightTiles compares every register tile of the weight gradient with the definition.
func TestWeightTiles(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		count := func(nv int) int { return len(append(s.wtiles[:], nil, nil)[nv]) }
		eachTile(s, count, func(mr, nv int) {
			for cols := 1; cols <= 9; cols++ {
				g, nr := newGradCase(r, 1+r.IntN(2), cols, mr), nv*s.lanes
				step, ldc := nr+r.IntN(3), nr+r.IntN(3)
				dy := random(r, len(g.places)*step)
				c, check := guarded(t, (mr-1)*ldc+nr, r.IntN(16))
				old := random(r, len(c))
				copy(c, old)
				w := &wtile{int64(g.rows), int64(cols), int64(4 * g.xskip), int64(4 * step), int64(4 * ldc), int64(g.images), int64(4 * g.xnext)}
				s.wtiles[nv][mr-1](w, &c[0], &g.x[0], &g.off[0], &dy[0])
				check()
				for i := range mr * nr {
					row, j := i/nr, i%nr
					var want sum
					want.add(float64(old[row*ldc+j]))
					for p, place := range g.places {
						want.product(g.x[place+int(g.off[row]/4)], dy[p*step+j])
					}
					expect(t, c, row*ldc+j, want)
				}
			}
		})
	})
}

// TestDotTiles does it for those of few channels.
func TestDotTiles(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for o, list := range s.dtiles {
			for k, f := range list {
				for cols := 1; cols <= 3*s.lanes; cols++ {
					g := newGradCase(r, 1, cols, k+1)
					plane, ldc := len(g.places)+r.IntN(5), o+1+r.IntN(3)
					dy := random(r, (o+1)*plane)
					c, check := guarded(t, k*ldc+o+1, r.IntN(16))
					old := random(r, len(c))
					copy(c, old)
					d := &dtile{int64(g.rows), int64(cols / s.lanes), int64(cols % s.lanes), int64(4 * g.xskip), int64(4 * plane)}
					f(d, &c[0], &g.x[0], &g.off[0], &dy[0], 4*ldc)
					check()
					for i := range (k + 1) * (o + 1) {
						tap, channel := i/(o+1), i%(o+1)
						var want sum
						want.add(float64(old[tap*ldc+channel]))
						for p, place := range g.places {
							want.product(g.x[place+int(g.off[tap]/4)], dy[channel*plane+p])
						}
						expect(t, c, tap*ldc+channel, want)
					}
				}
			}
		}
	})
}
