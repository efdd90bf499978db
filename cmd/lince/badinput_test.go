package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// changed returns the DATA argument of a copy of digits in which one file's content is what change makes of it.
func changed(t *testing.T, file string, change func([]byte) []byte) string {
	t.Helper()
	from, to := strings.TrimPrefix(digits(), "digits:"), t.TempDir()
	for _, name := range []string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"} {
		content := read(t, filepath.Join(from, name))
		if name == file {
			content = change(content)
		}
		write(filepath.Join(to, name), content)
	}
	return "digits:" + to
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// photo returns a small PNG.
func photo(w, h int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, w, h))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// huge returns the beginning of a PNG that says it has w x h pixels.
func huge(w, h uint32) []byte {
	header := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	header = append(binary.BigEndian.AppendUint32(header, h), 8, 2, 0, 0, 0) // 8 bits, RGB
	file := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	file = append(file, header...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(header))
}

func TestBadIDX(t *testing.T) {
	const images, labels = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
	for name, c := range map[string]struct {
		file   string
		change func([]byte) []byte
		words  []string
	}{
		"truncated":      {images, func(b []byte) []byte { return b[:len(b)-1] }, []string{images}},
		"empty":          {labels, func([]byte) []byte { return nil }, []string{labels}},
		"wrong magic":    {images, func(b []byte) []byte { return append([]byte{1, 2, 3, 4}, b[4:]...) }, []string{images, "magic"}},
		"wrong rank":     {images, func(b []byte) []byte { return append([]byte{0, 0, 8, 1}, b[4:]...) }, []string{images}},
		"truncated gz":   {images, func(b []byte) []byte { b = zip(b); return b[:len(b)/2] }, []string{images}},
		"corrupt gz":     {images, func(b []byte) []byte { b = zip(b); b[len(b)/2] ^= 0xff; return b }, []string{images}},
		"fewer labels":   {labels, func(b []byte) []byte { copy(b[4:], []byte{0, 0, 2, 127}); return b[:len(b)-1] }, []string{"639", "640"}},
		"sizes differ":   {"t10k-images-idx3-ubyte", func(b []byte) []byte { copy(b[8:], []byte{0, 0, 0, 14, 0, 0, 0, 56}); return b }, []string{"14", "28"}},
		"huge by header": {images, func(b []byte) []byte { copy(b[4:], []byte{0x7f, 0xff, 0xff, 0xff}); return b }, []string{images}},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "run")
			mustFail(t, 1, c.words, "train", changed(t, c.file, c.change), "--out", out)
			if _, err := os.Stat(out); err == nil {
				t.Error("a run folder was left behind")
			}
		})
	}
}

func zip(b []byte) []byte {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(b)
	w.Close()
	return z.Bytes()
}

func TestLabelBeyondClasses(t *testing.T) {
	d := changed(t, "t10k-labels-idx1-ubyte", func(b []byte) []byte { b[8] = 200; return b })
	mustFail(t, 1, []string{"t10k-images-idx3-ubyte#0", "label 200", "0 to 9"}, "eval", trained(), d)
}

func TestImagesOfAnotherSize(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"train", "t10k"} {
		images := []byte{0, 0, 8, 3, 0, 0, 0, 10, 0, 0, 0, 8, 0, 0, 0, 8}
		write(filepath.Join(dir, name+"-images-idx3-ubyte"), append(images, make([]byte, 10*64)...))
		write(filepath.Join(dir, name+"-labels-idx1-ubyte"), []byte{0, 0, 8, 1, 0, 0, 0, 10, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	}
	mustFail(t, 1, []string{"1x8x8", "1x28x28"}, "eval", trained(), "digits:"+dir)
}

func TestBadFolder(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string][]byte
		words []string
	}{
		"no images":  {map[string][]byte{"cat/readme.txt": nil, "dog/readme.txt": nil}, []string{"no images"}},
		"empty":      {nil, []string{"no images"}},
		"one class":  {map[string][]byte{"cat/1.png": photo(4, 4)}, []string{"one class", "cat"}},
		"unreadable": {map[string][]byte{"cat/1.png": []byte("not a picture"), "dog/1.png": photo(4, 4)}, []string{"1.png", "not an image"}},
		"truncated":  {map[string][]byte{"cat/1.png": photo(64, 64)[:60], "dog/1.png": photo(4, 4)}, []string{"1.png"}},
		"huge":       {map[string][]byte{"cat/1.png": huge(100_000, 100_000), "dog/1.png": photo(4, 4)}, []string{"1.png", "100000 x 100000 pixels"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, content := range c.files {
				write(filepath.Join(dir, file), content)
			}
			_, _, err := command("train", dir, "--batch", "1", "--out", filepath.Join(t.TempDir(), "run"))
			lines := strings.SplitAfter(err, "\n")
			if last := lines[len(lines)-2]; !containsAll(last, c.words) {
				t.Errorf("%q does not say %q", last, c.words)
			}
		})
	}
	// What is not there is no wrong usage, however much it looks like a misspelt name.
	for name, want := range map[string]string{"nowhere/at/all": "expected a folder of images", "minst": `did you mean "mnist"?`, "testdat/": `did you mean "testdata"?`, "csv:none.csv": "none.csv"} {
		for _, verb := range [][]string{{"train"}, {"data", "check"}, {"data", "stats"}, {"data", "preview"}} {
			mustFail(t, 1, []string{"no such file", want}, append(verb, name)...)
		}
	}
}

