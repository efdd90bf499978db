package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/lince-ml/lince/data/check"
	"github.com/spf13/cobra"
)

func dataStatsCommand(c *console) *cobra.Command {
	var asJSON bool
	var threads int
	cmd := &cobra.Command{
		Use:     "stats DATA",
		Short:   "Count images by class and set, and measure sizes and colours",
		Long:    "Stats reads every image and prints how many there are of each class in each set, their sizes, formats and colours, and mean and deviation of their pixels.",
		Example: "  lince data stats photos/\n  lince data stats mnist --json",
		Args:    arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if threads < 0 {
				return usagef("--threads %d: expected 0 or more", threads)
			}
			return stats(cmd.Context(), c, args[0], threads, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().IntVar(&threads, "threads", 0, "threads, 0 for one per CPU; changes no result")
	return cmd
}

func stats(ctx context.Context, c *console, name string, threads int, asJSON bool) error {
	checker, _, err := c.examine(ctx, name, check.Options{Workers: threads}, asJSON)
	if err != nil {
		return err
	}
	r := checker.Statistics(name)
	if asJSON {
		return c.json(r)
	}
	printSets(c, r)
	c.printf("\n")
	t := c.table()
	fmt.Fprint(t, "class")
	for _, s := range r.Sets {
		fmt.Fprintf(t, "\t%s\tshare", s.Name)
	}
	fmt.Fprintln(t)
	for k, class := range r.Classes {
		fmt.Fprint(t, class)
		for _, s := range r.Sets {
			fmt.Fprintf(t, "\t%s\t%s", thousands(int64(s.Counts[k])), percent(float64(s.Counts[k])/float64(max(1, s.Images))))
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// printSets prints what there is, but for the classes.
func printSets(c *console, r *check.Report) {
	var sets []string
	for _, s := range r.Sets {
		sets = append(sets, fmt.Sprintf("%s %s", thousands(int64(s.Images)), s.Name))
	}
	c.printf("%s: %s images, %d classes\n", c.bold(r.Data), strings.Join(sets, ", "), len(r.Classes))
	if r.Unread > 0 {
		c.printf("%s   %s images cannot be read\n", c.red("unread"), thousands(int64(r.Unread)))
	}
	boxes, empty := 0, 0
	for _, s := range r.Sets {
		boxes, empty = boxes+s.Boxes, empty+s.Empty
	}
	if boxes > 0 {
		c.printf("boxes    %s, %.1f for an image; %s images have none\n", thousands(int64(boxes)), float64(boxes)/float64(r.Images), thousands(int64(empty)))
	}
	if r.Smallest == "" {
		return
	}
	c.printf("sizes    %s to %s pixels, most often %s\n", r.Smallest, r.Largest, list(r.Sizes))
	c.printf("aspects  %s to %s, in the middle %s (width : height)\n", r.Aspects[0], r.Aspects[2], r.Aspects[1])
	if len(r.Formats) > 0 {
		c.printf("formats  %s\n", list(r.Formats))
	}
	c.printf("colours  %s\n", list(r.Colours))
	c.printf("mean     %s, deviation %s\n", decimals(r.Mean), decimals(r.Std))
}

// list writes the most frequent of what is counted.
func list(all []check.Count) string {
	var parts []string
	for _, n := range all[:min(len(all), 3)] {
		parts = append(parts, fmt.Sprintf("%s (%s)", n.What, thousands(int64(n.N))))
	}
	return strings.Join(parts, ", ")
}

func decimals(values []float64) string {
	var parts []string
	for _, v := range values {
		parts = append(parts, fmt.Sprintf("%.4f", v))
	}
	return strings.Join(parts, " ")
}
