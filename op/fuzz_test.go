package op_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// FuzzTypes changes the attributes and input types of an instance of every op. The type rule must not panic, and what it
// accepts must have a value that depends on the inputs alone and fills the whole result.
func FuzzTypes(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		for _, c := range optest.Cases() {
			r := rand.New(rand.NewPCG(seed, 2))
			op, in := c.Make(r)
			types := make([]graph.Type, len(in))
			for i, x := range in {
				types[i] = graph.Type{DType: x.DType(), Shape: x.Shape()}
			}
			if r.IntN(2) == 0 {
				op = vary(r, op)
			}
			for i := range types {
				if r.IntN(3) == 0 {
					types[i] = varyType(r, types[i])
				}
			}
			tryOp(t, r, op, types)
		}
	})
}

// tryOp infers the type of op's result and, if there is one and it is small, computes it twice over different memory.
func tryOp(t *testing.T, r *rand.Rand, op graph.Op, types []graph.Type) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s of %v panics: %v", graph.Describe(op), types, p)
		}
	}()
	typ, err := op.Infer(types)
	if err != nil {
		return
	}
	if n, ok := typ.Shape.CheckedSize(); !ok || n > 1<<12 {
		return
	}
	in := make([]*tensor.Tensor, len(types))
	for i, u := range types {
		if u.DType == tensor.F32 {
			in[i] = optest.Rand(r, -2, 2, u.Shape.Dims()...)
		} else {
			in[i] = optest.Ints(r, u.DType, 5, u.Shape)
		}
	}
	zeros, ones := tensor.New(typ.DType, typ.Shape), tensor.New(typ.DType, typ.Shape)
	for i := range ones.Bytes() {
		ones.Bytes()[i] = 0xff
	}
	op.Eval(zeros, in)
	op.Eval(ones, in)
	if !bytes.Equal(zeros.Bytes(), ones.Bytes()) {
		t.Errorf("%s of %v: the value %v depends on what was in memory", graph.Describe(op), types, typ)
	}
}

// vary returns op with some attributes changed.
func vary(r *rand.Rand, op graph.Op) graph.Op {
	v := reflect.New(reflect.TypeOf(op)).Elem()
	v.Set(reflect.ValueOf(op))
	varyValue(r, v)
	return v.Interface().(graph.Op)
}

// varyValue changes every second of the attributes in v.
func varyValue(r *rand.Rand, v reflect.Value) {
	if v.Type() == reflect.TypeFor[tensor.Shape]() {
		v.Set(reflect.ValueOf(optest.RandShape(r, r.IntN(5), 5)))
		return
	}
	switch kind := v.Kind(); {
	case kind == reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() || f.Anonymous {
				varyValue(r, v.Field(i))
			}
		}
	case kind == reflect.Array:
		for i := range v.Len() {
			varyValue(r, v.Index(i))
		}
	case r.IntN(2) == 0: // stays
	case kind == reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case kind == reflect.Int:
		n := int64(r.IntN(10) - 3)
		if r.IntN(20) == 0 {
			n = []int64{math.MaxInt, math.MinInt, math.MaxInt32, 1 << 40}[r.IntN(4)]
		}
		v.SetInt(n)
	case kind == reflect.Uint8: // an axis set, a dtype
		v.SetUint(uint64(r.IntN(256)))
	case kind == reflect.Float32:
		v.SetFloat(float64(r.IntN(9)-4) / 2)
	}
}

// varyType returns t with another element type, a size changed, or a dimension more or less.
func varyType(r *rand.Rand, t graph.Type) graph.Type {
	dims := t.Shape.Dims()
	switch r.IntN(5) {
	case 0:
		t.DType = []tensor.DType{tensor.F32, tensor.I32, tensor.I64, tensor.U32, tensor.U8, tensor.Bool}[r.IntN(6)]
	case 1:
		if len(dims) < tensor.MaxRank {
			dims = append([]int{r.IntN(4)}, dims...)
		}
	case 2:
		if len(dims) > 0 {
			dims = dims[1:]
		}
	default:
		if len(dims) > 0 {
			dims[r.IntN(len(dims))] = r.IntN(8)
		}
	}
	t.Shape = tensor.ShapeOf(dims...)
	return t
}
