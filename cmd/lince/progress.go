package main

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/train"
)

// A progress prints how a training goes: a line per epoch and, on a terminal, a line below that changes.
type progress struct {
	*console
	shown bool // the changing line is on the screen
	steps int  // of the training, if Config.Steps decides; the last epoch is then a short one
}

// update shows the state within an epoch.
func (p *progress) update(s train.Progress) {
	left := fmt.Sprintf("epoch %s  ", counter(s.Epoch, s.Epochs))
	right := fmt.Sprintf("  %s  %s images/s  ETA %s", score(s.Score, plain), metric.Thousands(int64(s.ImagesPerSecond)), clock(s.Remaining))
	p.line(left, float64(s.Step)/float64(max(1, s.Steps)), right)
}

// score writes the loss and the shares of s, the first of which is painted: what chooses the best epoch. Parts of the loss are for metrics.jsonl.
func score(s train.Score, paint func(string) string) string {
	var words []string
	for i, v := range s.All() {
		switch text := v.String(); {
		case !v.IsLoss():
			words = append(words, train.Title(v.Name)+" "+paint(text))
			paint = plain
		case i == 0:
			words = append(words, v.Name+" "+text)
		}
	}
	return strings.Join(words, "  ")
}

func plain(text string) string { return text }

// line shows a share of the work as a bar between left and right, on a terminal.
func (p *progress) line(left string, share float64, right string) {
	if !p.live {
		return
	}
	line := left + bar(share, min(24, max(0, p.width()-1-len(left)-len(right)))) + right
	if letters := []rune(line); len(letters) >= p.width() {
		line = string(letters[:p.width()-1])
	}
	p.clear()
	p.printf("%s", line)
	p.shown = true
}

// epoch prints the line of a finished epoch.
func (p *progress) epoch(e train.Epoch, epochs int) {
	p.clear()
	p.printf("epoch %s  %s", counter(e.Epoch, epochs), score(e.Train, plain))
	if v := e.Validation; v != nil {
		mark := " "
		if e.Best {
			mark = p.green("*")
		}
		p.printf("  validation %s %s", score(*v, p.bold), mark)
	}
	p.printf("  %s images/s", metric.Thousands(int64(e.ImagesPerSecond)))
	left := float64(epochs - e.Epoch) // epochs
	if p.steps > 0 {
		left = float64(p.steps-e.Step) * float64(e.Epoch) / float64(e.Step)
	}
	if left > 0 {
		p.printf("  ETA %s", clock(time.Duration(left*e.Seconds*float64(time.Second))))
	}
	p.printf("\n")
}

// warn prints a line on standard error.
func (p *progress) warn(text string) {
	p.clear()
	fmt.Fprintln(p.err, "lince: warning:", oneLine(text))
}

// clear removes the changing line (ECMA-48: carriage return, erase in line).
func (p *progress) clear() {
	if p.shown {
		p.printf("\r\x1b[K")
		p.shown = false
	}
}

// counter writes "3/12" with the first number as wide as the second.
func counter(i, n int) string {
	s := fmt.Sprint(n)
	return fmt.Sprintf("%*d/%s", len(s), i, s)
}

// bar draws a share of 0 to 1 as a bar of at most width characters, filled up with spaces.
func bar(share float64, width int) string {
	eighths := int(min(max(share, 0), 1)*float64(8*width) + 0.5)
	s := strings.Repeat("█", eighths/8)
	if eighths%8 > 0 {
		s += string([]rune(" ▏▎▍▌▋▊▉")[eighths%8])
	}
	return s + strings.Repeat(" ", width-utf8.RuneCountInString(s))
}

// clock writes a duration as people read it: "8 s", "2:05", "1:02:03".
func clock(d time.Duration) string {
	s := int(d.Seconds() + 0.5)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
