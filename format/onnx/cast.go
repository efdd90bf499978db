package onnx

import (
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	register("Cast", 1, func(c *call) []value { return []value{c.cast(c.castTarget())} })
	register("CastLike", 15, func(c *call) []value { return []value{c.cast(c.x(1).t)} })
	register("Identity", 1, func(c *call) []value { return []value{c.x(0)} })
}

// castTarget returns the attribute to, which was the name of the type before operator set 6.
func (c *call) castTarget() DataType {
	if c.opset >= 6 {
		return DataType(c.attrInt("to", 0))
	}
	name := c.attrString("to", "")
	for t, info := range dataTypes {
		if legacyNames[info.name] == name {
			return DataType(t)
		}
	}
	c.fail("attribute to is %q, the name of an element type expected", name)
	return Undefined
}

// legacyNames are the names of the element types in TensorProto that Cast used at first.
var legacyNames = map[string]string{
	"float32": "FLOAT", "uint8": "UINT8", "int8": "INT8", "uint16": "UINT16", "int16": "INT16", "int32": "INT32", "int64": "INT64",
	"bool": "BOOL", "float16": "FLOAT16", "float64": "DOUBLE", "uint32": "UINT32", "uint64": "UINT64",
}

func (c *call) cast(to DataType) value {
	x := c.x(0)
	if to.carrier() == tensor.Invalid {
		c.refuse("a cast to %v", to)
	}
	if saturates(to) && c.attrInt("saturate", 1) != 0 {
		x = saturated(x, to)
	}
	return castTo(x, to)
}

// saturates reports whether t is a type of 8 bits, in which the largest number stands for larger ones, unless a cast says otherwise.
func saturates(t DataType) bool { return t == Float8E4M3FN || t == Float8E5M2 }

// saturated limits x to what t has.
func saturated(x value, t DataType) value {
	largest := float32(448)
	if t == Float8E5M2 {
		largest = 57344
	}
	return value{n: op.Clip(x.real(), -largest, largest), t: Float}
}

// castTo converts the elements. Real numbers are rounded toward 0 where the type has no fractions.
func castTo(x value, to DataType) value {
	switch {
	case x.t == to:
		return x
	case to.isFloat():
		return rounded(value{n: x.real(), t: to})
	case to == Bool:
		return value{n: op.Cast(x.n, tensor.Bool), t: to}
	case x.t.isFloat() && dataTypes[to].bits == 4:
		return value{n: op.Cast(op.Clip(x.real(), float32(dataTypes[to].lo), float32(dataTypes[to].hi)), tensor.I32), t: to}
	case x.t.isFloat() && to.isNarrow():
		return wrap(op.Cast(x.n, tensor.I32), to)
	case x.t.isFloat():
		return value{n: op.Cast(x.n, to.carrier()), t: to}
	}
	return wrap(x.whole(), to)
}

// rounded returns a real number as it is when stored in its type.
func rounded(v value) value {
	if t := v.t.native(); t != tensor.F32 && t != tensor.F64 {
		v.n = op.Cast(op.Cast(v.n, t), tensor.F32)
	}
	return v
}
