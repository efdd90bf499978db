package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lince-ml/lince/internal/fetch"
	"github.com/lince-ml/lince/models"
	"github.com/spf13/cobra"
)

type pullFlags struct {
	to, mirror string
	json       bool
}

// pulled is what `lince models pull --json` prints.
type pulled struct {
	Model   string  `json:"model"`
	Weights string  `json:"weights"`
	File    string  `json:"file"`
	From    string  `json:"from"` // empty if the file was there already
	SHA256  string  `json:"sha256"`
	Top1    float64 `json:"top1"` // published accuracy, per cent
}

// mirrorVariable names the environment variable with the mirror.
const mirrorVariable = "LINCE_MIRROR"

func pullCommand(c *console) *cobra.Command {
	f := &pullFlags{}
	cmd := &cobra.Command{
		Use:   "pull [NAME]",
		Short: "Download the published weights of an architecture",
		Long: "Pull downloads weights that others have published, checks their SHA-256, and keeps them where predict and eval find them by name. NAME is an " +
			"architecture, or NAME@WEIGHTS where it has several; without it, the weights there are are listed.\n\nA download that was " +
			"interrupted goes on where it stopped. With --mirror, or " + mirrorVariable + " in the environment, the files come from that address and no other.",
		Example: "  lince models pull\n  lince models pull resnet50\n  lince predict resnet50 cat.jpg\n  lince models pull resnet50@IMAGENET1K_V1 --to weights/",
		Args:    arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return f.list(c)
			}
			return f.pull(cmd.Context(), c, args[0])
		},
	}
	cmd.Flags().StringVar(&f.to, "to", "", "the folder `DIR` to write to (default a cache of the user's)")
	cmd.Flags().StringVar(&f.mirror, "mirror", "", "an `ADDRESS` that has the files by their names")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (f *pullFlags) list(c *console) error {
	all := models.AllPretrained()
	if f.json {
		return c.json(all)
	}
	t := c.table()
	fmt.Fprintln(t, "model\tweights\tfile\tMiB\tdata\tmeasured")
	for _, p := range all {
		size := "?"
		if p.MiB > 0 {
			size = fmt.Sprintf("%.1f", p.MiB)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", p.Model, p.Weights, p.File(), size, p.DataSet, p.Score())
	}
	return t.Flush()
}

func (f *pullFlags) pull(ctx context.Context, c *console, name string) error {
	p, err := models.LookupPretrained(name)
	if err != nil {
		return usageError{err}
	}
	dir := f.to
	if dir == "" {
		if dir, err = pulledFolder(); err != nil {
			return err
		}
	}
	path := filepath.Join(dir, p.File())
	file := fetch.File{SHA256: p.SHA256, MaxBytes: maxDownload(p), URLs: []string{p.URL}}
	if mirror := cmp.Or(f.mirror, os.Getenv(mirrorVariable)); mirror != "" {
		file.URLs = []string{strings.TrimSuffix(mirror, "/") + "/" + p.File()}
	}
	d := &download{progress: progress{console: c}, name: p.File(), start: time.Now()}
	if f.json {
		d.live = false
	}
	from, err := file.Into(ctx, path, d.update)
	d.clear()
	if err != nil {
		return err
	}
	if f.json {
		return c.json(pulled{p.Model, p.Weights, path, from, p.SHA256, p.Top1})
	}
	if from == "" {
		from = "there already"
	}
	c.printf("%s  %s, %s, %s, SHA-256 %s as published\n%s\n\nNext:\n  %s predict %s IMAGE...\n", c.bold(p.Model), p.Weights, p.DataSet, p.Score(),
		p.SHA256[:8], c.faint(from), program(), cmp.Or(f.to, name))
	return nil
}

// maxDownload is how many bytes of p are believed.
func maxDownload(p models.Pretrained) int64 {
	if p.MiB == 0 {
		return 2 << 30
	}
	return int64(1.1*p.MiB*(1<<20)) + 1<<20
}

// A download prints how far it is, on a terminal.
type download struct {
	progress
	name  string
	start time.Time
	first int64 // bytes that were there at the start
}

func (d *download) update(done, total int64) {
	if !d.live {
		return
	}
	if d.first == 0 {
		d.first = done
	}
	right := fmt.Sprintf("  %.1f MiB", float64(done)/(1<<20))
	if speed := float64(done-d.first) / time.Since(d.start).Seconds(); total > 0 && speed > 0 {
		right = fmt.Sprintf("  %.1f of %.1f MiB, %.1f MiB/s  ETA %s", float64(done)/(1<<20), float64(total)/(1<<20), speed/(1<<20),
			clock(time.Duration(float64(total-done)/speed*float64(time.Second))))
	}
	d.clear()
	left := d.name + "  "
	d.printf("%s%s%s", left, bar(float64(done)/float64(max(total, done, 1)), min(24, max(0, d.width()-1-len(left)-len(right)))), right)
	d.shown = true
}

// pulledFolder returns where pulled weights are kept.
func pulledFolder() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place to keep weights: %w; expected --to DIR", err)
	}
	return filepath.Join(dir, "lince", "models"), nil
}

// pulledFile returns the path of the pulled weights called name, or path itself if there is such a file or no such weights.
func pulledFile(path string) (string, error) {
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	p, err := models.LookupPretrained(path)
	if err != nil {
		return path, nil
	}
	dir, err := pulledFolder()
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, p.File())
	if _, err := os.Stat(file); err != nil {
		return "", fmt.Errorf("%s: no such file or folder, and its published weights are not here yet: %s models pull %s", path, program(), path)
	}
	return file, nil
}
