package models

import "strings"

// torchvisionWeights are the weights that torchvision has for the architectures here (docs.pytorch.org/vision/stable/models.html);
// testdata/pretrained.py prints the rows.
var torchvisionWeights = []struct {
	model, weights, file string
	mib                  float64
	resize, crop         int
	bicubic              bool
	top1                 float64
}{
	{"alexnet", "IMAGENET1K_V1", "alexnet-owt-7be5be79.pth", 233.087, 256, 224, false, 56.522},
	{"densenet121", "IMAGENET1K_V1", "densenet121-a639ec97.pth", 30.845, 256, 224, false, 74.434},
	{"densenet161", "IMAGENET1K_V1", "densenet161-8d451a50.pth", 110.369, 256, 224, false, 77.138},
	{"densenet169", "IMAGENET1K_V1", "densenet169-b2777c0a.pth", 54.708, 256, 224, false, 75.6},
	{"densenet201", "IMAGENET1K_V1", "densenet201-c1103571.pth", 77.373, 256, 224, false, 76.896},
	{"efficientnet_b0", "IMAGENET1K_V1", "efficientnet_b0_rwightman-7f5810bc.pth", 20.451, 256, 224, true, 77.692},
	{"googlenet", "IMAGENET1K_V1", "googlenet-1378be20.pth", 49.731, 256, 224, false, 69.778},
	{"inception_v3", "IMAGENET1K_V1", "inception_v3_google-0cc3c7bd.pth", 103.903, 342, 299, false, 77.294},
	{"mobilenet_v2", "IMAGENET1K_V2", "mobilenet_v2-7ebf99e0.pth", 13.598, 232, 224, false, 72.154},
	{"mobilenet_v2", "IMAGENET1K_V1", "mobilenet_v2-b0353104.pth", 13.555, 256, 224, false, 71.878},
	{"mobilenet_v3_large", "IMAGENET1K_V2", "mobilenet_v3_large-5c1a4163.pth", 21.107, 232, 224, false, 75.274},
	{"mobilenet_v3_large", "IMAGENET1K_V1", "mobilenet_v3_large-8738ca79.pth", 21.114, 256, 224, false, 74.042},
	{"mobilenet_v3_small", "IMAGENET1K_V1", "mobilenet_v3_small-047dcff4.pth", 9.829, 256, 224, false, 67.668},
	{"resnet101", "IMAGENET1K_V2", "resnet101-cd907fc2.pth", 170.53, 232, 224, false, 81.886},
	{"resnet101", "IMAGENET1K_V1", "resnet101-63fe2227.pth", 170.511, 256, 224, false, 77.374},
	{"resnet152", "IMAGENET1K_V2", "resnet152-f82ba261.pth", 230.474, 232, 224, false, 82.284},
	{"resnet152", "IMAGENET1K_V1", "resnet152-394f9c45.pth", 230.434, 256, 224, false, 78.312},
	{"resnet18", "IMAGENET1K_V1", "resnet18-f37072fd.pth", 44.661, 256, 224, false, 69.758},
	{"resnet34", "IMAGENET1K_V1", "resnet34-b627a593.pth", 83.275, 256, 224, false, 73.314},
	{"resnet50", "IMAGENET1K_V2", "resnet50-11ad3fa6.pth", 97.79, 232, 224, false, 80.858},
	{"resnet50", "IMAGENET1K_V1", "resnet50-0676ba61.pth", 97.781, 256, 224, false, 76.13},
	{"resnext50_32x4d", "IMAGENET1K_V2", "resnext50_32x4d-1a0047aa.pth", 95.833, 232, 224, false, 81.198},
	{"resnext50_32x4d", "IMAGENET1K_V1", "resnext50_32x4d-7cdf4587.pth", 95.789, 256, 224, false, 77.618},
	{"squeezenet1_0", "IMAGENET1K_V1", "squeezenet1_0-b66bff10.pth", 4.778, 256, 224, false, 58.092},
	{"squeezenet1_1", "IMAGENET1K_V1", "squeezenet1_1-b8a52dc0.pth", 4.729, 256, 224, false, 58.178},
	{"vgg11", "IMAGENET1K_V1", "vgg11-8a719046.pth", 506.84, 256, 224, false, 69.02},
	{"vgg11_bn", "IMAGENET1K_V1", "vgg11_bn-6002323d.pth", 506.881, 256, 224, false, 70.37},
	{"vgg13", "IMAGENET1K_V1", "vgg13-19584684.pth", 507.545, 256, 224, false, 69.928},
	{"vgg13_bn", "IMAGENET1K_V1", "vgg13_bn-abd245e5.pth", 507.59, 256, 224, false, 71.586},
	{"vgg16", "IMAGENET1K_V1", "vgg16-397923af.pth", 527.796, 256, 224, false, 71.592},
	{"vgg16_bn", "IMAGENET1K_V1", "vgg16_bn-6c64b313.pth", 527.866, 256, 224, false, 73.36},
	{"vgg19", "IMAGENET1K_V1", "vgg19-dcbb9e9d.pth", 548.051, 256, 224, false, 72.376},
	{"vgg19_bn", "IMAGENET1K_V1", "vgg19_bn-c79401a0.pth", 548.143, 256, 224, false, 74.218},
	{"wide_resnet50_2", "IMAGENET1K_V2", "wide_resnet50_2-9ba9bcbe.pth", 263.124, 232, 224, false, 81.602},
	{"wide_resnet50_2", "IMAGENET1K_V1", "wide_resnet50_2-95faca4d.pth", 131.82, 256, 224, false, 78.468},
}

func torchvisionPretrained() (list []Pretrained) {
	for _, w := range torchvisionWeights {
		p := Pretrained{
			Model: w.model, Weights: w.weights, URL: "https://download.pytorch.org/models/" + w.file, SHA256: digits(w.file), MiB: w.mib,
			Input: Preprocessing{w.resize, w.crop, w.bicubic, imageNetMean, imageNetStd}, DataSet: "ImageNet", Top1: w.top1,
		}
		if w.model == "googlenet" || w.model == "inception_v3" {
			p.Options = map[string]string{transformInput.Name: "true"}
		}
		list = append(list, p)
	}
	return list
}

// digits returns the 8 digits of the digest in a file's name: "resnet18-f37072fd.pth".
func digits(file string) string {
	return file[strings.LastIndexByte(file, '-')+1:][:8]
}
