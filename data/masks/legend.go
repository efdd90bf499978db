package masks

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
)

// Legends are the names of the file beside the folders that says what the values mean. A line is a name, whose value is the number of the line, from 0; or a name
// and a colour, as "sky,128,128,128", "128 128 128 sky" or "sky:128,128,128::" (CVAT). What is called void or ignore is no class.
var Legends = []string{"classes.txt", "labels.txt", "class_dict.csv", "label_colors.txt", "labelmap.txt"}

// camVid are the classes of CamVid as SegNet has them (Badrinarayanan et al. 2015), whose value 11 is void.
var camVid = []string{"sky", "building", "pole", "road", "pavement", "tree", "sign symbol", "fence", "car", "pedestrian", "bicyclist"}

// legend returns what the values of masks mean, and the classes.
func (o Options) legend(dir string, masks []string, camvid bool) (*annotation.Legend, []string, error) {
	l, classes, err := o.named(dir)
	if err != nil {
		return nil, nil, err
	}
	if l == nil {
		values, err := annotation.Values(masks)
		if err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", dir, err)
		}
		l, classes = fromValues(values, camvid && len(o.Void) == 0)
	}
	if len(l.Colours) == 0 {
		if _, ok := l.Numbers[255]; !ok { // the value that others leave out, too; where there are two classes, it is the second
			l.Numbers[255] = data.Ignore
			if len(classes) == 2 {
				l.Numbers[255] = 1
			}
		}
	}
	if err := o.leaveOut(l); err != nil {
		return nil, nil, err
	}
	l, classes = compact(l, classes)
	return l, classes, nil
}

// named returns the legend of the classes given, or of a file; nil if there is neither.
func (o Options) named(dir string) (*annotation.Legend, []string, error) {
	if o.Classes != nil {
		return parse(o.Classes)
	}
	for _, name := range Legends {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		lines, err := annotation.ReadNames(path)
		if err != nil {
			return nil, nil, err
		}
		l, classes, err := parse(lines)
		if err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", path, err)
		}
		return l, classes, nil
	}
	return nil, nil, nil
}

// parse reads the lines of a legend.
func parse(lines []string) (*annotation.Legend, []string, error) {
	l := &annotation.Legend{Numbers: map[uint16]uint16{}, Colours: map[[3]uint8]uint16{}}
	var classes []string
	coloured, value := 0, 0
	for i, line := range lines {
		name, colour, ok := nameAndColour(line)
		if i == 0 && !ok && strings.Count(line, ",") == 3 || strings.HasPrefix(line, "#") {
			continue // the names of columns, or a remark
		}
		class := uint16(len(classes))
		if isVoid(name) {
			class = data.Ignore
		} else {
			classes = append(classes, name)
		}
		if ok {
			coloured++
			l.Colours[colour] = class
		}
		if value >= data.Ignore {
			return nil, nil, fmt.Errorf("more than %d classes", data.Ignore)
		}
		l.Numbers[uint16(value)] = class
		value++
	}
	switch {
	case len(classes) == 0:
		return nil, nil, fmt.Errorf("no classes")
	case coloured != 0 && coloured != value:
		return nil, nil, fmt.Errorf("%d classes with colours of %d, expected all or none", coloured, value)
	}
	return l, classes, nil
}

func isVoid(name string) bool {
	return strings.EqualFold(name, "void") || strings.EqualFold(name, "ignore")
}

// nameAndColour takes a line apart; ok is false if all of it is the name.
func nameAndColour(line string) (name string, colour [3]uint8, ok bool) {
	if before, rest, found := strings.Cut(line, ":"); found && strings.Count(line, ":") == 3 {
		line = before + "," + strings.Trim(rest, ":")
	}
	fields := strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
	if n := len(fields); n >= 4 {
		if c, ok := parseColour(fields[:3]); ok {
			return strings.Join(fields[3:], " "), c, true
		}
		if c, ok := parseColour(fields[n-3:]); ok {
			return strings.Join(fields[:n-3], " "), c, true
		}
	}
	return line, colour, false
}

