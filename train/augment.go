package train

import (
	"fmt"
	"math"

	"github.com/lince-ml/lince/data"
	"go.yaml.in/yaml/v3"
)

// Augment says how training images vary at random; docs/augment.md explains it. All zero means not at all. What it says is done in this order:
// mosaic, copy_paste, zoom_out, iou_crop, letterbox, resized_crop or crop, the affine map, perspective, flips, policy, jitter, grey, blur, erasing, cutout, and mixup or cutmix of whole batches.
type Augment struct {
	Degrees      float64     `yaml:"degrees"`                 // turn by up to this
	Scale        float64     `yaml:"scale"`                   // enlarge or shrink by up to this share
	Shear        float64     `yaml:"shear"`                   // slant by up to this, in degrees
	Translate    float64     `yaml:"translate"`               // move by up to this share of width and height
	Flip         Flip        `yaml:"flip"`                    // mirror left and right: true for every other time by chance, alternating for every other epoch
	VerticalFlip bool        `yaml:"vertical_flip,omitempty"` // mirror top and bottom every other time, by chance
	Crop         Crop        `yaml:"crop,omitempty"`          // put a margin around, and cut out the usual size at a random place
	ResizedCrop  ResizedCrop `yaml:"resized_crop,omitempty"`  // cut out a part of random size and proportions
	Perspective  float64     `yaml:"perspective,omitempty"`   // show every other image from aside: corners move by up to this share of half the size
	Policy       string      `yaml:"policy,omitempty"`        // trivialaugment, or randaugment:n=2,m=9
	Jitter       Jitter      `yaml:"jitter,omitempty"`        // vary the colours
	Grey         float64     `yaml:"grey,omitempty"`          // share of the images that lose their colours
	Blur         Blur        `yaml:"blur,omitempty"`          // make some unsharp
	Erasing      float64     `yaml:"erasing,omitempty"`       // share of the images of which a random rectangle is covered
	Cutout       int         `yaml:"cutout,omitempty"`        // side of a square, in pixels, that is covered in each image
	Mosaic       Mosaic      `yaml:"mosaic,omitempty"`        // put four images together
	CopyPaste    CopyPaste   `yaml:"copy_paste,omitempty"`    // copy things of another image
	ZoomOut      ZoomOut     `yaml:"zoom_out,omitempty"`      // put some into larger grey ones
	IoUCrop      bool        `yaml:"iou_crop,omitempty"`      // cut out a part that holds a box by an overlap drawn at random
	Letterbox    Letterbox   `yaml:"letterbox,omitempty"`     // fit the image, at a random scale
	MixUp        float64     `yaml:"mixup,omitempty"`         // parameter of the Beta distribution by which images are blended
	CutMix       float64     `yaml:"cutmix,omitempty"`        // the same for rectangles of other images
}

// Crop is the random crop of small images.
type Crop struct {
	Pad     int  `yaml:"pad"`               // pixels of the margin
	Reflect bool `yaml:"reflect,omitempty"` // it shows the image mirrored, instead of black
}

// ResizedCrop is data.RandomResizedCrop to the size of the network's images.
type ResizedCrop struct {
	Scale Range `yaml:"scale,flow,omitempty"` // share of the area, from and to
	Ratio Range `yaml:"ratio,flow,omitempty"` // width over height, from and to; left out, 3/4 to 4/3
}

// Mosaic is data.Mosaic to the size of the network's images.
type Mosaic struct {
	P     float64 `yaml:"p,omitempty"`          // share of the images
	Scale Range   `yaml:"scale,flow,omitempty"` // of each image, from and to; left out, 0.5 to 1
}

// CopyPaste is data.CopyPaste.
type CopyPaste struct {
	P     float64 `yaml:"p,omitempty"`          // share of the images
	Most  int     `yaml:"most,omitempty"`       // things that are copied to an image; left out, 5
	Scale Range   `yaml:"scale,flow,omitempty"` // by which they are enlarged, from and to; left out, 0.75 to 1.25
}

