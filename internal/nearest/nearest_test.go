package nearest

import (
	"os"
	"path/filepath"
	"testing"
)

func TestError(t *testing.T) {
	names := []string{"cnn3", "lenet5", "lenet5-1998"}
	for name, want := range map[string]string{
		"lenet":    `unknown model "lenet": did you mean "lenet5"? there are cnn3, lenet5 and lenet5-1998`,
		"LeNet5":   `unknown model "LeNet5": did you mean "lenet5"? there are cnn3, lenet5 and lenet5-1998`,
		"cn3":      `unknown model "cn3": did you mean "cnn3"? there are cnn3, lenet5 and lenet5-1998`,
		"l":        `unknown model "l": did you mean "lenet5"? there are cnn3, lenet5 and lenet5-1998`,
		"resnet50": `unknown model "resnet50": there are cnn3, lenet5 and lenet5-1998`,
	} {
		if got := Error("model", name, names).Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if got := Error("option", "x", nil).Error(); got != `unknown option "x": there are none` {
		t.Error(got)
	}
	if got := Error("option", "pol", []string{"pool"}).Error(); got != `unknown option "pol": did you mean "pool"? there is only pool` {
		t.Error(got)
	}
}

func TestPath(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "tags-cnn3-1"), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"tag": "tags-cnn3-1", "tags-cn3-1/": "tags-cnn3-1", "mnist": ""} {
		got, ok := Path(dir + "/" + name)
		if ok != (want != "") || ok && got != filepath.Join(dir, want) {
			t.Errorf("%s: %q, %t", name, got, ok)
		}
	}
	if got, ok := Path(filepath.Join(dir, "none", "x")); ok {
		t.Errorf("%q where there is no folder", got)
	}
	t.Chdir(dir)
	if got, ok := Path("tag"); !ok || got != "tags-cnn3-1" {
		t.Errorf("%q, %t", got, ok)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"adam", "adamw", 1}, {"flaw", "lawn", 2}, {"trian", "train", 1}, {"ca", "abc", 3}} {
		if d := distance(c.a, c.b); d != c.want || distance(c.b, c.a) != d {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, d, c.want)
		}
	}
}
