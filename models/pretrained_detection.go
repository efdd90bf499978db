package models

import (
	_ "embed"
	"strings"
)

// detectionPretrained returns the weights that torchvision has for the detectors here (docs.pytorch.org/vision/stable/models.html#object-detection and
// #instance-segmentation).
func detectionPretrained() (list []Pretrained) {
	half, one := [3]float64{0.5, 0.5, 0.5}, 1./255
	for _, w := range []struct {
		model, file string
		mib         float64
		size        int
		mean, std   [3]float64
		normEps     string // "" for the usual one
		boxAP       float64
		maskAP      float64 // 0 if there are no masks
	}{
		{"fasterrcnn_resnet50_fpn", "fasterrcnn_resnet50_fpn_coco-258fb6c6.pth", 159.743, 800, imageNetMean, imageNetStd, "0", 37.0, 0},
		{"fcos_resnet50_fpn", "fcos_resnet50_fpn_coco-99b0c9b7.pth", 123.608, 800, imageNetMean, imageNetStd, "", 39.2, 0},
		{"maskrcnn_resnet50_fpn", "maskrcnn_resnet50_fpn_coco-bf2d0c1e.pth", 169.840, 800, imageNetMean, imageNetStd, "0", 37.9, 34.6},
		{"retinanet_resnet50_fpn", "retinanet_resnet50_fpn_coco-eeacb38b.pth", 130.267, 800, imageNetMean, imageNetStd, "0", 36.4, 0},
		{"ssd300_vgg16", "ssd300_vgg16_coco-b556d3b4.pth", 135.988, 300, [3]float64{0.48235, 0.45882, 0.40784}, [3]float64{one, one, one}, "", 25.1, 0},
		{"ssdlite320_mobilenet_v3_large", "ssdlite320_mobilenet_v3_large_coco-a79551df.pth", 13.418, 320, half, half, "", 21.3, 0},
	} {
		p := Pretrained{
			Model: w.model, Weights: "COCO_V1", URL: "https://download.pytorch.org/models/" + w.file, SHA256: digits(w.file), MiB: w.mib,
			Input: Preprocessing{w.size, w.size, false, w.mean, w.std}, DataSet: "COCO", BoxAP: w.boxAP, MaskAP: w.maskAP,
		}
		if w.normEps != "" {
			p.Options = map[string]string{normEps.Name: w.normEps}
		}
		list = append(list, p)
	}
	return list
}

//go:embed coco_classes.txt
var cocoClasses string

// cocoNames returns the names of torchvision's n classes of COCO: 91, the first of which is the background, or 90 where the network has that beside the
// classes. Those called N/A are numbers that COCO does not use.
func cocoNames(n int) []string {
	all := strings.Split(strings.TrimSpace(cocoClasses), "\n")
	return all[len(all)-n:]
}
