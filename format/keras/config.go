package keras

import (
	"archive/zip"
	"fmt"
	"regexp"
	"strings"

	"github.com/lince-ml/lince/format"
)

// configNames returns the names of the model's layers by the path of their group. Files of Keras 2.12 to 2.15 have them in config.json only: the group of a layer
// is called as its class, the second of a class has the number 1.
func configNames(r format.Reader, z *zip.Reader) (map[string]string, error) {
	var model struct {
		Config struct {
			Layers []struct {
				Class  string `json:"class_name"`
				Config struct {
					Name string `json:"name"`
				} `json:"config"`
			} `json:"layers"`
		} `json:"config"`
	}
	if err := readJSON(r, z, "config.json", &model); err != nil {
		return nil, err
	}
	names, counts := map[string]string{}, map[string]int{}
	for _, l := range model.Config.Layers {
		group := "layers/" + snakeCase(l.Class)
		n := counts[group]
		counts[group]++
		if n > 0 {
			group = fmt.Sprintf("%s_%d", group, n)
		}
		names[group] = l.Config.Name
	}
	return names, nil
}

var word = regexp.MustCompile("(.)([A-Z][a-z]+)")

// snakeCase returns "depthwise_conv2d" for DepthwiseConv2D.
func snakeCase(class string) string {
	return strings.ToLower(word.ReplaceAllString(class, "${1}_${2}"))
}
