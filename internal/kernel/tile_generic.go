package kernel

import "unsafe"

// genericLanes is the vector length of the portable register tiles, whose
// vectors are four scalar variables.
const genericLanes = 4

func genericTileRows() []Row {
	rows := []Row{
		{Name: "CopyRows", Func: copyRowsGeneric},
		{Name: "PadRows", Func: padRowsGeneric},
		{Name: "EvenRows", Func: evenRowsGeneric},
		{Name: "SpreadRows", Func: spreadRowsGeneric},
		{Name: "TransposeStrip", Func: transposeStripGeneric},
		{Name: "Gather", Func: gatherGeneric},
	}
	for _, nv := range []int{1, 2} {
		for mr := 1; mr <= 4; mr++ {
			nr := nv * genericLanes
			rows = append(rows,
				Row{Name: "Tile", MR: mr, NR: nr, Func: tileGeneric(mr, nv)},
				Row{Name: "ConvTile", MR: mr, NR: nr, Func: convTileGeneric(mr, nv)},
				Row{Name: "WeightTile", MR: mr, NR: nr, Func: weightTileGeneric(mr, nv)},
				Row{Name: "RowTile", MR: mr, NR: nr, Func: rowTileGeneric(mr, nv)},
				Row{Name: "OuterTile", MR: mr, NR: nr, Func: outerTileGeneric(mr, nv)})
		}
	}
	return rows
}

// vec4 views four values at p.
func vec4(p *float32) *[4]float32 { return (*[4]float32)(unsafe.Pointer(p)) }

func tileGeneric(mr, nv int) tileFunc {
	return func(t *tile, a, b, c, bias *float32, k, ldb, ldc, flags int) {
		for r := range mr {
			for v := range nv {
				var x0, x1, x2, x3 float32
				for i := range k {
					w, y := *index(a, i*mr+r), vec4(offset(b, i*ldb+16*v))
					x0 += w * y[0]
					x1 += w * y[1]
					x2 += w * y[2]
					x3 += w * y[3]
				}
				finishGeneric([4]float32{x0, x1, x2, x3}, t, v, r, c, bias, ldc, flags)
			}
		}
	}
}

func convTileGeneric(mr, nv int) convFunc {
	return func(t *tile, a, b, c, bias *float32, off *int64, k, ldc, flags int) {
		offs := unsafe.Slice(off, k)
		for r := range mr {
			for v := range nv {
				var x0, x1, x2, x3 float32
				src := offset(b, int(t.src[v]))
				for i, o := range offs {
					w, y := *index(a, i*mr+r), vec4(offset(src, int(o)))
					x0 += w * y[0]
					x1 += w * y[1]
					x2 += w * y[2]
					x3 += w * y[3]
				}
				finishGeneric([4]float32{x0, x1, x2, x3}, t, v, r, c, bias, ldc, flags)
			}
		}
	}
}

// finishGeneric stores vector v of row r.
func finishGeneric(x [4]float32, t *tile, v, r int, c, bias *float32, ldc, flags int) {
	for l := range int(t.n[v]) {
		p := offset(c, r*ldc+int(t.dst[v])+4*l)
		y := x[l]
		if flags&flagAccumulate != 0 {
			y += *p
		}
		if bias != nil {
			y += *index(bias, r)
		}
		if flags&flagRelu != 0 && y < 0 {
			y = 0
		}
		*p = y
	}
}

func weightTileGeneric(mr, nv int) wtileFunc {
	return func(t *wtile, c, x *float32, off *int64, dy *float32) {
		for r, o := range unsafe.Slice(off, mr) {
			for v := range nv {
				var s0, s1, s2, s3 float32
				px, py := int(o), 16*v
				for row := range t.images * t.rows {
					if row > 0 && row%t.rows == 0 {
						px += int(t.xnext)
					}
					for range t.cols {
						w, y := *offset(x, px), vec4(offset(dy, py))
						s0 += w * y[0]
						s1 += w * y[1]
						s2 += w * y[2]
						s3 += w * y[3]
						px += 4
						py += int(t.dystep)
					}
					px += int(t.xskip)
				}
				sum := vec4(offset(c, r*int(t.ldc)+16*v))
				sum[0] += s0
				sum[1] += s1
				sum[2] += s2
				sum[3] += s3
			}
		}
	}
}

