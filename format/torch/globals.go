package torch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/tensor"
)

// A function does to the values of a pickle what a function or class of Python does.
type function func(args tuple) (any, error)

// The allow-list: rebuild and functions may be called, value knows what may be named. Any other global is refused.

// rebuild has the functions of torch._utils that make tensors.
var rebuild = map[string]function{
	"_rebuild_tensor":               rebuildTensor,
	"_rebuild_tensor_v2":            rebuildTensor,
	"_rebuild_tensor_v3":            rebuildTensorOfType,
	"_rebuild_parameter":            first,
	"_rebuild_parameter_with_state": first,

	"_rebuild_qtensor":                  unsupportedTensor("quantised"),
	"_rebuild_sparse_tensor":            unsupportedTensor("sparse"),
	"_rebuild_sparse_csr_tensor":        unsupportedTensor("sparse"),
	"_rebuild_nested_tensor":            unsupportedTensor("nested"),
	"_rebuild_meta_tensor_no_storage":   unsupportedTensor("meta"),
	"_rebuild_wrapper_subclass":         unsupportedTensor("wrapped"),
	"_rebuild_device_tensor_from_numpy": unsupportedTensor("XLA"),
}

var functions = map[global]function{
	{"torch._tensor", "_rebuild_from_type_v2"}: rebuildSubclass,

	{"collections", "OrderedDict"}: newDict,
	{"collections", "Counter"}:     newDict,
	{"collections", "defaultdict"}: newDict,
	{"argparse", "Namespace"}:      newDict, // the settings of a training, beside its weights
	{"builtins", "dict"}:           newDict,
	{"builtins", "set"}:            first,
	{"builtins", "frozenset"}:      first,
	{"builtins", "list"}:           first,
	{"builtins", "bytearray"}:      first,
	{"torch", "Size"}:              first,
	{"_codecs", "encode"}:          first, // how protocol 2 writes bytes

	// What nobody needs.
	{"torch", "device"}:                        forget,
	{"torch.serialization", "_get_layout"}:     forget,
	{"numpy", "dtype"}:                         forget,
	{"numpy.core.multiarray", "scalar"}:        forget,
	{"numpy.core.multiarray", "_reconstruct"}:  forget,
	{"numpy._core.multiarray", "scalar"}:       forget,
	{"numpy._core.multiarray", "_reconstruct"}: forget,
}

// dtypes are the element types that lince has, by their names in package torch.
var dtypes = map[string]tensor.DType{
	"float64": tensor.F64, "float32": tensor.F32, "float16": tensor.F16, "bfloat16": tensor.BF16,
	"float8_e4m3fn": tensor.F8E4M3, "float8_e5m2": tensor.F8E5M2,
	"int64": tensor.I64, "int32": tensor.I32, "int16": tensor.I16, "int8": tensor.I8,
	"uint64": tensor.U64, "uint32": tensor.U32, "uint16": tensor.U16, "uint8": tensor.U8,
	"bool": tensor.Bool,
}

// A storageType is the class of a storage.
type storageType struct {
	name  string
	dtype tensor.DType // Invalid if lince has none
	size  int          // bytes of an element
}

// storageTypes are in package torch and, of tensors that were on a GPU, in torch.cuda.
var storageTypes = []storageType{
	{"DoubleStorage", tensor.F64, 8}, {"FloatStorage", tensor.F32, 4}, {"HalfStorage", tensor.F16, 2}, {"BFloat16Storage", tensor.BF16, 2},
	{"LongStorage", tensor.I64, 8}, {"IntStorage", tensor.I32, 4}, {"ShortStorage", tensor.I16, 2}, {"CharStorage", tensor.I8, 1},
	{"ByteStorage", tensor.U8, 1}, {"BoolStorage", tensor.Bool, 1},
	{"ComplexDoubleStorage", tensor.Invalid, 16}, {"ComplexFloatStorage", tensor.Invalid, 8},
	{"QInt8Storage", tensor.Invalid, 1}, {"QUInt8Storage", tensor.Invalid, 1}, {"QInt32Storage", tensor.Invalid, 4},
}

// untyped is the storage of the element types that came later: the tensor says its own.
var untyped = storageType{"UntypedStorage", tensor.U8, 1}

// value returns the value of a global that is named and not called.
func value(g global) (v any, ok bool) {
	if g == (global{"torch.storage", untyped.name}) {
		return untyped, true
	}
	if g.module == "torch" || g.module == "torch.cuda" {
		if i := slices.IndexFunc(storageTypes, func(t storageType) bool { return t.name == g.name }); i >= 0 {
			return storageTypes[i], true
		}
	}
	if d, ok := dtypes[g.name]; ok && g.module == "torch" {
		return d, true
	}
	return nil, slices.Contains(named, g)
}

