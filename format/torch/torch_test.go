package torch

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/format/formattest"
	"github.com/lince-ml/lince/tensor"
)

func decode(b []byte) (*File, error) { return Decode(bytes.NewReader(b)) }

func mustDecode(t testing.TB, b []byte) *File {
	t.Helper()
	f, err := decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var oldTypes = []tensor.DType{
	tensor.F64, tensor.F32, tensor.F16, tensor.BF16, tensor.I64, tensor.I32, tensor.I16, tensor.I8, tensor.U8, tensor.Bool,
}

func TestTypes(t *testing.T) {
	for name, types := range map[string][]tensor.DType{
		"types.pth": formattest.Types, "types-legacy.pth": oldTypes,
		"protocol3.pth": {tensor.F32}, "protocol4.pth": {tensor.F32}, "protocol5.pth": {tensor.F32}, "protocol4-legacy.pth": {tensor.F32},
	} {
		t.Run(name, func(t *testing.T) {
			formattest.Equal(t, mustDecode(t, formattest.Content(t, name)).Entries, formattest.Sample(types...))
		})
	}
}

// TestViews reads tensors that share a storage, and lie in it in all ways.
func TestViews(t *testing.T) {
	for _, name := range []string{"views.pth", "views-legacy.pth"} {
		for _, e := range mustDecode(t, formattest.Content(t, name)).Entries {
			x := formattest.Read(t, e)
			got := x.F32()
			want := func(i int) float32 { return float32(10*(i/4) + i%4) }
			dims := []int{6, 4}
			switch e.Name {
			case "rows":
				dims = []int{2, 4}
				want = func(i int) float32 { return float32(10*(2+i/4) + i%4) }
			case "expanded":
				dims = []int{3, 4}
				want = func(int) float32 { return 5 }
			case "permuted": // [2 3 4] to [4 2 3]
				dims = []int{4, 2, 3}
				want = func(i int) float32 { return float32(i/3%2*12 + i%3*4 + i/6) }
			case "channels":
				dims = []int{1, 2, 3, 4}
				want = func(i int) float32 { return float32(i) }
			}
			if x.Shape() != tensor.ShapeOf(dims...) {
				t.Errorf("%s: %s is %v", name, e.Name, x)
			}
			for i, v := range got {
				if v != want(i) {
					t.Errorf("%s: %s[%d] is %v, want %v", name, e.Name, i, v, want(i))
				}
			}
		}
	}
}

func TestCheckpoint(t *testing.T) {
	for _, name := range []string{"checkpoint.pth", "checkpoint-legacy.pth"} {
		f := mustDecode(t, formattest.Content(t, name))
		var names []string
		for _, e := range f.Entries {
			names = append(names, fmt.Sprintf("%s %v%v", e.Name, e.DType, e.Shape))
		}
		want := []string{"module.0.weight f32[2 3]", "module.0.bias f32[2]", "module.1.weight f32[2]", "module.1.bias f32[2]",
			"module.1.running_mean f32[2]", "module.1.running_var f32[2]", "module.1.num_batches_tracked i64[]"}
		if !slices.Equal(names, want) {
			t.Errorf("%s: %q", name, names)
		}
		if b := formattest.Read(t, f.Entries[1]); b.F32()[1] != 2 {
			t.Errorf("bias %v", b.F32())
		}
		if !maps.Equal(f.Metadata, map[string]string{"torch.key": "state_dict", "epoch": "12", "arch": "tiny", "best": "0.75", "done": "true"}) {
			t.Errorf("%s: metadata %v", name, f.Metadata)
		}
	}
}

func TestParameters(t *testing.T) {
	one := tensor.Of(tensor.ShapeOf(2), float32(1), 1)
	formattest.Equal(t, mustDecode(t, formattest.Content(t, "parameters.pth")).Entries,
		[]format.Entry{format.EntryOf("a", one), format.EntryOf("b", one), format.EntryOf("c", one)})
}

func TestRefused(t *testing.T) {
	for name, want := range map[string]string{
		"malicious.pth":        `data.pkl: pickle, byte 22: it asks for the global "posix.system", which is refused: nothing in a file of weights is run`,
		"malicious-legacy.pth": `pickle, byte 159: it asks for the global "posix.system", which is refused: nothing in a file of weights is run`,
		"model.pth":            `it asks for the global "torch.nn.modules.container.Sequential", which is refused: nothing in a file of weights is run; of a whole model, save`,
		"quantised.pth":        `tensor "x": quantised tensors are not supported`,
		"sparse.pth":           `tensor "x": sparse tensors are not supported`,
		"complex.pth":          `tensor "x": complex or quantised tensors are not supported`,
	} {
		if _, err := decode(formattest.Content(t, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v\nwant %s", name, err, want)
		}
	}
}

func encode(t testing.TB, entries []format.Entry) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Encode(&b, entries); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	want := formattest.Sample(formattest.Types...)
	b := encode(t, want)
	f := mustDecode(t, b)
	formattest.Equal(t, f.Entries, want)
	for i, e := range f.Entries {
		if e.Name != want[i].Name {
			t.Errorf("tensor %d is %s, want %s", i, e.Name, want[i].Name)
		}
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if at, err := f.DataOffset(); err != nil || at%64 != 0 {
			t.Errorf("%s begins at byte %d, %v", f.Name, at, err)
		}
	}
	if err := Encode(new(bytes.Buffer), []format.Entry{want[0], want[0]}); err == nil || !strings.Contains(err.Error(), "two tensors") {
		t.Errorf("error %v", err)
	}
}

// archiveOf returns a zip archive.
func archiveOf(files map[string][]byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
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

// oneTensor is the pickle of {"x": a tensor of the element type, of [2]}.
func oneTensor(d tensor.DType) []byte {
	p, err := encodePickle([]format.Entry{format.EntryOf("x", tensor.New(d, tensor.ShapeOf(2)))})
	if err != nil {
		panic(err)
	}
	return p
}

func TestBigEndian(t *testing.T) {
	f := mustDecode(t, archiveOf(map[string][]byte{
		"a/data.pkl": oneTensor(tensor.F32), "a/byteorder": []byte("big"), "a/data/0": {0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0},
	}))
	formattest.Equal(t, f.Entries, []format.Entry{format.EntryOf("x", tensor.Of(tensor.ShapeOf(2), float32(1), -2))})
}

func TestBadArchives(t *testing.T) {
	pickle, data := oneTensor(tensor.F32), []byte("\x00\x00\x80\x3f\x00\x00\x00\x40")
	good := archiveOf(map[string][]byte{"a/data.pkl": pickle, "a/data/0": data})
	mustDecode(t, good)
	var deflated bytes.Buffer
	z := zip.NewWriter(&deflated)
	for name, content := range map[string][]byte{"a/data.pkl": pickle, "a/data/0": make([]byte, 1<<20)} {
		w, _ := z.Create(name)
		w.Write(content)
	}
	z.Close()
	for want, b := range map[string][]byte{
		"neither a zip archive nor a pickle":                          []byte("<html>"),
		"a pickle, but not of PyTorch":                                []byte("\x80\x04\x95"),
		"zip archive: truncated or damaged":                           good[:len(good)-10],
		"without data.pkl":                                            archiveOf(map[string][]byte{"x.npy": nil}),
		"TorchScript":                                                 archiveOf(map[string][]byte{"a/data.pkl": pickle, "a/code/x.py": nil}),
		`no file "data/0"`:                                            archiveOf(map[string][]byte{"a/data.pkl": pickle}),
		`storage "0": 7 bytes, expected 2 elements of 4`:              archiveOf(map[string][]byte{"a/data.pkl": pickle, "a/data/0": data[:7]}),
		"byteorder: found \"middle\"":                                 archiveOf(map[string][]byte{"a/data.pkl": pickle, "a/data/0": data, "a/byteorder": []byte("middle")}),
		"compressed, expected it as it is":                            deflated.Bytes(),
		"data.pkl: pickle, byte 38: truncated":                        archiveOf(map[string][]byte{"a/data.pkl": pickle[:40], "a/data/0": data}),
		"tensor \"x\": element 0 is 9, expected 0 or 1":               archiveOf(map[string][]byte{"a/data.pkl": oneTensor(tensor.Bool), "a/data/0": {9, 0}}),
		"checksum: the file is damaged: \"a/data/0\" has the CRC-32 ": bytes.Replace(good, data, []byte("\x01\x00\x80\x3f\x00\x00\x00\x40"), 1),
	} {
		f, err := decode(b)
		if err == nil {
			err = formattest.ReadAll(f.Entries)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestDamage flips each bit and cuts at each length: what is read is right, or there is an error.
func TestDamage(t *testing.T) {
	want := formattest.Sample(tensor.F32)
	for _, b := range [][]byte{encode(t, want), formattest.Content(t, "protocol4-legacy.pth")} {
		for n := range b {
			if f, err := decode(b[:n]); err == nil && formattest.ReadAll(f.Entries) == nil {
				t.Errorf("cut to %d of %d bytes, and nothing said", n, len(b))
			}
		}
		for i := range 8 * len(b) {
			b[i/8] ^= 1 << (i % 8)
			if f, err := decode(b); err == nil {
				formattest.ReadAll(f.Entries)
			}
			b[i/8] ^= 1 << (i % 8)
		}
	}
}

func FuzzDecode(f *testing.F) {
	names, err := filepath.Glob("testdata/*.pth")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		f.Add(formattest.Content(f, filepath.Base(name)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := decode(b)
		if err != nil || formattest.ReadAll(file.Entries) != nil {
			return
		}
		formattest.Equal(t, mustDecode(t, encode(t, file.Entries)).Entries, file.Entries)
	})
}
