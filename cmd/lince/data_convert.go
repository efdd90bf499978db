package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/data/save"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/metric"
	"github.com/spf13/cobra"
)

type dataConvertFlags struct {
	side      int
	shardSize int
}

var targets = []string{"folder", "csv", "wds", "idx", "cifar", "voc", "coco", "yolo", "labelme", "boxes", "masks", "tinyimagenet"}

func dataConvertCommand(c *console) *cobra.Command {
	f := &dataConvertFlags{}
	cmd := &cobra.Command{
		Use:   "convert DATA FORMAT:OUT",
		Short: "Write a data set in another format",
		Long: "Convert writes the images of DATA and their classes to the new folder OUT.\n\nFORMAT is\n\n" +
			"  folder   a sub-folder for each class, inside train, val and test if there are such sets\n" +
			"  csv      train.csv, val.csv and test.csv, and the images in a sub-folder\n" +
			"  wds      WebDataset shards\n" +
			"  idx      the files of MNIST: grey images of one size\n" +
			"  cifar    the binary files of CIFAR-10 or CIFAR-100: images of 32x32 in 10 or 100 classes\n\n" +
			"and for images with boxes, outlines or masks\n\n" +
			"  voc      the XML files of Pascal VOC, and masks of classes and objects\n" +
			"  coco     the JSON files of COCO: boxes, polygons and run lengths\n" +
			"  yolo     the text files of YOLO, and data.yaml\n" +
			"  labelme  the JSON files of LabelMe\n" +
			"  boxes    train.csv, val.csv and test.csv, of which each row is a box\n" +
			"  masks    a PNG for each image, whose values are the classes of the pixels; ?as=masks behind DATA makes masks of outlines\n" +
			"  tinyimagenet  the lists of Tiny-ImageNet: a class and a box for each image\n\n" +
			"Files are copied as they are, and images that come from no files are written as PNG. For idx and cifar, images are resized and cut around their middle.",
		Example: "  lince data convert mnist folder:digits/\n  lince data convert bccd/ coco:cells/\n  lince data convert photos/ wds:shards/ --shard-size 256\n  lince data convert photos/ idx:small/ --size 28",
		Args:    arguments(2, 2),
		RunE:    func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), c, args[0], args[1]) },
	}
	cmd.Flags().IntVar(&f.side, "size", 28, "rows and columns of the images, for idx")
	cmd.Flags().IntVar(&f.shardSize, "shard-size", 256, "MiB of a shard at most, for wds")
	return cmd
}

func (f *dataConvertFlags) run(ctx context.Context, c *console, name, to string) error {
	format, out, ok := strings.Cut(to, ":")
	if !ok || out == "" {
		return usagef("%s: expected FORMAT:OUT, such as wds:shards/", to)
	}
	if !slices.Contains(targets, format) {
		return usageError{nearest.Error("format", format, targets)}
	}
	if folder, file := strings.CutSuffix(out, filepath.Ext(out)); file && slices.Contains([]string{".csv", ".tsv", ".tar", ".gz"}, filepath.Ext(out)) {
		return usagef("%s: expected the name of a folder, such as %s:%s/", to, format, folder)
	}
	if f.side < 1 || f.side > 4096 {
		return usagef("--size %d: expected 1 to 4096", f.side)
	}
	if f.shardSize < 1 {
		return usagef("--shard-size %d: expected 1 or more", f.shardSize)
	}
	as := listing
	switch format {
	case "idx":
		as = folder.Options{C: 1, H: f.side, W: f.side}
	case "cifar":
		as = folder.Options{C: 3, H: 32, W: 32}
	}
	sets, err := c.openSets(name, as)
	if err != nil {
		return err
	}
	t := c.tally("writing", false)
	w := save.New(ctx, sets, t.update)
	switch format {
	case "folder":
		err = w.Folder(out, save.Copy)
	case "csv":
		err = w.ListsWithImages(out)
	case "wds":
		err = w.Shards(out, int64(f.shardSize)<<20)
	case "idx":
		err = w.IDX(out)
	case "cifar":
		err = w.CIFAR(out)
	case "voc":
		err = w.VOC(out)
	case "coco":
		err = w.COCO(out)
	case "yolo":
		err = w.YOLO(out)
	case "labelme":
		err = w.LabelMe(out)
	case "boxes":
		err = w.BoxesWithImages(out)
	case "masks":
		err = w.Masks(out)
	case "tinyimagenet":
		err = w.TinyImageNet(out)
	}
	t.clear()
	if err != nil {
		return err
	}
	if lost := w.Lost(); lost != nil {
		fmt.Fprintf(c.err, "lince: %s has no place for %s: they are lost\n", format, strings.Join(lost, ", "))
	}
	for set, d := range sets.All() {
		c.printf("%-5s  %s images\n", set, metric.Thousands(d.Len()))
	}
	c.printf("\nNext:\n  %s data preview %s\n", program(), quoted(filepath.ToSlash(to)))
	return nil
}
