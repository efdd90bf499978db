package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/metric/detection"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task/detect"
	"github.com/lince-ml/lince/task/instances"
)

// scenes is a folder of a few annotated pictures.
var scenes = sync.OnceValue(func() string {
	dir := filepath.Join(scratch(), "scenes")
	if code, _, err := command("data", "convert", "shapes?train=32&val=8&test=8&size=64", "coco:"+dir); code != 0 {
		panic(err)
	}
	return dir
})

// finder returns the folder of a short run on scenes: it finds much, and little that is right.
func finder(t *testing.T, task string) string {
	t.Helper()
	dir := filepath.Join(scratch(), task)
	if _, err := os.Stat(dir); err != nil {
		model := map[string]string{"detect": "lince-det", "instances": "lince-mask"}[task]
		mustRun(t, "train", scenes(), "--recipe", "shapes-"+task, "--model", model+":width=0.25", "--image-size", "64", "--epochs", "10", "--batch", "2", "--ema", "0.9", "--out", dir)
	}
	return dir
}

func segmenter(t *testing.T) string {
	return untrained(t, &modelfile.Model{
		Task: "segment", Architecture: "unet", Options: map[string]string{"width": "0.1", "depth": "1"}, Classes: []string{"background", "road", "sky"}, Input: modelfile.Input{Height: 32, Width: 32},
	})
}

// TestSavedPredictions: what eval writes of a model measures as the model does.
func TestSavedPredictions(t *testing.T) {
	for _, task := range []string{"detect", "instances"} {
		file := filepath.Join(t.TempDir(), "found.json")
		out := mustRun(t, "eval", finder(t, task), scenes(), "--save-predictions", file, "--json")
		metrics := map[string]map[string]float64{"bbox": decode[struct{ Metrics detect.Metrics }](t, out).Metrics.COCO}
		if task == "instances" {
			m := decode[struct{ Metrics instances.Metrics }](t, out).Metrics
			metrics["bbox"], metrics["segm"] = m.Boxes, m.Masks.COCO
		}
		for iou, metrics := range metrics {
			if metrics["ar100"] == 0 {
				t.Errorf("%s: nothing is right of %s: %v", task, iou, metrics)
			}
			from := mustRun(t, "eval", "--from", file, filepath.Join(scenes(), "annotations", "instances_test.json"), "--iou", iou, "--json")
			measured := decode[fromResult](t, from)
			for _, name := range []string{"ap", "ap50", "ap75", "ar1", "ar10", "ar100"} { // the file has the areas of shapes, where boxes are compared, too
				want, ok := metrics[name]
				if got := measured.Metrics[name]; !ok || got == nil || math.Abs(*got-want) > 1e-9 {
					t.Errorf("%s: %s of %s is %v, measured from the file %v", task, name, iou, want, got)
				}
			}
		}
	}
	mustFail(t, 2, []string{"expected a name that ends in .json"}, "eval", finder(t, "detect"), scenes(), "--save-predictions", "found.csv")
	mustFail(t, 2, []string{"for the task segment"}, "eval", segmenter(t), scenes(), "--save-predictions", "found.json")
	mustFail(t, 2, []string{"for the task classify"}, "eval", trained(), digits(), "--save-predictions", "found.json")
}

// TestPlace: what is found in a fitted picture is written in pixels of the file.
func TestPlace(t *testing.T) {
	for _, framing := range []data.Framing{data.Contain, data.Stretch} {
		const h, w = 50, 100
		mask := &data.Mask{H: h, W: w, Pix: make([]uint16, h*w)}
		for i := range mask.Pix {
			if x, y := i%w, i/w; x >= 20 && x < 60 && y >= 10 && y < 30 {
				mask.Pix[i] = 1
			}
		}
		fit := data.Fit{C: 3, H: 200, W: 200, Framing: framing}
		b := fit.Follow(data.Sample{Boxes: []data.Box{{X0: 20, Y0: 10, X1: 60, Y1: 30, Shape: &data.Shape{Mask: mask}}}}, w, h).Boxes[0]
		there := detection.NewMask(200, 200, func(y, x int) bool { return b.Shape.Mask.Pix[200*y+x] != 0 })
		got := placeOf(fit, h, w).back(detection.Detection{Box: sides([4]float32{b.X0, b.Y0, b.X1, b.Y1}), Mask: there})
		if got.Box != (detection.Box{X: 20, Y: 10, W: 40, H: 20}) || got.Mask.Box() != got.Box || got.Mask.Area() != 800 {
			t.Errorf("%v: %+v", framing, got)
		}
	}
}

