package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const annotations = `{"images":[{"id":7,"file_name":"a.jpg","width":40,"height":30},{"id":3,"file_name":"b.jpg","width":40,"height":30}],
	"categories":[{"id":5,"name":"cat"},{"id":2,"name":"duck"},{"id":9,"name":"yeti"}],
	"annotations":[
		{"id":1,"image_id":7,"category_id":5,"bbox":[0,0,10,10],"area":100,"iscrowd":0,"segmentation":[[0,0,10,0,10,10,0,10]]},
		{"id":2,"image_id":3,"category_id":2,"bbox":[20,10,10,10],"area":100,"iscrowd":0,"segmentation":[[20,10,30,10,30,20,20,20]]}]}`

const predictions = `[{"image_id":7,"category_id":5,"bbox":[0,0,10,10],"score":0.9,"segmentation":{"size":[30,40],"counts":[0,10,20,10,20,10,20,10,20,10,20,10,20,10,20,10,20,10,20,10,920]}},
	{"image_id":3,"category_id":5,"bbox":[20,10,10,10],"score":0.8,"segmentation":{"size":[30,40],"counts":[0,1200]}}]`

func TestEvalFrom(t *testing.T) {
	dir := t.TempDir()
	truth, results := write(filepath.Join(dir, "truth.json"), []byte(annotations)), write(filepath.Join(dir, "predictions.json"), []byte(predictions))
	plots := filepath.Join(dir, "plots")
	for _, iou := range []string{"bbox", "segm"} {
		r := decode[fromResult](t, mustRun(t, "eval", "--from", results, truth, "--json", "--iou", iou, "--plots", plots))
		if r.Images != 2 || r.Things != 2 || r.Detections != 2 || *r.Metrics["ap"] != 0.5 || r.Metrics["ap_large"] != nil || len(r.Classes) != 3 {
			t.Errorf("%s: %+v", iou, r)
		}
		if c := r.Classes[1]; c.Name != "cat" || *c.Metrics["ap50"] != 1 { // by id: duck, cat, yeti
			t.Errorf("%s: %+v", iou, c)
		}
	}
	for _, name := range []string{"confusion.png", "precision-recall.png", "errors.png"} {
		if _, err := os.Stat(filepath.Join(plots, name)); err != nil {
			t.Error(err)
		}
	}
	out := mustRun(t, "eval", "--from", results, truth)
	for _, want := range []string{"AP 50.00 % of boxes; 2 detections, 2 things in 2 images", "AP, small things", "wrong class", "1 class has neither things", "b.jpg"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	stranger := write(filepath.Join(dir, "stranger.json"), []byte(`[{"image_id":8,"category_id":5,"bbox":[0,0,1,1],"score":1}]`))
	mustFail(t, 1, []string{"read " + stranger, "1 of 1 results are of images that truth.json does not have", "image_id 8"}, "eval", "--from", stranger, truth)
	mustFail(t, 1, []string{"found a list", "expected COCO annotations"}, "eval", "--from", truth, results)
	mustFail(t, 1, []string{"none.json"}, "eval", "--from", filepath.Join(dir, "none.json"), truth)
	mustFail(t, 2, []string{`"b" is too much`}, "eval", "--from", results, truth, "b")
	mustFail(t, 2, []string{`did you mean "segm"?`}, "eval", "--from", results, truth, "--iou", "segn")
	mustFail(t, 2, []string{"not with --from"}, "eval", "--from", results, truth, "--tta", "flip")
	mustFail(t, 2, []string{"--images: only with --plots"}, "eval", "--from", results, truth, "--images", dir)
	mustFail(t, 1, []string{"b.jpg"}, "eval", "--from", results, truth, "--images", dir, "--plots", plots)
	mustFail(t, 2, []string{"--iou and --images: only with --from"}, "eval", "m", "--iou", "segm")
}
