package train

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/internal/nearest"
)

// ParseAugment returns the augmentation that text describes, as on the command line: names separated by commas, each with settings behind a colon, such as
//
//	crop:pad=4,flip,jitter:brightness=0.4,contrast=0.4,cutmix:alpha=1
//	resized_crop:scale=0.35/1,flip:alternating,randaugment:n=2,m=9,mixup:0.2
//	none
//
// The first setting of a name needs no key. Without settings, the usual ones are taken. An error says which names there are, and which was probably meant.
func ParseAugment(text string) (Augment, error) {
	var a Augment
	if text == "none" {
		return a, nil
	}
	if text == "" {
		return a, errors.New("nothing is named, expected none, or such as crop:pad=4,flip")
	}
	seen := map[string]bool{}
	for _, item := range splitItems(text) {
		name, settings, _ := strings.Cut(item, ":")
		if seen[name] {
			return a, fmt.Errorf("%s is named twice", name)
		}
		seen[name] = true
		if err := a.set(name, settings); err != nil {
			return a, err
		}
	}
	if seen["randaugment"] && seen["trivialaugment"] {
		return a, errors.New("randaugment and trivialaugment, expected one of them")
	}
	return a, a.check()
}

// splitItems splits text at the commas that are not between settings of one name: at those before a word without "=", or with ":" before it.
func splitItems(text string) []string {
	var items []string
	for _, word := range strings.Split(text, ",") {
		key, _, setting := strings.Cut(word, "=")
		if setting && !strings.Contains(key, ":") && len(items) > 0 {
			items[len(items)-1] += "," + word
		} else {
			items = append(items, word)
		}
	}
	return items
}

// A named is something that --augment can name.
type named struct {
	name   string
	usual  string // settings where none are given; "" means that some must be
	fields []field
}

// A field is a setting: a pointer to where it goes, and its key.
type field struct {
	key string
	to  any
}

// names lists all but the policies.
func (a *Augment) names() []named {
	return []named{
		{"degrees", "", []field{{"by", &a.Degrees}}},
		{"scale", "", []field{{"by", &a.Scale}}},
		{"shear", "", []field{{"by", &a.Shear}}},
		{"translate", "", []field{{"by", &a.Translate}}},
		{"flip", "true", []field{{"which", &a.Flip}}},
		{"vertical_flip", "true", []field{{"which", &a.VerticalFlip}}},
		{"crop", "4", []field{{"pad", &a.Crop.Pad}, {"reflect", &a.Crop.Reflect}}},
		{"resized_crop", "0.08/1", []field{{"scale", &a.ResizedCrop.Scale}, {"ratio", &a.ResizedCrop.Ratio}}},
		{"perspective", "0.5", []field{{"by", &a.Perspective}}},
		{"jitter", "0.4,contrast=0.4,saturation=0.4,hue=0.1", []field{
			{"brightness", &a.Jitter.Brightness}, {"contrast", &a.Jitter.Contrast}, {"saturation", &a.Jitter.Saturation}, {"hue", &a.Jitter.Hue},
		}},
		{"grey", "0.2", []field{{"p", &a.Grey}}},
		{"blur", "0.5", []field{{"p", &a.Blur.P}, {"sigma", &a.Blur.Sigma}}},
		{"erasing", "0.25", []field{{"p", &a.Erasing}}},
		{"cutout", "", []field{{"size", &a.Cutout}}},
		{"mosaic", "1", []field{{"p", &a.Mosaic.P}, {"scale", &a.Mosaic.Scale}}},
		{"copy_paste", "0.5", []field{{"p", &a.CopyPaste.P}, {"most", &a.CopyPaste.Most}, {"scale", &a.CopyPaste.Scale}}},
		{"zoom_out", "0.5", []field{{"p", &a.ZoomOut.P}, {"most", &a.ZoomOut.Most}}},
		{"iou_crop", "true", []field{{"which", &a.IoUCrop}}},
		{"letterbox", "0.5/1.5", []field{{"scale", &a.Letterbox.Scale}}},
		{"mixup", "0.2", []field{{"alpha", &a.MixUp}}},
		{"cutmix", "1", []field{{"alpha", &a.CutMix}}},
	}
}