func rowTileGeneric(mr, nv int) rowTileFunc {
	return func(a, b, c *float32, off *int64, taps, k, lda, ldc, flags int, _ *float32, _ int) {
		for r := range mr {
			for v := range nv {
				var x [4]float32
				w := 16 * v
				for _, o := range unsafe.Slice(off, taps) {
					for _, y := range unsafe.Slice(offset(a, int(o)+r*lda), k) {
						addScaled(&x, y, vec4(offset(b, w)))
						w += 16 * nv
					}
				}
				sum := vec4(offset(c, r*ldc+16*v))
				if flags&flagAccumulate != 0 {
					addScaled(&x, 1, sum)
				}
				*sum = x
			}
		}
	}
}

func outerTileGeneric(mr, nv int) outerTileFunc {
	return func(w *outerWalk, a, b, c *float32, ldc, flags int) {
		for r := range mr {
			for v := range nv {
				x := outerSum(w, index(a, r), offset(b, 16*v))
				sum := vec4(offset(c, r*ldc+16*v))
				if flags&flagAccumulate != 0 {
					addScaled(&x, 1, sum)
				}
				*sum = x
			}
		}
	}
}

// outerSum returns the sum of a row and a vector of an outer product's tile.
func outerSum(w *outerWalk, a, b *float32) (x [4]float32) {
	i, j := 0, 0 // bytes: addresses beyond the last position would be invalid
	for range w.images {
		for range w.rows {
			for range w.cols {
				addScaled(&x, *offset(a, i), vec4(offset(b, j)))
				i, j = i+int(w.a.step), j+int(w.b.step)
			}
			i, j = i+int(w.a.row), j+int(w.b.row)
		}
		i, j = i+int(w.a.image), j+int(w.b.image)
	}
	return x
}

// addScaled adds s*y to x.
func addScaled(x *[4]float32, s float32, y *[4]float32) {
	x[0] += s * y[0]
	x[1] += s * y[1]
	x[2] += s * y[2]
	x[3] += s * y[3]
}

func copyRowsGeneric(dst, src *float32, ldd, lds, rows, cols int) {
	for i := range rows {
		copy(unsafe.Slice(offset(dst, i*ldd), cols), unsafe.Slice(offset(src, i*lds), cols))
	}
}

func padRowsGeneric(dst, src *float32, ldd, lds, rows, cols int) {
	for i := range rows {
		row := unsafe.Slice(offset(dst, i*ldd), ldd/4)
		copy(row, unsafe.Slice(offset(src, i*lds), cols))
		clear(row[cols:])
	}
}

func evenRowsGeneric(dst, src *float32, ldd, lds, rows, cols int) {
	for i := range rows {
		for j := range cols {
			*offset(dst, i*ldd+4*j) = *offset(src, i*lds+8*j)
		}
	}
}

func spreadRowsGeneric(dst, src *float32, ldd, lds, rows, cols int) {
	for i := range rows {
		for j := range cols {
			*offset(dst, i*ldd+8*j) = *offset(src, i*lds+4*j)
		}
	}
}

func transposeStripGeneric(dst, src *float32, ldd, lds, w, n int) {
	for i := range w {
		for j, x := range unsafe.Slice(offset(src, i*lds), n) {
			*offset(dst, j*ldd+4*i) = x
		}
	}
}

func gatherGeneric(dst, x *float32, off *int64, runs *run, n, k, ld int) {
	for i, o := range unsafe.Slice(off, k) {
		for _, r := range unsafe.Slice(runs, n) {
			copy(unsafe.Slice(offset(dst, i*ld+int(r.dst)), r.n), unsafe.Slice(offset(x, int(o+r.src)), r.n))
		}
	}
}
