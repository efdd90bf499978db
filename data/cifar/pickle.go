package cifar

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/lince-ml/lince/format/torch"
)

// unpickle returns the dictionary in a pickle. Only plain values and arrays are let through, and nothing is run.
func unpickle(content []byte) (map[string]any, error) {
	v, err := torch.Unpickle(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("a pickle of something else than a dictionary")
	}
	return fields, nil
}

// pickledRecords returns the images of a pickle as the binary files have them: a byte with the label under key, then the pixels.
func pickledRecords(content []byte, key string) ([]byte, error) {
	fields, err := unpickle(content)
	if err != nil {
		return nil, err
	}
	labels, ok1 := fields[key].([]any)
	images, ok2 := fields["data"].(*torch.Array)
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("a pickle without a list %q and an array \"data\"", key)
	}
	if len(images.Data) != len(labels)*pixels {
		return nil, fmt.Errorf("%d bytes of images for %d labels, expected %d each", len(images.Data), len(labels), pixels)
	}
	records := make([]byte, 0, len(labels)*(1+pixels))
	for i, v := range labels {
		label, ok := v.(int64)
		if !ok || label < 0 || label > 255 {
			return nil, fmt.Errorf("image %d has the label %v", i, v)
		}
		records = append(append(records, byte(label)), images.Data[i*pixels:(i+1)*pixels]...)
	}
	return records, nil
}

// pickledNames returns the names of the classes under key.
func pickledNames(content []byte, key string) (names []string, err error) {
	fields, err := unpickle(content)
	if err != nil {
		return nil, err
	}
	list, ok := fields[key].([]any)
	if !ok {
		return nil, fmt.Errorf("a pickle without a list %q", key)
	}
	for _, v := range list {
		switch v := v.(type) {
		case string:
			names = append(names, v)
		case []byte:
			names = append(names, string(v))
		}
	}
	return names, nil
}
