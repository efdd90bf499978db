package kernel

import "unsafe"

// A channelGrad is the weight gradient of a convolution whose activations hold the channels of a position side by side: for each tap, a
// product of output channels by input channels, summed over the positions of the batch. The register tiles read both sides where they
// lie, if vectors are long: the walk of a tap is the outputs whose input at that tap is inside the image, so that zeros are neither
// stored nor multiplied.
//
// One side gives the rows of the tiles, the other one their vectors. The positions are cut into blocks that the second-level cache holds
// beside the sums of a part; while a block is multiplied, the next is fetched.
type channelGrad struct {
	ConvShape
	set    *Set
	ho, wo int
	taps   int
	// inputRows says that rows are the input channels and columns the output channels, not the other way round.
	inputRows  bool
	rows, cols int  // channels
	packX      bool // tiles read panels of the channels at a tap, not the input itself
	packDY     bool // nor the output gradient
	direct     bool // the sums are the gradient as it is stored
	grid       box  // numbers of blocks: of images, rows and columns of outputs
	gradCut
}

// A box is some whole images, whole rows of one image, or a part of one row: outputs that follow each other in memory.
type box struct{ image, images, row, rows, col, cols int }

// A gradCut is into how many parts the rows and columns of the sums are cut, and into how many chunks the blocks.
type gradCut struct{ rowParts, colParts, chunks int }

const (
	cacheLine = 4 * alignment // bytes
	// farApart is how many values positions are apart at most to be read where they lie if vectors are short.
	farApart = 256
	// gradPositions is about the number of positions of a block, at least: it hides the load and store of a register tile's sums.
	gradPositions = 256
	// fewPositions is that number where the sums are few and the blocks are needed for tasks.
	fewPositions = 64
	// gradSums is how many sums a part has at most, half of the second-level cache.
	gradSums = 128 << 10
	// gradBlock is about how many values of a block a part reads at most: with those of the next block, the other half.
	gradBlock = 100 << 10
)

// NewChannelWeightGrad plans the weight gradient dw [O,C,KH,KW] of a convolution, for x [N,H,W,C] and dy [N,OutH,OutW,O].
func (s *Set) NewChannelWeightGrad(shape ConvShape) WeightGrad {
	shape.N = max(shape.N, 1)
	g := &channelGrad{ConvShape: shape.flat(), set: s, taps: shape.KH * shape.KW}
	g.ho, g.wo = g.OutH(), g.OutW()
	g.orient()
	g.planBlocks()
	g.planParts()
	return g
}

// flat returns s as one row, if its outputs are made of one input each.
func (s ConvShape) flat() ConvShape {
	if s.KH*s.KW*s.StrideH*s.StrideW == 1 && s.PadT+s.PadL+s.PadB+s.PadR == 0 {
		s.N, s.H, s.W = 1, 1, s.N*s.H*s.W
	}
	return s
}

// orient chooses the side of the vectors: channels that fill vectors, and of these the side that leaves fewer lanes and broadcasts
// unused. Tiles of short vectors do little with each cache line that they read, so it must come from the first-level cache, where
// positions far apart find little room: they read panels of those, and panels for vectors are made faster.
func (g *channelGrad) orient() {
	s := g.set
	whole := func(channels int) bool { return channels%s.lanes == 0 }
	short := 4*s.lanes < cacheLine
	byInput, byOutput := s.tileWork(g.C, g.O), s.tileWork(g.O, g.C)
	g.rows, g.cols = g.O, g.C
	if !whole(g.C) || whole(g.O) && (byInput < byOutput || byInput == byOutput && short && g.C < g.O) {
		g.inputRows, g.rows, g.cols = true, g.C, g.O
	}
	g.packX = short && g.StrideW*g.C > farApart
	g.packDY = short && g.O > farApart || !whole(g.cols)
	g.direct = g.taps == 1 && !g.inputRows
}

// tileWork is the time of a position: tiles of a single vector are bound by the loads of the rows.
func (s *Set) tileWork(rows, cols int) int {
	v := ceilDiv(cols, s.lanes)
	return rows * (10*v + 3*(v%2))
}