func containsAll(s string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

func TestBadModelFile(t *testing.T) {
	good := read(t, filepath.Join(trained(), "best.safetensors"))
	for name, c := range map[string]struct {
		content []byte
		words   []string
	}{
		"checksum":  {flip(good, len(good)-5), []string{"checksum"}},
		"truncated": {good[:len(good)/2], nil},
		"header":    {flip(good, 9), nil},
		"empty":     {nil, nil},
		"text":      {[]byte("this is no model, and never was one"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(filepath.Join(t.TempDir(), "bad.safetensors"), c.content)
			picture := write(filepath.Join(t.TempDir(), "p.png"), photo(4, 4))
			for _, args := range [][]string{{"inspect", path}, {"eval", path, digits()}, {"predict", path, picture}} {
				mustFail(t, 1, append(c.words, path), args...)
			}
		})
	}
	mustFail(t, 1, []string{"nowhere.safetensors", "no such file"}, "inspect", "nowhere.safetensors")
	empty := t.TempDir()
	mustFail(t, 1, []string{empty}, "inspect", empty)
}

func flip(b []byte, i int) []byte {
	c := bytes.Clone(b)
	c[i] ^= 1
	return c
}

func TestBadPictures(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		content []byte
		words   []string
	}{
		"text.png":  {[]byte("not a picture"), []string{"text.png", "not an image of a known format"}},
		"half.png":  {photo(64, 64)[:60], []string{"half.png"}},
		"huge.png":  {huge(100_000, 100_000), []string{"huge.png", "100000 x 100000 pixels"}},
		"empty.jpg": {nil, []string{"empty.jpg"}},
	} {
		mustFail(t, 1, c.words, "predict", trained(), write(filepath.Join(dir, name), c.content))
	}
	mustFail(t, 1, []string{"nowhere.png", "no such file"}, "predict", trained(), "nowhere.png")
	mustFail(t, 1, []string{"no images"}, "predict", trained(), t.TempDir())
}

// A picture that cannot be read does not keep the others from being predicted.
func TestBadPictureAmongGood(t *testing.T) {
	bad := write(filepath.Join(t.TempDir(), "bad.png"), nil)
	code, out, err := command("predict", trained(), bad, "testdata/drawings/pen-1.png")
	if code != 1 || !strings.Contains(out, "pen-1.png") || !strings.Contains(err, "bad.png") {
		t.Errorf("exit code %d, printed %q and %q", code, out, err)
	}
}

func TestUnwritable(t *testing.T) {
	file := write(filepath.Join(t.TempDir(), "file"), nil)
	mustFail(t, 1, []string{file}, "train", digits(), "--out", filepath.Join(file, "run"))
	grid := filepath.Join(file, "grid.png")
	mustFail(t, 1, []string{grid}, "predict", trained(), "testdata/drawings/pen-1.png", "--grid", grid)
	mustFail(t, 1, []string{file}, "eval", trained(), digits(), "--plots", file)
}

func TestBadConfig(t *testing.T) {
	path := write(filepath.Join(t.TempDir(), "c.yaml"), []byte("epochs: 1\nbatchs: 3\n"))
	mustFail(t, 1, []string{path, `"batch"`}, "train", digits(), "--config", path)
	mustFail(t, 1, []string{"nowhere.yaml", "no such file"}, "train", "--config", "nowhere.yaml")
}

func TestRunFolderInUse(t *testing.T) {
	mustFail(t, 1, []string{trained(), "holds a run already"}, "train", digits(), "--out", trained())
	mustFail(t, 1, []string{trained(), "has finished"}, "train", "--resume", trained())
	mustFail(t, 1, []string{"nowhere", "not the folder of a run"}, "train", "--resume", "nowhere")
	mustFail(t, 1, []string{"not the folder of a run"}, "report", filepath.Join(trained(), "best.safetensors"))
}
