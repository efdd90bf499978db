package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"text/tabwriter"

	"golang.org/x/term"
)

// A console is where a verb prints. Colours and lines that change in place are for terminals only; what goes to a file or another
// program is plain.
type console struct {
	out, err io.Writer
	live     bool // out can redraw a line
	coloured bool
	file     *os.File // out, if live
}

func newConsole(out, err io.Writer) *console {
	c := &console{out: out, err: err}
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return c
	}
	if runtime.GOOS == "windows" && os.Getenv("WT_SESSION") == "" {
		return c // the old console shows escape sequences as they are
	}
	c.live, c.file = true, f
	c.coloured = os.Getenv("NO_COLOR") == "" // https://no-color.org
	return c
}

func (c *console) printf(format string, args ...any) { fmt.Fprintf(c.out, format, args...) }

// width returns the number of columns of the terminal, 80 if there is none.
func (c *console) width() int {
	if c.live {
		if w, _, err := term.GetSize(int(c.file.Fd())); err == nil && w > 0 {
			return w
		}
	}
	return 80
}

func (c *console) bold(s string) string  { return c.paint("1", s) }
func (c *console) faint(s string) string { return c.paint("2", s) }
func (c *console) red(s string) string   { return c.paint("31", s) }
func (c *console) green(s string) string { return c.paint("32", s) }

// paint wraps s in the escape sequence for an SGR attribute (ECMA-48, section 8.3.117).
func (c *console) paint(attribute, s string) string {
	if !c.coloured {
		return s
	}
	return "\x1b[" + attribute + "m" + s + "\x1b[0m"
}

// table returns a writer of columns; cells end with a tab, rows with a newline, and Flush prints.
func (c *console) table() *tabwriter.Writer {
	return tabwriter.NewWriter(&trimmed{to: c.out}, 0, 8, 2, ' ', 0)
}

// trimmed leaves out the spaces at the ends of lines.
type trimmed struct {
	to     io.Writer
	spaces int // that were written and may be at the end of a line
}

func (t *trimmed) Write(p []byte) (int, error) {
	var out []byte
	for _, b := range p {
		if b == ' ' {
			t.spaces++
			continue
		}
		if b != '\n' {
			out = append(out, bytes.Repeat([]byte(" "), t.spaces)...)
		}
		t.spaces = 0
		out = append(out, b)
	}
	_, err := t.to.Write(out)
	return len(p), err
}

// json prints v, for programs.
func (c *console) json(v any) error {
	e := json.NewEncoder(c.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
