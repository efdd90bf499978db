package labelme

import (
	"strings"
	"testing"

	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/annotation/annotationtest"
)

const shapes = `{"version": "5.0", "imagePath": "a.png", "imageWidth": 20, "imageHeight": 10, "shapes": [
{"label": "dog", "points": [[8, 7], [2, 3]], "group_id": null, "shape_type": "rectangle"},
{"label": "cat", "points": [[0, 0], [5, 0], [5, 2]], "group_id": 1, "shape_type": "polygon"},
{"label": "cat", "points": [[10, 0], [15, 0], [15, 9], [10, 9]], "group_id": 1},
{"label": "dog", "points": [[10, 5], [10, 9]], "shape_type": "circle"}]}`

const found = " a.png 1:2,3,8,7 0:0,0,15,9 (50 pixels) 1:6,1,14,9 (52 pixels)\n"

// TestOpen reads the layouts that there are.
func TestOpen(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"flat":    {map[string]string{"a.json": shapes, "a.png": "", "b.png": ""}, "train [\"cat\" \"dog\"]" + found + "- DIR/b.png: an image without annotations (left out)\n"},
		"folders": {map[string]string{"train/a.json": shapes, "train/a.png": "", "val/b.json": `{"shapes": []}`, "val/b.png": ""}, "train [\"cat\" \"dog\"]" + found + "val [\"cat\" \"dog\"] b.png\n"},
		"labels": {map[string]string{"a.json": shapes, "a.png": "", "labels.txt": "__ignore__\n_background_\nowl\ncat\ndog\n"},
			"train [\"owl\" \"cat\" \"dog\"]" + strings.NewReplacer(" 1:", " 2:", " 0:", " 1:").Replace(found)},
	} {
		dir := annotationtest.Tree(t, c.files)
		sets, err := Open(dir, annotation.Options{Images: annotationtest.Images})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := annotationtest.Describe(t, dir, sets); got != c.want {
			t.Errorf("%s:\ngot\n%swant\n%s", name, got, c.want)
		}
		if !Is(dir) {
			t.Errorf("%s: not recognised", name)
		}
	}
}

// TestFaults has files that are wrong in each way, beside one that is right.
func TestFaults(t *testing.T) {
	shape := func(text string) string { return "{\"shapes\": [\n\n" + text + "]}" }
	for content, want := range map[string]string{
		"{\n\n{":        "- DIR/b.json, line 3: no JSON of LabelMe: invalid character '{' looking for beginning of object key string (left out)\n",
		`{"shapes": 3}`: "- DIR/b.json: no JSON of LabelMe: shapes is the number, expected a list (left out)\n",
		"{\n\"shapes\": [{\"points\": [[NaN, 2]]}]}": "- DIR/b.json, line 2: no JSON of LabelMe: NaN or Infinity, which JSON does not know (left out)\n",
		`{"shapes": [`:                "- DIR/b.json, line 1: no JSON of LabelMe: it ends amid the JSON (left out)\n",
		shape(`{"points": [[1, 2]]}`): "- DIR/b.json, line 3: a shape without a label (left out)\n",
		shape(`{"label": "dog", "shape_type": "point", "points": [[1, 2]]}`):             "- DIR/b.json, line 3: dog is a point of 1 points, expected a polygon, a rectangle or a circle (left out)\n",
		shape(`{"label": "dog", "shape_type": "polygon", "points": [[1, 2], [3, 4]]}`):   "- DIR/b.json, line 3: dog is a polygon of 2 points, expected a polygon, a rectangle or a circle (left out)\n",
		shape(`{"label": "dog", "shape_type": "rectangle", "points": [[1, 2], [1, 4]]}`): "- DIR/b.json, line 3: the box from (1, 2) to (1, 4) has 0 x 2 pixels, expected more than a point (left out)\n",
		`{"shapes": [], "imageWidth": 3, "imageHeight": 4}`:                              "- DIR/b.json: the image DIR/b.png has 20 x 10 pixels, but 3 x 4 are annotated (left out)\n",
	} {
		dir := annotationtest.Tree(t, map[string]string{"a.json": shapes, "a.png": "", "b.json": content, "b.png": ""})
		sets, err := Open(dir, annotation.Options{Images: annotationtest.Images})
		if err != nil {
			t.Errorf("%s: %v", content, err)
			continue
		}
		if _, got, _ := strings.Cut(annotationtest.Describe(t, dir, sets), "\n"); got != want {
			t.Errorf("got  %swant %s", got, want)
		}
	}
}

// FuzzParse reads any bytes as a file.
func FuzzParse(f *testing.F) {
	f.Add([]byte(shapes))
	f.Add([]byte(`{"shapes":[{"label":"a","shape_type":"circle","points":[[1e38,-1e38],[-1e38,1e38]]}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		s := &annotation.Set{}
		it := &annotation.Item{File: "x.json", Path: "x.png"}
		if !parse(s, it, content) && len(s.Faults) == 0 {
			t.Error("left out without a word")
		}
	})
}
