package lince_test

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/lince-ml/lince"

// mayImport says which packages of this module a package may import; docs/architecture.md explains it. An entry ending in / stands for
// all packages below it. Dependencies point one way: towards tensor.
var mayImport = map[string]string{
	"tensor":  "",
	"graph":   "tensor",
	"op":      "tensor graph internal/philox",
	"nn":      "tensor graph op internal/philox",
	"models":  "tensor graph op nn internal/nearest",
	"optim":   "tensor graph op nn internal/nearest",
	"metric":  "internal/philox",
	"metric/": "metric/detection internal/atomicfile rle",
	"rle":     "",

	"backend":     "tensor graph",
	"backend/ref": "tensor graph backend",
	"backend/cpu": "tensor graph op backend internal/kernel internal/philox",

	"data":              "tensor data/jpeg data/pnm internal/kernel internal/philox",
	"data/":             "tensor data data/idx internal/nearest",
	"data/outline":      "data rle",
	"data/cache":        "data internal/nearest",
	"data/jpeg":         "internal/kernel",
	"data/folder":       "data data/cache",
	"data/shapes":       "data internal/nearest internal/philox",
	"data/table":        "data data/cache data/folder internal/nearest",
	"data/cifar":        "data format/torch internal/targz",
	"data/check":        "data data/annotation data/outline",
	"data/catalog":      "internal/atomicfile internal/fetch internal/nearest internal/targz",
	"data/save":         "data data/annotation data/folder data/idx data/outline data/webdataset",
	"data/annotation":   "data data/cache data/folder data/outline",
	"data/coco":         "data data/annotation data/outline",
	"data/labelme":      "data data/annotation data/outline",
	"data/yolo":         "data data/annotation data/folder data/outline",
	"data/boxes":        "data data/annotation data/folder data/table",
	"data/voc":          "data data/annotation",
	"data/masks":        "data data/annotation",
	"data/tinyimagenet": "data data/annotation",
	"data/open": "data data/annotation data/boxes data/catalog data/cifar data/coco data/folder data/idx data/labelme data/masks data/mnist data/shapes data/table data/tinyimagenet " +
		"data/voc data/webdataset data/yolo internal/nearest",
	"data/webdataset": "data data/cache data/folder",
	"format":          "tensor",
	"format/":         "tensor format internal/atomicfile",
	"format/keras":    "tensor format format/hdf5",
	"format/onnx":     "tensor graph op format internal/atomicfile internal/version",

	"weights":        "tensor graph nn models format format/keras format/npy format/safetensors format/torch internal/atomicfile",
	"modelfile":      "tensor graph op nn models weights format/safetensors format/onnx",
	"task":           "tensor graph op nn data backend modelfile metric",
	"task/":          "tensor graph op nn data backend modelfile metric metric/segmentation task internal/atomicfile internal/nearest",
	"task/detect":    "tensor graph op nn models data backend modelfile metric metric/coco metric/detection task internal/nearest",
	"task/instances": "tensor graph op nn models data backend modelfile metric metric/coco metric/detection task task/detect",
	"train": "tensor graph op nn models optim format format/tfevents weights data backend backend/cpu task task/classify task/detect task/instances task/localize task/segment modelfile metric metric/segmentation " +
		"internal/atomicfile internal/filelock internal/memory internal/nearest internal/philox internal/version",
	"plot":   "tensor metric metric/coco metric/detection metric/segmentation data task task/classify task/detect task/instances task/localize task/segment train modelfile internal/atomicfile",
	"report": "graph models metric task task/classify train modelfile plot internal/atomicfile",
	".":      "data backend/cpu task/classify task/detect task/instances task/localize task/segment modelfile",

	"cmd/lince": ". tensor graph models metric metric/coco metric/detection data data/cache data/catalog data/check data/save data/folder data/open data/outline backend/cpu task task/classify task/detect task/instances task/localize task/segment train modelfile plot report weights format/onnx " +
		"internal/atomicfile internal/fetch internal/kernel internal/measure internal/nearest internal/version",
	"examples/": "*", // they show how to use the rest
	"bench":     "*",
	"bench/":    "",

	"internal/": "", // each knows nothing but its own business
	"internal/measure": "tensor graph op nn models optim data backend backend/cpu task/classify task/instances train modelfile " +
		"internal/kernel internal/nearest", // for the command line and bench

	// What tests share.
	"data/annotation/annotationtest": "data data/annotation data/folder data/outline",
	"data/datatest":                  "data",
	"format/formattest":              "tensor format",
	"op/optest":                      "tensor graph op backend backend/ref",
	"nn/nntest":                      "tensor graph op/optest nn backend backend/ref",
	"backend/backendtest":            "tensor graph op op/optest backend backend/ref",
}