// TestPredictThings asks what is where in each form.
func TestPredictThings(t *testing.T) {
	test := filepath.Join(scenes(), "test")
	for _, task := range []string{"detect", "instances"} {
		run, dir := finder(t, task), t.TempDir()
		at := func(name string) string { return filepath.Join(dir, name) }
		list := decode[[]filePrediction](t, mustRun(t, "predict", run, test, "--threshold", "0.01", "--json", "--out", at("out"), "--grid", at("grid.png"), "--save", "coco:"+at("coco")))
		if len(list) != 8 || list[0].Width != 64 || len(list[0].Things) == 0 || list[0].Things[0].Box[2] > 64 || (list[0].Things[0].Mask != nil) != (task == "instances") {
			t.Fatalf("%s: %+v", task, list)
		}
		for _, name := range []string{at("grid.png"), at("out/00000000.png"), at("out/00000007.png")} {
			if im, err := data.DecodeFile(name, 0); err != nil || im.Bounds().Dx() < 480 {
				t.Errorf("%s: %v", name, err)
			}
		}
		// What was found is right by itself.
		iou := map[string]string{"detect": "bbox", "instances": "segm"}[task]
		r := decode[fromResult](t, mustRun(t, "eval", "--from", at("coco/results.json"), at("coco/annotations/instances_train.json"), "--iou", iou, "--json"))
		if things := len(list[0].Things); r.Images != 8 || r.Things != r.Detections || r.Things < things || !(*r.Metrics["ap50"] > 0.99) {
			t.Errorf("%s: %+v", task, r)
		}
		for _, format := range []string{"yolo", "voc", "labelme", "boxes"} {
			mustRun(t, "predict", run, filepath.Join(test, "*1.png"), "--threshold", "0.01", "--save", format+":"+at(format))
			if out := mustRun(t, "data", "stats", format+":"+at(format)); !strings.Contains(out, "1") {
				t.Errorf("%s: %s", format, out)
			}
		}
		apart := decode[[]filePrediction](t, mustRun(t, "predict", run, filepath.Join(test, "00000000.png"), "--threshold", "0.01", "--nms", "0", "--json"))
		if !overlap(list[0].Things) || overlap(apart[0].Things) {
			t.Errorf("%s: --nms 0 leaves %+v", task, apart)
		}
		if out := mustRun(t, "predict", run, test, "--threshold", "1"); !strings.Contains(out, "nothing\n") || !strings.Contains(out, "In 8 of 8 there is nothing with a score above 1; a lower --threshold") {
			t.Errorf("%s: %s", task, out)
		}
	}
}

// overlap reports whether two things of a class do.
func overlap(things []thingPrediction) bool {
	for i, a := range things {
		for _, b := range things[:i] {
			w, h := min(a.Box[2], b.Box[2])-max(a.Box[0], b.Box[0]), min(a.Box[3], b.Box[3])-max(a.Box[1], b.Box[1])
			if a.Index == b.Index && w > 0.01 && h > 0.01 {
				return true
			}
		}
	}
	return false
}

// TestPredictSegments asks for the class of each pixel.
func TestPredictSegments(t *testing.T) {
	model, dir := segmenter(t), t.TempDir()
	const picture = "../../testdata/seven.png"
	p := decode[[]filePrediction](t, mustRun(t, "predict", model, picture, "--json", "--out", filepath.Join(dir, "x.jpg"), "--save", "masks:"+filepath.Join(dir, "masks")))[0]
	share := float32(0)
	for _, s := range p.Segments {
		share += s.Share
	}
	if math.Abs(float64(share-1)) > 1e-5 {
		t.Errorf("%+v", p)
	}
	if _, err := data.DecodeFile(filepath.Join(dir, "x.jpg"), 0); err != nil {
		t.Error(err)
	}
	if m, err := data.DecodeFile(filepath.Join(dir, "masks", "masks", "seven.png"), 0); err != nil || m.Bounds().Dx() != p.Width {
		t.Error(err)
	}
	if out := mustRun(t, "predict", model, picture); !strings.Contains(out, "share of the pixels") {
		t.Errorf("%q", out)
	}
}

// TestPredictBadFlags has flags that do not go with the model or the pictures.
func TestPredictBadFlags(t *testing.T) {
	const picture = "../../testdata/seven.png"
	run, dir := finder(t, "detect"), t.TempDir()
	mustFail(t, 2, []string{"--top: only for models of the tasks classify and localize"}, "predict", run, picture, "--top", "2")
	mustFail(t, 2, []string{"--threshold: only for models of the tasks detect and instances", "classify"}, "predict", trained(), picture, "--threshold", "0.3")
	mustFail(t, 2, []string{"--out: only for models that say where"}, "predict", trained(), picture, "--out", dir)
	mustFail(t, 2, []string{"--save: only for models that say where"}, "predict", trained(), picture, "--save", "coco:"+dir)
	mustFail(t, 2, []string{"expected one of coco, yolo"}, "predict", run, picture, "--save", "masks:"+dir)
	mustFail(t, 2, []string{"a folder that is not empty"}, "predict", run, picture, "--save", "coco:"+scenes())
	mustFail(t, 2, []string{"a single file for 8 pictures", "x/"}, "predict", run, filepath.Join(scenes(), "test"), "--out", "x.png")
	mustFail(t, 2, []string{"would write over the picture"}, "predict", run, filepath.Join(scenes(), "test"), "--out", filepath.Join(scenes(), "test"))
	mustFail(t, 1, []string{"*.gif", "no such file"}, "predict", run, filepath.Join(dir, "*.gif"))
}
