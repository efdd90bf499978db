package weights

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/tensor"
)

// wrappers are what programs put before all names of a network that they wrap: nn.DataParallel and DistributedDataParallel, torch.compile,
// and classes that have the network as an attribute (Lightning's modules, for one).
var wrappers = []string{"module.", "_orig_mod.", "model.", "net.", "network.", "backbone."}

// Variables returns the entries as the variables of lince's models:
//
//   - What a wrapper has put before all of the names is taken off.
//   - BatchNorm's counters, "num_batches_tracked", are left out: lince has none.
//   - Layers of DenseNet have the names of today's torchvision (norm1), not those of its old files (norm.1).
//   - Detectors have the names of today's torchvision (inner_blocks.0.0), not those of files from before 2022 (inner_blocks.0).
//   - Real numbers are F32; one beyond F32 is an error when it is read.
//
// Everything else stays as it is in the file.
func (f *File) Variables() []format.Entry { return variables(f.Entries) }

func variables(entries []format.Entry) []format.Entry {
	prefix := wrapper(entries)
	renamed := oldDetectors(entries)
	var out []format.Entry
	for _, e := range entries {
		e.Name = oldDenseNet.ReplaceAllString(strings.TrimPrefix(e.Name, prefix), "$1$2$3")
		e.Name = renamed(e.Name)
		if !strings.HasSuffix(e.Name, ".num_batches_tracked") {
			out = append(out, e)
		}
	}
	return Floats(out, tensor.F32)
}

var oldDenseNet = regexp.MustCompile(`^(.*\bdenselayer\d+\.(?:norm|conv))\.([12])(\.(?:weight|bias|running_mean|running_var))$`)

var (
	oldPyramid   = regexp.MustCompile(`^(backbone\.fpn\.(?:inner|layer)_blocks\.\d+)(\.(?:weight|bias))$`)
	oldProposals = regexp.MustCompile(`^(rpn\.head\.conv)(\.(?:weight|bias))$`)
	oldMasks     = regexp.MustCompile(`^(roi_heads\.mask_head)\.mask_fcn([1-4])(\.(?:weight|bias))$`)
	oldRetinaNet = regexp.MustCompile(`^(head\.(?:classification|regression)_head\.conv)\.([0246])(\.(?:weight|bias))$`)
)

// oldDetectors returns what gives the layers of torchvision's detectors their names of today. The numbers in a RetinaNet's branches counted the
// activations, too; those of an FCOS still do, which has normalisations between.
func oldDetectors(entries []format.Entry) func(name string) string {
	fcos := slices.ContainsFunc(entries, func(e format.Entry) bool { return e.Name == "head.classification_head.conv.1.weight" })
	return func(name string) string {
		name = oldPyramid.ReplaceAllString(name, "$1.0$2")
		name = oldProposals.ReplaceAllString(name, "$1.0.0$2")
		if m := oldMasks.FindStringSubmatch(name); m != nil {
			return m[1] + "." + string(m[2][0]-1) + ".0" + m[3]
		}
		if m := oldRetinaNet.FindStringSubmatch(name); m != nil && !fcos {
			return m[1] + "." + string('0'+(m[2][0]-'0')/2) + ".0" + m[3]
		}
		return name
	}
}

// wrapper returns what stands before all names, "" for nothing.
func wrapper(entries []format.Entry) string {
	prefix := ""
	for len(entries) > 0 {
		i := slices.IndexFunc(wrappers, func(w string) bool {
			return !slices.ContainsFunc(entries, func(e format.Entry) bool { return !strings.HasPrefix(e.Name, prefix+w) })
		})
		if i < 0 {
			break
		}
		prefix += wrappers[i]
	}
	return prefix
}

// ByName returns the variables by their names. It is an error if two of them have one name.
func (f *File) ByName() (map[string]format.Entry, error) {
	entries := map[string]format.Entry{}
	for _, e := range f.Variables() {
		if _, twice := entries[e.Name]; twice {
			return nil, fmt.Errorf("read %s: two tensors for %q", f.Path, e.Name)
		}
		entries[e.Name] = e
	}
	return entries, nil
}

// Load reads the variables, as [File.ByName] gives them.
func (f *File) Load() (map[string]*tensor.Tensor, error) {
	entries, err := f.ByName()
	if err != nil {
		return nil, err
	}
	tensors := map[string]*tensor.Tensor{}
	for _, e := range f.Variables() { // in the order of the file
		if tensors[e.Name], err = entries[e.Name].Read(); err != nil {
			return nil, err
		}
	}
	return tensors, nil
}
