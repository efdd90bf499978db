package train

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
)

// everything has all there is to set.
var everything = Augment{
	Degrees: 10, Scale: 0.1, Shear: 5, Translate: 0.07, Flip: FlipAlternating, VerticalFlip: true, Crop: Crop{4, true},
	ResizedCrop: ResizedCrop{Range{0.35, 1}, Range{0.5, 2}}, Perspective: 0.5, Policy: "randaugment:n=3,m=12",
	Jitter: Jitter{0.4, 0.3, 0.2, 0.1}, Grey: 0.2, Blur: Blur{0.5, Range{0.5, 1.5}}, Erasing: 0.25, Cutout: 8, MixUp: 0.2, CutMix: 1,
	Mosaic: Mosaic{0.5, Range{0.4, 1}}, CopyPaste: CopyPaste{0.5, 3, Range{0.5, 2}}, ZoomOut: ZoomOut{0.5, 3}, IoUCrop: true, Letterbox: Letterbox{Range{0.5, 1.5}},
}

func TestAugmentRoundTrip(t *testing.T) {
	for _, a := range []Augment{{}, everything} {
		c := recipe("digits")
		c.Augment = a
		path := filepath.Join(t.TempDir(), ConfigFile)
		if err := c.write(path); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if a == (Augment{}) && !strings.Contains(string(text), "augment:\n  degrees: 0\n  scale: 0\n  shear: 0\n  translate: 0\n  flip: false\nvalidation") {
			t.Errorf("settings that are not used are written: %s", text)
		}
		got, err := ReadConfig(path, Config{})
		if err != nil || got.Augment != a {
			t.Errorf("%+v, error %v, written %+v", got.Augment, err, a)
		}
		if err := got.Check(); err != nil {
			t.Error(err)
		}
	}
}

func TestAugmentInYAML(t *testing.T) {
	text := `augment: {flip: alternating, crop: {pad: 4, reflect: true}, resized_crop: {scale: [0.35, 1]}, jitter: {hue: 0.1}, policy: trivialaugment, mixup: 0.2}`
	c, err := parseConfig([]byte(text), Config{})
	want := Augment{
		Flip: FlipAlternating, Crop: Crop{4, true}, ResizedCrop: ResizedCrop{Scale: Range{0.35, 1}}, Jitter: Jitter{Hue: 0.1},
		Policy: "trivialaugment", MixUp: 0.2,
	}
	if err != nil || c.Augment != want {
		t.Errorf("%+v, error %v", c.Augment, err)
	}
	for text, want := range map[string]string{
		"augment:\n  flip: sometimes":                `line 2: augment.flip is "sometimes", expected true, false or alternating`,
		"augment:\n  crop: {padding: 4}":             `line 2: unknown setting "augment.crop.padding": did you mean "augment.crop.pad"?`,
		"augment:\n  crop: 4":                        "line 2: settings expected",
		"augment: {crop: {pad: -1}}":                 "augment.crop.pad is -1, expected 0 to 1000 pixels",
		"augment: {crop: {reflect: true}}":           "augment.crop.pad is 0, expected 1 or more",
		"augment: {resized_crop: {scale: [1, 0.5]}}": "augment.resized_crop.scale is [1 0.5], expected two shares",
		"augment: {resized_crop: {scale: 0.5}}":      "cannot unmarshal",
		"augment: {policy: randaugmen}":              `augment.policy: unknown policy "randaugmen": did you mean "randaugment"?`,
		"augment: {policy: 'randaugment:n=0'}":       "augment.policy: randaugment: n is 0 and m is 9, expected",
		"augment: {policy: 'trivialaugment:n=0'}":    "augment.policy: trivialaugment: unknown setting",
		"augment: {jitter: {hue: 0.6}}":              "augment.jitter.hue is 0.6, expected 0 to 0.5",
		"augment: {mixup: .nan}":                     "augment.mixup is NaN, expected 0, or 0.001 to 1000",
		"augment: {blur: {sigma: [1, 2]}}":           "augment.blur.p is 0, expected more than 0",
		"augment: {degrees: 1e9}":                    "augment.degrees is 1e+09, expected 0 to 180",
	} {
		c, err := parseConfig([]byte(text), recipe("digits"))
		if err == nil {
			err = c.Check()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, expected %q", text, err, want)
		}
	}
}

