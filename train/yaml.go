package train

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/lince-ml/lince/internal/nearest"
	"go.yaml.in/yaml/v3"
)

// ReadConfig reads a config.yaml. Settings that it does not name keep the values they have in base. A key that does not
// exist is an error that names the file, the line and the key that was probably meant. The values are not checked: see Config.Check.
func ReadConfig(path string, base Config) (Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
	}
	c, err := parseConfig(text, base)
	if err != nil {
		return Config{}, fmt.Errorf("read %s: %w", path, err)
	}
	return c, nil
}

func parseConfig(text []byte, c Config) (Config, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return c, oneLine(err)
	}
	if len(doc.Content) == 0 {
		return c, nil // empty: everything from base
	}
	if err := checkKeys(doc.Content[0], reflect.TypeFor[Config](), ""); err != nil {
		return c, err
	}
	if root := doc.Content[0]; hasKey(root, "epochs") && !hasKey(root, "steps") {
		c.Steps = 0 // of base: the last word decides how long
	}
	if err := doc.Decode(&c); err != nil {
		return c, oneLine(err)
	}
	return c, nil
}

// checkKeys looks for keys of n that are no fields of t, a struct.
func checkKeys(n *yaml.Node, t reflect.Type, path string) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: settings expected, as in \"epochs: 10\"", n.Line)
	}
	fields := map[string]reflect.Type{}
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		fields[name] = t.Field(i).Type
		names = append(names, name)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		field, ok := fields[key.Value]
		if !ok {
			return fmt.Errorf("line %d: %w", key.Line, nearest.Error("setting", path+key.Value, prefixed(path, names)))
		}
		if field.Kind() == reflect.Struct {
			if err := checkKeys(value, field, path+key.Value+"."); err != nil {
				return err
			}
		}
	}
	return nil
}

func hasKey(n *yaml.Node, key string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

func prefixed(prefix string, names []string) []string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = prefix + n
	}
	return list
}

// oneLine takes the line breaks out of the library's errors.
func oneLine(err error) error {
	var t *yaml.TypeError
	if errors.As(err, &t) {
		return errors.New(strings.Join(t.Errors, "; "))
	}
	return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
}

// write writes config.yaml.
func (c *Config) write(path string) error {
	b := bytes.NewBufferString("# All settings of this run. Repeat it with: lince train --config " + path + "\n")
	enc := yaml.NewEncoder(b)
	enc.SetIndent(2)
	if err := enc.Encode(c); err != nil {
		return err
	}
	return writeFile(path, b.Bytes())
}
