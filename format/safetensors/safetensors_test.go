package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/lince-ml/lince/format/formattest"
	"github.com/lince-ml/lince/tensor"
)

// layout puts a file together as the format says: length, header, data.
func layout(header, data string) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func decode(b []byte) (*File, error) { return Decode(bytes.NewReader(b), int64(len(b))) }

func encode(t testing.TB, f *File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Encode(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sample() *File {
	return &File{
		Tensors: map[string]*tensor.Tensor{
			"conv1.weight": tensor.Of(tensor.ShapeOf(2, 1, 1, 2), float32(1), -2, 3.5, 0),
			"conv1.bias":   tensor.Of(tensor.ShapeOf(2), float32(0.25), -0.25),
			"half":         tensor.Wrap(tensor.BF16, tensor.ShapeOf(2), []byte{0x80, 0x3f, 0x00, 0xc0}),
			"step":         tensor.Of(tensor.Shape{}, int64(1<<40)),
			"key":          tensor.Of(tensor.ShapeOf(2), uint32(1<<31), 7),
			"labels":       tensor.Of(tensor.ShapeOf(1), int32(-5)),
			"image":        tensor.Of(tensor.ShapeOf(1, 3), uint8(0), 128, 255),
			"quantised":    tensor.Of(tensor.ShapeOf(3), int8(-128), 0, 127),
			"mask":         tensor.Of(tensor.ShapeOf(2), true, false),
			"double":       tensor.Of(tensor.ShapeOf(1), 0.1),
			"short":        tensor.Of(tensor.ShapeOf(2), int16(-300), 300),
			"unsigned":     tensor.Of(tensor.ShapeOf(1), uint16(65535)),
			"large":        tensor.Of(tensor.ShapeOf(1), uint64(1<<63)),
			"f16":          tensor.Wrap(tensor.F16, tensor.ShapeOf(1), []byte{0x00, 0x3c}),
			"f8":           tensor.Wrap(tensor.F8E4M3, tensor.ShapeOf(3), []byte{1, 2, 3}),
			"f8too":        tensor.Wrap(tensor.F8E5M2, tensor.ShapeOf(1), []byte{0x3c}),
			"nothing":      tensor.New(tensor.F32, tensor.ShapeOf(0, 4)),
		},
		Metadata: map[string]string{"classes": `["0","1"]`, "note": "a \"quote\", ü, <&>, \n"},
	}
}

func TestRoundTrip(t *testing.T) {
	for _, f := range []*File{sample(), {Tensors: map[string]*tensor.Tensor{}, Metadata: map[string]string{}}} {
		b := encode(t, f)
		got, err := decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, f) {
			t.Errorf("got %v, want %v", got, f)
		}
		if !bytes.Equal(b, encode(t, got)) {
			t.Error("the same content gives other bytes")
		}
		if n := binary.LittleEndian.Uint64(b); (8+n)%64 != 0 {
			t.Errorf("data begin at byte %d", 8+n)
		}
	}
}

// TestForeignFile reads the bytes that Python's safetensors.numpy.save_file lays down: no checksum, little padding.
func TestForeignFile(t *testing.T) {
	header := `{"__metadata__":{"format":"pt"},"b":{"dtype":"I64","shape":[],"data_offsets":[0,8]},` +
		`"a":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]}}   `
	got, err := decode(layout(header, "\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x3f\x00\x00\x00\xc0"))
	want := &File{
		Tensors: map[string]*tensor.Tensor{
			"a": tensor.Of(tensor.ShapeOf(1, 2), float32(1), -2),
			"b": tensor.Of(tensor.Shape{}, int64(7)),
		},
		Metadata: map[string]string{"format": "pt"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestEveryBitCounts flips each bit of a file in turn, and cuts it at each length.
func TestEveryBitCounts(t *testing.T) {
	f := sample()
	delete(f.Tensors, "nothing") // its place may move without a meaning; see the offsets in TestRoundTrip
	b := encode(t, f)
	for i := range 8 * len(b) {
		b[i/8] ^= 1 << (i % 8)
		if _, err := decode(b); err == nil {
			t.Errorf("bit %d of byte %d flipped (now %q), and nothing said", i%8, i/8, b[i/8])
		}
		b[i/8] ^= 1 << (i % 8)
	}
	for n := range b {
		if _, err := decode(b[:n]); err == nil {
			t.Errorf("cut to %d bytes, and nothing said", n)
		}
	}
	if _, err := decode(append(b, 0)); err == nil {
		t.Error("one byte more, and nothing said")
	}
}

func TestBadFiles(t *testing.T) {
	const x = `{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`
	for _, c := range []struct{ header, data, want string }{
		{``, ``, "header: does not begin with {"},
		{`[]`, ``, "header: does not begin with {"},
		{`{"x":`, ``, `header: "x": ends in the middle`},
		{`{"x":` + x + `}}`, `1234`, "header: something after the closing }"},
		{`{"x":` + x + `} {}`, `1234`, "header: something after the closing }"},
		{"{\"\xff\":" + x + `}`, `1234`, "header: not valid UTF-8"},
		{`{"x":` + x + `,"x":` + x + `}`, `1234`, `header: "x": twice in one object`},
		{`{"__metadata__":{"k":"1","k":"2"}}`, ``, `header: "__metadata__": "k": twice in one object`},
		{`{"__metadata__":{"k":1}}`, ``, `header: "__metadata__": "k": found 1, expected a string`},
		{`{"x":7}`, ``, `header: "x": found 7, expected {`},
		{`{"x":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}`, `1234`, `"dtype": twice in one object`},
		{`{"x":{"Dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, `1234`, `header: "x": "Dtype": unknown key`},
		{`{"x":{"shape":[1],"data_offsets":[0,4]}}`, `1234`, `header: "x": dtype "" is not supported`},
		{`{"x":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}`, `1`, `header: "x": dtype "F4" is not supported, expected one of BF16, BOOL,`},
		{`{"x":{"dtype":"F32","data_offsets":[0,4]}}`, `1234`, `header: "x": expected a dtype, a shape and two data_offsets`},
		{`{"x":{"dtype":"F32","shape":[1],"data_offsets":[4]}}`, `1234`, `header: "x": expected a dtype, a shape and two`},
		{`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,1,2]}}`, `1234`, `"data_offsets": more than 2 numbers`},
		{`{"x":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}`, `1234`, `"shape": more than 8 numbers`},
		{`{"x":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}`, `1234`, `"shape": found 1, expected a number`},
		{`{"x":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}`, `1234`, `"shape": found 1.0, expected an integer`},
		{`{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, `1234`, `"shape": found -1, expected an integer`},
		{`{"x":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}`, `1234`, `expected an integer`},
		{`{"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, ``, `"x": data_offsets [0, 0] do not fit`},
		{`{"x":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}`, `1234`, `"x": data_offsets [0, 4] do not fit`},
		{`{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, `1234`, `"x": data_offsets [0, 4] do not fit f32[2]`},
		{`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,5]}}`, `12345`, `"x": data_offsets [0, 5] do not fit f32[1]`},
		{`{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, `1234`, `"x": data_offsets [4, 0] do not fit f32[1]`},
		{`{"x":` + x + `}`, `123`, `truncated: tensor "x" ends at byte 4 of the data, 3 found`},
		{`{"x":` + x + `}`, `12345`, `1 bytes after the last tensor`},
		{`{"x":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}`, `123456`, `tensor "x": begins at byte 2, expected 0`},
		{`{"x":` + x + `,"y":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}`, `123456`, `tensor "y": begins at byte 2, inside another`},
		{`{"m":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}`, "\x01\x02", `tensor "m": element 1 is 2, expected 0 or 1`},
		{`{"__metadata__":{"lince.sha256":"ab"}}`, ``, `checksum: the file is damaged: "ab" should be`},
		{`{"__metadata__":{"lince.sha257":"lince:` + zeroDigits + `"}}`, ``, `found under the key "lince.sha257"`},
		{`{"__metadata__":{"lince.sha256": "lince:` + zeroDigits + `"}}`, ``, `checksum: the file was changed`},
		{`{"__metadata__":{"lince.sha256":"lince:` + zeroDigits + `"}}`, ``, `checksum: the file is damaged: its SHA-256 is`},
	} {
		if _, err := decode(layout(c.header, c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\n got error %v\nwant %s", c.header, err, c.want)
		}
	}
	for want, b := range map[string][]byte{
		"truncated: 7 bytes":                                make([]byte, 7),
		"truncated: header of 10 bytes promised, 2 found":   []byte("\x0a\x00\x00\x00\x00\x00\x00\x00{}"),
		"header: length of 2051426642 bytes, the format al": []byte("RIFz\x00\x00\x00\x00 a sound"),
	} {
		if _, err := decode(b); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestUnwritable(t *testing.T) {
	x := tensor.New(tensor.F32, tensor.ShapeOf(1))
	for want, f := range map[string]*File{
		"reserves this name":       {Tensors: map[string]*tensor.Tensor{"__metadata__": x}},
		"tensor \"\\xff\": not":    {Tensors: map[string]*tensor.Tensor{"\xff": x}},
		"writes this entry itself": {Metadata: map[string]string{checksumKey: ""}},
		"value: not valid UTF-8":   {Metadata: map[string]string{"k": "\xff"}},
	} {
		if err := Encode(new(bytes.Buffer), f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "model.safetensors")
	if err := WriteFile(path, sample()); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadFile(path); err != nil || !reflect.DeepEqual(got, sample()) {
		t.Errorf("got %v, %v", got, err)
	}
	if err := os.Truncate(path, 1000); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, dir, filepath.Join(dir, "none")} {
		if _, err := ReadFile(p); err == nil || strings.Count(err.Error(), p) != 1 {
			t.Errorf("%s: error %v", p, err)
		}
	}
	bad := &File{Metadata: map[string]string{"k": "\xff"}}
	if err := WriteFile(path, bad); err == nil || !strings.HasPrefix(err.Error(), "write "+path+": metadata") {
		t.Errorf("error %v", err)
	}
}

func TestAllocationIsBounded(t *testing.T) {
	var many strings.Builder
	many.WriteString(`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`)
	for i := range 2000 {
		fmt.Fprintf(&many, `,"%d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`, i)
	}
	for name, b := range map[string][]byte{
		"a header of 90 MB":  []byte("\x00\x00\x5d\x05\x00\x00\x00\x00{}"),
		"a tensor of 4 EB":   layout(`{"x":{"dtype":"F32","shape":[1000000000000000000],"data_offsets":[0,4000000000000000000]}}`, ""),
		"many empty tensors": layout(many.String()+"}", "1234"),
		"deep nesting":       layout(`{"x":`+strings.Repeat("[", 10000), ""),
	} {
		if n := formattest.Allocated(func() { decode(b) }); n > 1<<16+40*uint64(len(b)) {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, n, len(b))
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(f, sample()))
	f.Add(layout(`{"__metadata__":{"k":"v"},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  `, "1234"))
	f.Add(layout(`{"m":{"dtype":"BOOL","shape":[2,0],"data_offsets":[0,0]}}`, ""))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := decode(b)
		entries, _, scanErr := Scan(bytes.NewReader(b))
		if scanErr == nil {
			scanErr = formattest.ReadAll(entries)
		}
		if (err == nil) != (scanErr == nil) {
			t.Errorf("decode says %v, scan says %v", err, scanErr)
		}
		if err != nil {
			return
		}
		again, err := decode(encode(t, file))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again, file) {
			t.Errorf("got %v, want %v", again, file)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	data := encode(b, &File{Tensors: map[string]*tensor.Tensor{"x": tensor.New(tensor.F32, tensor.ShapeOf(1<<22))}})
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := decode(data); err != nil {
			b.Fatal(err)
		}
	}
}