// planBlocks cuts the positions.
func (g *channelGrad) planBlocks() {
	size, image := gradPositions, g.ho*g.wo
	if m, n := g.set.Panels(g.rows, g.cols); m*n < gradTasks {
		size = min(max(g.N*image/gradTasks, fewPositions), size)
	}
	g.grid = box{images: g.N, rows: 1, cols: 1}
	switch {
	case g.wo >= 2*size:
		g.grid.rows, g.grid.cols = g.ho, g.wo/size
	case image >= 2*size:
		g.grid.rows = min(image/size, g.ho)
	default:
		g.grid.images = min(max(1, g.N*image/size), g.N)
	}
}

func (g *channelGrad) blocks() int { return g.grid.images * g.grid.rows * g.grid.cols }

// block returns block b. Blocks are as equal as can be.
func (g *channelGrad) block(b int) (at box) {
	b, at.col, at.cols = cutOff(b, g.grid.cols, g.wo)
	b, at.row, at.rows = cutOff(b, g.grid.rows, g.ho)
	_, at.image, at.images = cutOff(b, g.grid.images, g.N)
	return at
}

// cutOff takes the last digit of i, of base parts, and returns the rest and that part of n.
func cutOff(i, parts, n int) (rest, from, length int) {
	p := i % parts
	return i / parts, n * p / parts, n*(p+1)/parts - n*p/parts
}

// planParts chooses the cut of least cost.
func (g *channelGrad) planParts() {
	m, n := g.set.Panels(g.rows, g.cols)
	least := 0.0
	for i := m; i > 0; i-- {
		for j := n; j > 0; j-- {
			cut := gradCut{ceilDiv(m, i), ceilDiv(n, j), 1}
			if i != ceilDiv(m, cut.rowParts) || j != ceilDiv(n, cut.colParts) {
				continue // no part would have that many panels
			}
			few := g.GradChunks(cut.rowParts * cut.colParts)
			for cut.chunks = min(few, g.blocks()); cut.chunks <= min(few+3, g.blocks()); cut.chunks++ {
				if cost := g.cost(cut); least == 0 || cost < least {
					least, g.gradCut = cost, cut
				}
			}
		}
	}
}

// cost estimates the time of a cut, relative to that of the multiply-adds alone.
func (g *channelGrad) cost(cut gradCut) float64 {
	rows, cols := g.partSize(cut)
	parts := cut.rowParts * cut.colParts
	tasks, sums := parts*cut.chunks, float64(rows*cols)
	// Threads wait for the last task, more so if it is a large one; four threads are taken to share the work.
	rounds := max(gradTasks/4, ceilDiv(tasks, 4))
	wait := float64(4*rounds) / float64(tasks)
	uneven := 1 + (sums*float64(parts)/float64(g.rows*g.set.roundUp(g.cols))-1)/float64(rounds)
	// In vector multiply-adds: a part fetches its values once, and sums of chunks are written, read and added.
	read := 2 * g.blockRows(rows, cols)
	fetch := float64(read) / (sums * float64(g.taps))
	add := 6 * float64(cut.chunks) / float64(g.N*g.ho*g.wo)
	full := excess(rows*cols*g.taps, gradSums) + excess(gradPositions*read/2, gradBlock)
	return wait * uneven * (1 + fetch + add + full)
}

// excess is by how much of room n exceeds it.
func excess(n, room int) float64 { return float64(max(n-room, 0)) / float64(room) }

// blockRows returns the values that a part reads for each output, where neighbours of an output are read for several.
func (g *channelGrad) blockRows(rows, cols int) int {
	each := min(g.KH, g.StrideH) * min(g.KW, g.StrideW)
	return each*g.ofInput(rows, cols) + g.ofInput(cols, rows)
}

// ofInput returns that of the rows and the columns which the input gives; with the arguments exchanged, what the output gradient gives.
func (g *channelGrad) ofInput(rows, cols int) int {
	if g.inputRows {
		return rows
	}
	return cols
}

