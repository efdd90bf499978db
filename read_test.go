package lince_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince"
	"github.com/lince-ml/lince/data"
)

// TestRead sees that a file is the same image to the model however it comes.
func TestRead(t *testing.T) {
	m, err := lince.Open("testdata/digits.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	const path = "testdata/seven.png"
	img, err := data.DecodeFile(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, wantInverted := m.Prepare(img)
	byPath, pathInverted, err := m.ReadFile(path, 0)
	if err != nil || pathInverted != wantInverted || !slices.Equal(byPath.Pix, want.Pix) {
		t.Errorf("by its path: other pixels, %v, %v", pathInverted, err)
	}
	byContent, contentInverted, err := m.Read(bytes.NewReader(content), 0)
	if err != nil || contentInverted != wantInverted || !slices.Equal(byContent.Pix, want.Pix) {
		t.Errorf("by its content: other pixels, %v, %v", contentInverted, err)
	}
	a, err := m.Classify(t.Context(), img)
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.ClassifyPrepared(t.Context(), []data.Image{byPath})
	if err != nil || !slices.Equal(a, b[0]) {
		t.Errorf("%v, want %v, %v", b, a, err)
	}
	if _, _, err := m.ReadFile("testdata/none.png", 0); err == nil || !strings.HasPrefix(err.Error(), "read testdata/none.png: ") {
		t.Errorf("error %v", err)
	}
}
