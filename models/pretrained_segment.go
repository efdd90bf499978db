package models

// segmentPretrained returns torchvision's weights for segmentation (docs.pytorch.org/vision/stable/models.html), trained on those images of COCO 2017 that
// have one of the classes of Pascal VOC; testdata/pretrained.py prints the rows. Images are resized to 520 pixels on the shorter side, the whole of
// which torchvision takes, and lince a square.
func segmentPretrained() (list []Pretrained) {
	for _, w := range []struct {
		model, file  string
		mib, meanIoU float64
	}{
		{"deeplabv3_mobilenet_v3_large", "deeplabv3_mobilenet_v3_large-fc3c493d.pth", 42.301, 60.3},
		{"deeplabv3_resnet101", "deeplabv3_resnet101_coco-586e9e4e.pth", 233.217, 67.4},
		{"deeplabv3_resnet50", "deeplabv3_resnet50_coco-cd0a2569.pth", 160.515, 66.4},
		{"fcn_resnet101", "fcn_resnet101_coco-7ecb50ca.pth", 207.711, 63.7},
		{"fcn_resnet50", "fcn_resnet50_coco-1167a1af.pth", 135.009, 60.5},
		{"lraspp_mobilenet_v3_large", "lraspp_mobilenet_v3_large-d234d4ea.pth", 12.49, 57.9},
	} {
		list = append(list, Pretrained{
			Model: w.model, Weights: "COCO_WITH_VOC_LABELS_V1", URL: "https://download.pytorch.org/models/" + w.file, SHA256: digits(w.file), MiB: w.mib,
			Input: Preprocessing{520, 520, false, imageNetMean, imageNetStd}, DataSet: "COCO", MeanIoU: w.meanIoU,
		})
	}
	return list
}
