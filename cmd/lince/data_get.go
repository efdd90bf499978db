package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/lince-ml/lince/data/catalog"
	"github.com/lince-ml/lince/metric"
	"github.com/spf13/cobra"
)

type getFlags struct {
	to, mirror string
	json       bool
}

// fetched is what `lince data get NAME --json` prints.
type fetched struct {
	Name string `json:"name"`
	Path string `json:"path"`
	Data string `json:"data"` // the DATA argument for it
}

func dataGetCommand(c *console) *cobra.Command {
	f := &getFlags{}
	cmd := &cobra.Command{
		Use:   "get [NAME]",
		Short: "Download a published data set",
		Long: "Get downloads a published data set, checks its SHA-256, unpacks it, and keeps it where the other verbs find it by name. Without NAME, it lists the sets there are.\n\n" +
			"A download that was interrupted goes on where it stopped. With --mirror, or " + mirrorVariable + " in the environment, the files come from that address, as " +
			"ADDRESS/NAME/FILE, and no other.",
		Example: "  lince data get\n  lince data get cifar10\n  lince train cifar10 --model resnet20-cifar\n  lince data get imagenette --to data/",
		Args:    arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return f.list(c)
			}
			return f.get(cmd.Context(), c, args[0])
		},
	}
	cmd.Flags().StringVar(&f.to, "to", "", "the folder `DIR` to keep sets in (default a cache of the user's)")
	cmd.Flags().StringVar(&f.mirror, "mirror", "", "an `ADDRESS` that has the files by their names")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (f *getFlags) dir() (string, error) {
	if f.to != "" {
		return f.to, nil
	}
	dir, err := catalog.DefaultDir()
	if err != nil {
		return "", fmt.Errorf("no place to keep data sets: %w; expected --to DIR", err)
	}
	return dir, nil
}

func (f *getFlags) list(c *console) error {
	dir, err := f.dir()
	if err != nil {
		return err
	}
	if f.json {
		return c.json(catalog.Sets)
	}
	t := c.table()
	fmt.Fprintln(t, "name\timages\tclasses\tMiB\there\tlicence\twhat")
	fmt.Fprintln(t, "mnist\t70,000\t10\t11.2\tbuilt in\tCC BY-SA 3.0\thandwritten digits, 28x28 grey")
	for i := range catalog.Sets {
		s := &catalog.Sets[i]
		here := "-"
		if s.Has(dir) {
			here = "yes"
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%.1f\t%s\t%s\t%s\n", s.Name, metric.Thousands(s.Images), s.Classes, float64(s.Bytes())/(1<<20), here, s.Licence, s.Summary)
	}
	return t.Flush()
}

func (f *getFlags) get(ctx context.Context, c *console, name string) error {
	if name == "mnist" {
		c.printf("mnist is built in: %s train mnist\n", program())
		return nil
	}
	s, err := catalog.Lookup(name)
	if err != nil {
		return usageError{err}
	}
	dir, err := f.dir()
	if err != nil {
		return err
	}
	there := s.Has(dir)
	if !there && !f.json {
		c.printf("%s: %s images of %s\nlicence %s, %s\n", c.bold(s.Name), metric.Thousands(s.Images), s.Summary, s.Licence, s.Page)
	}
	d := &download{progress: progress{console: c}}
	if f.json {
		quiet := *c
		quiet.live, d.console = false, &quiet
	}
	err = s.Get(ctx, dir, cmp.Or(f.mirror, os.Getenv(mirrorVariable)), func(file string, done, total int64) {
		if file != d.name {
			d.name, d.start, d.first = file, time.Now(), 0
		}
		if done < 0 {
			d.clear()
			if d.live {
				d.printf("%s  unpacking", file)
				d.shown = true
			}
			return
		}
		d.update(done, total)
	})
	d.clear()
	if err != nil {
		return err
	}
	data := s.Name
	if f.to != "" {
		data = s.Spec(dir)
	}
	if f.json {
		return c.json(fetched{s.Name, s.Path(dir), data})
	}
	state := "complete, SHA-256 as published"
	if there {
		state = "there already"
	}
	c.printf("%s  %s\n\nNext:\n  %s data preview %s --out grid.png\n  %s train %s\n", s.Path(dir), c.faint(state), program(), quoted(data), program(), quoted(data))
	return nil
}
