package catalog

// Sizes and SHA-256 are those that TensorFlow Datasets checks (tensorflow_datasets/url_checksums in https://github.com/tensorflow/datasets); the names of classes
// are those of the publishers' pages.

// Sets are the data sets there are.
var Sets = []Set{
	{
		Name: "fashion-mnist", Summary: "clothes, 28x28 grey", Images: 70_000, Classes: 10, Format: "idx",
		Licence: "MIT", Page: "https://github.com/zalandoresearch/fashion-mnist",
		Names: []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"},
		Files: idxFiles([]string{
			"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
		}, [4]File{
			{Bytes: 26421880, SHA256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
			{Bytes: 29515, SHA256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
			{Bytes: 4422102, SHA256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
			{Bytes: 5148, SHA256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"},
		}),
	},
	{
		Name: "kmnist", Summary: "cursive Japanese characters, 28x28 grey", Images: 70_000, Classes: 10, Format: "idx",
		Licence: "CC BY-SA 4.0", Page: "http://codh.rois.ac.jp/kmnist/",
		Names: []string{"o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"},
		Files: idxFiles([]string{"http://codh.rois.ac.jp/kmnist/dataset/kmnist/"}, [4]File{
			{Bytes: 18165135, SHA256: "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"},
			{Bytes: 29497, SHA256: "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"},
			{Bytes: 3041136, SHA256: "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"},
			{Bytes: 5120, SHA256: "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"},
		}),
	},
	emnist("balanced", "letters and digits, 47 classes of equal size, 28x28 grey", 131_600, 47, letters("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt")),
	emnist("letters", "letters, small and capital in one class, 28x28 grey", 145_600, 26, append([]string{"none"}, letters("abcdefghijklmnopqrstuvwxyz")...)),
	emnist("digits", "digits, 28x28 grey", 280_000, 10, nil),
	{
		Name: "cifar10", Summary: "photographs of animals and vehicles, 32x32 colour", Images: 60_000, Classes: 10, Format: "cifar",
		Licence: "none stated", Page: "https://www.cs.toronto.edu/~kriz/cifar.html",
		Files: []File{{
			Name: "cifar-10-binary.tar.gz", Archive: true, Bytes: 170052171, SHA256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
			URLs: []string{
				"https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/cifar-10-binary.tar.gz",
			},
		}},
	},
	{
		Name: "cifar100", Summary: "photographs in 100 classes, 32x32 colour", Images: 60_000, Classes: 100, Format: "cifar",
		Licence: "none stated", Page: "https://www.cs.toronto.edu/~kriz/cifar.html",
		Files: []File{{
			Name: "cifar-100-binary.tar.gz", Archive: true, Bytes: 168513733, SHA256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
			URLs: []string{"https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"},
		}},
	},
	imagenette("imagenette", "imagenette2-160", 98948031, "88daccb09b6fce93f45e6c09ddeb269cce705549e6bff322092a2a5a11489863"),
	imagenette("imagenette-320", "imagenette2-320", 341553947, "5020a9130cea0348272823cb12d2db7e981c6f2afa3dce71ccd5b8013005c55e"),
	imagenette("imagenette-full", "imagenette2", 1556914727, "de32de18a7d8df0114d5e2c3c14cafb9558e8f00441a73aa7953681ad02be49c"),
	{
		Name: "flowers", Summary: "photographs of five flowers", Images: 3_670, Classes: 5, Format: "folder", Folder: "flower_photos",
		Licence: "CC BY 2.0, see LICENSE.txt in it", Page: "https://www.tensorflow.org/datasets/catalog/tf_flowers",
		Files: []File{{
			Name: "flower_photos.tgz", Archive: true, Bytes: 228813984, SHA256: "4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
			URLs: []string{
				"https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz", "http://download.tensorflow.org/example_images/flower_photos.tgz",
			},
		}},
	},
	{
		Name: "eurosat", Summary: "satellite images of land use, 64x64 colour", Images: 27_000, Classes: 10, Format: "folder", Folder: "2750",
		Licence: "MIT", Page: "https://github.com/phelber/EuroSAT",
		Files: []File{{
			Name: "EuroSAT.zip", Archive: true, Bytes: 94280567, SHA256: "8ebea626349354c5328b142b96d0430e647051f26efc2dc974c843f25ecf70bd",
			URLs: []string{"https://madm.dfki.de/files/sentinel/EuroSAT.zip", "http://madm.dfki.de/files/sentinel/EuroSAT.zip"},
		}},
	},
	{
		Name: "dtd", Summary: "photographs of textures by their adjectives", Images: 5_640, Classes: 47, Format: "folder", Folder: "dtd/images",
		Licence: "for research", Page: "https://www.robots.ox.ac.uk/~vgg/data/dtd/",
		Files: []File{{
			Name: "dtd-r1.0.1.tar.gz", Archive: true, Bytes: 625239812, SHA256: "e42855a52a4950a3b59612834602aa253914755c95b0cff9ead6d07395f8e205",
			URLs: []string{"https://www.robots.ox.ac.uk/~vgg/data/dtd/download/dtd-r1.0.1.tar.gz"},
		}},
	},
}

// idxFiles returns the four files of a relative of MNIST; sizes and digests are in the order of training images and labels, test images and labels.
func idxFiles(mirrors []string, known [4]File) []File {
	for i, name := range []string{"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"} {
		known[i].Name = name
		for _, m := range mirrors {
			known[i].URLs = append(known[i].URLs, m+name)
		}
	}
	return known[:]
}

// emnist returns one of the divisions of EMNIST, which all come in one archive.
func emnist(kind, summary string, images, classes int, names []string) Set {
	return Set{
		Name: "emnist-" + kind, Summary: summary, Images: images, Classes: classes, Format: "idx", Folder: "gzip", Names: names,
		Licence: "none stated", Page: "https://www.nist.gov/itl/products-and-services/emnist-dataset",
		Files: []File{{
			Name: "gzip.zip", Archive: true, Bytes: 561753746, SHA256: "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
			URLs: []string{"https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip", "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip"},
			Only: []string{"gzip/emnist-" + kind + "-*-images-idx3-ubyte.gz", "gzip/emnist-" + kind + "-*-labels-idx1-ubyte.gz"},
		}},
	}
}

// imagenette returns one of the sizes of Imagenette.
func imagenette(name, archive string, bytes int64, sha256 string) Set {
	return Set{
		Name: name, Summary: "photographs of ten easy classes of ImageNet, " + map[string]string{
			"imagenette": "160 pixels", "imagenette-320": "320 pixels", "imagenette-full": "full size",
		}[name], Images: 13_394, Classes: 10, Format: "folder", Folder: archive,
		Licence: "Apache 2.0; the photographs are of ImageNet, for research", Page: "https://github.com/fastai/imagenette",
		Files: []File{{
			Name: archive + ".tgz", Archive: true, Bytes: bytes, SHA256: sha256,
			URLs: []string{"https://s3.amazonaws.com/fast-ai-imageclas/" + archive + ".tgz"},
		}},
	}
}

func letters(s string) (names []string) {
	for _, r := range s {
		names = append(names, string(r))
	}
	return names
}
