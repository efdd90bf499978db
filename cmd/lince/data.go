package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/check"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/metric"
	"github.com/spf13/cobra"
)

func dataCommand(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data VERB",
		Short: "Fetch, check, show, divide and convert data sets",
		Long: "Data has the verbs for data sets.\n\nDATA is one of\n\n" +
			"  mnist                         the digits, built in\n" +
			"  cifar10, fashion-mnist, ...   a published set that `lince data get` has fetched\n" +
			"  photos/                       a folder of images, one sub-folder per class, maybe inside train, val and test\n" +
			"  list.csv                      a list of images and classes, or a folder with train.csv, val.csv and test.csv\n" +
			"  items.csv                     a list of items, each with a folder of images beside the file\n" +
			"  shards/                       WebDataset shards; one, or some: 'train-{000..009}.tar', 'train-*.tar'\n" +
			"  digits/                       the IDX files of MNIST, Fashion-MNIST, EMNIST or KMNIST\n" +
			"  cifar-10-batches-py/          the files of CIFAR-10 or CIFAR-100, binary or pickled, or the .tar.gz of them\n\n" +
			"or, with boxes, outlines or masks,\n\n" +
			"  bccd/                         Pascal VOC, YOLO or LabelMe: text files beside the images, or in folders beside theirs\n" +
			"  coco/, instances.json         COCO: a JSON file for each set\n" +
			"  boxes.csv                     a list of boxes: path, xmin, ymin, xmax, ymax, class\n" +
			"  camvid/                       images and masks: images/ and masks/, train/ and trainannot/\n" +
			"  tiny-imagenet-200/            Tiny-ImageNet with its boxes\n\n" +
			"A prefix says which, where that cannot be seen: folder:, csv:, items:, wds:, idx:, cifar:, voc:, coco:, yolo:, labelme:, boxes:, masks:, tinyimagenet:. Settings follow a " +
			"question mark:\n\n" +
			"  'csv:list.csv?path=file&label=breed'    which columns; also split=, root=, ext=, comma=\n" +
			"  'csv:list.csv?label=tags&sep=|'         several classes in one column\n" +
			"  'csv:list.csv?labels=sky,sea,sand'      a column of 0 and 1 for each class\n" +
			"  'items:trn.csv?item=item&label=healthy' a folder of images for each row\n" +
			"  'coco:coco/?classes=cat,dog'            some of the classes; also bad=refuse, as=masks\n" +
			"  'masks:scans/?void=0,255'               values of masks that count nowhere",
		Example: "  lince data get cifar10\n  lince data check photos/ --html report.html\n  lince data preview photos/ --out grid.png\n  lince data split photos/ lists/ --val 0.15 --test 0.15",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownVerb(cmd, args[0])
		},
	}
	cmd.AddCommand(dataGetCommand(c), dataCheckCommand(c), dataStatsCommand(c), dataPreviewCommand(c), dataSplitCommand(c), dataConvertCommand(c))
	return cmd
}

// quoted returns a DATA argument as a shell takes it.
func quoted(name string) string {
	if strings.ContainsAny(name, " ?&|*{}();<>$'\"") {
		return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
	}
	return name
}

// listing are options with which a set is opened whose images are not read through it.
var listing = folder.Options{C: 3, H: 224, W: 224}

// examine opens DATA and looks at all its images.
func (c *console) examine(ctx context.Context, name string, opt check.Options, quiet bool) (*check.Checker, data.Sets, error) {
	as := listing
	as.Empty = true // is to be found out
	sets, err := c.openSets(name, as)
	if err != nil {
		return nil, sets, err
	}
	t := c.tally("looking at images", quiet)
	defer t.clear()
	opt.Progress = t.update
	checker, err := check.Run(ctx, sets, opt)
	return checker, sets, err
}

// A tally prints how many of many things are done, on a terminal.
type tally struct {
	progress
	what        string
	start, told time.Time
}

func (c *console) tally(what string, quiet bool) *tally {
	t := &tally{progress: progress{console: c}, what: what, start: time.Now()}
	if quiet && t.live {
		copied := *c
		copied.live, t.console = false, &copied
	}
	return t
}

func (t *tally) update(done, total int) {
	now := time.Now()
	if !t.live || now.Sub(t.told) < 100*time.Millisecond {
		return
	}
	t.told = now
	left := t.what + "  "
	right := fmt.Sprintf("  %s of %s", metric.Thousands(done), metric.Thousands(total))
	if speed := float64(done) / now.Sub(t.start).Seconds(); speed > 0 {
		right += fmt.Sprintf("  ETA %s", clock(time.Duration(float64(total-done)/speed*float64(time.Second))))
	}
	t.clear()
	t.printf("%s%s%s", left, bar(float64(done)/float64(max(1, total)), min(24, max(0, t.width()-1-len(left)-len(right)))), right)
	t.shown = true
}