// ZoomOut is data.RandomZoomOut.
type ZoomOut struct {
	P    float64 `yaml:"p,omitempty"`    // share of the images
	Most float64 `yaml:"most,omitempty"` // times the sides are as long; left out, 4
}

// Letterbox is data.RandomLetterbox to the size of the network's images.
type Letterbox struct {
	Scale Range `yaml:"scale,flow,omitempty"` // from and to
}

// Jitter is data.Jitter.
type Jitter struct {
	Brightness float64 `yaml:"brightness,omitempty"` // factors from 1-x to 1+x
	Contrast   float64 `yaml:"contrast,omitempty"`
	Saturation float64 `yaml:"saturation,omitempty"`
	Hue        float64 `yaml:"hue,omitempty"` // turn by up to this share of the wheel of hues
}

// Blur is data.RandomBlur.
type Blur struct {
	P     float64 `yaml:"p,omitempty"`          // share of the images
	Sigma Range   `yaml:"sigma,flow,omitempty"` // standard deviation in pixels, from and to; left out, 0.1 to 2
}

// A Range is from where to where a number is drawn, both 0 if that is left out.
type Range [2]float64

// IsZero implements yaml.IsZeroer.
func (r Range) IsZero() bool { return r == Range{} }

// A Flip says which images are mirrored. In config.yaml it is false, true or alternating.
type Flip string

// The kinds of Flip.
const (
	FlipNever       Flip = ""
	FlipRandom      Flip = "true"
	FlipAlternating Flip = "alternating" // see data.AlternatingFlip
)

// parseFlip returns the Flip that text names.
func parseFlip(text string) (Flip, error) {
	switch text {
	case "false", "":
		return FlipNever, nil
	case "true":
		return FlipRandom, nil
	case "alternating":
		return FlipAlternating, nil
	}
	return FlipNever, fmt.Errorf("flip is %q, expected true, false or alternating", text)
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (f *Flip) UnmarshalYAML(n *yaml.Node) (err error) {
	if *f, err = parseFlip(n.Value); err != nil {
		return fmt.Errorf("line %d: augment.%w", n.Line, err)
	}
	return nil
}

// MarshalYAML implements yaml.Marshaler.
func (f Flip) MarshalYAML() (any, error) {
	if f == FlipAlternating {
		return string(f), nil
	}
	return f == FlipRandom, nil
}

// NeedsWhole reports whether whole images are taken, which the data must then have: see data.WithWhole.
func (a Augment) NeedsWhole() bool {
	return a.ResizedCrop != ResizedCrop{} || a.Letterbox != Letterbox{} || a.resizes()
}

// resizes reports whether images have other sizes after zoom_out and iou_crop.
func (a Augment) resizes() bool { return a.IoUCrop || a.ZoomOut.P > 0 }

// Collages returns what puts images of h x w pixels together from several ones.
func (a Augment) Collages(h, w int) (list []data.Collage) {
	if a.Mosaic.P > 0 {
		list = append(list, data.Mosaic{H: h, W: w, P: a.Mosaic.P, Scale: a.Mosaic.Scale}.Apply)
	}
	if a.CopyPaste.P > 0 {
		list = append(list, data.CopyPaste{P: a.CopyPaste.P, Most: a.CopyPaste.Most, Scale: a.CopyPaste.Scale}.Apply)
	}
	return list
}

// Mixes reports whether images are blended with each other, and labels with them: see data.Batch.Targets.
func (a Augment) Mixes() bool { return a.MixUp > 0 || a.CutMix > 0 }

// apply makes l vary images, which are h x w afterwards.
func (a Augment) apply(l *data.Loader, h, w int) error {
	list, err := a.transforms(h, w, l.Seed)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		l.Transform = data.Compose(list...)
	}
	l.Collages, l.Whole, l.MixUp, l.CutMix = a.Collages(h, w), a.NeedsWhole(), a.MixUp, a.CutMix
	return nil
}

