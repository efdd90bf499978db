package kernel

import "unsafe"

// A tile says where the vectors of a register tile lie. Offsets are in bytes.
// The assembly knows this layout.
type tile struct {
	src  [4]int64 // of the vectors in the image (convolution only)
	dst  [4]int64 // of the vectors in a row of C
	n    [4]int64 // valid lanes of each
	full int64    // 1 if all lanes of all vectors are valid
}

// Bits of a tile's flags.
const (
	flagAccumulate = 1 << iota // add to C instead of writing it
	flagRelu                   // end with max(0, x)
)

// tileFunc computes mr rows of nv vectors of C = A*B for packed operands: a
// holds mr values for each k, b nv vectors, ldb bytes apart. Each element is a
// sum over k in order, started at zero; then come, as asked, C, the bias of
// its row and ReLU. ldc is in bytes.
type tileFunc = func(t *tile, a, b, c, bias *float32, k, ldb, ldc, flags int)

// convFunc is a tileFunc whose vector v of row k of B lies at byte
// off[k] + t.src[v] of b.
type convFunc = func(t *tile, a, b, c, bias *float32, off *int64, k, ldc, flags int)

// A wtile is the walk of a weight gradient's register tile. The assembly
// knows this layout.
type wtile struct {
	rows, cols int64 // output positions
	xskip      int64 // bytes from the end of one row's inputs to the next row
	dystep     int64 // bytes between the gradients of two positions
	ldc        int64 // bytes between the rows of c
	images     int64
	xnext      int64 // bytes from the end of one image's inputs to the next image
}

// wtileFunc adds, for mr taps r and nv vectors of output channels, the sum over
// all positions of x[off[r] + position] * dy[position][channels] to row r of c.
type wtileFunc = func(t *wtile, c, x *float32, off *int64, dy *float32)

// A dtile is the walk of a weight gradient's dot products: each row of outputs is
// chunks vectors and tail values. The assembly knows this layout.
type dtile struct {
	rows, chunks, tail int64
	xskip              int64 // bytes from the end of one row's inputs to the next row
	plane              int64 // bytes between the gradients of two channels
}

// dtileFunc adds, for mo channels o and mt taps k, the sum over all positions of
// x[off[k] + position] * dy[o][position] to value o of row k of c, rows ldc bytes
// apart.
type dtileFunc = func(t *dtile, c, x *float32, off *int64, dy *float32, ldc int)

// rowTileFunc computes mr rows of nr values of C, ldc bytes apart: the sum over taps t and k channels i of the value i of row r of a,
// which begins at byte off[t] + r*lda, times row t*k + i of b. Each element is a sum in that order, started at zero; if flags ask for it,
// C is added then. Meanwhile memory is fetched from ahead on: four cache lines for each four channels, pace bytes from one four to the next.
type rowTileFunc = func(a, b, c *float32, off *int64, taps, k, lda, ldc, flags int, ahead *float32, pace int)

// An outerWalk is the walk of an outer product's register tile over the positions of its two sides, cols of each row, rows of each
// image. The assembly knows this layout.
type outerWalk struct {
	images, rows, cols int64
	a, b               outerSide
}

// An outerSide is the way along one side, in bytes: from one position to the next, and what is added to that at the end of a row and of
// an image. What lies next bytes after a position is fetched for later.
type outerSide struct{ step, row, image, next int64 }

// outerTileFunc computes, for mr channels r of a and nr of b, the sum over positions of a[position][r] * b[position] as row r of c, ldc
// bytes apart, or adds it if flags ask for it.
type outerTileFunc = func(w *outerWalk, a, b, c *float32, ldc, flags int)

// moveFunc copies (rows, cols) or transposes (w rows of n) a matrix between
// two pitches in bytes.
type moveFunc = func(dst, src *float32, ldd, lds, rows, cols int)

// gatherFunc copies k taps of n runs each into rows of dst, ld bytes apart:
// from byte off[k] + runs[i].src of x to byte runs[i].dst of row k.
type gatherFunc = func(dst, x *float32, off *int64, runs *run, n, k, ld int)

// tiling is the part of a Set behind its matrix products and convolutions.
// The tables are indexed by vectors, then by rows less one.
type tiling struct {
	lanes  int
	tiles  [3][]tileFunc
	convs  [5][]convFunc
	wtiles [3][]wtileFunc
	rows   [3][]rowTileFunc
	outers [3][]outerTileFunc
	dtiles [][]dtileFunc // by channels less one, then taps less one; may be empty
	moves
	transforms
	columns []tile // by number of columns, up to a whole panel
}