func parseColour(fields []string) (c [3]uint8, ok bool) {
	if len(fields) != 3 {
		return c, false
	}
	for i, f := range fields {
		v, err := strconv.ParseUint(f, 10, 8)
		if err != nil {
			return c, false
		}
		c[i] = uint8(v)
	}
	return c, true
}

// fromValues makes a legend of the values that are there.
func fromValues(values []annotation.Value, camvid bool) (*annotation.Legend, []string) {
	l := &annotation.Legend{Numbers: map[uint16]uint16{}, Colours: map[[3]uint8]uint16{}}
	if values[0].Colour != nil {
		var classes []string
		for i, v := range values {
			l.Colours[*v.Colour] = uint16(i)
			classes = append(classes, fmt.Sprintf("#%02x%02x%02x", v.Colour[0], v.Colour[1], v.Colour[2]))
		}
		return l, classes
	}
	if len(values) == 2 && values[0].Number == 0 && values[1].Number == 255 {
		l.Numbers[0], l.Numbers[255] = 0, 1
		return l, []string{annotation.Background, "foreground"}
	}
	if values[len(values)-1].Number == 255 { // as in legend
		values = values[:len(values)-1]
		l.Numbers[255] = data.Ignore
	}
	if camvid && len(values) > 0 && int(values[len(values)-1].Number) == len(camVid) {
		for i := range camVid {
			l.Numbers[uint16(i)] = uint16(i)
		}
		l.Numbers[uint16(len(camVid))] = data.Ignore
		return l, slices.Clone(camVid)
	}
	var classes []string
	for i, v := range values {
		l.Numbers[v.Number] = uint16(i)
		classes = append(classes, fmt.Sprintf("class %d", v.Number))
	}
	return l, classes
}

// leaveOut makes the values of Void no classes.
func (o Options) leaveOut(l *annotation.Legend) error {
	for _, v := range o.Void {
		v = strings.TrimSpace(v)
		if v == "rest" {
			l.Rest = true
			continue
		}
		if n, err := strconv.ParseUint(v, 10, 16); err == nil {
			l.Numbers[uint16(n)] = data.Ignore
			continue
		}
		c, ok := parseColour(strings.Split(v, "-"))
		if hex, err := strconv.ParseUint(strings.TrimPrefix(v, "#"), 16, 24); !ok && err == nil && len(v) == 7 && v[0] == '#' {
			c, ok = [3]uint8{uint8(hex >> 16), uint8(hex >> 8), uint8(hex)}, true
		}
		if !ok {
			return fmt.Errorf("void=%s: expected a number, a colour such as 0-0-0 or #000000, or rest", v)
		}
		if len(l.Colours) == 0 {
			return fmt.Errorf("void=%s: a colour, but the classes are numbers here", v)
		}
		l.Colours[c] = data.Ignore
	}
	return nil
}

// compact takes out the classes that no value stands for any more.
func compact(l *annotation.Legend, classes []string) (*annotation.Legend, []string) {
	used := make([]bool, len(classes))
	mark := func(c uint16) {
		if int(c) < len(used) {
			used[c] = true
		}
	}
	for _, c := range l.Numbers {
		if len(l.Colours) == 0 {
			mark(c)
		}
	}
	for _, c := range l.Colours {
		mark(c)
	}
	to := make([]uint16, len(classes))
	var left []string
	for i, name := range classes {
		if to[i] = data.Ignore; used[i] {
			to[i] = uint16(len(left))
			left = append(left, name)
		}
	}
	for k, c := range l.Numbers {
		if c != data.Ignore {
			l.Numbers[k] = to[c]
		}
	}
	for k, c := range l.Colours {
		if c != data.Ignore {
			l.Colours[k] = to[c]
		}
	}
	return l, left
}
