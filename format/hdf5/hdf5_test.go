package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/format/formattest"
	"github.com/lince-ml/lince/tensor"
)

func decode(b []byte) ([]Object, error) { return Decode(bytes.NewReader(b)) }

func mustDecode(t *testing.T, name string) []Object {
	t.Helper()
	objects, err := decode(formattest.Content(t, name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return objects
}

// datasets returns the datasets among objects.
func datasets(objects []Object) []format.Entry {
	var entries []format.Entry
	for _, o := range objects {
		if o.Dataset != nil {
			entries = append(entries, *o.Dataset)
		}
	}
	return entries
}

func TestTypes(t *testing.T) {
	types := slices.DeleteFunc(slices.Clone(formattest.Types), func(d tensor.DType) bool {
		return slices.Contains([]tensor.DType{tensor.BF16, tensor.F8E4M3, tensor.F8E5M2, tensor.Bool}, d)
	})
	for _, name := range []string{"types.h5", "big.h5"} {
		formattest.Equal(t, datasets(mustDecode(t, name)), formattest.Sample(types...))
	}
}

func TestAttributes(t *testing.T) {
	objects := mustDecode(t, "attributes.h5")
	var paths []string
	for _, o := range objects {
		paths = append(paths, o.Path)
	}
	if !slices.Equal(paths, []string{"", "a", "a/b", "a/b/c"}) {
		t.Fatalf("objects %q", paths)
	}
	root := objects[0].Strings
	if len(root) != 3 || root["fixed"] != "fixed length" || root["varying"] != "varying length é" || root["empty"] != "" {
		t.Errorf("attributes %q", root)
	}
	for i := range 20 {
		if got, want := objects[2].Strings[fmt.Sprint("name", i)], fmt.Sprint("value ", i); got != want {
			t.Errorf("attribute %d is %q", i, got)
		}
	}
}

func TestDeepTree(t *testing.T) {
	entries := datasets(mustDecode(t, "deep.h5"))
	if len(entries) != 150 {
		t.Fatalf("%d datasets", len(entries))
	}
	for i, e := range entries {
		if x := formattest.Read(t, e); e.Name != fmt.Sprintf("tensor%03d", i) || x.U8()[0] != uint8(i) {
			t.Errorf("dataset %d is %s: %v", i, e.Name, x.U8())
		}
	}
}

func TestRefused(t *testing.T) {
	for name, want := range map[string]string{
		"latest.h5":  "superblock of version 3, expected 0, which h5py writes unless",
		"ordered.h5": "object header of version 2",
		"summed.h5":  `"x": filter 3, expected none but gzip and shuffle`,
		"holes.h5":   `dataset "x": 1 of 5 chunks, expected all`,
		"zeros.h5":   `more than lince unpacks`,
		"strings.h5": `dataset "x": elements of class 9`,
		"complex.h5": `dataset "x": elements of class 6 and 8 bytes`,
		"soft.h5":    "a link of kind 2",
		"cycle.h5":   "is in two places of the file's tree",
	} {
		if _, err := decode(formattest.Content(t, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v\nwant %s", name, err, want)
		}
	}
	for want, b := range map[string][]byte{
		`begins with "", expected`:         nil,
		`begins with "PK", expected`:       []byte("PK"),
		"truncated: 8 bytes":               []byte(Signature),
		"truncated: 500 bytes, the file s": formattest.Content(t, "types.h5")[:500],
	} {
		if _, err := decode(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nwant %s", err, want)
		}
	}
}

// TestChunks reads datasets that count 0, 1, 2, ...
func TestChunks(t *testing.T) {
	for name, want := range map[string][]string{
		"chunked.h5": {"big f32[5]", "grid f32[3 3 5 7]", "growing f32[2 3]", "many f32[200 2]", "none f32[0 3]", "one f32[10]"},
		"zipped.h5":  {"only f32[5]", "shuffled f32[12 9]"},
	} {
		var got []string
		for _, e := range datasets(mustDecode(t, name)) {
			x := formattest.Read(t, e)
			got = append(got, e.Name+" "+x.String())
			for i, v := range x.F32() {
				if v != float32(i) {
					t.Errorf("%s: element %d of %s is %v", name, i, e.Name, v)
					break
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestDamage sets each byte of a file to several values: nothing may panic, or take much more memory than the file as it was.
func TestDamage(t *testing.T) {
	for _, name := range []string{"types.h5", "attributes.h5", "zipped.h5"} {
		b := formattest.Content(t, name)
		read := func() {
			if objects, err := decode(b); err == nil {
				formattest.ReadAll(datasets(objects))
			}
		}
		usual := formattest.Allocated(read)
		const block = 64
		for begin := 0; begin < len(b); begin += block {
			values := []byte{0xff}
			got := formattest.Allocated(func() {
				for i := begin; i < min(begin+block, len(b)); i++ {
					old := b[i]
					for _, v := range values {
						b[i] = v
						read()
					}
					b[i] = old
				}
			})
			if got > block*uint64(len(values))*2*usual {
				t.Errorf("%s: bytes %d to %d changed: %d bytes allocated, usually %d", name, begin, begin+block, got, block*len(values)*int(usual))
			}
		}
	}
}

// TestLongNames has links that all have one long name.
func TestLongNames(t *testing.T) {
	b := formattest.Content(t, "deep.h5")
	heap := bytes.Index(b, []byte("HEAP"))
	at := binary.LittleEndian.Uint64(b[heap+24:])
	size := binary.LittleEndian.Uint64(b[heap+8:])
	for i := at; i < at+size; i++ {
		b[i] = 'x'
	}
	if _, err := decode(b); err == nil || !strings.Contains(err.Error(), "damaged: a name of no or more than 1024 bytes") {
		t.Errorf("error %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	names, err := filepath.Glob("testdata/*.h5")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		f.Add(formattest.Content(f, filepath.Base(name)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if objects, err := decode(b); err == nil {
			formattest.ReadAll(datasets(objects))
		}
	})
}