// moves are the kernels that move data. evenRows reads and spreadRows writes
// each second value; padRows fills up to the pitch with zeros and writes up to
// a vector beyond the last row.
type moves struct {
	copyRows, padRows, evenRows, spreadRows, transposeStrip moveFunc
	gather                                                  gatherFunc
}

// transforms are those of Winograd convolution.
type transforms struct {
	winogradInput, winogradOutput, winogradWeights, winogradGrad, winogradWeightGrad gridFunc
	winograd2Input, winograd2Output, winograd2Weights                                gridFunc
}

// reset makes room for the register tiles of a level that has its own.
func (t *tiling) reset(rows []Row) {
	lanes := 0
	for _, r := range rows {
		if r.Name == "Tile" && r.MR == 1 && (lanes == 0 || r.NR < lanes) {
			lanes = r.NR
		}
	}
	if lanes == 0 {
		return
	}
	*t = tiling{lanes: lanes, moves: t.moves, transforms: t.transforms}
	for n := range 2*lanes + 1 {
		c := tile{full: 1}
		for v := range 2 {
			c.dst[v] = int64(4 * v * lanes)
			c.n[v] = int64(min(max(n-v*lanes, 0), lanes))
		}
		if n%lanes != 0 {
			c.full = 0
		}
		t.columns = append(t.columns, c)
	}
}

// add takes a row that is no exported field of Set. Register tiles come in
// the order of their row count.
func (t *tiling) add(r Row) bool {
	nv := r.NR / max(t.lanes, 1)
	switch r.Name {
	case "Tile":
		t.tiles[nv] = append(t.tiles[nv], r.Func.(tileFunc))
	case "ConvTile":
		t.convs[nv] = append(t.convs[nv], r.Func.(convFunc))
	case "WeightTile":
		t.wtiles[nv] = append(t.wtiles[nv], r.Func.(wtileFunc))
	case "RowTile":
		t.rows[nv] = append(t.rows[nv], r.Func.(rowTileFunc))
	case "OuterTile":
		t.outers[nv] = append(t.outers[nv], r.Func.(outerTileFunc))
	case "DotTile":
		if r.NR == 1 {
			t.dtiles = append(t.dtiles, nil)
		}
		t.dtiles[r.MR-1] = append(t.dtiles[r.MR-1], r.Func.(dtileFunc))
	case "WinogradInput":
		t.winogradInput = r.Func.(gridFunc)
	case "WinogradOutput":
		t.winogradOutput = r.Func.(gridFunc)
	case "WinogradWeights":
		t.winogradWeights = r.Func.(gridFunc)
	case "Winograd2Input":
		t.winograd2Input = r.Func.(gridFunc)
	case "Winograd2Output":
		t.winograd2Output = r.Func.(gridFunc)
	case "Winograd2Weights":
		t.winograd2Weights = r.Func.(gridFunc)
	case "WinogradGrad":
		t.winogradGrad = r.Func.(gridFunc)
	case "WinogradWeightGrad":
		t.winogradWeightGrad = r.Func.(gridFunc)
	case "CopyRows":
		t.copyRows = r.Func.(moveFunc)
	case "PadRows":
		t.padRows = r.Func.(moveFunc)
	case "EvenRows":
		t.evenRows = r.Func.(moveFunc)
	case "SpreadRows":
		t.spreadRows = r.Func.(moveFunc)
	case "TransposeStrip":
		t.transposeStrip = r.Func.(moveFunc)
	case "Gather":
		t.gather = r.Func.(gatherFunc)
	default:
		return false
	}
	return true
}

// mr and nr are the size of the main register tile.
func (t *tiling) mr() int { return len(t.tiles[2]) }
func (t *tiling) nr() int { return 2 * t.lanes }

// index returns the address i values after p.
func index(p *float32, i int) *float32 { return offset(p, 4*i) }

// offset returns the address n bytes after p.
func offset(p *float32, n int) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(p), n))
}

// CopyMatrix copies rows rows of cols values between pitches ldd and lds.
func (s *Set) CopyMatrix(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	if rows == 0 || cols == 0 {
		return
	}
	_, _ = dst[(rows-1)*ldd+cols-1], src[(rows-1)*lds+cols-1]
	s.copyRows(&dst[0], &src[0], 4*ldd, 4*lds, rows, cols)
}

// Transpose writes dst[j*ldd+i] = src[i*lds+j] for i < rows, j < cols.
func (s *Set) Transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	if rows == 0 || cols == 0 {
		return
	}
	_, _ = dst[(cols-1)*ldd+rows-1], src[(rows-1)*lds+cols-1]
	for i := 0; i < rows; i += s.lanes {
		s.transposeStrip(&dst[i], &src[i*lds], 4*ldd, 4*lds, min(s.lanes, rows-i), cols)
	}
}
