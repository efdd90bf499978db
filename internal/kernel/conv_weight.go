package kernel

// A weightGrad is the plan of a convolution's weight gradient. There are two
// ways: vectors of output channels, for which the output gradient is
// transposed a band of rows at a time, with the taps broadcast from where they
// lie; and, for few channels, dot products along the rows of the output.
type weightGrad struct {
	dots  bool
	dot   dtile
	bands []band
	room  int // values of the largest band
}

// A band is some rows of the output, of which first is the first position.
type band struct {
	wtile
	first, positions int
	x                int // offset of its first input
}

// firstLevel is the room for data in the first-level cache, in values.
const firstLevel = 1 << 13

// bandSize is the room for a band of transposed gradients in the second-level
// cache, in values.
const bandSize = 1 << 15

// WeightGradSize returns the length of the weight gradient's accumulator: the
// taps (c, kh, kw) by the output channels, filled up to whole vectors.
func (c *Conv) WeightGradSize() int { return c.K() * c.paddedO() }

func (c *Conv) paddedO() int { return ceilDiv(c.O, c.set.lanes) * c.set.lanes }

func (c *Conv) planWeightGrad() {
	w := &c.wgrad
	ho, wo, gap := c.OutH(), c.OutW(), c.image.gw-c.OutW()
	lanes, ld := c.set.lanes, c.paddedO()
	if len(c.set.dtiles) > 0 {
		// In vector multiply-adds: an odd vector of channels is bound by the
		// loads of the taps, and the gradient must be transposed; a dot
		// product must be summed in the end.
		byChannel := ho * wo * (c.K()*(ld/lanes*10+ld/lanes%2*3)/10 + ld*7/10)
		byRow := c.K() * c.O * (ho*ceilDiv(wo, lanes)*11/10 + 10)
		w.dots = byRow < byChannel
	}
	w.dot = dtile{
		rows: int64(ho), chunks: int64(wo / lanes), tail: int64(wo % lanes),
		xskip: int64(4 * gap), plane: int64(4 * ho * wo),
	}
	rows := max(1, bandSize/(wo*ld))
	for i := 0; i < ho; i += rows {
		n := min(rows, ho-i)
		w.bands = append(w.bands, band{
			wtile: wtile{rows: int64(n), cols: int64(wo), xskip: int64(4 * gap), dystep: int64(4 * ld), ldc: int64(4 * ld)},
			first: i * wo, positions: n * wo, x: i * c.image.gw,
		})
	}
	w.room = min(rows, ho) * wo * ld
}

// WeightGradScratch returns the length of scratch that WeightGrad needs.
func (c *Conv) WeightGradScratch() int {
	return c.image.scratch(c.set) + c.wgrad.room + alignment
}

// WeightGrad adds the gradient of the images to acc, which the caller clears
// before the first: acc[k][o] += sum over positions of x[tap k] * dy[o]. The
// order of the sum depends on the shape alone. StoreWeightGrad turns acc into
// the layout of the weights.
func (c *Conv) WeightGrad(acc, x, dy, scratch []float32) {
	mustHold("accumulator", acc, c.WeightGradSize())
	mustHold("x", x, c.N*c.C*c.H*c.W)
	mustHold("dy", dy, c.N*c.O*c.positions())
	xp, rest := c.image.padded(c.set, x, scratch)
	rest = aligned(rest)
	if !c.wgrad.dots && c.paddedO() != c.O {
		clear(rest[:c.wgrad.room])
	}
	for i := range c.N {
		x, dy := xp[i*c.image.size/c.N:], dy[i*c.O*c.positions():]
		if c.wgrad.dots {
			c.dotProducts(acc, x, dy)
			continue
		}
		for j := range c.wgrad.bands {
			b := &c.wgrad.bands[j]
			c.set.Transpose(rest, c.paddedO(), dy[b.first:], c.positions(), c.O, b.positions)
			c.addBand(acc, x[b.x:], rest, b)
		}
	}
}

// addBand adds the products of one band.
func (c *Conv) addBand(acc, x, dyT []float32, b *band) {
	s, ld := c.set, c.paddedO()
	for v := 0; v < ld; {
		nv := min(2, (ld-v)/s.lanes)
		funcs := s.wtiles[nv]
		groups := ceilDiv(c.K(), len(funcs))
		for g := range groups {
			k, end := c.K()*g/groups, c.K()*(g+1)/groups
			funcs[end-k-1](&b.wtile, &acc[k*ld+v], &x[0], &c.fwd.off[k], &dyT[v])
		}
		v += nv * s.lanes
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
			funcs[end-k-1](&c.wgrad.dot, &acc[k*ld+o], &x[0], &c.fwd.off[k], &dy[o*c.positions()], 4*ld)
		}
	}
}

// StoreWeightGrad writes the accumulated gradient as dw [O,C,KH,KW].
func (c *Conv) StoreWeightGrad(dw, acc []float32) {
	mustHold("accumulator", acc, c.WeightGradSize())
	c.set.Transpose(dw, c.K(), acc, c.paddedO(), c.K(), c.O)
}