// AugmentNames returns the names that ParseAugment knows.
func AugmentNames() []string {
	var list []string
	for _, n := range new(Augment).names() {
		list = append(list, n.name)
	}
	return append(list, policies...)
}

// set makes a have what is named.
func (a *Augment) set(name, settings string) error {
	if slices.Contains(policies, name) {
		a.Policy = name
		if settings != "" {
			a.Policy += ":" + settings
		}
		_, err := parsePolicy(a.Policy)
		return err
	}
	for _, n := range a.names() {
		if n.name != name {
			continue
		}
		if settings == "" {
			settings = n.usual
		}
		if settings == "" {
			return fmt.Errorf("%s: how much? expected a number behind a colon, as in degrees:10", name)
		}
		return setFields(name, settings, n.fields)
	}
	return nearest.Error("augmentation", name, AugmentNames())
}

var policies = []string{"randaugment", "trivialaugment"}

// parsePolicy returns the policy that text describes: trivialaugment, or randaugment:n=2,m=9, where these are the values of what is not given.
func parsePolicy(text string) (data.Transform, error) {
	name, settings, _ := strings.Cut(text, ":")
	r := data.RandAugment{N: 2, M: 9}
	var fields []field
	switch name {
	case "randaugment":
		fields = []field{{"n", &r.N}, {"m", &r.M}}
	case "trivialaugment":
	default:
		return nil, nearest.Error("policy", name, policies)
	}
	if settings != "" {
		if err := setFields(name, settings, fields); err != nil {
			return nil, err
		}
	}
	if r.N < 1 || r.N > 14 || r.M < 0 || r.M > 30 {
		return nil, fmt.Errorf("randaugment: n is %d and m is %d, expected 1 to 14 operations of a magnitude from 0 to 30", r.N, r.M)
	}
	if name == "trivialaugment" {
		return data.TrivialAugment(), nil
	}
	return r.Apply, nil
}

// setFields sets what settings, such as pad=4,reflect=true, say. The first needs no key if it is for the first of fields.
func setFields(owner, settings string, fields []field) error {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	given := map[string]bool{}
	for i, pair := range strings.Split(settings, ",") {
		key, value, ok := strings.Cut(pair, "=")
		if !ok && i == 0 && len(keys) > 0 {
			key, value = keys[0], pair
		}
		at := slices.Index(keys, key)
		if at < 0 {
			return fmt.Errorf("%s: %w", owner, nearest.Error("setting", key, keys))
		}
		if given[key] {
			return fmt.Errorf("%s: %s is given twice", owner, key)
		}
		given[key] = true
		if want := setField(fields[at].to, value); want != "" {
			return fmt.Errorf("%s: %s is %q, expected %s", owner, key, value, want)
		}
	}
	return nil
}

// setField sets *to to the value that text is. If it is none, want says what it should be.
func setField(to any, text string) (want string) {
	var err error
	switch to := to.(type) {
	case *float64:
		*to, err = strconv.ParseFloat(text, 64)
		want = "a number"
	case *int:
		*to, err = strconv.Atoi(text)
		want = "a whole number"
	case *bool:
		*to, err = strconv.ParseBool(text)
		want = "true or false"
	case *Flip:
		*to, err = parseFlip(text)
		want = "true, false or alternating"
	case *Range:
		from, upTo, ok := strings.Cut(text, "/")
		want = "two numbers, as in 0.5/1"
		if !ok {
			return want
		}
		if to[0], err = strconv.ParseFloat(from, 64); err == nil {
			to[1], err = strconv.ParseFloat(upTo, 64)
		}
	}
	if err != nil {
		return want
	}
	return ""
}