// partSize returns the rows and columns of the largest part of a cut, or one row more.
func (g *channelGrad) partSize(cut gradCut) (rows, cols int) {
	m, n := g.set.Panels(g.rows, g.cols)
	return ceilDiv(g.rows*ceilDiv(m, cut.rowParts), m), min(ceilDiv(n, cut.colParts)*g.set.nr(), g.set.roundUp(g.cols))
}

func (g *channelGrad) Parts() int { return g.rowParts * g.colParts }

func (g *channelGrad) Chunks() int { return g.chunks }

func (g *channelGrad) Scratch() int {
	b := g.buffers()
	return walkRoom + b.sums + b.x + b.dy + alignment
}

// walkRoom is the room of an outerWalk, whole cache lines.
const walkRoom = 2 * alignment

// walk takes room for an outerWalk. One among the local variables would be allocated by each call, since tiles are called through pointers.
func (t *taker) walk() *outerWalk { return (*outerWalk)(unsafe.Pointer(&t.next(walkRoom)[0])) }

// buffers returns the lengths of the sums of a part and of the panels of a block.
func (g *channelGrad) buffers() (b struct{ sums, x, dy int }) {
	rows, cols := g.partSize(g.gradCut)
	block := ceilDiv(g.N, g.grid.images) * ceilDiv(g.ho, g.grid.rows) * ceilDiv(g.wo, g.grid.cols)
	if !g.direct {
		b.sums = ceilDiv(g.taps*rows*cols, alignment) * alignment
	}
	if g.packX {
		b.x = ceilDiv(block*g.ofInput(rows, cols), alignment) * alignment
	}
	if g.packDY {
		b.dy = block * g.ofInput(cols, rows)
	}
	return b
}

// channelGradRun is one call of Run: the part of nrows and ncols channels that begins at row and col.
type channelGradRun struct {
	*channelGrad
	x, dy                     []float32 // from the first channel of the part on
	row, nrows, panel, panels int       // panels of all rows: the part's first, and the one after its last
	col, ncols, width         int       // width is ncols in whole vectors
	sums                      []float32 // [tap][nrows][width], or rows of the gradient
	ld                        int       // from one row of sums to the next
	xPanels, dyPanels         []float32
	walk                      *outerWalk
	flags                     int
}

// Run makes each value a sum over its positions in blocks, each from zero in order, the blocks added in order.
func (g *channelGrad) Run(dw, x, dy []float32, part, chunk int, scratch []float32) {
	mustHold("dw", dw, g.O*g.K())
	mustHold("x", x, g.N*g.C*g.H*g.W)
	mustHold("dy", dy, g.N*g.O*g.ho*g.wo)
	mustHold("scratch", scratch, g.Scratch())
	r := channelGradRun{channelGrad: g}
	r.takePart(part)
	r.takeScratch(scratch)
	r.x, r.dy = x[r.ofInput(r.row, r.col):], dy[r.ofInput(r.col, r.row):]
	if g.direct {
		r.sums, r.ld = dw[r.row*g.cols+r.col:], g.cols
	}
	r.run(g.blocks()*chunk/g.chunks, g.blocks()*(chunk+1)/g.chunks)
	if !g.direct {
		r.store(dw)
	}
}

func (r *channelGradRun) takePart(part int) {
	s, i, j := r.set, part/r.colParts, part%r.colParts
	m, n := s.Panels(r.rows, r.cols)
	r.panel, r.panels = m*i/r.rowParts, m*(i+1)/r.rowParts
	r.row = s.RowPanel(r.panel, r.rows)
	r.nrows = s.RowPanel(r.panels, r.rows) - r.row
	r.col = n * j / r.colParts * s.nr()
	r.ncols = min(n*(j+1)/r.colParts*s.nr(), r.cols) - r.col
	r.width = s.roundUp(r.ncols)
	r.ld = r.width
}

func (r *channelGradRun) takeScratch(scratch []float32) {
	b := r.buffers()
	take := taker(aligned(scratch))
	r.walk = take.walk()
	r.sums, r.xPanels, r.dyPanels = take.next(b.sums), take.next(b.x), take.next(b.dy)
}