func TestParseAugment(t *testing.T) {
	for text, want := range map[string]Augment{
		"none": {},
		"flip": {Flip: FlipRandom},
		"crop:pad=4,flip,trivialaugment,cutmix:alpha=1":                {Crop: Crop{Pad: 4}, Flip: FlipRandom, Policy: "trivialaugment", CutMix: 1},
		"crop:2,reflect=true,flip:alternating,randaugment:n=1,m=5":     {Crop: Crop{2, true}, Flip: FlipAlternating, Policy: "randaugment:n=1,m=5"},
		"mosaic,copy_paste,zoom_out":                                   {Mosaic: Mosaic{P: 1}, CopyPaste: CopyPaste{P: 0.5}, ZoomOut: ZoomOut{P: 0.5}},
		"resized_crop,jitter,mixup":                                    {ResizedCrop: ResizedCrop{Scale: Range{0.08, 1}}, Jitter: Jitter{0.4, 0.4, 0.4, 0.1}, MixUp: 0.2},
		"jitter:hue=0.2,blur:0.3,sigma=1/2,vertical_flip,translate:.1": {Jitter: Jitter{Hue: 0.2}, Blur: Blur{0.3, Range{1, 2}}, VerticalFlip: true, Translate: 0.1},
		"degrees:10,scale:0.1,shear:5,translate:0.07,flip:alternating,vertical_flip,crop:4,reflect=true,resized_crop:0.35/1,ratio=0.5/2,perspective," +
			"mosaic:0.5,scale=0.4/1,copy_paste:0.5,most=3,scale=0.5/2,zoom_out:most=3,p=0.5,iou_crop,letterbox:0.5/1.5," +
			"randaugment:n=3,m=12,jitter:0.4,contrast=0.3,saturation=0.2,hue=0.1,grey,blur:p=0.5,sigma=0.5/1.5,erasing,cutout:8,mixup,cutmix": everything,
	} {
		if got, err := ParseAugment(text); err != nil || got != want {
			t.Errorf("%s: %+v, error %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"":                           "nothing is named, expected none",
		"crp:pad=4":                  `unknown augmentation "crp": did you mean "crop"? there are degrees, `,
		"flip,none":                  `unknown augmentation "none"`,
		"trivialaugmnt":              `did you mean "trivialaugment"?`,
		"crop:padd=4":                `crop: unknown setting "padd": did you mean "pad"?`,
		"crop:pad=4,pad=5":           "crop: pad is given twice",
		"crop:pad=four":              `crop: pad is "four", expected a whole number`,
		"crop:4,5":                   `unknown augmentation "5"`,
		"crop:pad=-4":                "augment.crop.pad is -4",
		"flip:up":                    `flip: which is "up", expected true, false or alternating`,
		"resized_crop:0.5":           `resized_crop: scale is "0.5", expected two numbers, as in 0.5/1`,
		"flip,flip":                  "flip is named twice",
		"degrees":                    "degrees: how much? expected a number",
		"mixup:alpha=x":              `mixup: alpha is "x", expected a number`,
		"trivialaugment:n=2":         "trivialaugment: unknown setting",
		"trivialaugment,randaugment": "expected one of them",
		"mosaic:0,scale=0.5/1":       "augment.mosaic.p is 0, expected more than 0, for mosaic.scale",
		"letterbox:0.5/9":            "augment.letterbox.scale is [0.5 9], expected two numbers up to 8",
		"zoom_out:most=4":            "augment.zoom_out.p is 0, expected more than 0, for zoom_out.most",
		"copy_paste:0.5,most=-1":     "augment.copy_paste.most is -1, expected 1 to 100 things",
		"erasing:2":                  "augment.erasing is 2, expected 0 to 1",
		",":                          `unknown augmentation ""`,
	} {
		if _, err := ParseAugment(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, expected %q", text, err, want)
		}
	}
}

func FuzzParseAugment(f *testing.F) {
	f.Add("crop:pad=4,flip,trivialaugment,cutmix:alpha=1")
	f.Add("resized_crop:0.35/1,ratio=0.5/2,jitter:hue=0.1")
	f.Add("none")
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := ParseAugment(text); err == nil {
			if err := a.apply(&data.Loader{}, 8, 8); err != nil {
				t.Errorf("%q is valid, and yet: %v", text, err)
			}
		}
	})
}

// TestAugmentedTraining runs epochs with everything, on whole images, and sees the same end for any number of workers.
func TestAugmentedTraining(t *testing.T) {
	var first map[string]any
	for _, workers := range []int{1, 3} {
		c := testConfig()
		c.Augment, c.Workers, c.Epochs = everything, workers, 2
		c.Augment.Mosaic, c.Augment.CopyPaste = Mosaic{}, CopyPaste{} // not of images with labels
		d := testData()
		var err error
		if d.Train, err = data.WithWhole(d.Train, blobs{200, 12, 1}); err != nil {
			t.Fatal(err)
		}
		r, err := Start(filepath.Join(t.TempDir(), "run"), c, d)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(r.Close)
		finish(t, r, Hooks{})
		end := map[string]any{}
		for name, v := range r.Model().Weights {
			end[name] = v.F32()
		}
		if first == nil {
			first = end
		} else if !reflect.DeepEqual(first, end) {
			t.Error("other weights with 3 workers")
		}
	}
}
