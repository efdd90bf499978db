package kernel

import "math"

var negInf = float32(math.Inf(-1))

func maxPool2Generic(dst, top, bottom []float32) {
	top, bottom = top[:2*len(dst)], bottom[:2*len(dst)]
	for j := range dst {
		m := top[2*j]
		for _, v := range [...]float32{top[2*j+1], bottom[2*j], bottom[2*j+1]} {
			if v > m || v != v {
				m = v
			}
		}
		dst[j] = m
	}
}

func maxPoolGrad2Generic(dtop, dbottom, top, bottom, dy []float32) {
	n := 2 * len(dy)
	top, bottom, dtop, dbottom = top[:n], bottom[:n], dtop[:n], dbottom[:n]
	for j, g := range dy {
		best, m := 0, top[2*j]
		for i, v := range [...]float32{top[2*j+1], bottom[2*j], bottom[2*j+1]} {
			if m == m && !(v <= m) {
				best, m = i+1, v
			}
		}
		var d [4]float32
		d[best] = g
		dtop[2*j], dtop[2*j+1], dbottom[2*j], dbottom[2*j+1] = d[0], d[1], d[2], d[3]
	}
}

func avgPool2Generic(dst, top, bottom []float32) {
	top, bottom = top[:2*len(dst)], bottom[:2*len(dst)]
	for j := range dst {
		dst[j] = ((top[2*j] + bottom[2*j]) + (top[2*j+1] + bottom[2*j+1])) * 0.25
	}
}

func avgPoolGrad2Generic(dtop, dbottom, dy []float32) {
	n := 2 * len(dy)
	dtop, dbottom = dtop[:n], dbottom[:n]
	for j, g := range dy {
		g *= 0.25
		dtop[2*j], dtop[2*j+1], dbottom[2*j], dbottom[2*j+1] = g, g, g, g
	}
}
