package kernel

// A weightGrad is the plan of a convolution's weight gradient. There are two
// ways: vectors of output channels, for which the output gradient is
// transposed a band of positions at a time, with the taps broadcast from where
// they lie; and, for few channels, dot products along the rows of the output.
type weightGrad struct {
	dots  bool
	dot   dtile
	bands []band
	pitch int // values from one position of a transposed band to the next
	room  int // values of the largest band, and of what a vector reads beyond its end
}

// A band is some whole images, or some rows of one.
type band struct {
	wtile
	image int
	row   int
}

// firstLevel is the room for data in the first-level cache, in values.
const firstLevel = 1 << 13

// bandPositions is about the number of positions of a band: many enough to
// hide the load and store of a register tile, few enough to stay in the cache.
const bandPositions = 512

// WeightGradSize returns the length of the weight gradient's accumulator: the
// taps (c, kh, kw) by the output channels, filled up to whole vectors.
func (c *Conv) WeightGradSize() int { return c.K() * c.paddedO() }

func (c *Conv) paddedO() int { return ceilDiv(c.O, c.set.lanes) * c.set.lanes }

func (c *Conv) planWeightGrad() {
	w := &c.wgrad
	ho, wo, gap := c.OutH(), c.OutW(), c.image.gw-c.OutW()
	lanes, ld := c.set.lanes, c.paddedO()
	if len(c.set.dtiles) > 0 && !c.YLast {
		// In vector multiply-adds: an odd vector of channels is bound by the
		// loads of the taps, and the gradient must be transposed; a dot
		// product must be summed in the end.
		byChannel := ho * wo * (c.K()*(ld/lanes*10+ld/lanes%2*3)/10 + ld*7/10)
		byRow := c.K() * c.O * (ho*ceilDiv(wo, lanes)*3/2 + 10)
		w.dots = byRow < byChannel
	}
	w.dot = dtile{
		rows: int64(ho), chunks: int64(wo / lanes), tail: int64(wo % lanes),
		xskip: int64(4 * gap), plane: int64(4 * ho * wo),
	}
	w.pitch = c.set.nr()
	if c.O <= lanes { // positions touch: the other lanes add up what nobody reads, and columns are stored faster
		w.pitch = c.O
	}
	images, rows := max(1, bandPositions/(ho*wo)), max(1, min(ho, bandPositions/wo))
	for n := 0; n < c.N; n += images {
		for i := 0; i < ho; i += rows {
			b := band{image: n, row: i}
			b.rows, b.cols, b.images = int64(min(rows, ho-i)), int64(wo), int64(min(images, c.N-n))
			b.xskip, b.xnext = int64(4*gap), int64(4*(c.image.size/c.N-ho*c.image.gw))
			b.dystep, b.ldc = int64(4*w.pitch), int64(4*ld)
			w.bands = append(w.bands, b)
		}
	}
	w.room = min(images, c.N)*rows*wo*w.pitch + lanes
}

// WeightGradScratch returns the length of scratch that WeightGrad needs.
func (c *Conv) WeightGradScratch() int {
	return c.image.scratch(c.set) + c.wgrad.room + alignment
}

// WeightGrad adds the gradient of the images to acc, which the caller clears
// before the first: acc[k][o] += sum over positions of x[tap k] * dy[o]. The
// order of the sum depends on the shape, N included, alone. StoreWeightGrad turns acc into
// the layout of the weights. x must lie in planes, dy may do either.
func (c *Conv) WeightGrad(acc, x, dy, scratch []float32) {
	c.WeightGradPanels(acc, x, dy, 0, c.ChannelPanels(), scratch)
}

// ChannelPanels returns into how many parts WeightGradPanels can be cut: panels of neighbouring output channels, as many in each
// but the last.
func (c *Conv) ChannelPanels() int {
	if c.wgrad.dots {
		return 1
	}
	return ceilDiv(c.O, c.set.nr())
}

