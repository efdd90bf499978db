// Package keras reads the weight files of Keras: .h5, whole models and weights alone, as Keras 2 writes them, .weights.h5 of Keras 3, and
// .keras, a zip archive with such a file in it. Tensors are as Keras has them, kernels of convolutions as [height width in out].
package keras

import (
	"archive/zip"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/format/hdf5"
	"github.com/lince-ml/lince/tensor"
)

// A File is what a weight file says.
type File struct {
	Entries  []format.Entry // called LAYER/WEIGHT, such as "conv1_conv/kernel"; the optimiser's are left out
	Metadata map[string]string
}

const inside = "model.weights.h5" // the file in a .keras archive

// Decode reads a file of any of the three kinds.
func Decode(r format.Reader) (*File, error) {
	start, err := format.ReadBytes(r, 0, min(4, r.Size()))
	if err != nil {
		return nil, err
	}
	if string(start) == "PK\x03\x04" {
		return decodeArchive(r)
	}
	return decodeHDF5(r, nil)
}

// IsArchive reports whether a zip archive with these files is a .keras file.
func IsArchive(files []*zip.File) bool {
	return slices.ContainsFunc(files, func(f *zip.File) bool { return f.Name == inside })
}

func decodeArchive(r format.Reader) (*File, error) {
	z, err := zip.NewReader(r, r.Size())
	if err != nil {
		return nil, fmt.Errorf("zip archive: truncated or damaged: %w", err)
	}
	i := slices.IndexFunc(z.File, func(f *zip.File) bool { return f.Name == inside })
	if i < 0 {
		return nil, fmt.Errorf("a zip archive without %s: not a .keras file", inside)
	}
	content, check, err := format.Stored(r, z.File[i])
	if err != nil {
		return nil, err
	}
	names, err := configNames(r, z)
	if err != nil {
		return nil, err
	}
	f, err := decodeHDF5(content, names)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", inside, err)
	}
	for i, e := range f.Entries {
		f.Entries[i].Read = func() (*tensor.Tensor, error) {
			if err := check(); err != nil {
				return nil, err
			}
			return e.Read()
		}
	}
	return f, f.readVersion(r, z)
}

// readVersion takes the version of Keras from metadata.json.
func (f *File) readVersion(r format.Reader, z *zip.Reader) error {
	var m struct {
		Version string `json:"keras_version"`
	}
	if err := readJSON(r, z, "metadata.json", &m); err != nil {
		return err
	}
	if m.Version != "" {
		f.Metadata["keras_version"] = m.Version
	}
	return nil
}

// readJSON decodes a file of the archive into v, which is left as it is if there is no such file.
func readJSON(r format.Reader, z *zip.Reader, name string, v any) error {
	i := slices.IndexFunc(z.File, func(f *zip.File) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	content, check, err := format.Stored(r, z.File[i])
	if err != nil {
		return err
	}
	if err := check(); err != nil {
		return err
	}
	const longest = 64 << 20 // a network of a thousand layers has half a megabyte
	if content.Size() > longest {
		return fmt.Errorf("%s: %d bytes, expected at most %d", name, content.Size(), longest)
	}
	text, err := format.ReadBytes(content, 0, content.Size())
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func decodeHDF5(r format.Reader, names map[string]string) (*File, error) {
	objects, err := hdf5.Decode(r)
	if err != nil {
		return nil, err
	}
	f := &File{Metadata: map[string]string{}}
	layers, counts, seen := layerNames(objects, names), map[string]int{}, map[string]bool{}
	for _, o := range objects {
		if group, _, ok := cutVars(o.Path); ok {
			counts[group]++
		}
	}
	for _, o := range objects {
		if o.Path == "" || o.Path == "model_weights" {
			for _, key := range []string{"keras_version", "backend"} {
				if v, ok := o.Strings[key]; ok {
					f.Metadata[key] = strings.ToValidUTF8(v, "?")
				}
			}
		}
		if o.Dataset == nil || isState(o.Path) {
			continue
		}
		e := *o.Dataset
		if group, index, ok := cutVars(o.Path); ok {
			e.Name = layers[group] + "/" + weightName(group, index, counts[group])
		} else {
			e.Name = legacyName(o.Path)
		}
		if seen[e.Name] { // layers of different models in the model
			e.Name = o.Path
		}
		seen[e.Name] = true
		f.Entries = append(f.Entries, e)
	}
	if len(f.Entries) == 0 {
		return nil, errors.New("an HDF5 file without weights, expected one of Keras")
	}
	return f, nil
}

// isState reports whether a dataset belongs to the optimiser, the metrics or a generator of random numbers.
func isState(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return slices.Contains([]string{"optimizer", "optimizer_weights", "_metrics"}, first) || strings.Contains(path, "/seed_generator/")
}

const vars = "/vars"

// cutVars takes the path of a weight of Keras 3 apart: "layers/conv2d_1/vars/0".
func cutVars(path string) (group string, index int, ok bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", 0, false
	}
	group, ok = strings.CutSuffix(path[:i], vars)
	index, err := strconv.Atoi(path[i+1:])
	return group, index, ok && err == nil
}

// layerNames returns the names of the layers of a file of Keras 3 by the path of their group, whose own name only says the class. They are an attribute, or
// else in config. Layers of models within the model may share a name; they are called by their path.
func layerNames(objects []hdf5.Object, config map[string]string) map[string]string {
	names, uses := map[string]string{}, map[string]int{}
	for _, o := range objects {
		group, ok := strings.CutSuffix(o.Path, vars)
		if !ok || o.Dataset != nil {
			continue
		}
		names[group] = group
		if name := strings.ToValidUTF8(cmp.Or(o.Strings["name"], config[group]), "?"); name != "" {
			names[group] = name
			uses[name]++
		}
	}
	for group, name := range names {
		if uses[name] > 1 {
			names[group] = group
		}
	}
	return names
}

// roles are the names of the weights of a layer, by the class that its group is named after. Other classes keep the numbers, and so does a
// normalisation of three weights, which lacks gamma or beta: the file does not say which.
var roles = map[string][]string{
	"conv2d": {"kernel", "bias"}, "depthwise_conv2d": {"kernel", "bias"}, "dense": {"kernel", "bias"},
	"batch_normalization": {"gamma", "beta", "moving_mean", "moving_variance"},
}

// weightName returns what Keras calls weight number index of a layer with count weights.
func weightName(group string, index, count int) string {
	class := strings.TrimRight(group[strings.LastIndexByte(group, '/')+1:], "_0123456789")
	names := roles[class]
	if index < 0 || index >= len(names) || class == "batch_normalization" && count != len(names) {
		return strconv.Itoa(index)
	}
	return names[index]
}

// legacyName returns LAYER/WEIGHT for a path of Keras 2: the group of the layer, then what the weight calls itself, which ends in
// LAYER/WEIGHT:0 again. The layers of older versions had slashes in their names ("conv1/bn").
func legacyName(path string) string {
	path = strings.TrimPrefix(path, "model_weights/")
	i := strings.LastIndexByte(path, '/')
	layer, weight := path[:max(0, i)], path[i+1:]
	if n := len(layer); n%2 == 1 && layer[n/2] == '/' && layer[:n/2] == layer[n/2+1:] {
		layer = layer[:n/2]
	} else {
		layer = layer[strings.LastIndexByte(layer, '/')+1:]
	}
	if name, number, ok := strings.Cut(weight, ":"); ok && strings.Trim(number, "0123456789") == "" {
		weight = name
	}
	if layer == "" {
		return weight
	}
	return layer + "/" + weight
}
