package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/lince-ml/lince/data/check"
	"github.com/lince-ml/lince/internal/atomicfile"
	"github.com/lince-ml/lince/metric"
	"github.com/spf13/cobra"
)

type checkFlags struct {
	json, strict bool
	html         string
	distance     int
	threads      int
}

func dataCheckCommand(c *console) *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:   "check DATA",
		Short: "Look for what is wrong with a data set",
		Long: "Check reads every image and looks for files that cannot be read or are called what they are not, for pictures that are there twice, in more than one of " +
			"train, val and test, or with different classes, for pictures that look the same, and for classes that are rare. Of boxes, outlines and masks it tells what " +
			"makes no sense, with file and line: outside of the image, without area, of unknown classes, twice, crossing themselves, of another size than the image, of images that are missing.\n\nPictures look the same if their perceptual hashes of 64 " +
			"bits (Zauner 2010) differ in at most --distance bits, and small copies of them by at most 10 % of their contrast.\n\nIt ends with exit code 1 if there are errors: unreadable " +
			"files, annotations that had to be left out, the same picture in more than one set or with different classes, classes without images. With --strict, warnings count too.",
		Example: "  lince data check photos/\n  lince data check photos/ --html report.html\n  lince data check csv:list.csv --json --strict > report.json",
		Args:    arguments(1, 1),
		RunE:    func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), c, args[0]) },
	}
	cmd.Flags().StringVar(&f.html, "html", "", "write a page with pictures to `FILE`")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON, with all images of each finding")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "end with exit code 1 for warnings, too")
	cmd.Flags().IntVar(&f.distance, "distance", check.DefaultDistance, "bits that hashes of pictures that look the same may differ in, 0 to 16; -1 looks for none")
	cmd.Flags().IntVar(&f.threads, "threads", 0, "threads, 0 for one per CPU; changes no result")
	return cmd
}

func (f *checkFlags) run(ctx context.Context, c *console, name string) error {
	if f.distance < -1 || f.distance > 16 {
		return usagef("--distance %d: expected -1 to 16", f.distance)
	}
	if f.threads < 0 {
		return usagef("--threads %d: expected 0 or more", f.threads)
	}
	opt := check.Options{Distance: f.distance, Workers: f.threads}
	checker, _, err := c.examine(ctx, name, opt, f.json)
	if err != nil {
		return err
	}
	r := checker.Report(name, opt)
	if f.html != "" {
		if err := atomicfile.Write(f.html, func(w io.Writer) error { return checker.WriteHTML(w, r) }); err != nil {
			return err
		}
	}
	if f.json {
		if err := c.json(r); err != nil {
			return err
		}
	} else {
		printFindings(c, r, f.html)
	}
	switch n := r.Errors(); {
	case n > 0:
		return fmt.Errorf("%s: %s", name, kinds(n, "error"))
	case f.strict && len(r.Findings) > 0:
		return fmt.Errorf("%s: %s, and --strict", name, kinds(len(r.Findings), "warning"))
	}
	return nil
}

// kinds writes how many kinds of errors or warnings there are.
func kinds(n int, what string) string {
	if n == 1 {
		return "1 kind of " + what
	}
	return fmt.Sprintf("%d kinds of %ss", n, what)
}

func printFindings(c *console, r *check.Report, html string) {
	printSets(c, r)
	if len(r.Findings) == 0 {
		c.printf("\n%s\n", c.green("nothing found"))
	}
	for _, f := range r.Findings {
		severity := c.bold(f.Severity)
		if f.Severity == check.Error {
			severity = c.bold(c.red(f.Severity))
		}
		c.printf("\n%s: %s", severity, f.Title)
		if n := len(f.Groups); n > 0 {
			c.printf(": %s", metric.Thousands(n))
		}
		c.printf("\n")
		for i, g := range f.Groups {
			if i == 3 && len(f.Groups) > 4 {
				c.printf("  %s\n", c.faint(fmt.Sprintf("and %s more", metric.Thousands(len(f.Groups)-i))))
				break
			}
			printGroup(c, g)
		}
		c.printf("  %s\n", c.faint(f.Advice))
	}
	if html != "" {
		c.printf("\n%s: the report with pictures\n", html)
	} else if len(r.Findings) > 0 {
		c.printf("\nNext:\n  %s data check %s --html report.html\n", program(), quoted(r.Data))
	}
}

// fewWords shortens a list of classes, of which pictures with many things have many.
func fewWords(list string) string {
	if words := strings.Split(list, ", "); len(words) > 4 {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:3], ", "), len(words)-3)
	}
	return list
}

// printGroup prints the images of a finding that belong together on one line.
func printGroup(c *console, g []check.Item) {
	var parts []string
	for i, it := range g {
		if i == 4 {
			parts = append(parts, fmt.Sprintf("%d more", len(g)-i))
			break
		}
		text := filepath.ToSlash(it.Name)
		if it.Line > 0 {
			text += fmt.Sprintf(", line %d", it.Line)
		}
		if len(g) > 1 {
			text += " (" + it.Set + ", " + fewWords(it.Class) + ")"
		}
		if it.Detail != "" {
			text += ": " + it.Detail
		}
		parts = append(parts, text)
	}
	c.printf("  %s\n", strings.Join(parts, " = "))
}
