package npy

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/format/formattest"
	"github.com/lince-ml/lince/tensor"
)

func decode(b []byte) (format.Entry, error) { return Decode(bytes.NewReader(b), "x") }

func decodeArchive(b []byte) ([]format.Entry, error) { return DecodeArchive(bytes.NewReader(b)) }

// numpyTypes are the element types of formattest that numpy has.
var numpyTypes = slices.DeleteFunc(slices.Clone(formattest.Types), func(d tensor.DType) bool {
	return slices.Contains([]tensor.DType{tensor.BF16, tensor.F8E4M3, tensor.F8E5M2}, d)
})

func TestArchives(t *testing.T) {
	for _, name := range []string{"types.npz", "compressed.npz", "big.npz"} {
		t.Run(name, func(t *testing.T) {
			entries, err := decodeArchive(formattest.Content(t, name))
			if err != nil {
				t.Fatal(err)
			}
			formattest.Equal(t, entries, formattest.Sample(numpyTypes...))
		})
	}
}

func TestArrays(t *testing.T) {
	for _, name := range []string{"version1.npy", "version2.npy", "version3.npy", "fortran.npy", "big.npy"} {
		e, err := decode(formattest.Content(t, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		x := formattest.Read(t, e)
		if x.Shape() != tensor.ShapeOf(2, 3, 4) || x.DType() != tensor.F32 {
			t.Fatalf("%s: %v", name, x)
		}
		for i, v := range x.F32() {
			if want := float32(100*(i/12) + 10*(i/4%3) + i%4); v != want {
				t.Errorf("%s: element %d is %v, want %v", name, i, v, want)
			}
		}
	}
}

// TestSameBytes writes what numpy has written.
func TestSameBytes(t *testing.T) {
	want := formattest.Content(t, "version1.npy")
	e, err := decode(want)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	// numpy leaves room behind the shape, for it to grow: only the header's spaces may differ
	if err := Encode(&got, e); err != nil || strings.ReplaceAll(got.String(), " ", "") != strings.ReplaceAll(string(want), " ", "") {
		t.Errorf("%q, %v\nwant %q", got.Bytes(), err, want)
	}
}

func TestRoundTrip(t *testing.T) {
	want := formattest.Sample(numpyTypes...)
	var b bytes.Buffer
	if err := EncodeArchive(&b, want); err != nil {
		t.Fatal(err)
	}
	entries, err := decodeArchive(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	formattest.Equal(t, entries, want)
	for _, w := range want {
		var b bytes.Buffer
		if err := Encode(&b, w); err != nil {
			t.Fatal(err)
		}
		e, err := Decode(bytes.NewReader(b.Bytes()), w.Name)
		if err != nil {
			t.Fatal(err)
		}
		formattest.Equal(t, []format.Entry{e}, []format.Entry{w})
	}
}

func TestUnwritable(t *testing.T) {
	brain := formattest.Sample(tensor.BF16)[:1]
	for want, err := range map[string]error{
		`tensor "layer.bf16": numpy has no element type for bf16`: Encode(io.Discard, brain[0]),
		`tensor "layer.bf16": numpy has no`:                       EncodeArchive(io.Discard, brain),
		`tensor "layer.f32": the name of two tensors`:             EncodeArchive(io.Discard, slices.Repeat(formattest.Sample(tensor.F32)[:1], 2)),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// layout puts a file of version 1 together.
func layout(header, data string) []byte {
	return fmt.Appendf(nil, "%s\x01\x00%c%c%s%s", Magic, len(header)&255, len(header)>>8, header, data)
}

func TestBadArrays(t *testing.T) {
	const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"
	with := func(old, new string) []byte { return layout(strings.Replace(good, old, new, 1), "1234") }
	for _, b := range [][]byte{with("", ""), with("(1,)", "(1L,)"), with("<f4", "=f4"), with("'descr'", `"descr"`), with(", }", "}"), with("(1,)", "()"), with(" ", "\n ")} {
		if _, err := decode(b); err != nil {
			t.Errorf("%q: %v", b, err)
		}
	}
	for _, c := range []struct {
		b    []byte
		want string
	}{
		{nil, `begins with "", expected`},
		{[]byte("PK\x03\x04"), `begins with "PK\x03\x04", expected`},
		{[]byte(Magic), "truncated: 6 bytes"},
		{append([]byte(Magic), 4, 0, 0, 0, 0, 0), "version 4.0"},
		{append([]byte(Magic), 2, 0, 0xff, 0xff, 0xff, 0xff), "header of 4294967295 bytes, expected at most"},
		{append([]byte(Magic), 1, 0, 9, 0, 0, 0), "truncated: header of 9 bytes promised, 2 found"},
		{layout("[]", ""), `header: found "[", expected '{'`},
		{layout("{}", ""), "expected the keys"},
		{with("}", "} x"), "something after the closing }"},
		{with("}", ""), `found "", expected`},
		{with("'shape': (1,)", "'shape': (1,), 'shape': (1,)"), `"shape": twice`},
		{with("'shape'", "'size'"), `"size": unknown key`},
		{with("'descr'", "descr"), `found "d", expected a string`},
		{with("'<f4'", "[('a', '<f4')]"), "an array of records"},
		{with("<f4", "|O"), "Python's objects"},
		{with("<f4", "<c8"), `elements of type "<c8"`},
		{with("<f4", "<<f4"), `elements of type "<<f4"`},
		{with("<f4", ""), `elements of type ""`},
		{with("<f4'", "<f4"), "expected"},
		{with("False", "0"), "expected True or False"},
		{with("(1,)", "(-1,)"), `found "-1,), }", expected an integer`},
		{with("(1,)", "(1"), `found "}", expected an integer`},
		{with("(1,)", "(1 2)"), `found "2", expected ','`},
		{with("(1,)", "(9223372036854775808,)"), "expected an integer"},
		{with("(1,)", "(1,1,1,1,1,1,1,1,1)"), "more than 8 dimensions"},
		{with("(1,)", "(4294967296,4294967296)"), "beyond this machine's memory"},
		{with("(1,)", "(2,)"), "truncated: 8 bytes of elements expected, 4 found"},
		{with("(1,)", "(0,)"), "4 bytes after the array"},
		{layout(strings.Replace(good, "<f4", "|b1", 1), "\x02"), `tensor "x": element 0 is 2, expected 0 or 1`},
	} {
		e, err := decode(c.b)
		if err == nil {
			_, err = e.Read()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v\nwant %s", c.b, err, c.want)
		}
	}
}

// archiveOf returns a zip archive.
func archiveOf(method uint16, files map[string][]byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = w.Write(files[name])
		}
		if err != nil {
			panic(err)
		}
	}
	z.Close()
	return b.Bytes()
}

func TestBadArchives(t *testing.T) {
	good := layout("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "1234")
	damaged := archiveOf(zip.Store, map[string][]byte{"x.npy": good})
	damaged = bytes.Replace(damaged, []byte("1234"), []byte("1235"), 1)
	squeezed := archiveOf(zip.Deflate, map[string][]byte{"x.npy": good})
	crc := bytes.LastIndex(squeezed, []byte("PK\x01\x02")) + 16
	squeezed[crc] ^= 1
	bomb := archiveOf(zip.Deflate, map[string][]byte{"x.npy": good})
	copy(bomb[bytes.LastIndex(bomb, []byte("PK\x01\x02"))+24:], "\x00\x00\x00\x08") // an uncompressed size of 128 MiB
	for want, b := range map[string][]byte{
		"zip archive: truncated or damaged":                []byte("PK\x03\x04"),
		`"x.txt": no array of numpy`:                       archiveOf(zip.Store, map[string][]byte{"x.txt": nil}),
		`tensor "x": begins with`:                          archiveOf(zip.Store, map[string][]byte{"x.npy": []byte("x")}),
		`tensor "y": begins with`:                          archiveOf(zip.Deflate, map[string][]byte{"y.npy": []byte("x")}),
		`tensor "x": 1 bytes after the array`:              archiveOf(zip.Deflate, map[string][]byte{"x.npy": append(slices.Clone(good), 0)}),
		"checksum: the file is damaged: \"x.npy\" has the": damaged,
		"checksum: the file is damaged: \"x.npy\" has not": squeezed,
		"more than lince unpacks":                          bomb,
	} {
		entries, err := decodeArchive(b)
		if err == nil {
			err = formattest.ReadAll(entries)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nwant %s", err, want)
		}
	}
}

func TestAllocationIsBounded(t *testing.T) {
	const lie = "{'descr': '<f8', 'fortran_order': True, 'shape': (1000000, 1000000), }"
	inner := layout(lie, "")
	squeezed := archiveOf(zip.Deflate, map[string][]byte{"x.npy": inner})
	directory := bytes.LastIndex(squeezed, []byte("PK\x01\x02"))
	copy(squeezed[directory+24:], "\x00\x00\x00\x04") // an uncompressed size of 64 MiB
	for name, b := range map[string][]byte{
		"an array of 8 TB":    inner,
		"... in an archive":   archiveOf(zip.Store, map[string][]byte{"x.npy": inner}),
		"... compressed":      squeezed,
		"a header of 4 GB":    append([]byte(Magic), 2, 0, 0xff, 0xff, 0xff, 0xff),
		"many small archives": archiveOf(zip.Store, map[string][]byte{"a.npy": layout(lie, ""), "b.npy": layout(lie, "")}),
	} {
		got := formattest.Allocated(func() {
			if e, err := decode(b); err == nil {
				e.Read()
			}
			if entries, err := decodeArchive(b); err == nil {
				formattest.ReadAll(entries)
			}
		})
		if got > 1<<18+40*uint64(len(b)) {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, got, len(b))
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"version1.npy", "version2.npy", "fortran.npy", "big.npy"} {
		f.Add(formattest.Content(f, name))
	}
	f.Add(layout("{'descr': '|b1', 'fortran_order': False, 'shape': (2, 0,), }", ""))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := decode(b)
		if err != nil {
			return
		}
		if _, err := e.Read(); err != nil {
			return
		}
		var again bytes.Buffer
		if err := Encode(&again, e); err != nil {
			t.Fatal(err)
		}
		got, err := decode(again.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		formattest.Equal(t, []format.Entry{got}, []format.Entry{e})
	})
}

func FuzzDecodeArchive(f *testing.F) {
	for _, name := range []string{"types.npz", "compressed.npz", "big.npz"} {
		f.Add(formattest.Content(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if entries, err := decodeArchive(b); err == nil {
			formattest.ReadAll(entries)
		}
	})
}
