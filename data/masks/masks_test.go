package masks

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/annotation/annotationtest"
)

// mask returns a grey PNG of 20 x 10 that begins with values.
func mask(t testing.TB, values ...uint8) string {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 20, 10))
	copy(m.Pix, values)
	return encode(t, m)
}

func encode(t testing.TB, m image.Image) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestOpen reads the layouts that there are, and what values can mean.
func TestOpen(t *testing.T) {
	colours := image.NewRGBA(image.Rect(0, 0, 20, 10))
	for i := range 200 {
		colours.Set(i%20, i/20, color.RGBA{0, 0, 255, 255})
	}
	colours.Set(1, 0, color.RGBA{255, 0, 0, 255})
	two := func(extra map[string]string, values ...uint8) map[string]string {
		files := map[string]string{"images/a.png": "", "masks/a.png": mask(t, values...)}
		for k, v := range extra {
			files[k] = v
		}
		return files
	}
	const x = "65535"
	for name, c := range map[string]struct {
		files map[string]string
		opt   Options
		want  string
	}{
		"values":     {two(nil, 0, 3, 255), Options{}, "train [\"class 0\" \"class 3\"] a.png [0 1 " + x + " 0 0 0 0 0]\n"},
		"names":      {two(map[string]string{"classes.txt": "sky\nsea\nsand\n"}, 0, 2, 255), Options{}, "train [\"sky\" \"sea\" \"sand\"] a.png [0 2 " + x + " 0 0 0 0 0]\n"},
		"void":       {two(map[string]string{"classes.txt": "sky\nvoid\nsand\n"}, 0, 1, 2), Options{}, "train [\"sky\" \"sand\"] a.png [0 " + x + " 1 0 0 0 0 0]\n"},
		"void given": {two(map[string]string{"classes.txt": "sky\nsea\nsand\n"}, 0, 1, 2, 9), Options{Void: []string{"1", "rest"}}, "train [\"sky\" \"sand\"] a.png [0 " + x + " 1 " + x + " 0 0 0 0]\n"},
		"binary":     {two(nil, 0, 255), Options{}, "train [\"background\" \"foreground\"] a.png [0 1 0 0 0 0 0 0]\n"},
		"two names":  {two(map[string]string{"classes.txt": "no\nyes\n"}, 0, 255), Options{}, "train [\"no\" \"yes\"] a.png [0 1 0 0 0 0 0 0]\n"},
		"given":      {two(nil, 0, 1), Options{Options: annotation.Options{Classes: []string{"a", "b", "c"}}}, "train [\"a\" \"b\" \"c\"] a.png [0 1 0 0 0 0 0 0]\n"},
		"colours":    {map[string]string{"images/a.png": "", "masks/a.png": encode(t, colours)}, Options{}, "train [\"#0000ff\" \"#ff0000\"] a.png [0 1 0 0 0 0 0 0]\n"},
		"named colours": {map[string]string{"images/a.png": "", "masks/a.png": encode(t, colours), "class_dict.csv": "name,r,g,b\nRed thing,255,0,0\nBlue,0,0,255\nGreen,0,255,0\n"}, Options{},
			"train [\"Red thing\" \"Blue\" \"Green\"] a.png [1 0 1 1 1 1 1 1]\n"},
		"CVAT": {map[string]string{"images/a.png": "", "masks/a.png": encode(t, colours), "labelmap.txt": "# label:color_rgb:parts:actions\nblue:0,0,255::\nred:255,0,0::\n"}, Options{Void: []string{"#ff0000"}},
			"train [\"blue\"] a.png [0 " + x + " 0 0 0 0 0 0]\n"},
		"CamVid": {map[string]string{"train/a.png": "", "trainannot/a.png": mask(t, 0, 10, 11, 8), "val/b.png": "", "valannot/b.png": mask(t, 2, 11)}, Options{},
			"train [\"sky\" \"building\" \"pole\" \"road\" \"pavement\" \"tree\" \"sign symbol\" \"fence\" \"car\" \"pedestrian\" \"bicyclist\"] a.png [0 10 " + x + " 8 0 0 0 0]\n" +
				"val [\"sky\" \"building\" \"pole\" \"road\" \"pavement\" \"tree\" \"sign symbol\" \"fence\" \"car\" \"pedestrian\" \"bicyclist\"] b.png [2 " + x + " 0 0 0 0 0 0]\n"},
		"parts": {map[string]string{"train/images/a.png": "", "train/masks/a_mask.png": mask(t, 0, 1)}, Options{}, "train [\"class 0\" \"class 1\"] a.png [0 1 0 0 0 0 0 0]\n"},
		"inside": {map[string]string{"images/train/a.png": "", "masks/train/a.png": mask(t, 0, 1), "images/val/b.png": "", "masks/val/b.png": mask(t, 1)}, Options{},
			"train [\"class 0\" \"class 1\"] a.png [0 1 0 0 0 0 0 0]\nval [\"class 0\" \"class 1\"] b.png [1 0 0 0 0 0 0 0]\n"},
		"missing": {two(map[string]string{"images/b.png": "", "masks/c.png": mask(t)}, 0, 1), Options{},
			"train [\"class 0\" \"class 1\"] a.png [0 1 0 0 0 0 0 0]\n- DIR/masks: the image DIR/images/b.png has no mask (left out)\n- DIR/masks/c.png: there is no image of the name c in DIR/images (left out)\n"},
	} {
		dir := annotationtest.Tree(t, c.files)
		c.opt.Images = annotationtest.Images
		sets, err := Open(dir, c.opt)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := annotationtest.Describe(t, dir, sets); got != c.want {
			t.Errorf("%s:\ngot\n%swant\n%s", name, got, c.want)
		}
		if !Is(dir) {
			t.Errorf("%s: not recognised", name)
		}
	}
	if Is(annotationtest.Tree(t, map[string]string{"images/a.png": "", "labels/a.txt": "0 1 1 1 1"})) || Is(annotationtest.Tree(t, map[string]string{"train/images/a.png": ""})) {
		t.Error("images without masks are recognised")
	}
}

