package coco

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/lince-ml/lince/metric/detection"
)

func read(t testing.TB, path string, v any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

// open returns the scenes of testdata with one of the files of results.
func open(t testing.TB, results string, masks bool) (*Truth, *detection.Set) {
	t.Helper()
	truth, err := ReadTruth("testdata/truth.json", masks)
	if err != nil {
		t.Fatal(err)
	}
	detections, err := truth.ReadResults("testdata/"+results, masks)
	if err != nil {
		t.Fatal(err)
	}
	s := truth.Set(detections, masks)
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	return truth, s
}

// compare holds a summary to the twelve numbers of pycocotools, which has -1 for what is not defined.
func compare(t *testing.T, what string, got Summary, want []float64) {
	t.Helper()
	for i, q := range got.Quantities() {
		v := q.Value
		if math.IsNaN(v) {
			v = -1
		}
		if !(math.Abs(v-want[i]) <= 1e-9) {
			t.Errorf("%s: %s = %v, pycocotools has %v", what, q.Name, v, want[i])
		}
	}
}

func TestLikePycocotools(t *testing.T) {
	var golden map[string]map[string]json.RawMessage
	read(t, "testdata/golden.json", &golden)
	for _, test := range []struct {
		name, results string
		masks, ignore bool
	}{{"boxes", "boxes.json", false, false}, {"masks", "masks.json", true, false}, {"ignoring", "boxes.json", false, true}} {
		t.Run(test.name, func(t *testing.T) {
			truth, s := open(t, test.results, test.masks)
			if test.ignore {
				for i := range s.Things { // the ids are their numbers, from 1
					s.Things[i].Ignore = (i+1)%5 == 0
				}
			}
			numbers := func(key string) (list []float64) {
				if err := json.Unmarshal(golden[test.name][key], &list); err != nil {
					t.Fatal(err)
				}
				return list
			}
			r := Evaluate(s)
			compare(t, "all", r.Summary, numbers("all"))
			for i, c := range r.Classes {
				compare(t, c.Name, c.Summary, numbers(strconv.Itoa(int(truth.Categories[i].ID))))
			}
			var curves map[string][][]float64
			if err := json.Unmarshal(golden[test.name]["curve"], &curves); err != nil {
				t.Fatal(err)
			}
			for threshold, want := range curves {
				at := map[string]int{"0.50": 0, "0.75": 5}[threshold]
				for i, c := range r.Classes {
					for k, v := range want[i] {
						if got := c.Precision[at][10*k]; math.Abs(got-v) > 1e-9 && !(math.IsNaN(got) && v == -1) {
							t.Errorf("%s, IoU %s, recall %d %%: precision %v, pycocotools has %v", c.Name, threshold, 10*k, got, v)
						}
					}
				}
			}
		})
	}
}

// What is written is read again without loss, so that other programs measure the same.
func TestResultsRoundTrip(t *testing.T) {
	for _, masks := range []bool{false, true} {
		truth, s := open(t, map[bool]string{false: "boxes.json", true: "masks.json"}[masks], masks)
		var images, categories []int64
		for _, i := range truth.Images {
			images = append(images, i.ID)
		}
		for _, c := range truth.Categories {
			categories = append(categories, c.ID)
		}
		path := filepath.Join(t.TempDir(), "again.json")
		if err := WriteResults(path, images, categories, s.Detections); err != nil {
			t.Fatal(err)
		}
		again, err := truth.ReadResults(path, masks)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range again {
			w := s.Detections[i]
			if d.Box != w.Box || d.Score != w.Score || d.Image != w.Image || d.Class != w.Class || !slices.Equal(d.Mask.Counts, w.Mask.Counts) {
				t.Fatalf("detection %d is %v after writing and reading, was %v", i, d, w)
			}
		}
		if err := WriteResults(path, images, categories, nil); err != nil {
			t.Fatal(err)
		}
		if none, err := truth.ReadResults(path, masks); err != nil || len(none) != 0 {
			t.Fatalf("no results: %v, %v", none, err)
		}
	}
}

func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	truth := `{"images":[{"id":1,"width":10,"height":8}],"categories":[{"id":1,"name":"cat"}],"annotations":[%s]}`
	thing := func(s string) string { return fmt.Sprintf(truth, s) }
	for _, test := range []struct {
		truth, results string
		masks          bool
		want           string
	}{
		{`[]`, ``, false, "found a list, expected COCO annotations"},
		{`{}`, ``, false, `"images" is missing`},
		{`{"images":[`, ``, false, "the file ends"},
		{`{"images":{}}`, ``, false, "found an object, expected a list"},
		{`{"images":[{"id":1},{"id":1}],"categories":[],"annotations":[]}`, ``, false, "two images have the id 1"},
		{`{"images":[],"categories":[{"id":1},{"id":1}],"annotations":[]}`, ``, false, "two categories have the id 1"},
		{`{"images":[{"id":"a"}]}`, ``, false, "id is string, expected a whole number"},
		{`{"images":[{"id":NaN}]}`, ``, false, "no JSON at byte"},
		{thing(`{"category_id":1}`), ``, false, "image_id or category_id is missing"},
		{thing(`{"id":7,"image_id":2,"category_id":1}`), ``, false, "annotation 1 (id 7): image_id 2: no image has this id"},
		{thing(`{"image_id":1,"category_id":2}`), ``, false, "category_id 2: no category has this id"},
		{thing(`{"image_id":1,"category_id":1}`), ``, false, "bbox is missing"},
		{thing(`{"image_id":1,"category_id":1,"bbox":[1,2,3]}`), ``, false, "bbox has 3 numbers"},
		{thing(`{"image_id":1,"category_id":1,"bbox":[1,2,3,-4]}`), ``, false, "the height -4"},
		{thing(`{"image_id":1,"category_id":1,"bbox":[1,2,3,1e300]}`), ``, false, "expected pixels"},
		{thing(`{"image_id":1,"category_id":1,"bbox":[1,2,3,4],"iscrowd":7}`), ``, false, "iscrowd is 7"},
		{thing(`{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,3,4]},{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,3,4]}`), ``, false, "another has the id 1"},
		{thing(`{"image_id":1,"category_id":1,"bbox":[1,2,3,4]}`), ``, true, "segmentation is missing"},
		{thing(`{"image_id":1,"category_id":1,"segmentation":[[1,2]]}`), ``, true, "a polygon of 2 numbers"},
		{thing(`{"image_id":1,"category_id":1,"segmentation":[[1,2,3,4,1e30,6]]}`), ``, true, "a corner at 1e+30"},
		{thing(`{"image_id":1,"category_id":1,"segmentation":[1]}`), ``, true, "not one of polygons"},
		{thing(`{"image_id":1,"category_id":1,"segmentation":{"size":[8,10]}}`), ``, true, "neither a list of polygons"},
		{thing(`{"image_id":1,"category_id":1,"segmentation":{"size":[10,8],"counts":[80]}}`), ``, true, "a mask of 8x10, but the image with the id 1 has 10x8"},
		{thing(`{"image_id":1,"category_id":1,"segmentation":{"size":[8,10],"counts":[81]}}`), ``, true, "a run of 81 pixels, expected 0 to 80"},
		{thing(`{"image_id":1,"category_id":1,"segmentation":{"size":[8,10],"counts":[100,-20]}}`), ``, true, "a run of 100 pixels, expected 0 to 80"},
		{thing(`{"image_id":1,"category_id":1,"segmentation":{"size":[8,10],"counts":"!!"}}`), ``, true, "RLE at letter 1: the letter '!'"},
		{`{"images":[{"id":1}],"categories":[{"id":1}],"annotations":[{"image_id":1,"category_id":1,"segmentation":{"size":[1000000,1000000],"counts":[1]}}]}`, ``, true, "RLE of an image of 1000000 x 1000000 pixels"},
		{thing(``), `{}`, false, "found an object, expected a list"},
		{thing(``), `[{}]`, false, "result 1: image_id, category_id or score is missing"},
		{thing(``), `[{"image_id":1,"category_id":1,"score":1,"bbox":[1,2,3,4]},{"image_id":5,"category_id":1,"score":1,"bbox":[1,2,3,4]}]`, false,
			"1 of 2 results are of images that truth.json does not have, the first is result 2 with image_id 5"},
		{thing(``), `[{"image_id":1,"category_id":4,"score":1,"bbox":[1,2,3,4]}]`, false, "1 of 1 results are of categories"},
		{thing(``), `[{"image_id":1,"category_id":1,"score":"high"}]`, false, "score is string, expected a number"},
		{thing(``), `[{"image_id":1,"category_id":1,"score":1}]`, false, "bbox has 0 numbers"},
		{thing(``), `[{"image_id":1,"category_id":1,"score":1}]`, true, "segmentation is missing"},
		{thing(``), `[] []`, false, "more follows"},
	} {
		a, b := filepath.Join(dir, "truth.json"), filepath.Join(dir, "results.json")
		if os.WriteFile(a, []byte(test.truth), 0o666) != nil || os.WriteFile(b, []byte(test.results), 0o666) != nil {
			t.Fatal("cannot write")
		}
		gt, err := ReadTruth(a, test.masks)
		if err == nil && test.results != "" {
			_, err = gt.ReadResults(b, test.masks)
		}
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "read ") {
			t.Errorf("%s %s: error %v, expected one with %q", test.truth, test.results, err, test.want)
		}
	}
}

