package models

import (
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/lince-ml/lince/internal/nearest"
)

// A Pretrained is a file of weights that somebody has published for an architecture, in PyTorch's format.
type Pretrained struct {
	Model   string            // the architecture
	Weights string            // which of its weights: torchvision's IMAGENET1K_V1, or IMAGENET1K_V2 after a longer training; COCO_WITH_VOC_LABELS_V1; CIFAR10
	Options map[string]string // that the weights ask of the architecture
	URL     string
	SHA256  string  // of the file, in hexadecimal: 64 digits, or the first 8, which are all that the file's name tells
	MiB     float64 // size of the file, 0 if unknown
	Input   Preprocessing
	DataSet string  // that they were trained on: "ImageNet" (ILSVRC 2012), "CIFAR-10", or "COCO" (2017); networks that segment have Pascal VOC's classes
	Top1    float64 // published accuracy in per cent, on the validation images of ImageNet or the test images of CIFAR-10; 0 if it is no classifier
	MeanIoU float64 `json:",omitempty"` // of a network that segments: published, in per cent, on the validation images of COCO that have one of the classes
	BoxAP   float64 `json:",omitempty"` // of detectors: published average precision in per cent, IoU 0.50 to 0.95, on the validation images of COCO
	MaskAP  float64 `json:",omitempty"` // the same of the masks, where there are any
}

// Score says how good the weights are, as published: "top-1 80.86 %", "mean IoU 60.5 %", "box AP 36.4 %", "box AP 37.9 %, mask AP 34.6 %".
func (p Pretrained) Score() string {
	switch {
	case p.MeanIoU > 0:
		return fmt.Sprintf("mean IoU %.1f %%", p.MeanIoU)
	case p.MaskAP > 0:
		return fmt.Sprintf("box AP %.1f %%, mask AP %.1f %%", p.BoxAP, p.MaskAP)
	case p.BoxAP > 0:
		return fmt.Sprintf("box AP %.1f %%", p.BoxAP)
	}
	return fmt.Sprintf("top-1 %.2f %%", p.Top1)
}

// vocClasses are those of Pascal VOC for segmentation, with torchvision's name of what is none of them.
const vocClasses = "__background__ aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person pottedplant sheep sofa train tvmonitor"

// Preprocessing says how an image becomes the input of a network: its shorter side is resized to Resize pixels, of which a square of Crop
// pixels in the middle is taken, and channel c of pixel p (0 to 1) becomes (p - Mean[c]) / Std[c].
type Preprocessing struct {
	Resize, Crop int
	Bicubic      bool // how it is resized, else bilinearly; both with a filter as wide as the pixels that become one
	Mean, Std    [3]float64
}

var pretrained = slices.Concat(torchvisionPretrained(), segmentPretrained(), detectionPretrained(), cifarPretrained())

// AllPretrained returns all weights, those of a model beside each other.
func AllPretrained() []Pretrained { return slices.Clone(pretrained) }

// LookupPretrained returns the weights called name: a model, such as "resnet50", for the best ones that it has, or a model and the weights,
// such as "resnet50@IMAGENET1K_V1".
func LookupPretrained(name string) (Pretrained, error) {
	model, weights, chosen := strings.Cut(name, "@")
	var models, have []string
	for _, p := range pretrained { // of a model, the best come first
		if p.Model == model && (!chosen || p.Weights == weights) {
			return p, nil
		}
		if p.Model == model {
			have = append(have, p.Weights)
		}
		models = append(models, p.Model)
	}
	if have != nil {
		return Pretrained{}, fmt.Errorf("model %s: %w", model, nearest.Error("weights", weights, have))
	}
	if _, err := Lookup(model); err != nil {
		return Pretrained{}, err
	}
	return Pretrained{}, nearest.Error("pretrained model", model, slices.Compact(models))
}

// PublishedAs returns the weights whose file has the given SHA-256, 64 hexadecimal digits; ok is false if they are none of AllPretrained.
func PublishedAs(sha256 string) (p Pretrained, ok bool) {
	for _, p := range pretrained {
		if strings.HasPrefix(sha256, p.SHA256) {
			return p, true
		}
	}
	return Pretrained{}, false
}

// File returns the name of the file.
func (p Pretrained) File() string { return path.Base(p.URL) }

// Classes returns the names of the classes, in the order of the network's outputs.
func (p Pretrained) Classes() []string {
	switch {
	case p.MeanIoU > 0:
		return strings.Fields(vocClasses)
	case p.BoxAP > 0:
		return cocoNames(registry[p.Model].Classes)
	case p.DataSet == "CIFAR-10":
		return []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}
	}
	return ImageNetClasses()
}

//go:embed imagenet_classes.txt
var imageNetClasses string

// ImageNetClasses returns the names of the 1000 classes of ILSVRC 2012 in the usual order, as torchvision has shortened them.
func ImageNetClasses() []string { return strings.Split(strings.TrimSpace(imageNetClasses), "\n") }
