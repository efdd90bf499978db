package onnx

import (
	"math"

	"github.com/lince-ml/lince/tensor"
)

func init() {
	registerSignalWindow("HannWindow", 0.5, 0.5, 0)
	registerSignalWindow("HammingWindow", 25.0/46, 21.0/46, 0)
	registerSignalWindow("BlackmanWindow", 0.42, 0.5, 0.08)
}

// registerSignalWindow adds a window a - b cos(2 pi i/n) + d cos(4 pi i/n) of a known size.
func registerSignalWindow(name string, a, b, d float64) {
	register(name, 17, func(c *call) []value {
		size := c.int(0, "the size")
		to := DataType(c.attrInt("output_datatype", int(Float)))
		if err := to.supported(); err != nil {
			c.refuse("%v", err)
		}
		n := float64(size)
		if c.attrInt("periodic", 1) == 0 {
			n--
		}
		t := c.tensor(tensor.F32, size)
		for i := range t.F32() {
			angle := 2 * math.Pi * float64(i) / n
			t.F32()[i] = float32(a - b*math.Cos(angle) + d*math.Cos(2*angle))
		}
		return []value{castTo(value{n: c.constant(t), t: Float}, to)}
	})
}