func (a Augment) transforms(h, w int, seed uint64) ([]data.Transform, error) {
	var list []data.Transform
	add := func(wanted bool, t data.Transform) {
		if wanted {
			list = append(list, t)
		}
	}
	add(a.ZoomOut.P > 0, data.RandomZoomOut{P: a.ZoomOut.P, Most: a.ZoomOut.Most}.Apply)
	add(a.IoUCrop, data.RandomIoUCrop{}.Apply)
	add(a.Letterbox != Letterbox{}, data.RandomLetterbox{H: h, W: w, Scale: a.Letterbox.Scale}.Apply)
	add(a.resizes() && a.Letterbox == Letterbox{}, data.Resize(h, w))
	add(a.ResizedCrop != ResizedCrop{}, data.RandomResizedCrop{H: h, W: w, Scale: a.ResizedCrop.Scale, Ratio: a.ResizedCrop.Ratio}.Apply)
	border := data.Black
	if a.Crop.Reflect {
		border = data.Reflect
	}
	add(a.Crop.Pad > 0, data.RandomCrop(h, w, a.Crop.Pad, border))
	affine := data.RandomAffine{Degrees: a.Degrees, Scale: a.Scale, Shear: a.Shear, Translate: a.Translate}
	add(affine != data.RandomAffine{}, affine.Apply)
	add(a.Perspective > 0, data.RandomPerspective{Distortion: a.Perspective, P: 0.5}.Apply)
	add(a.Flip == FlipRandom, data.RandomFlip())
	add(a.Flip == FlipAlternating, data.AlternatingFlip(seed))
	add(a.VerticalFlip, data.RandomVerticalFlip())
	if a.Policy != "" {
		policy, err := parsePolicy(a.Policy)
		if err != nil {
			return nil, err
		}
		list = append(list, policy)
	}
	add(a.Jitter != Jitter{}, data.Jitter(a.Jitter).Apply)
	add(a.Grey > 0, data.Sometimes(a.Grey, data.Grey()))
	add(a.Blur.P > 0, data.RandomBlur{Sigma: a.Blur.sigma(), P: a.Blur.P}.Apply)
	add(a.Erasing > 0, data.RandomErasing{P: a.Erasing}.Apply)
	add(a.Cutout > 0, data.Cutout(a.Cutout))
	return list, nil
}

func (b Blur) sigma() Range {
	if b.Sigma.IsZero() {
		return Range{0.1, 2}
	}
	return b.Sigma
}