// run adds the products of blocks first up to end.
func (r *channelGradRun) run(first, end int) {
	at := r.block(first)
	for b := first; b < end; b++ {
		next := at
		if b+1 < end {
			next = r.block(b + 1)
		}
		if r.packDY {
			n := at.images * at.rows * at.cols
			r.pack(r.dyPanels, r.dy[r.output(at)*r.O:], r.O, !r.inputRows, 0, n, n)
		}
		for i := range r.KH {
			for j := range r.KW {
				r.tap(at, next, i, j)
			}
		}
		at, r.flags = next, flagAccumulate
	}
}

// pack copies count positions, ld values apart, as those from first on of panels of n positions, for the rows or the columns of tiles.
func (r *channelGradRun) pack(panels, x []float32, ld int, rows bool, first, count, n int) {
	s := r.set
	if rows {
		for q := r.panel; q < r.panels; q++ {
			i, end := s.RowPanel(q, r.rows)-r.row, s.RowPanel(q+1, r.rows)-r.row
			s.CopyMatrix(panels[n*i+first*(end-i):], end-i, x[i:], ld, count, end-i)
		}
		return
	}
	for j := 0; j < r.width; j += s.nr() {
		w := min(s.nr(), r.width-j)
		to := panels[n*j+first*w:][:count*w]
		if r.ncols-j < w {
			clear(to)
		}
		s.CopyMatrix(to, w, x[j:], ld, count, min(w, r.ncols-j))
	}
}

// output returns the number of the first output of a box.
func (g *channelGrad) output(b box) int { return (b.image*g.ho+b.row)*g.wo + b.col }

// input returns the number of the input that this output has at a tap of no offset.
func (g *channelGrad) input(b box) int { return (b.image*g.H+b.row*g.StrideH)*g.W + b.col*g.StrideW }

// inside returns the part of a box whose inputs, at rows and cols from the first place of the window, are inside the image.
func (g *channelGrad) inside(b box, rows, cols int) box {
	b.row, b.rows = insideOf(b.row, b.rows, g.H, rows, g.StrideH)
	b.col, b.cols = insideOf(b.col, b.cols, g.W, cols, g.StrideW)
	return b
}

// insideOf returns the outputs i among n from first on for which i*stride+at is inside size.
func insideOf(first, n, size, at, stride int) (from, count int) {
	from = max(first, ceilDiv(max(-at, 0), stride))
	return from, max(0, min(first+n, ceilDiv(max(size-at, 0), stride))-from)
}

// tap adds the products of a block at one tap; next is the block after it.
func (r *channelGradRun) tap(at, next box, i, j int) {
	tap, rows, cols := i*r.KW+j, i*r.DilH-r.PadT, j*r.DilW-r.PadL
	sums := r.sums
	if !r.direct {
		sums = sums[tap*r.nrows*r.width:][:r.nrows*r.width]
	}
	b := r.inside(at, rows, cols)
	if b.rows*b.cols == 0 {
		if r.flags == 0 {
			clear(sums)
		}
		return
	}
	x, dy := r.inputSide(at, next, b, i, j), r.gradSide(at, next, b, i, j)
	if r.inputRows {
		r.products(sums, joined(b, x.way, dy.way), x, dy)
	} else {
		r.products(sums, joined(b, dy.way, x.way), dy, x)
	}
}

// A side is what the rows or the columns of tiles are read from: the positions of a block at a tap, each ld values, or panels of
// channels.
type side struct {
	data         []float32 // from the first position on, or all panels
	ld           int
	way          outerSide // in positions
	next         int       // bytes to the next block, or 0 for nothing to be fetched
	panel, first int       // positions of a panel, if not 0, and the number of the first one
}

// at returns the address of w channels from c on, and the way from there in bytes.
func (s *side) at(c, w int) (*float32, outerSide) {
	i, ld := c, s.ld
	if s.panel > 0 {
		i, ld = s.panel*c+s.first*w, w
	}
	step := int64(4 * ld)
	return &s.data[i], outerSide{step: s.way.step * step, row: s.way.row * step, image: s.way.image * step}
}

// way returns the way through a box, for the distances of positions, rows and images.
func way(b box, step, row, image int) outerSide {
	return outerSide{step: int64(step), row: int64(row - b.cols*step), image: int64(image - b.rows*row)}
}