func FuzzReadTruth(f *testing.F) {
	const rest = `"images":[{"id":1,"width":10,"height":8}],"categories":[{"id":1}],"annotations":[{"image_id":1,"category_id":1,`
	f.Add("{" + rest + `"bbox":[1,2,3,4],"iscrowd":1}]}`)
	f.Add("{" + rest + `"segmentation":{"size":[8,10],"counts":[80]}}]}`)
	f.Add("{" + rest + `"segmentation":{"size":[8,10],"counts":"\\1"}}]}`)
	f.Add("{" + rest + `"segmentation":[[1,2,3,4,5,6]]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, masks := range []bool{false, true} {
			truth := &Truth{}
			if truth.read(strings.NewReader(text), masks) == nil {
				measurable(t, truth.Set(nil, masks))
			}
		}
	})
}

func FuzzReadResults(f *testing.F) {
	f.Add(`[{"image_id":1,"category_id":1,"score":1,"bbox":[1,2,3,4],"segmentation":[[1,2,3,4,5,6]]}]`)
	f.Add(`[{"image_id":1,"category_id":1,"score":1,"segmentation":{"size":[8,10],"counts":"3"}}]`)
	truth := &Truth{}
	if err := truth.read(strings.NewReader(`{"images":[{"id":1,"width":10,"height":8}],"categories":[{"id":1}],
		"annotations":[{"image_id":1,"category_id":1,"segmentation":{"size":[8,10],"counts":[10,70]}}]}`), true); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, masks := range []bool{false, true} {
			if detections, err := truth.results(strings.NewReader(text), masks); err == nil {
				measurable(t, truth.Set(detections, masks))
			}
		}
	})
}

// measurable fails if what was read cannot be measured.
func measurable(t *testing.T, s *detection.Set) {
	t.Helper()
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	for _, q := range Evaluate(s).Quantities() {
		if q.Value < 0 || q.Value > 1 {
			t.Fatalf("%s = %v", q.Name, q.Value)
		}
	}
}

// As large as COCO's validation set: 5,000 images, 36,000 things of 80 classes, 100 detections per image.
func BenchmarkEvaluate(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	s := &detection.Set{Images: make([]string, 5000), Classes: make([]string, 80)}
	around := func(c float64) detection.Box {
		return detection.Box{X: c + 20*r.Float64(), Y: 20 * r.Float64(), W: 100 + 20*r.Float64(), H: 100 + 20*r.Float64()}
	}
	for i := range 36000 {
		c := r.IntN(80) * r.IntN(80) / 80
		t := detection.Thing{Image: i % 5000, Class: c, Box: around(100 * float64(i/5000)), Crowd: i%100 == 0}
		t.Area = t.Box.W * t.Box.H * 0.7
		s.Things = append(s.Things, t)
	}
	for i := range 500000 {
		t := s.Things[(i/100+5000*r.IntN(7))%len(s.Things)]
		d := detection.Detection{Image: t.Image, Class: t.Class, Box: around(t.Box.X - 10), Score: r.Float64()}
		if r.IntN(2) == 0 {
			d.Class = r.IntN(80)
		}
		s.Detections = append(s.Detections, d)
	}
	for b.Loop() {
		Evaluate(s)
	}
}
