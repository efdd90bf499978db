package yolo

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/folder"
)

// yamlIn returns the path of the file in dir that describes the data set, "" if there is none.
func yamlIn(dir string) string {
	for _, name := range []string{"data.yaml", "data.yml", "dataset.yaml", "dataset.yml"} {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
	}
	return ""
}

// IsFile reports whether a file is such a description, by its name.
func IsFile(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".yaml" || ext == ".yml"
}

// A description is what matters of data.yaml.
type description struct {
	Path       string
	Train      places
	Val        places
	Validation places
	Test       places
	Names      names
}

// places are one path or several.
type places []string

// UnmarshalYAML reads a text or a list.
func (p *places) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		if n.Tag != "!!null" && n.Value != "" {
			*p = places{n.Value}
		}
		return nil
	}
	return n.Decode((*[]string)(p))
}

// names are those of the classes, as a list or by number.
type names []string

// UnmarshalYAML reads a list, or a map from numbers that leave out none.
func (l *names) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return n.Decode((*[]string)(l))
	}
	byNumber := map[int]string{}
	if err := n.Decode(&byNumber); err != nil {
		return err
	}
	for k := range len(byNumber) {
		name, ok := byNumber[k]
		if !ok {
			return fmt.Errorf("line %d: no name for the class %d of %d", n.Line, k, len(byNumber))
		}
		*l = append(*l, name)
	}
	return nil
}

// readYAML reads the description, and returns the images of the sets.
func (r *reader) readYAML(path string) (map[string][]string, error) {
	content, err := annotation.ReadFile(path)
	if err != nil {
		return nil, err
	}
	d, err := parseYAML(content)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if r.names == nil {
		r.names = d.Names
	}
	if d.Val == nil {
		d.Val = d.Validation
	}
	root := filepath.Dir(path)
	sets := map[string][]string{}
	for name, list := range map[string]places{"train": d.Train, "val": d.Val, "test": d.Test} {
		for _, p := range list {
			at, ok := locate(root, d.Path, p)
			if !ok {
				if name == "test" { // which many name, and few have
					continue
				}
				return nil, fmt.Errorf("read %s: %s: %s is not there", path, name, p)
			}
			images, err := imagesAt(at)
			if err != nil {
				return nil, err
			}
			sets[name] = append(sets[name], images...)
		}
	}
	return sets, nil
}

func parseYAML(content []byte) (d description, err error) {
	const maxBytes = 1 << 20
	if len(content) > maxBytes {
		return d, fmt.Errorf("more than %d bytes, expected names and paths", maxBytes)
	}
	if err := yaml.Unmarshal(content, &d); err != nil {
		return d, fmt.Errorf("%s", strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), "\n", " "))
	}
	return d, nil
}

// locate returns where a path of the description leads. Some are relative to a folder that is not here, or to one too many.
func locate(root, base, path string) (at string, ok bool) {
	rest := filepath.ToSlash(path)
	for strings.HasPrefix(rest, "../") || strings.HasPrefix(rest, "./") {
		_, rest, _ = strings.Cut(rest, "/")
	}
	for _, at := range []string{annotation.Beside(annotation.Beside(root, base), path), annotation.Beside(root, path), annotation.Beside(root, rest)} {
		if _, err := os.Stat(at); err == nil {
			return at, true
		}
	}
	return "", false
}

// imagesAt returns the images of a folder, or those that a text file lists.
func imagesAt(path string) ([]string, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if inner := annotation.Folder(path, "images"); inner != "" {
			path = inner
		}
		return annotation.Images(path)
	}
	lines, err := annotation.ReadNames(path)
	if err != nil {
		return nil, err
	}
	for i, l := range lines {
		if lines[i] = annotation.Beside(filepath.Dir(path), l); !folder.IsImage(l) {
			return nil, fmt.Errorf("read %s: %q is no image by name", path, l)
		}
	}
	return lines, nil
}
