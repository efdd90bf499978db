package coco

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/annotation/annotationtest"
)

const two = `{"images": [
 {"id": 9, "file_name": "a.png", "width": 20, "height": 10},
 {"id": 4, "file_name": "b.png", "width": 20, "height": 10}],
"licenses": [{"x": [1]}],
"annotations": [
 {"id": 1, "image_id": 9, "category_id": 7, "bbox": [1, 2, 3, 4], "iscrowd": 0, "segmentation": [[1, 2, 4, 2, 4, 6, 1, 6], [0, 0, 1, 0, 1, 1, 0, 1]]},
 {"id": 2, "image_id": 9, "category_id": 3, "bbox": [0, 0, 20, 10], "iscrowd": 1, "segmentation": {"size": [10, 20], "counts": [5, 5, 190]}},
 {"id": 3, "image_id": 9, "category_id": 3, "bbox": [0, 5, 2, 5], "segmentation": {"size": [10, 20], "counts": "55n5"}},
 {"id": 4, "image_id": 9, "category_id": 3, "segmentation": [[1, 2, 4, 2, 4, 6]]}],
"categories": [{"id": 7, "name": "cat"}, {"id": 3, "name": "dog"}]}`

const found = "[\"dog\" \"cat\"] a.png 1:1,2,4,6 (13 pixels) 0:0,0,20,10 crowd (5 pixels) 0:0,5,2,10 (5 pixels) 0:1,2,4,6 (6 pixels) b.png\n"

// TestOpen reads the layouts that there are.
func TestOpen(t *testing.T) {
	for name, c := range map[string]struct {
		files        map[string]string
		path, folder string
		want         string
	}{
		"official": {map[string]string{"annotations/instances_train2017.json": two, "annotations/captions_train2017.json": "{}", "train2017/a.png": "", "train2017/b.png": "",
			"annotations/instances_val2017.json": two, "val2017/a.png": "", "val2017/b.png": ""}, "", "", "train " + found + "val " + found},
		"images":       {map[string]string{"annotations/train.json": two, "images/a.png": "", "images/b.png": ""}, "", "", "train " + found},
		"Roboflow":     {map[string]string{"train/_annotations.coco.json": two, "train/a.png": "", "train/b.png": ""}, "", "", "train " + found},
		"a file":       {map[string]string{"x.json": two, "a.png": "", "b.png": ""}, "x.json", "", "train " + found},
		"given folder": {map[string]string{"x.json": two, "far/a.png": "", "far/b.png": ""}, "x.json", "far", "train " + found},
		"elsewhere": {map[string]string{"annotations/train.json": strings.Replace(two, "b.png", "../x.png", 1), "x.png": "", "train/a.png": ""}, "", "",
			"train " + strings.Replace(found, "b.png", "x.png", 1)},
		"missing": {map[string]string{"annotations/train.json": two, "images/a.png": ""}, "", "",
			"train " + strings.Replace(found, " b.png", "", 1) + "- DIR/annotations/train.json, line 3: the image DIR/images/b.png is not there (left out)\n"},
	} {
		dir := annotationtest.Tree(t, c.files)
		path := filepath.Join(dir, c.path)
		sets, err := Open(path, Options{Options: annotation.Options{Images: annotationtest.Images}, Folder: c.folder})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := annotationtest.Describe(t, dir, sets); got != c.want {
			t.Errorf("%s:\ngot\n%swant\n%s", name, got, c.want)
		}
		if c.path == "" && !Is(dir) {
			t.Errorf("%s: not recognised", name)
		}
	}
	if !IsFile([]byte(" {\n \"images\": [")) || IsFile([]byte("{}")) || IsFile([]byte("a,b")) {
		t.Error("IsFile")
	}
}