// check reports the first setting that is out of its range, by its key in config.yaml.
func (a Augment) check() error {
	share := func(v float64) bool { return v >= 0 && v <= 1 }
	atLeast0 := func(v float64) bool { return v >= 0 && !math.IsInf(v, 0) }
	alpha := func(v float64) bool { return v == 0 || v >= 1e-3 && v <= 1e3 }
	ordered := func(r Range, low, high float64) bool {
		return r.IsZero() || r[0] > low && r[0] <= r[1] && r[1] <= high
	}
	for _, r := range []struct {
		key   string
		value any
		ok    bool
		want  string
	}{
		{"degrees", a.Degrees, a.Degrees >= 0 && a.Degrees <= 180, "0 to 180"},
		{"scale", a.Scale, a.Scale >= 0 && a.Scale < 1, "0 or more and less than 1"},
		{"shear", a.Shear, a.Shear >= 0 && a.Shear <= 80, "0 to 80"},
		{"translate", a.Translate, share(a.Translate), "0 to 1"},
		{"crop.pad", a.Crop.Pad, a.Crop.Pad >= 0 && a.Crop.Pad <= 1000, "0 to 1000 pixels"},
		{"crop.pad", a.Crop.Pad, a.Crop.Pad > 0 || !a.Crop.Reflect, "1 or more, for crop.reflect"},
		{"resized_crop.scale", a.ResizedCrop.Scale, ordered(a.ResizedCrop.Scale, 0, 1), "two shares of the area, as in [0.08, 1]"},
		{"resized_crop.ratio", a.ResizedCrop.Ratio, ordered(a.ResizedCrop.Ratio, 0, 1000), "two positive numbers, as in [0.75, 1.3333]"},
		{"perspective", a.Perspective, share(a.Perspective), "0 to 1"},
		{"jitter.brightness", a.Jitter.Brightness, atLeast0(a.Jitter.Brightness), "0 or more"},
		{"jitter.contrast", a.Jitter.Contrast, atLeast0(a.Jitter.Contrast), "0 or more"},
		{"jitter.saturation", a.Jitter.Saturation, atLeast0(a.Jitter.Saturation), "0 or more"},
		{"jitter.hue", a.Jitter.Hue, a.Jitter.Hue >= 0 && a.Jitter.Hue <= 0.5, "0 to 0.5"},
		{"grey", a.Grey, share(a.Grey), "0 to 1"},
		{"blur.p", a.Blur.P, share(a.Blur.P), "0 to 1"},
		{"blur.p", a.Blur.P, a.Blur.P > 0 || a.Blur.Sigma.IsZero(), "more than 0, for blur.sigma"},
		{"blur.sigma", a.Blur.Sigma, ordered(a.Blur.Sigma, 0, 20), "two numbers of pixels up to 20, as in [0.1, 2]"},
		{"erasing", a.Erasing, share(a.Erasing), "0 to 1"},
		{"cutout", a.Cutout, a.Cutout >= 0, "0 or more"},
		{"mosaic.p", a.Mosaic.P, share(a.Mosaic.P), "0 to 1"},
		{"mosaic.p", a.Mosaic.P, a.Mosaic.P > 0 || a.Mosaic.Scale.IsZero(), "more than 0, for mosaic.scale"},
		{"mosaic.scale", a.Mosaic.Scale, ordered(a.Mosaic.Scale, 0, 4), "two numbers up to 4, as in [0.5, 1]"},
		{"copy_paste.p", a.CopyPaste.P, share(a.CopyPaste.P), "0 to 1"},
		{"copy_paste.p", a.CopyPaste.P, a.CopyPaste.P > 0 || a.CopyPaste == CopyPaste{}, "more than 0, for its other settings"},
		{"copy_paste.most", a.CopyPaste.Most, a.CopyPaste.Most >= 0 && a.CopyPaste.Most <= 100, "1 to 100 things"},
		{"copy_paste.scale", a.CopyPaste.Scale, ordered(a.CopyPaste.Scale, 0, 10), "two numbers up to 10, as in [0.75, 1.25]"},
		{"zoom_out.p", a.ZoomOut.P, share(a.ZoomOut.P), "0 to 1"},
		{"zoom_out.p", a.ZoomOut.P, a.ZoomOut.P > 0 || a.ZoomOut.Most == 0, "more than 0, for zoom_out.most"},
		{"zoom_out.most", a.ZoomOut.Most, a.ZoomOut.Most == 0 || a.ZoomOut.Most >= 1 && a.ZoomOut.Most <= 16, "1 to 16"},
		{"letterbox.scale", a.Letterbox.Scale, ordered(a.Letterbox.Scale, 0, 8), "two numbers up to 8, as in [0.5, 1.5]"},
		{"mixup", a.MixUp, alpha(a.MixUp), "0, or 0.001 to 1000"},
		{"cutmix", a.CutMix, alpha(a.CutMix), "0, or 0.001 to 1000"},
	} {
		if !r.ok {
			return fmt.Errorf("augment.%s is %v, expected %s", r.key, r.value, r.want)
		}
	}
	if _, err := parseFlip(string(a.Flip)); err != nil {
		return fmt.Errorf("augment.%w", err)
	}
	if a.Policy != "" {
		if _, err := parsePolicy(a.Policy); err != nil {
			return fmt.Errorf("augment.policy: %w", err)
		}
	}
	return nil
}
