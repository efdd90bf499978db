package keras

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/format/formattest"
)

func decode(b []byte) (*File, error) { return Decode(bytes.NewReader(b)) }

// TestSmall reads the model of testdata/golden.py: weight i of the model begins with 100 i.
func TestSmall(t *testing.T) {
	for _, name := range []string{"small.keras", "small.h5", "small.weights.h5"} {
		f, err := decode(formattest.Content(t, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := []string{
			"first/kernel f32[3 3 1 2]", "first/bias f32[2]",
			"batch_normalization/gamma f32[2]", "batch_normalization/beta f32[2]",
			"batch_normalization/moving_mean f32[2]", "batch_normalization/moving_variance f32[2]",
			"deep/kernel f32[3 3 2 1]", "deep/bias f32[2]",
			"norm/0 f32[2]", "norm/1 f32[2]", "norm/2 f32[2]",
			"dense/kernel f32[8 2]", "dense/bias f32[2]",
		}
		if name == "small.h5" {
			want[8], want[9], want[10] = "norm/beta f32[2]", "norm/moving_mean f32[2]", "norm/moving_variance f32[2]"
		}
		for _, e := range f.Entries {
			x := formattest.Read(t, e)
			i := slices.Index(want, e.Name+" "+x.String())
			if i < 0 {
				t.Errorf("%s: unexpected %s %v", name, e.Name, x)
			} else if x.F32()[0] != float32(100*i) || x.F32()[1] != float32(100*i+1) {
				t.Errorf("%s: %s begins with %v", name, e.Name, x.F32()[:2])
			}
		}
		if len(f.Entries) != len(want) {
			t.Errorf("%s: %d weights, want %d", name, len(f.Entries), len(want))
		}
		if version := f.Metadata["keras_version"]; version == "" && name != "small.weights.h5" {
			t.Errorf("%s: metadata %v", name, f.Metadata)
		}
	}
}

// TestKeras2 takes the names of layers from config.json.
func TestKeras2(t *testing.T) {
	f, err := decode(formattest.Content(t, "keras2.keras"))
	if err != nil {
		t.Fatal(err)
	}
	first := map[string]float32{ // elements, of testdata/keras2.py
		"first/kernel": 0, "first/bias": 100, "norm/gamma": 200, "norm/beta": 300, "norm/moving_mean": 400, "norm/moving_variance": 500,
		"deep/kernel": 600, "deep/bias": 700, "second/kernel": 800, "second/bias": 900, "head/kernel": 1000, "head/bias": 1100,
	}
	for _, e := range f.Entries {
		if want, ok := first[e.Name]; !ok || formattest.Read(t, e).F32()[0] != want {
			t.Errorf("%s begins with %v, want %v", e.Name, formattest.Read(t, e).F32()[0], want)
		}
	}
	if len(f.Entries) != len(first) || f.Metadata["keras_version"] != "2.21.0" {
		t.Errorf("%d weights, metadata %v", len(f.Entries), f.Metadata)
	}
}

func TestOld(t *testing.T) {
	f, err := decode(formattest.Content(t, "old.h5"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range f.Entries {
		names = append(names, e.Name)
	}
	if want := []string{"conv1/conv/bias", "conv1/conv/kernel", "fc/bias", "fc/kernel"}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	if f.Metadata["keras_version"] != "2.2.4" || f.Metadata["backend"] != "tensorflow" {
		t.Errorf("metadata %v", f.Metadata)
	}
}

func TestLegacyNames(t *testing.T) {
	for path, want := range map[string]string{
		"model_weights/conv1/conv1/kernel:0": "conv1/kernel",
		"conv1/conv/conv1/conv/kernel:0":     "conv1/conv/kernel",
		"resnet50/conv1_conv/kernel:0":       "conv1_conv/kernel",
		"first/sequential/first/kernel":      "first/kernel",
		"conv1/conv1_W_1:0":                  "conv1/conv1_W_1",
		"x":                                  "x",
		"a/b:c":                              "a/b:c",
	} {
		if got := legacyName(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestBadFiles(t *testing.T) {
	var other, squeezed bytes.Buffer
	z := zip.NewWriter(&other)
	z.Create("config.json")
	z.Close()
	z = zip.NewWriter(&squeezed)
	w, _ := z.Create(inside)
	w.Write(formattest.Content(t, "small.weights.h5"))
	z.Close()
	damaged := formattest.Content(t, "small.keras")
	i := bytes.LastIndex(damaged, []byte("\x00\x00\xc8\x42")) // 100, of a bias
	damaged[i] = 1
	for want, b := range map[string][]byte{
		"a zip archive without model.weights.h5": other.Bytes(),
		"compressed, expected it as it is":       squeezed.Bytes(),
		"begins with \"<htm":                     []byte("<html>"),
		"truncated":                              formattest.Content(t, "small.h5")[:3000],
		"zip archive: truncated or damaged":      formattest.Content(t, "small.keras")[:3000],
		"checksum: the file is damaged":          damaged,
	} {
		f, err := decode(b)
		if err == nil {
			err = formattest.ReadAll(f.Entries)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nwant %s", err, want)
		}
	}
}

// TestAllocationIsBounded has settings that promise more than they are, and a text that is all layers.
func TestAllocationIsBounded(t *testing.T) {
	small := formattest.Content(t, "keras2.keras")
	long := bytes.Clone(small)
	directory := bytes.Index(long, []byte("PK\x01\x02")) // of metadata.json, the first
	copy(long[directory+20:], "\xff\xff\xff\x7f\xff\xff\xff\x7f")
	var layers bytes.Buffer
	z := zip.NewWriter(&layers)
	for name, content := range map[string]string{
		inside: string(formattest.Content(t, "small.weights.h5")), "config.json": `{"config":{"layers":[` + strings.Repeat("{},", 1<<16) + "{}]}}",
	} {
		w, _ := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		w.Write([]byte(content))
	}
	z.Close()
	usual := formattest.Allocated(func() { decode(small) })
	for name, b := range map[string][]byte{"metadata of 2 GB": long, "many layers": layers.Bytes()} {
		got := formattest.Allocated(func() {
			if f, err := decode(b); err == nil {
				formattest.ReadAll(f.Entries)
			}
		})
		if got > 2*usual+200*uint64(len(b)) {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, got, len(b))
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"small.keras", "small.h5", "small.weights.h5", "old.h5", "keras2.keras"} {
		f.Add(formattest.Content(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if file, err := decode(b); err == nil {
			formattest.ReadAll(file.Entries)
		}
	})
}
