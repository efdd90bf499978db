// Package open opens the data sets that a DATA argument names, whatever their format.
package open

import (
	"fmt"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/cifar"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/data/idx"
	"github.com/lince-ml/lince/data/mnist"
	"github.com/lince-ml/lince/data/shapes"
	"github.com/lince-ml/lince/data/table"
	"github.com/lince-ml/lince/data/webdataset"
)

// Data opens what text names: a published set, or FORMAT:PATH?KEY=VALUE&..., where format and settings may be missing. Images in files become what as says; those of other
// formats are as they are. note is a remark for the user, such as about files that were left out, or "".
func Data(text string, as folder.Options) (sets data.Sets, note string, err error) {
	s, err := Parse(text)
	if err != nil {
		return sets, "", err
	}
	switch s.Format {
	case "mnist":
		sets.Train, sets.Test, err = mnist.Open()
	case "shapes":
		var opt shapes.Options
		if opt, err = shapes.ParseOptions(s.Settings); err != nil {
			return sets, "", specf("%s: %w", text, err)
		}
		sets, err = shapes.Open(opt)
	case "folder":
		var found *folder.Sets
		if found, err = folder.Open(s.Path, as); err == nil {
			sets = found.Sets
			if n := len(found.Skipped); n > 0 {
				note = fmt.Sprintf("%s: left out %d files that are no images by name, such as %s", s.Path, n, found.Skipped[0])
			}
		}
	case "csv", "items":
		sets, err = s.table(as)
	case "idx":
		var train, test *idx.Dataset
		if train, test, err = idx.Open(s.Path); err == nil {
			sets.Train, sets.Test = train, test
		}
	case "cifar":
		var train, test *cifar.Dataset
		if train, test, err = cifar.Open(s.Path); err != nil {
			break
		}
		if train != nil { // a nil pointer would be a set
			sets.Train = train
		}
		if test != nil {
			sets.Test = test
		}
	case "wds":
		sets, err = webdataset.Open(s.Path, webdataset.Options{Images: as, Label: s.Settings["label"]})
	}
	return sets, note, err
}

func (s Spec) table(as folder.Options) (data.Sets, error) {
	get := s.Settings
	opt := table.Options{
		Images: as, Path: get["path"], Item: get["item"], Label: get["label"], Sep: get["sep"], Split: get["split"], Root: get["root"], Ext: get["ext"],
		Comma: get["comma"],
	}
	if list := get["labels"]; list != "" {
		opt.Labels = strings.Split(list, ",")
	}
	if opt.Comma == "tab" {
		opt.Comma = "\t"
	}
	if s.Format == "items" && opt.Item == "" {
		opt.Item = "1"
	}
	return table.Open(s.Path, opt)
}
