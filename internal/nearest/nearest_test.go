package nearest

import "testing"

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
