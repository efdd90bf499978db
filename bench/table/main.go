// Command table turns the results of compare.sh, a line of JSON each, into the table of bench/README.md.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Between these lines of the file stands the table.
const (
	begin = "<!-- table: written by compare.sh -->"
	end   = "<!-- end of table -->"
)

// ours is who the others are compared with.
const ours = "lince"

// A result is a line of the input.
type result struct {
	Work    string
	Who     string
	Setting string
	Peak    float64 // GFLOP/s, right before
	Others  float64 // processors that other programs used meanwhile
	// Distance is how many nanoseconds a cache line took from a processor to another and back, before and after.
	Distance []float64
	Figure   json.RawMessage
}

// A figure is what a program says of itself; several of them if it measures several things at once.
type figure struct {
	Name            string
	ImagesPerSecond float64 `json:"images_per_second"`
	GFLOPS          float64
	RSSMiB          float64 `json:"rss_mib"`
	AllocsPerStep   float64 `json:"allocs_per_step"`
	Version         string
}

// A sample is a figure beside its peak.
type sample struct {
	figure
	peak, others float64
	distance     []float64
}

// Processors at a distance above far share no cache, and those below one are threads of one core; in nanoseconds.
const far, one = 250, 65

// apart reports whether the processors were far apart all the time, and together whether they were near.
func (s sample) apart() bool { return len(s.distance) > 0 && slices.Min(s.distance) > far }
func (s sample) together() bool {
	return len(s.distance) == 0 || slices.Max(s.distance) <= far && slices.Min(s.distance) >= one
}

// rate is what is compared: images per second, or, where there are no images, GFLOP/s.
func (s sample) rate() float64 { return cmp.Or(s.ImagesPerSecond, s.GFLOPS) }

// A contender is a program with its settings.
type contender struct {
	who, setting string
	samples      []sample
}

// A work is a line of the table.
type work struct {
	name       string
	contenders []*contender
}

func main() {
	into := flag.String("into", "", "the `FILE` to write the table into; without it, the table is printed")
	command := flag.String("command", "", "what was run, for the caption")
	flag.Parse()
	if err := run(flag.Arg(0), *into, *command); err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
}

func run(from, into, command string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	works, err := read(text)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	for _, w := range works {
		w.sameState()
	}
	table := caption(works, command) + "\n" + format(works)
	if into == "" {
		_, err := os.Stdout.WriteString(table)
		return err
	}
	old, err := os.ReadFile(into)
	if err != nil {
		return err
	}
	page, err := replace(string(old), table)
	if err != nil {
		return fmt.Errorf("%s: %w", into, err)
	}
	return os.WriteFile(into, []byte(page), 0o666)
}

// read returns the works in the order in which they were first measured.
func read(text []byte) ([]*work, error) {
	var works []*work
	for line := range bytes.Lines(text) {
		var r result
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("%w in %s", err, line)
		}
		var list []figure
		if json.Unmarshal(r.Figure, &list) != nil {
			list = make([]figure, 1)
			if err := json.Unmarshal(r.Figure, &list[0]); err != nil {
				return nil, fmt.Errorf("%w in %s", err, line)
			}
		}
		for _, f := range list {
			if part, total := strings.CutSuffix(f.Name, " total"); total {
				add(&works, r.Work+", "+part, r, f)
			} else if len(list) == 1 {
				add(&works, r.Work, r, f)
			}
		}
	}
	return works, nil
}

func add(works *[]*work, name string, r result, f figure) {
	i := slices.IndexFunc(*works, func(w *work) bool { return w.name == name })
	if i < 0 {
		i = len(*works)
		*works = append(*works, &work{name: name})
	}
	w := (*works)[i]
	j := slices.IndexFunc(w.contenders, func(c *contender) bool { return c.who == r.Who && c.setting == r.Setting })
	if j < 0 {
		j = len(w.contenders)
		w.contenders = append(w.contenders, &contender{who: r.Who, setting: r.Setting})
	}
	w.contenders[j].samples = append(w.contenders[j].samples, sample{f, r.Peak, r.Others, r.Distance})
}