// TestFaults has annotations that are wrong in each way.
func TestFaults(t *testing.T) {
	const good = `{"id": 1, "image_id": 9, "category_id": 3, "bbox": [0, 0, 2, 2]}`
	for bad, want := range map[string]string{
		`{"id": 1, "image_id": 9, "category_id": 3, "bbox": [0, 0, 2, 2]}`:                                 "the number 1 of an annotation is there twice",
		`{"id": 2, "image_id": 8, "category_id": 3, "bbox": [0, 0, 2, 2]}`:                                 "annotation 2 is of the image 8, which is none of the images",
		`{"id": 2, "image_id": 9, "category_id": 5, "bbox": [0, 0, 2, 2]}`:                                 "annotation 2 has the category 5, which is none of the categories",
		`{"id": 2, "image_id": 9, "category_id": 3, "bbox": [0, 0, 2]}`:                                    "annotation 2: a bbox of 3 numbers, expected x, y, width and height",
		`{"id": 2, "image_id": 9, "category_id": 3, "bbox": [0, 0, -2, 2]}`:                                "annotation 2: the box from (0, 0) to (-2, 2) has -2 x 2 pixels, expected more than a point",
		`{"id": 2, "image_id": 9, "category_id": 3}`:                                                       "annotation 2: neither bbox nor segmentation",
		`{"id": 2, "image_id": 9, "category_id": 3, "segmentation": [[1, 2, 3]]}`:                          "annotation 2: a polygon of 3 numbers, expected x and y of three corners or more",
		`{"id": 2, "image_id": 9, "category_id": 3, "segmentation": ["x"]}`:                                "annotation 2: a segmentation that is no list of polygons",
		`{"id": 2, "image_id": 9, "category_id": 3, "segmentation": {"counts": [2]}}`:                      "annotation 2: a segmentation that is neither polygons nor an RLE of size and counts",
		`{"id": 2, "image_id": 9, "category_id": 3, "segmentation": {"size": [10, 20], "counts": [2, 3]}}`: "annotation 2: RLE of 5 pixels, expected 10 x 20",
		`{"id": 2, "image_id": 9, "category_id": 3, "segmentation": {"size": [10, 20], "counts": [-1]}}`:   "annotation 2: RLE with a run of -1 pixels, expected 0 to 200",
		`{"id": 2, "image_id": 9, "category_id": 3, "segmentation": {"size": [10, 20], "counts": "~"}}`:    "annotation 2: RLE at letter 1: the letter '~', expected one from 0 to o",
		`{"id": 2, "image_id": 9, "category_id": 3, "segmentation": {"size": [1000000, 1000000], "counts": [1000000000000]}}`: "annotation 2: RLE of an image of 1000000 x 1000000 pixels, " +
			"at least one and at most 1073741824 are allowed",
		`{"id": 2, "image_id": 9, "category_id": 3, "bbox": [0, 0, 2, 2], "segmentation": {"size": [20, 10], "counts": [200]}}`: "annotation 2: an RLE of 10 x 20 pixels, the image has 20 x 10",
	} {
		dir := annotationtest.Tree(t, map[string]string{"a.png": "", "x.json": `{"images": [{"id": 9, "file_name": "a.png"}],` + "\n" + `"annotations": [` + good + ",\n" + bad + "],\n" +
			`"categories": [{"id": 3, "name": "dog"}]}`})
		sets, err := Open(filepath.Join(dir, "x.json"), Options{Options: annotation.Options{Images: annotationtest.Images}})
		if err != nil {
			t.Errorf("%s: %v", bad, err)
			continue
		}
		if got, want := annotationtest.Describe(t, dir, sets), "train [\"dog\"] a.png 0:0,0,2,2\n- DIR/x.json, line 3: "+want+" (left out)\n"; got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
}

func TestClashingIDs(t *testing.T) {
	dir := annotationtest.Tree(t, map[string]string{"a.png": "", "b.png": "", "x.json": `{"images": [{"id": 1, "file_name": "a.png"},{"id": 1, "file_name": "b.png"},{"id": 2}],
"annotations": [], "categories": [{"id": 3, "name": "dog"},{"id": 3, "name": "cat"},{"id": 4, "name": "dog"}]}`})
	sets, err := Open(filepath.Join(dir, "x.json"), Options{Options: annotation.Options{Images: annotationtest.Images}})
	if err != nil {
		t.Fatal(err)
	}
	want := "train [\"dog\"] a.png\n- DIR/x.json: the category \"cat\" has the number 3, as \"dog\" has (left out)\n" +
		"- DIR/x.json, line 1: the image b.png has the number 1, as another has (left out)\n- DIR/x.json, line 1: the image 2 has no file_name (left out)\n"
	if got := annotationtest.Describe(t, dir, sets); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestErrors(t *testing.T) {
	for content, want := range map[string]string{
		"{":                                      "read DIR/x.json, line 1: it ends amid the JSON, expected JSON with images, annotations and categories",
		"[]":                                     "read DIR/x.json, line 1: it begins with [, expected JSON with images, annotations and categories",
		"{\"images\":\n[{\"id\": \"x\"}]}":       "read DIR/x.json, line 2: id is a text, expected a whole number, expected JSON with images, annotations and categories",
		"{\"images\": 3}":                        "read DIR/x.json, line 1: 3 where a list begins, expected JSON with images, annotations and categories",
		"{\"images\": []}":                       "read DIR/x.json: no categories",
		"{\"annotations\": [{\"bbox\": [NaN]}]}": "read DIR/x.json, line 1: NaN or Infinity, which JSON does not know, expected JSON with images, annotations and categories",
		"{\"annotations\": [{\"bbox\": [1e99]}]}":          "read DIR/x.json, line 1: bbox is the number 1e99, expected a number of 32 bits, expected JSON with images, annotations and categories",
		"{\"images\": [3]}":                                "read DIR/x.json, line 1: an element is the number, expected an object, expected JSON with images, annotations and categories",
		"{\"categories\": [{\"id\": 1}]}":                  "read DIR/x.json: the category 1 has no name",
		"{\"categories\": [{\"id\": 1, \"name\": \"a\"}]}": "read DIR: no train images",
	} {
		dir := annotationtest.Tree(t, map[string]string{"x.json": content})
		_, err := Open(filepath.Join(dir, "x.json"), Options{Options: annotation.Options{Images: annotationtest.Images}})
		if got := annotationtest.Failure(dir, err); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", content, got, want)
		}
	}
	if _, err := Open("none.json", Options{}); err == nil || err.Error() != "read none.json: no such file or folder" {
		t.Error(err)
	}
}

// FuzzParse reads any bytes as a file, and all that it has as things.
func FuzzParse(f *testing.F) {
	f.Add([]byte(two))
	f.Add([]byte(`{"annotations":[{"segmentation":{"size":[1e9,1e9],"counts":"0"}}],"images":null}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		x, err := parse("x.json", content)
		if err != nil {
			return
		}
		r := &reader{}
		s, err := r.set(x, ".")
		if err != nil {
			return
		}
		for _, it := range s.Items {
			for _, thing := range it.Things {
				if thing.Class < 0 || thing.Class >= len(r.classes) || thing.Line < 1 {
					t.Errorf("%+v", thing)
				}
			}
		}
	})
}

// TestNumbers: what is said of images and classes can be written with the numbers of the file.
func TestNumbers(t *testing.T) {
	dir := annotationtest.Tree(t, map[string]string{"x.json": two, "b.png": ""})
	sets, err := Open(filepath.Join(dir, "x.json"), Options{Options: annotation.Options{Images: annotationtest.Images}})
	if err != nil {
		t.Fatal(err)
	}
	// a.png, the image 9, is not there.
	if got := [3]int64{data.ImageID(sets.Train, 0), data.ClassID(sets.Train, 0), data.ClassID(sets.Train, 1)}; got != [3]int64{4, 3, 7} {
		t.Errorf("numbers %v", got)
	}
}