// inputSide returns the input of the part b of block at for tap (i, j).
func (r *channelGradRun) inputSide(at, next, b box, i, j int) side {
	first := r.input(b) + (i*r.DilH-r.PadT)*r.W + j*r.DilW - r.PadL
	x := side{data: r.x[first*r.C:], ld: r.C, way: way(b, r.StrideW, r.StrideH*r.W, r.H*r.W)}
	if r.packX {
		return r.packInput(b, x)
	}
	if i < r.StrideH && j < r.StrideW { // the inputs at other taps are among those at these
		x.next = 4 * r.C * (r.input(next) - r.input(at))
	}
	return x
}

// gradSide returns the output gradient of the part b of block at for tap (i, j).
func (r *channelGradRun) gradSide(at, next, b box, i, j int) side {
	dy := side{way: way(b, 1, r.wo, r.ho*r.wo)}
	if r.packDY {
		dy.data, dy.panel, dy.first = r.dyPanels, at.images*at.rows*at.cols, r.output(b)-r.output(at)
		return dy
	}
	dy.data, dy.ld = r.dy[r.output(b)*r.O:], r.O
	if i+j == 0 {
		dy.next = 4 * r.O * (r.output(next) - r.output(at))
	}
	return dy
}

// packInput returns the panels of the input of a box.
func (r *channelGradRun) packInput(b box, x side) side {
	n := b.images * b.rows * b.cols
	for i := range b.images {
		for j := range b.rows {
			row := x.data[(i*r.H+j*r.StrideH)*r.W*r.C:]
			r.pack(r.xPanels, row, r.StrideW*r.C, r.inputRows, (i*b.rows+j)*b.cols, b.cols, n)
		}
	}
	return side{data: r.xPanels, way: outerSide{step: 1}, panel: n}
}

// joined returns the walk through a box, rows that follow each other on both sides being joined, so that the loops are long.
func joined(b box, rows, cols outerSide) outerWalk {
	w := outerWalk{images: int64(b.images), rows: int64(b.rows), cols: int64(b.cols)}
	if rows.row|cols.row == 0 {
		w.rows, w.cols = 1, w.rows*w.cols
		if rows.image|cols.image == 0 {
			w.images, w.cols = 1, w.images*w.cols
		}
	}
	return w
}

// products adds the products of all panels; a gives the rows, b the columns. The values of the next block are fetched where those of
// this one are read for the first time.
func (r *channelGradRun) products(sums []float32, walk outerWalk, a, b side) {
	s, w := r.set, r.walk
	*w = walk
	for j := 0; j < r.width; j += s.nr() {
		v := min(s.nr(), r.width-j)
		tiles := s.outers[v/s.lanes]
		bj, bWay := b.at(j, v)
		w.b, w.b.next = bWay, int64(b.next)
		for q := r.panel; q < r.panels; q++ {
			i, end := s.RowPanel(q, r.rows)-r.row, s.RowPanel(q+1, r.rows)-r.row
			ai, aWay := a.at(i, end-i)
			w.a, w.a.next = aWay, int64(a.next)
			tiles[end-i-1](w, ai, bj, &sums[i*r.ld+j], 4*r.ld, r.flags)
			w.b.next = 0
		}
		a.next = 0
	}
}

// store writes the sums as the gradient.
func (r *channelGradRun) store(dw []float32) {
	s, plane := r.set, r.nrows*r.width
	switch {
	case !r.inputRows:
		for i := range r.nrows {
			s.Transpose(dw[((r.row+i)*r.C+r.col)*r.taps:], r.taps, r.sums[i*r.width:], plane, r.taps, r.ncols)
		}
	case r.taps == 1:
		s.Transpose(dw[r.col*r.C+r.row:], r.C, r.sums, r.width, r.nrows, r.ncols)
	default:
		for i := range r.nrows {
			s.Transpose(dw[(r.col*r.C+r.row+i)*r.taps:], r.K(), r.sums[i*r.width:], plane, r.taps, r.ncols)
		}
	}
}
