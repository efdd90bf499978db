package main

import (
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/lince-ml/lince/data/cifar"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/data/idx"
	"github.com/lince-ml/lince/data/mnist"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/train"
)

// dataHelp explains the argument DATA.
const dataHelp = "DATA is mnist (built in), digits:DIR with the IDX files of MNIST or a relative (plain or gzipped), a folder with " +
	"the binary files of CIFAR-10 or CIFAR-100, or a folder of images with one sub-folder per class (PNG, JPEG, GIF, BMP, WebP, PGM, PPM), which " +
	"may be inside train, val and test."

// openData opens DATA. Images of a folder become what as says; those of other formats are as they are.
func (c *console) openData(name string, as folder.Options) (d train.Data, err error) {
	if name == "mnist" {
		d.Train, d.Test, err = mnist.Open()
		return d, err
	}
	if dir, ok := strings.CutPrefix(name, "digits:"); ok {
		learn, test, err := idx.Open(dir)
		if err != nil {
			return d, err
		}
		return train.Data{Train: learn, Test: test}, nil
	}
	if err := checkFolder(name); err != nil {
		return d, err
	}
	if cifar.Is(name) {
		return openCIFAR(name)
	}
	sets, err := folder.Open(name, as)
	if err != nil {
		return d, err
	}
	if n := len(sets.Skipped); n > 0 {
		fmt.Fprintf(c.err, "lince: %s: left out %d files that are no images by name, such as %s\n", name, n, sets.Skipped[0])
	}
	return train.Data{Train: sets.Train, Validation: sets.Validation, Test: sets.Test}, nil
}

func openCIFAR(dir string) (d train.Data, err error) {
	learn, test, err := cifar.Open(dir)
	if learn != nil {
		d.Train = learn
	}
	if test != nil {
		d.Test = test
	}
	return d, err
}

// checkFolder reports an error if name is no folder; a misspelt "mnist" is wrong usage.
func checkFolder(name string) error {
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		return nil
	}
	reason := "a file"
	if err != nil {
		reason = err.(*fs.PathError).Err.Error()
	}
	if n, ok := nearest.Name(name, []string{"mnist", "digits:"}); ok && err != nil {
		return usagef("%s: %s: did you mean %q? expected mnist, digits:DIR or a folder of images", name, reason, n)
	}
	return fmt.Errorf("%s: %s, expected mnist, digits:DIR or a folder of images", name, reason)
}