// outside says which packages use which other modules. A dependency is a promise to follow its changes, so there are few.
var outside = map[string]string{
	"cmd/lince":          "github.com/spf13/cobra github.com/spf13/pflag golang.org/x/term",
	"data":               "golang.org/x/image",
	"examples/batchnorm": "gonum.org/v1/plot",
	"data/yolo":          "go.yaml.in/yaml/v3",
	"format":             "golang.org/x/sys",
	"format/onnx":        "google.golang.org/protobuf/encoding/protowire",
	"format/tfevents":    "google.golang.org/protobuf/encoding/protowire",
	"plot":               "golang.org/x/image gonum.org/v1/plot",
	"train":              "gonum.org/v1/gonum/mat go.yaml.in/yaml/v3",
	"internal/filelock":  "golang.org/x/sys",
	"internal/kernel":    "golang.org/x/sys",
	"internal/memory":    "golang.org/x/sys",
	"internal/measure":   "github.com/google/pprof",
}

// list runs go list with a template that prints fields separated by spaces, a line per package.
func list(t *testing.T, args ...string) [][]string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %s: %v", args, err)
	}
	var lines [][]string
	for line := range strings.Lines(string(out)) {
		lines = append(lines, strings.Fields(line))
	}
	return lines
}

// local returns the path of a package within the module, "." for its root; ok is false for other packages.
func local(importPath string) (name string, ok bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// lookup returns the entry of table for a package: its own, or that of the nearest folder above it.
func lookup(table map[string]string, name string) (entry []string, ok bool) {
	if e, ok := table[name]; ok {
		return strings.Fields(e), true
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if e, ok := table[dir+"/"]; ok {
			return strings.Fields(e), true
		}
	}
	return nil, false
}

func TestDependenciesPointOneWay(t *testing.T) {
	for _, line := range list(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...") {
		name, _ := local(line[0])
		allowed, known := lookup(mayImport, name)
		if !known {
			t.Errorf("%s is in no rule: say in mayImport and in docs/architecture.md what it may import", name)
		}
		for _, imported := range line[1:] {
			if dep, ok := local(imported); ok && !slices.Contains(allowed, dep) && !slices.Contains(allowed, "*") {
				t.Errorf("%s imports %s, which it may not", name, dep)
			}
			if strings.Contains(strings.Split(imported, "/")[0], ".") && !strings.HasPrefix(imported, module) && !isAllowedOutside(name, imported) {
				t.Errorf("%s imports %s, which is not among its dependencies", name, imported)
			}
		}
	}
}

func isAllowedOutside(name, imported string) bool {
	for _, m := range strings.Fields(outside[name]) {
		if imported == m || strings.HasPrefix(imported, m+"/") {
			return true
		}
	}
	return false
}

// A Go service that classifies images carries neither the plots, nor the command line, nor 11 MB of MNIST.
func TestServicesStaySmall(t *testing.T) {
	for _, line := range list(t, "-deps", ".") {
		for _, banned := range []string{module + "/data/mnist", module + "/train", module + "/plot", "gonum.org/", "github.com/spf13/", "go.yaml.in/", "testing"} {
			if strings.HasPrefix(line[0]+"/", strings.TrimSuffix(banned, "/")+"/") {
				t.Errorf("package lince depends on %s", line[0])
			}
		}
	}
}

func TestGoToolchainIsEnough(t *testing.T) {
	for _, line := range list(t, "-f", `{{.ImportPath}} {{join .CgoFiles " "}}`, "./...") {
		if len(line) > 1 {
			t.Errorf("%s uses cgo: %s", line[0], line[1:])
		}
	}
}

// A name that says nothing collects everything.
func TestPackageNames(t *testing.T) {
	for _, line := range list(t, "./...") {
		if slices.Contains([]string{"core", "util", "utils", "common", "misc", "helpers"}, path.Base(line[0])) {
			t.Errorf("%s: a package is named for what it holds", line[0])
		}
	}
}
