package models_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/models"
)

// TestPretrained holds every row to what can be known of it: a model that exists, its classes, its input, a digest like that in the name.
func TestPretrained(t *testing.T) {
	file := regexp.MustCompile(`-([0-9a-f]{8})\.(pth|th)$`)
	seen := map[string]bool{}
	for _, p := range models.AllPretrained() {
		spec, err := models.Lookup(p.Model)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := spec.Complete(models.Args{Options: p.Options}); err != nil {
			t.Errorf("%s: %v", p.File(), err)
		}
		classes := p.Classes()
		detector := p.BoxAP > 0
		slices.Sort(classes)
		if !detector { // whose unused classes are all called N/A
			classes = slices.Compact(classes)
		}
		if len(classes) != spec.Classes {
			t.Errorf("%s: %d names for %d classes", p.File(), len(classes), spec.Classes)
		}
		if in := p.Input; in.Crop != spec.Height || in.Crop != spec.Width || in.Resize < in.Crop || !detector && (in.Mean[0] != 0.485 || in.Std[2] != 0.225) {
			t.Errorf("%s: input %+v of a network for %dx%d", p.File(), in, spec.Height, spec.Width)
		}
		if m := file.FindStringSubmatch(p.File()); m == nil || !strings.HasPrefix(p.SHA256, m[1]) || len(p.SHA256) != 8 && len(p.SHA256) != 64 {
			t.Errorf("%s: SHA-256 %s", p.File(), p.SHA256)
		}
		if !strings.HasPrefix(p.URL, "https://") || p.MiB < 0 || !detector && (max(p.Top1, p.MeanIoU) < 50 || max(p.Top1, p.MeanIoU) > 100) || detector && (p.BoxAP < 20 || p.BoxAP > 60) ||
			(p.MaskAP > 0) != (spec.Task == "instances") || p.MaskAP > p.BoxAP {
			t.Errorf("%+v", p)
		}
		if name := p.Model + "@" + p.Weights; seen[name] {
			t.Errorf("two rows for %s", name)
		} else if q, err := models.LookupPretrained(name); err != nil || q.URL != p.URL {
			t.Errorf("%s: %+v, error %v", name, q, err)
		} else if best, err := models.LookupPretrained(p.Model); err != nil || best.Top1 < p.Top1 {
			t.Errorf("%s: the first choice is %+v, error %v", name, best, err)
		} else {
			seen[name] = true
		}
	}
	for _, spec := range models.All() {
		none := []string{"lenet5", "lenet5-1998", "cnn3", "resnet18-cifar", "densenet100-cifar", "airbench-cifar", "unet", "lince-seg", "lince-det", "lince-mask"}
		if _, err := models.LookupPretrained(spec.Name); (err != nil) != slices.Contains(none, spec.Name) {
			t.Errorf("%s: error %v", spec.Name, err)
		}
	}
}

func TestLookupPretrained(t *testing.T) {
	p, err := models.LookupPretrained("inception_v3")
	if err != nil || p.URL != "https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth" || p.SHA256 != "0cc3c7bd" ||
		p.Input.Resize != 342 || p.Input.Crop != 299 || p.Options["transform-input"] != "true" || p.Top1 != 77.294 {
		t.Errorf("%+v, error %v", p, err)
	}
	if c := models.ImageNetClasses(); c[0] != "tench" || c[281] != "tabby" || c[999] != "toilet tissue" {
		t.Errorf("classes %q, %q, %q", c[0], c[281], c[999])
	}
	for name, want := range map[string]string{
		"resnet5":                `unknown model "resnet5": did you mean "resnet50"? `,
		"cnn3":                   `unknown pretrained model "cnn3": there are alexnet, `,
		"resnet50@IMAGENET1K_V3": `model resnet50: unknown weights "IMAGENET1K_V3": did you mean "IMAGENET1K_V2"? there are IMAGENET1K_V2 and IMAGENET1K_V1`,
	} {
		if _, err := models.LookupPretrained(name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v\nwant %s", name, err, want)
		}
	}
}