// WeightGradPanels is WeightGrad for panels q0 to q1 of the output channels
// alone; all else describes the whole gradient.
func (c *Conv) WeightGradPanels(acc, x, dy []float32, q0, q1 int, scratch []float32) {
	mustHold("accumulator", acc, c.WeightGradSize())
	mustHold("x", x, c.N*c.C*c.H*c.W)
	mustHold("dy", dy, c.N*c.O*c.positions())
	xp, rest := c.image.padded(c.set, x, scratch)
	if c.wgrad.dots {
		for i := range c.N {
			c.dotProducts(acc, xp[i*c.image.size/c.N:], dy[i*c.O*c.positions():])
		}
		return
	}
	rest = aligned(rest)[:c.wgrad.room]
	for o := q0 * c.set.nr(); o < min(q1*c.set.nr(), c.O); o += c.set.nr() {
		for i := range c.wgrad.bands {
			b := &c.wgrad.bands[i]
			c.transposeBand(rest, dy, b, o)
			c.addBand(acc[o:], xp[b.image*c.image.size/c.N+b.row*c.image.gw:], rest, b, o)
		}
	}
}

// ClearWeightGrad clears panels q0 to q1 of the accumulator.
func (c *Conv) ClearWeightGrad(acc []float32, q0, q1 int) {
	ld := c.paddedO()
	from, to := q0*c.set.nr(), min(q1*c.set.nr(), ld)
	if q1 == c.ChannelPanels() {
		to = ld
	}
	for k := range c.K() {
		clear(acc[k*ld+from : k*ld+to])
	}
}

// transposeBand writes one panel of channels of a band, from channel o on, for
// each position.
func (c *Conv) transposeBand(dst, dy []float32, b *band, o int) {
	s, pitch := c.set, c.wgrad.pitch
	channels, n := min(s.nr(), c.O-o), int(b.rows*b.cols)
	if channels < pitch && channels%s.lanes != 0 {
		clear(dst)
	}
	for i := range int(b.images) {
		c.output.row(s, dst[i*n*pitch:], pitch, dy, b.image+i, o, channels, b.row, n, 1)
	}
}

// addBand adds the products of one panel of channels of a band.
func (c *Conv) addBand(acc, x, dyT []float32, b *band, o int) {
	funcs := c.set.wtiles[ceilDiv(min(c.set.nr(), c.O-o), c.set.lanes)]
	groups := ceilDiv(c.K(), len(funcs))
	for g := range groups {
		k, end := c.K()*g/groups, c.K()*(g+1)/groups
		funcs[end-k-1](&b.wtile, &acc[k*c.paddedO()], &x[0], &c.off[k], &dyT[0])
	}
}

// dotProducts adds the products of the whole image.
func (c *Conv) dotProducts(acc, x, dy []float32) {
	s, ld := c.set, c.paddedO()
	// Eight channels of a large image would be read faster than the second-level
	// cache gives; four by more taps read half as much.
	channels := len(s.dtiles)
	if channels*c.positions() > firstLevel {
		channels = 4
	}
	parts := ceilDiv(c.O, channels)
	for p := range parts {
		o, oEnd := c.O*p/parts, c.O*(p+1)/parts
		funcs := s.dtiles[oEnd-o-1]
		groups := ceilDiv(c.K(), len(funcs))
		for g := range groups {
			k, end := c.K()*g/groups, c.K()*(g+1)/groups
			funcs[end-k-1](&c.wgrad.dot, &acc[k*ld+o], &x[0], &c.off[k], &dy[o*c.positions()], 4*ld)
		}
	}
}

// StoreWeightGrad writes the accumulated gradient as dw [O,C,KH,KW]: the output
// channels from up to to of it.
func (c *Conv) StoreWeightGrad(dw, acc []float32, from, to int) {
	mustHold("accumulator", acc, c.WeightGradSize())
	if from < to {
		c.set.Transpose(dw[from*c.K():], c.K(), acc[from:], c.paddedO(), c.K(), to-from)
	}
}
