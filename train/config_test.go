package train

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/lince-ml/lince/models"
)

func TestConfigRoundTrip(t *testing.T) {
	c := recipe("digits")
	c.Augment.Flip, c.Seed = FlipRandom, 1<<63+1
	path := filepath.Join(t.TempDir(), ConfigFile)
	if err := c.write(path); err != nil {
		t.Fatal(err)
	}
	got, err := ReadConfig(path, Config{})
	if err != nil || !reflect.DeepEqual(got, c) {
		t.Errorf("%+v, error %v, written %+v", got, err, c)
	}
}

func TestConfigOverBase(t *testing.T) {
	c, err := parseConfig([]byte("epochs: 3\naugment:\n  degrees: 4\n"), recipe("digits"))
	if err != nil || c.Epochs != 3 || c.Augment.Degrees != 4 || c.Augment.Scale == 0 || c.Batch == 0 {
		t.Errorf("%+v, error %v", c, err)
	}
	if c, err = parseConfig(nil, c); err != nil || c.Epochs != 3 {
		t.Errorf("%+v, error %v", c, err)
	}
}

func TestBadConfig(t *testing.T) {
	for text, want := range map[string]string{
		"batch: 3\nepoch: 3\n":     `line 2: unknown setting "epoch": did you mean "epochs"?`,
		"augment:\n  degree: 3\n":  `line 2: unknown setting "augment.degree": did you mean "augment.degrees"?`,
		"epochs: many\n":           "line 1: cannot unmarshal",
		"epochs: many\nbatch: x\n": "; line 2",
		"epochs: 3\nepochs: 4\n":   "already defined",
		"- epochs\n":               "line 1: settings expected",
		"augment: 3\n":             "line 1: settings expected",
		"epochs: [":                "did not find expected",
		"seed: -1\n":               "line 1: cannot unmarshal",
	} {
		path := filepath.Join(t.TempDir(), "my.yaml")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := ReadConfig(path, recipe("digits"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "read "+path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, expected %q", text, err, want)
		}
	}
}

func TestBadValues(t *testing.T) {
	for text, want := range map[string]string{
		"epochs: 0":                 "epochs is 0, expected 1 or more",
		"lr: .nan":                  "lr is NaN",
		"{folds: 3, fold: 3}":       "fold is 3, expected 0 to 2, since folds is 3 and they are counted from 0",
		"augment: {degrees: 1e9}":   "augment.degrees is 1e+09, expected 0 to 180",
		"optim: sgd:momentum=much":  "momentum",
		"schedule: onecycle:peak=1": `unknown setting "peak"`,
	} {
		c, err := parseConfig([]byte(text), recipe("digits"))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, expected %q", text, err, want)
		}
	}
}

// TestRecipes checks that what users get by default is valid.
func TestRecipes(t *testing.T) {
	for _, name := range RecipeNames() {
		own, err := NamedRecipe(name)
		if err != nil {
			t.Fatal(err)
		}
		list := []string{"lenet5", "lenet5-1998", "cnn3"}
		if spec, err := models.Lookup(own.Model); err == nil && spec.Task != "" {
			list = []string{own.Model}
		}
		for _, model := range list {
			c, err := Recipe(name, "photos/pets", model)
			if err == nil {
				err = c.Check()
			}
			if err != nil {
				t.Errorf("%s, %s: %v", name, model, err)
			}
		}
	}
}

// recipe returns a recipe for MNIST and LeNet.
func recipe(name string) Config {
	c, err := Recipe(name, "mnist", "lenet5")
	if err != nil {
		panic(err)
	}
	return c
}

func TestNames(t *testing.T) {
	for data, want := range map[string]string{
		"mnist": "mnist-m", "digits:/data/kmnist/": "kmnist-m", "my pets/": "my_pets-m", "..": "data-m", "digits:.": "data-m", "csv:pets/list.csv?label=kind": "list-m", "a/pets.tar.gz": "pets-m", ".csv": "data-m", `C:\pets`: `C__pets-m`,
	} {
		if got := (&Config{Data: data, Model: "m"}).RunName(); got != want {
			t.Errorf("%s: %s, want %s", data, got, want)
		}
	}
	parent := filepath.Join(t.TempDir(), "runs")
	for _, want := range []string{"a-1", "a-2", "b-1"} {
		if got, err := NewFolder(parent, want[:1]); err != nil || got != filepath.Join(parent, want) {
			t.Errorf("%s, error %v, want %s", got, err, want)
		}
	}
	if err := os.WriteFile(filepath.Join(parent, "file"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := NewFolder(filepath.Join(parent, "file"), "x"); err == nil || !strings.HasPrefix(err.Error(), "make folder ") {
		t.Errorf("error %v", err)
	}
}