func TestErrors(t *testing.T) {
	small := encode(t, image.NewGray(image.Rect(0, 0, 3, 3)))
	for _, c := range []struct {
		files map[string]string
		opt   Options
		want  string
	}{
		{map[string]string{"a.png": ""}, Options{}, "read DIR: no folders of images and masks, expected images/ and masks/, or train/ and trainannot/"},
		{map[string]string{"images/a.png": "", "masks/a.png": small}, Options{}, "read DIR: no train images are left; the first was left out because: " +
			"read DIR/masks/a.png: the mask DIR/masks/a.png has 3 x 3 pixels, the image 20 x 10"},
		{map[string]string{"images/a.png": "", "masks/a.png": mask(t), "classes.txt": "x,1,2,3\ny\n"}, Options{}, "read DIR/classes.txt: 1 classes with colours of 2, expected all or none"},
		{map[string]string{"images/a.png": "", "masks/a.png": mask(t), "classes.txt": "void\n"}, Options{}, "read DIR/classes.txt: no classes"},
		{map[string]string{"images/a.png": "", "masks/a.png": mask(t)}, Options{Void: []string{"blue"}}, "void=blue: expected a number, a colour such as 0-0-0 or #000000, or rest"},
		{map[string]string{"images/a.png": "", "masks/a.png": mask(t)}, Options{Void: []string{"0-0-0"}}, "void=0-0-0: a colour, but the classes are numbers here"},
		{map[string]string{"images/a.png": "", "masks/a.png": "text"}, Options{}, "read DIR: no mask that can be read"},
	} {
		dir := annotationtest.Tree(t, c.files)
		c.opt.Images = annotationtest.Images
		_, err := Open(dir, c.opt)
		if got := annotationtest.Failure(dir, err); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	dir := annotationtest.Tree(t, map[string]string{"images/a.png": "", "masks/a.png": mask(t, 0, 7), "classes.txt": "sky\nsea\nsand\n"})
	sets, err := Open(dir, Options{Options: annotation.Options{Images: annotationtest.Images}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = sets.Train.Sample(0)
	if got, want := annotationtest.Failure(dir, err), "read DIR/masks/a.png: the value 7 at x 1, y 0 is no class; void=VALUE leaves it out, void=rest all that are none"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// FuzzLegend reads any text as names of classes.
func FuzzLegend(f *testing.F) {
	f.Add("sky,1,2,3\nvoid 4 5 6", "rest")
	f.Add("a:1,2,3::\n", "#123456")
	f.Fuzz(func(t *testing.T, text, void string) {
		l, classes, err := parse(strings.Split(text, "\n"))
		if err != nil || (Options{Void: []string{void}}).leaveOut(l) != nil {
			return
		}
		l, classes = compact(l, classes)
		for _, c := range l.Numbers {
			if int(c) >= len(classes) && c != data.Ignore {
				t.Errorf("class %d of %d", c, len(classes))
			}
		}
	})
}
