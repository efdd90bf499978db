package train

import "go.yaml.in/yaml/v3"

// A Setting is a line of config.yaml.
type Setting struct{ Key, Value string } // such as "augment.degrees"

// Settings returns what c says, in the order of config.yaml.
func (c Config) Settings() ([]Setting, error) {
	var n yaml.Node
	if err := n.Encode(c); err != nil {
		return nil, err
	}
	return flatten(nil, "", &n), nil
}

// flatten appends the settings of a mapping to list.
func flatten(list []Setting, prefix string, n *yaml.Node) []Setting {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := prefix+n.Content[i].Value, n.Content[i+1]
		if value.Kind == yaml.MappingNode {
			list = flatten(list, key+".", value)
			continue
		}
		list = append(list, Setting{key, value.Value})
	}
	return list
}
