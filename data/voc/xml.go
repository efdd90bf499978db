package voc

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
)

// An annotated is what a file says.
type annotated struct {
	filename string
	w, h     int
	things   []annotation.Thing
	objects  int // so far, those that are left out too
}

// readFile reads the XML file of it. What is wrong becomes faults of s; ok is false if nothing of the file can be used.
func readFile(s *annotation.Set, it *annotation.Item) (a annotated, ok bool) {
	content, err := annotation.ReadFile(it.File)
	if err != nil {
		s.Add("file", it, 0, annotation.LeftOut, "%v", errors.Unwrap(err))
		return a, false
	}
	return parse(s, it, content)
}

// object is the part of <object> that matters.
type object struct {
	Name      string `xml:"name"`
	Difficult string `xml:"difficult"`
	Box       *struct {
		XMin string `xml:"xmin"`
		YMin string `xml:"ymin"`
		XMax string `xml:"xmax"`
		YMax string `xml:"ymax"`
	} `xml:"bndbox"`
}

func parse(s *annotation.Set, it *annotation.Item, content []byte) (a annotated, ok bool) {
	d := xml.NewDecoder(bytes.NewReader(content))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // names of classes are all that it matters for
	depth, root := 0, false
	for {
		token, err := d.Token()
		if err == io.EOF && root {
			return a, true
		}
		line, _ := d.InputPos()
		if err == nil {
			switch t := token.(type) {
			case xml.StartElement:
				if depth == 0 && t.Name.Local != "annotation" {
					err = fmt.Errorf("<%s>, expected <annotation>", t.Name.Local)
					break
				}
				root = true
				if depth == 0 {
					depth++
					break
				}
				err = a.element(s, it, d, &t, line)
			case xml.EndElement:
				depth--
			}
		}
		if err != nil {
			if err == io.EOF {
				err = errors.New("empty, expected <annotation>")
			}
			if syntax := new(xml.SyntaxError); errors.As(err, &syntax) {
				line, err = syntax.Line, fmt.Errorf("no XML: %s", strings.Replace(syntax.Msg, "unexpected EOF", "it ends amid an element", 1))
			}
			s.Add("file", it, line, annotation.LeftOut, "%v", err)
			return a, false
		}
	}
}

// element takes in an element of <annotation>.
func (a *annotated) element(s *annotation.Set, it *annotation.Item, d *xml.Decoder, t *xml.StartElement, line int) error {
	switch t.Name.Local {
	case "filename":
		return d.DecodeElement(&a.filename, t)
	case "size":
		var size struct {
			Width  string `xml:"width"`
			Height string `xml:"height"`
		}
		if err := d.DecodeElement(&size, t); err != nil {
			return err
		}
		a.w, _ = strconv.Atoi(strings.TrimSpace(size.Width)) // 0, and not compared, where it is no number
		a.h, _ = strconv.Atoi(strings.TrimSpace(size.Height))
		return nil
	case "object":
		var o object
		if err := d.DecodeElement(&o, t); err != nil {
			return err
		}
		a.object(s, it, o, line)
		return nil
	}
	return d.Skip()
}

func (a *annotated) object(s *annotation.Set, it *annotation.Item, o object, line int) {
	a.objects++
	t := annotation.Thing{Line: line, Object: uint16(min(a.objects, data.Ignore))}
	name := strings.TrimSpace(o.Name)
	switch {
	case name == "":
		s.Add("class", it, line, annotation.LeftOut, "an object without a name")
		return
	case o.Box == nil:
		s.Add("number", it, line, annotation.LeftOut, "the object %s has no bndbox", name)
		return
	}
	for _, side := range []struct {
		name, text string
		to         *float32
		shift      float32
	}{{"xmin", o.Box.XMin, &t.X0, -1}, {"ymin", o.Box.YMin, &t.Y0, -1}, {"xmax", o.Box.XMax, &t.X1, 0}, {"ymax", o.Box.YMax, &t.Y1, 0}} {
		v, err := strconv.ParseFloat(strings.TrimSpace(side.text), 32)
		if err != nil {
			s.Add("number", it, line, annotation.LeftOut, "%s is %q, expected a number", side.name, side.text)
			return
		}
		*side.to = float32(v) + side.shift
	}
	t.Name = name
	t.Difficult = strings.TrimSpace(o.Difficult) == "1"
	a.things = append(a.things, t)
}