// named are values that nobody needs: element types without a counterpart, kinds of quantisation, orders of memory, classes.
var named = []global{
	{"torch", "complex32"}, {"torch", "complex64"}, {"torch", "complex128"}, {"torch", "float8_e4m3fnuz"}, {"torch", "float8_e5m2fnuz"},
	{"torch", "qint8"}, {"torch", "quint8"}, {"torch", "qint32"},
	{"torch", "per_tensor_affine"}, {"torch", "per_channel_affine"}, {"torch", "per_channel_affine_float_qparams"},
	{"torch", "strided"}, {"torch", "contiguous_format"}, {"torch", "channels_last"}, {"torch", "preserve_format"},
	{"torch", "Tensor"}, {"torch.nn.parameter", "Parameter"}, {"torch.nn.parameter", "Buffer"}, {"numpy", "ndarray"},
}

// find pushes the global with that name, if it is allowed.
func (m *machine) find(module, name string) {
	if module == "__builtin__" { // Python 2's name, which protocol 2 has
		module = "builtins"
	}
	g := global{module, name}
	if m.functions != nil {
		if _, ok := m.functions[g]; ok {
			m.push(g, 32)
		} else {
			m.fail("it asks for the global %q, which is refused: nothing in a pickle is run", format.Shorten(module+"."+name))
		}
		return
	}
	if v, ok := value(g); ok {
		m.push(v, 32)
		return
	}
	if g.function() != nil {
		m.push(g, 32)
		return
	}
	why := "nothing in a file of weights is run"
	if module == "__main__" || strings.HasPrefix(module, "torch") || strings.Contains(module, "model") {
		why += "; of a whole model, save model.state_dict() instead"
	}
	m.fail("it asks for the global %q, which is refused: %s", format.Shorten(module+"."+name), why)
}

const utils = "torch._utils"

// function returns what g does, nil if it may not be called.
func (g global) function() function {
	if g.module == utils {
		return rebuild[g.name]
	}
	return functions[g]
}

func (m *machine) call(f, args any) {
	g, ok := f.(global)
	if !ok {
		m.fail("a call of something that is no function")
		return
	}
	t, ok := args.(tuple)
	if !ok {
		m.fail("%s.%s is called without a tuple of arguments", g.module, g.name)
		return
	}
	do := g.function()
	if m.functions != nil {
		if do = m.functions[g]; do == nil {
			m.fail("%s.%s is called, which it may not be", g.module, g.name)
			return
		}
	}
	v, err := do(t)
	if err != nil {
		m.fail("%s.%s: %w", g.module, g.name, err)
		return
	}
	m.push(v, 256)
}

// first returns the first argument, to which nothing is done.
func first(args tuple) (any, error) {
	if len(args) == 0 {
		return &list{}, nil
	}
	return args[0], nil
}

func forget(tuple) (any, error) { return nil, nil }

// newDict returns a new dictionary, with the pairs of the first argument if that is a list of such or a dictionary.
func newDict(args tuple) (any, error) {
	d := &dict{}
	if len(args) == 0 {
		return d, nil
	}
	switch from := args[0].(type) {
	case *dict:
		return from, nil
	case *list:
		for _, v := range from.items {
			key, value, ok := pair(v)
			if !ok {
				return nil, fmt.Errorf("a dictionary of something that is no pair")
			}
			d.set(key, value)
		}
	}
	return d, nil
}

// itemsOf returns the items of a list or tuple.
func itemsOf(v any) (items []any, ok bool) {
	switch s := v.(type) {
	case tuple:
		return s, true
	case *list:
		return s.items, true
	}
	return nil, false
}

// pair takes a list or tuple of two apart.
func pair(v any) (key, value any, ok bool) {
	items, _ := itemsOf(v)
	if len(items) != 2 {
		return nil, nil, false
	}
	return items[0], items[1], true
}

// rebuildSubclass makes a tensor of a class that only adds attributes: (function, class, arguments, state).
func rebuildSubclass(args tuple) (any, error) {
	if len(args) == 4 {
		g, ok := args[0].(global)
		inner, isTuple := args[2].(tuple)
		if ok && isTuple && g.module == utils && rebuild[g.name] != nil {
			return rebuild[g.name](inner)
		}
	}
	return nil, fmt.Errorf("expected a function of torch._utils, a class, arguments and a state")
}