// median returns the median of what of says of the samples, 0 if there are none.
func (c *contender) median(of func(sample) float64) float64 {
	if c == nil || len(c.samples) == 0 {
		return 0
	}
	var values []float64
	for _, s := range c.samples {
		values = append(values, of(s))
	}
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

// sameState keeps the samples that were taken while the processors were near each other or, if that leaves ours or the others without any, those
// taken while they were far apart. It says so in the name, or that there was neither.
func (w *work) sameState() {
	for _, state := range []struct {
		name string
		is   func(sample) bool
	}{{"", sample.together}, {" (processors apart)", sample.apart}} {
		var kept []*contender
		for _, c := range w.contenders {
			if list := slices.DeleteFunc(slices.Clone(c.samples), func(s sample) bool { return !state.is(s) }); len(list) > 0 {
				kept = append(kept, &contender{c.who, c.setting, list})
			}
		}
		k := &work{w.name + state.name, kept}
		if k.best(true) != nil && (k.best(false) != nil || w.best(false) == nil) {
			*w = *k
			return
		}
	}
	w.name += " (processors moved)"
}

// best returns the fastest of the contenders that are ours, or of those that are not; nil if there are none.
func (w *work) best(isOurs bool) *contender {
	var best *contender
	for _, c := range w.contenders {
		if (c.who == ours) == isOurs && (best == nil || c.median(sample.rate) > best.median(sample.rate)) {
			best = c
		}
	}
	return best
}

// format returns the table.
func format(works []*work) string {
	var b strings.Builder
	b.WriteString("| work | unit | lince | peer | ratio | lince, of peak | peer, of peak | lince, MiB | peer, MiB | lince, allocations a step |\n")
	b.WriteString("|---|---|---:|---|---:|---:|---:|---:|---:|---:|\n")
	for _, w := range works {
		b.WriteString(w.line())
	}
	return b.String()
}

func (w *work) line() string {
	lince, peer := w.best(true), w.best(false)
	unit, perImage := "GFLOP/s", 1.0 // GFLOP of a unit of the rate
	if images := lince.median(func(s sample) float64 { return s.ImagesPerSecond }); images > 0 {
		unit, perImage = "images/s", lince.median(func(s sample) float64 { return s.GFLOPS / s.ImagesPerSecond })
	}
	ofPeak := func(s sample) float64 { return 100 * s.rate() * perImage / s.peak }
	memory := func(s sample) float64 { return s.RSSMiB }
	name, ratio := "", ""
	if peer != nil {
		name = strings.TrimSpace(number(peer.median(sample.rate), "") + " " + peer.who + " " + peer.setting)
		if lince != nil {
			ratio = fmt.Sprintf("%.2f", lince.median(sample.rate)/peer.median(sample.rate))
		}
	}
	allocations := ""
	if lince != nil {
		allocations = fmt.Sprint(lince.median(func(s sample) float64 { return s.AllocsPerStep }))
	}
	cells := []string{w.name, unit, number(lince.median(sample.rate), ""), name, ratio, number(lince.median(ofPeak), " %"), number(peer.median(ofPeak), " %"),
		number(lince.median(memory), ""), number(peer.median(memory), ""), allocations}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// number writes v with its unit and three digits or more, and nothing for 0.
func number(v float64, unit string) string {
	switch {
	case v == 0:
		return ""
	case v < 10:
		return fmt.Sprintf("%.2f%s", v, unit)
	case v < 100:
		return fmt.Sprintf("%.1f%s", v, unit)
	}
	return fmt.Sprintf("%.0f%s", v, unit)
}

// caption says when, where and how the works were measured.
func caption(works []*work, command string) string {
	versions := map[string]bool{}
	var peaks, others, distances []float64
	rounds := 0
	for _, w := range works {
		for _, c := range w.contenders {
			rounds = max(rounds, len(c.samples))
			for _, s := range c.samples {
				if s.Version != "" {
					versions[s.Version] = true
				}
				peaks, others, distances = append(peaks, s.peak), append(others, s.others), append(distances, s.distance...)
			}
		}
	}
	if len(peaks) == 0 {
		return "Nothing measured.\n"
	}
	list := append([]string{"lince " + revision(), runtime.Version()}, slices.Sorted(maps.Keys(versions))...)
	apart := ""
	if len(distances) > 0 {
		apart = fmt.Sprintf("; a cache line took %.0f to %.0f ns from a processor to another and back", slices.Min(distances), slices.Max(distances))
	}
	return fmt.Sprintf("%s, %d processors (%s/%s), %s: `%s`, medians of %d rounds. %s. Peak %.0f to %.0f GFLOP/s; other programs used up to %.2f processors%s.\n",
		processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, time.Now().Format(time.DateOnly), strings.TrimSpace(command), rounds,
		strings.Join(list, ", "), slices.Min(peaks), slices.Max(peaks), slices.Max(others), apart)
}

// revision returns the commit that is measured, with a plus if there are changes to it.
func revision() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty=+").Output()
	if err != nil {
		return "(no commit)"
	}
	return strings.TrimSpace(string(out))
}

// processor returns the CPU's name.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown CPU"
}

// replace returns the page with table between its two marks.
func replace(page, table string) (string, error) {
	before, rest, ok := strings.Cut(page, begin+"\n")
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return "", fmt.Errorf("no place for the table, expected the lines %q and %q", begin, end)
	}
	return before + begin + "\n" + table + end + after, nil
}
