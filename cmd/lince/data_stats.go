package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lince-ml/lince/data/check"
	"github.com/lince-ml/lince/metric"
	"github.com/spf13/cobra"
)

func dataStatsCommand(c *console) *cobra.Command {
	var asJSON bool
	var threads int
	cmd := &cobra.Command{
		Use:   "stats DATA",
		Short: "Count images, boxes and pixels by class and set, and measure sizes and colours",
		Long: "Stats reads every image and prints how many there are of each class in each set, their sizes, formats and colours, and mean and deviation of their pixels.\n\n" +
			"Where images have boxes, it counts these by class, for each image and by size: small ones have an area below 32x32 pixels of the file, large ones above 96x96, as in COCO. " +
			"Where they have masks, it says which share of the pixels is of each class.",
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
	if err := printBoxes(c, r); err != nil {
		return err
	}
	return printClasses(c, r)
}

// printBoxes prints a line about the boxes of each set, if there are any.
func printBoxes(c *console, r *check.Report) error {
	if !r.HasBoxes() {
		return nil
	}
	t := c.table()
	fmt.Fprintln(t, "\nset\tboxes\tin an image\tsmall\tmedium\tlarge\timages without")
	for _, s := range r.Sets {
		if s.BoxSizes == nil {
			continue
		}
		share := func(n int) string { return metric.Percent(float64(n) / float64(s.Boxes)) }
		fmt.Fprintf(t, "%s\t%s\t%d to %d, median %d\t%s\t%s\t%s\t%s\n", s.Name, metric.Thousands(s.Boxes), s.BoxesPerImage.Min, s.BoxesPerImage.Max, s.BoxesPerImage.Median,
			share(s.BoxSizes.Small), share(s.BoxSizes.Medium), share(s.BoxSizes.Large), metric.Thousands(s.Empty))
	}
	return t.Flush()
}

// columns are those of a set in the table of classes, by what is counted.
var columns = map[string]string{"images": "%s\tshare", "boxes": "%s boxes\tshare\timages", "pixels": "%s pixels\timages"}

// printClasses prints how much there is of each class in each set.
func printClasses(c *console, r *check.Report) error {
	t := c.table()
	fmt.Fprint(t, "\nclass")
	for _, s := range r.Sets {
		fmt.Fprintf(t, "\t"+columns[s.Amounts().Unit], s.Name)
	}
	fmt.Fprintln(t)
	for k, class := range r.Classes {
		fmt.Fprint(t, class)
		for _, s := range r.Sets {
			by := s.Amounts()
			n, share, images := metric.Thousands(by.Counts[k]), metric.Percent(by.Share(k)), metric.Thousands(s.Counts[k])
			switch by.Unit {
			case "boxes":
				fmt.Fprintf(t, "\t%s\t%s\t%s", n, share, images)
			case "pixels":
				fmt.Fprintf(t, "\t%s\t%s", share, images)
			default:
				fmt.Fprintf(t, "\t%s\t%s", n, share)
			}
		}
		fmt.Fprintln(t)
	}
	if slices.ContainsFunc(r.Sets, func(s check.Set) bool { return s.UnknownPixels > 0 }) {
		fmt.Fprint(t, "of no class")
		for _, s := range r.Sets {
			fmt.Fprintf(t, "\t%s\t", metric.Percent(float64(s.UnknownPixels)/float64(max(1, s.Amounts().All))))
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// printSets prints what there is, but for the classes.
func printSets(c *console, r *check.Report) {
	var sets []string
	for _, s := range r.Sets {
		sets = append(sets, fmt.Sprintf("%s %s", metric.Thousands(s.Images), s.Name))
	}
	c.printf("%s: %s images, %d classes\n", c.bold(r.Data), strings.Join(sets, ", "), len(r.Classes))
	if r.Unread > 0 {
		c.printf("%s   %s images cannot be read\n", c.red("unread"), metric.Thousands(r.Unread))
	}
	boxes, empty := 0, 0
	for _, s := range r.Sets {
		boxes, empty = boxes+s.Boxes, empty+s.Empty
	}
	if boxes > 0 {
		c.printf("boxes    %s, %.1f for an image; %s images have none\n", metric.Thousands(boxes), float64(boxes)/float64(r.Images), metric.Thousands(empty))
	}
	if r.Widths == nil {
		return
	}
	if r.Widths.Min == r.Widths.Max && r.Heights.Min == r.Heights.Max {
		c.printf("sizes    all %s pixels\n", r.Sizes[0].What)
	} else {
		c.printf("sizes    %d to %d pixels wide, %d to %d high, most often %s\n", r.Widths.Min, r.Widths.Max, r.Heights.Min, r.Heights.Max, list(r.Sizes))
		c.printf("aspects  %s to %s, in the middle %s (width : height)\n", r.Aspects[0], r.Aspects[2], r.Aspects[1])
	}
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
		parts = append(parts, fmt.Sprintf("%s (%s)", n.What, metric.Thousands(n.N)))
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
