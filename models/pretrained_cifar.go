package models

// cifarPretrained returns the weights of Idelbayev, github.com/akamaster/pytorch_resnet_cifar10, trained on CIFAR-10, with the accuracies of its README. The
// files' images are normalised by the numbers of ImageNet.
func cifarPretrained() (list []Pretrained) {
	for _, w := range []struct {
		model, file, sha256 string
		mib, top1           float64
	}{
		{"resnet20-cifar", "resnet20-12fca82f.th", "12fca82f0bebc4135bf1f32f6e3710e61d5108578464b84fd6d7f5c1b04036c8", 1.048, 91.73},
		{"resnet32-cifar", "resnet32-d509ac18.th", "d509ac1820d7f25398913559d7e81a13229b1e7adc5648e3bfa5e22dc137f850", 1.802, 92.63},
		{"resnet44-cifar", "resnet44-014dd654.th", "014dd6541728a1c700b1642ab640e211dc6eb8ed507d70697458dc8f8a0ae2e4", 2.557, 93.10},
		{"resnet56-cifar", "resnet56-4bfd9763.th", "4bfd97631478d6b638d2764fd2baff3edb1d7d82252d54439343b6596b9b5367", 3.311, 93.39},
		{"resnet110-cifar", "resnet110-1d1ed7c2.th", "1d1ed7c2", 0, 93.68},
	} {
		list = append(list, Pretrained{
			Model: w.model, Weights: "CIFAR10", URL: "https://github.com/akamaster/pytorch_resnet_cifar10/raw/master/pretrained_models/" + w.file,
			SHA256: w.sha256, MiB: w.mib, Input: Preprocessing{32, 32, false, imageNetMean, imageNetStd}, DataSet: "CIFAR-10", Top1: w.top1,
		})
	}
	return list
}
