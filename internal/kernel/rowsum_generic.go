package kernel

// A columnSums holds the running sums of as many columns as the portable sums over
// rows take at a time, so that memory is read along the rows.
type columnSums [64]float64

// block returns the part of dst that the sums from column col on are for.
func (s *columnSums) block(dst []float32, col int) []float32 {
	return dst[col:min(col+len(s), len(dst))]
}

func (s *columnSums) store(dst []float32) {
	for c := range dst {
		dst[c] = float32(s[c])
	}
}

// valuesAt returns n values of x from element at on.
func valuesAt(x []float32, at, n int) []float32 { return x[at : at+n : len(x)] }

func sumRowsGeneric(dst, x []float32, rows, ld int) {
	for col := 0; col < len(dst); col += len(columnSums{}) {
		var sums columnSums
		block := sums.block(dst, col)
		for r := range rows {
			for c, v := range valuesAt(x, r*ld+col, len(block)) {
				sums[c] += float64(v)
			}
		}
		sums.store(block)
	}
}

func squaresAboutRowsGeneric(dst, x, mean []float32, rows, ld int) {
	for col := 0; col < len(dst); col += len(columnSums{}) {
		var sums columnSums
		block := sums.block(dst, col)
		m := valuesAt(mean, col, len(block))
		for r := range rows {
			for c, v := range valuesAt(x, r*ld+col, len(block)) {
				d := float64(v) - float64(m[c])
				sums[c] += d * d
			}
		}
		sums.store(block)
	}
}

func dotAboutRowsGeneric(dst, a, b, mean []float32, rows, ld int) {
	for col := 0; col < len(dst); col += len(columnSums{}) {
		var sums columnSums
		block := sums.block(dst, col)
		m := valuesAt(mean, col, len(block))
		for r := range rows {
			y := valuesAt(b, r*ld+col, len(block))
			for c, v := range valuesAt(a, r*ld+col, len(block)) {
				sums[c] += float64(v) * (float64(y[c]) - float64(m[c]))
			}
		}
		sums.store(block)
	}
}
