package onnx

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/onnx.md")

// docs/onnx.md lists what the registry has.
func TestDocs(t *testing.T) {
	const path = "../../docs/onnx.md"
	want := documentation()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is stale: run go test ./format/onnx -run Docs -update", path)
	}
}

const introduction = `# ONNX

This page is written by a test from the registry of package format/onnx: ` + "`go test ./format/onnx -run Docs -update`" + `.

Read are models of operator sets %d to %d of the default domain; older ones as far as their operators mean the same. Weights may be in files
beside the model, in its folder. Functions that the file defines are expanded. Sizes that the file leaves open, such as that of a batch, are bound when
a graph is made of the model; what depends on shapes alone is computed then.

Element types: float32, float16, bfloat16, float64, float8e4m3fn, float8e5m2, bool, and the integers of 4 to 64 bits. All real numbers are computed in float32:
inputs, outputs and Cast have the file's types. Quantised numbers of 8 bits are computed in float32 too, which is exact for sums of
products up to 2^24 (see [the decision](adr/%s)). Strings, complex numbers, sequences, maps, optional values and sparse tensors are refused.

A model that cannot become a graph is refused with the list of all operators, or uses of them, that are in the way, how often, and in which nodes.

## Supported operators

The number is the first operator set. Inputs that decide about the shape of a result must be known before the graph runs: constants, or computed from
constants and shapes.

`

func documentation() string {
	var b strings.Builder
	fmt.Fprintf(&b, introduction, MinOpset, MaxOpset, adr)
	b.WriteString("| operator | from | limits |\n|---|---|---|\n")
	for _, key := range sortedOperators("") {
		o := operators[key]
		since := fmt.Sprint(o.since)
		if o.until > 0 {
			since = fmt.Sprintf("%d to %d", o.since, o.until)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", key.name, since, limits[key.name])
	}
	b.WriteString("\nOf ONNX Runtime's domain com.microsoft:")
	for i, key := range sortedOperators(microsoft) {
		b.WriteString([]string{" ", ", "}[min(i, 1)] + key.name)
	}
	b.WriteString(".\n\n## Unsupported operators\n\n| operator | reason |\n|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(unsupported)) {
		fmt.Fprintf(&b, "| %s | %s |\n", name, unsupported[name])
	}
	return b.String()
}

// adr is the file of the decision about element types.
const adr = "0005-onnx-in-float32.md"

func sortedOperators(domain string) []operatorKey {
	var keys []operatorKey
	for key := range operators {
		if key.domain == domain {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b operatorKey) int { return strings.Compare(a.name, b.name) })
	return keys
}

// limits says what of supported operators is not supported, or under which condition they are.
var limits = map[string]string{
	"Attention":          "past keys and values, heads that share keys, and softcap with a mask are refused",
	"BatchNormalization": "spatial = 0 is refused, and before operator set 14 training",
	"Cast":               "to and from strings, complex numbers, float8e4m3fnuz, float8e5m2fnuz and float4e2m1 is refused",
	"Constant":           "sparse tensors and strings are refused",
	"DeformConv":         "two spatial dimensions",
	"DequantizeLinear":   "of integers, float8e4m3fn and float8e5m2",
	"Dropout":            "training is refused, unless nothing is dropped",
	"If":                 "the condition must be known; the branch that it chooses is built",
	"NonZero":            "its input must be known",
	"Compress":           "its condition must be known",
	"OneHot":             "the depth must be known",
	"QLinearConv":        "results of 8 bits",
	"QLinearMatMul":      "results of 8 bits",
	"QuantizeLinear":     "to integers of 16, 8 and 4 bits, float8e4m3fn and float8e5m2",
	"Range":              "all its inputs must be known",
	"Resize":             "the scales or sizes, and the region, must be known; tf_crop_and_resize of integers is refused",
	"RoiAlign":           "with sampling_ratio = 0 the regions must be known and of about one size",
	"TopK":               "k must be known",
	"Upsample":           "the scales must be known",
}

func TestLimitsNameOperators(t *testing.T) {
	for name := range limits {
		if _, ok := operators[operatorKey{"", name}]; !ok {
			t.Errorf("%s has limits but is not registered", name)
		}
	}
	for name := range unsupported {
		if _, ok := operators[operatorKey{"", name}]; ok {
			t.Errorf("%s is registered and said to be unsupported", name)
		}
	}
}
