package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWrongUsage(t *testing.T) {
	for _, c := range []struct {
		args string
		want string
	}{
		{"trian", `unknown verb "trian": did you mean "train"?`},
		{"help trian", `did you mean "train"?`},
		{"train --epoch 3", "unknown flag --epoch: did you mean --epochs?"},
		{"train --zzz", "unknown flag --zzz: `lince train --help` lists all"},
		{"train --epochs many", `--epochs "many": expected a whole number`},
		{"train --epochs", "--epochs: the value is missing, expected a whole number"},
		{"train --lr fast", `--lr "fast": expected a number`},
		{"train --seed -1", `--seed "-1": expected a whole number, not negative`},
		{"train --epochs 0", "epochs is 0, expected 1 or more"},
		{"train --batch -5", "batch is -5, expected 1 or more"},
		{"train --threads -1", "threads is -1, expected 0 or more"},
		{"train --model lenet", `did you mean "lenet5"?`},
		{"train --model lenet5:activation", `"activation", expected KEY=VALUE`},
		{"train --model lenet5:activation=rellu", `did you mean "relu"?`},
		{"train --optim adem", `did you mean "adam"?`},
		{"train --optim sgd:momentom=0.9", `did you mean "momentum"?`},
		{"train --schedule cosin", `did you mean "cosine"?`},
		{"train --augment crp:pad=4", `--augment: unknown augmentation "crp": did you mean "crop"?`},
		{"train --augment crop:pad=-1", "augment.crop.pad is -1, expected 0 to 1000 pixels"},
		{"train a b", `"b" is too much, expected: lince train [DATA]`},
		{"train --resume x --epochs 3", "--epochs: not with --resume"},
		{"train mnist --resume x", "mnist: not with --resume"},
		{"eval", "MODEL is missing, expected: lince eval MODEL [DATA]"},
		{"eval m --jsn", "did you mean --json?"},
		{"predict", "MODEL is missing"},
		{"predict m", "IMAGE is missing"},
		{"data convert mnist csv:list.csv", "csv:list.csv: expected the name of a folder, such as csv:list/"},
		{"data convert mnist wds:x.tar", "wds:x.tar: expected the name of a folder, such as wds:x/"},
		{"data stats csv:usage_test.go?comma=xy", `csv:usage_test.go: comma is "xy", expected one character, or tab`},
		{"predict m i.png --top 0", "--top 0: expected 1 or more"},
		{"predict m i.png --grid grid.jpg", "expected a name that ends in .png"},
		{"predict m i.png --threshold 1.5", "--threshold 1.5: expected 0 to 1"},
		{"predict m i.png --nms -1", "--nms -1: expected 0 to 1"},
		{"predict m i.png --save coco", "--save coco: expected FORMAT:DIR, such as coco:found/"},
		{"predict m i.png --save cocoo:x", `unknown format of --save "cocoo": did you mean "coco"?`},
		{"inspect", "FILE is missing"},
		{"convert a.pth", "OUT is missing, expected: lince convert IN OUT"},
		{"convert a.pth b.pth --dtype float16", `unknown type "float16"`},
		{"inspect m --json --graph", "expected one of them"},
		{"inspect m --program --graph", "expected one of them"},
		{"inspect m --program --batch 0", "--batch 0: expected 1 or more"},
		{"bench trian", `unknown verb "trian": did you mean "train"?`},
		{"bench train --model lenet", `did you mean "lenet5"?`},
		{"bench infer --model lenet5:pool=mean", `unknown value of pool "mean"`},
		{"bench train --batch 0", "--batch 0: expected 1 or more"},
		{"bench infer --threads -1", "--threads -1: expected 0 or more"},
		{"bench profile --steps -1", "--steps -1: expected 0 or more"},
		{"bench conv --image-size -1", "--image-size -1: expected 0 or more"},
		{"train --image-size 64xx", "--image-size 64xx: expected SIDE or HEIGHTxWIDTH"},
		{"predict w.pth --image-size 0x5 a.png", "--image-size 0x5: expected SIDE or HEIGHTxWIDTH"},
		{"predict m.onnx --image-size 64 a.png", "expected no --model or --image-size"},
		{"bench train --image-siz 32", "did you mean --image-size?"},
		{"bench conv 8x3x4x4", "expected NxCxHxW:OxKHxKW"},
		{"bench gemm 10x10", "MxNxK"},
		{"bench kernels Tiel", `did you mean "Tile"?`},
		{"models x", `"x" is too much`},
		{"data chek", `unknown verb "chek": did you mean "check"?`},
		{"data check", "DATA is missing, expected: lince data check DATA"},
		{"data check mnist --distance 17", "--distance 17: expected -1 to 16"},
		{"data check mnist --threads -1", "--threads -1: expected 0 or more"},
		{"data stats csv:x?lable=y", `did you mean "label"?`},
		{"data get cifr10", `unknown data set "cifr10": did you mean "cifar10"?`},
		{"data preview mnist --out grid.jpg", "--out grid.jpg: expected a name that ends in .png"},
		{"data preview mnist --n 0", "--n 0: expected 1 to 1000"},
		{"data preview mnist --set all", "--set all: expected train, val or test"},
		{"data split mnist", "OUT is missing, expected: lince data split DATA OUT"},
		{"data split mnist out --val 0.6 --test 0.4", "--val 0.6 and --test 0.4: expected shares of less than 1 together"},
		{"data split mnist out --copy --link", "--copy and --link: expected one of them"},
		{"data split mnist out --folds 5 --fold 5", "--folds 5 and --fold 5: expected 2 folds or more, counted from 0"},
		{"data split mnist out --fold 1", "--fold 1: expected --folds, too"},
		{"data convert mnist out", "out: expected FORMAT:OUT, such as wds:shards/"},
		{"data convert mnist wsd:out", `unknown format "wsd": did you mean "wds"?`},
		{"data convert mnist idx:out --size 0", "--size 0: expected 1 to 4096"},
		{"data convert mnist wds:out --shard-size 0", "--shard-size 0: expected 1 or more"},
		{"version --json=perhaps", "expected true or false"},
	} {
		mustFail(t, 2, []string{c.want}, strings.Fields(c.args)...)
	}
}

// TestSettingsThatDoNotFit has flags that only data or network show to be wrong.
func TestSettingsThatDoNotFit(t *testing.T) {
	for args, want := range map[string]string{
		"--freeze conv3":          `freeze: unknown layer "conv3": did you mean "conv1"? there are conv1, conv2, fc1, fc2 and fc3`,
		"--layer-lr covn2=0.1":    `layer_lr: unknown layer "covn2": did you mean "conv2"?`,
		"--layer-lr conv1":        `layer_lr: "conv1", expected LAYER=FACTOR`,
		"--class-weights 1,2":     "class_weights 1,2: 2 numbers, expected one for each of 10 classes: 0, 1, 2",
		"--class-weights balancd": "expected balanced, or a number above 0 for each class",
		"--mean 0,0 --std 1,1":    "mean and std: 2 each, expected 1, one for each channel",
		"--fold 1":                "fold is 1, expected 0, unless folds says how many there are",
	} {
		out := filepath.Join(t.TempDir(), "run")
		for _, more := range []string{"", " --find-lr", " --batch auto"} {
			mustFail(t, 2, []string{want}, strings.Fields("train "+digits()+" "+args+more+" --out "+out)...)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: a run folder was left behind", args)
		}
	}
}

func TestHelp(t *testing.T) {
	if out := mustRun(t); !strings.Contains(out, "train ") {
		t.Errorf("lince without a verb does not list train:\n%s", out)
	}
	for _, verb := range []string{"train", "eval", "predict", "inspect", "convert", "models", "data", "bench", "version"} {
		for _, args := range [][]string{{verb, "--help"}, {"help", verb}} {
			out := mustRun(t, args...)
			if before, _, _ := strings.Cut(out, "Examples:"); strings.Count(before[strings.Index(before, "Usage:"):], "\n  lince") != 1 {
				t.Errorf("lince %s has more or less than one line of usage:\n%s", strings.Join(args, " "), out)
			}
			if !strings.Contains(out, "Examples:") || !strings.Contains(out, "lince "+verb) {
				t.Errorf("lince %s shows no example:\n%s", strings.Join(args, " "), out)
			}
		}
	}
}

// An argument is empty if a variable of the shell is not set.
func TestEmptyArguments(t *testing.T) {
	mustFail(t, 2, []string{"DATA is empty, expected: lince train [DATA]"}, "train", "")
	mustFail(t, 2, []string{"IMAGE is empty"}, "predict", "m", "a.png", "b.png", "")
}

func TestOneLine(t *testing.T) {
	if got := oneLine("a\nb\r\nc"); got != "a b c" {
		t.Errorf("got %q", got)
	}
}

func TestInternalError(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	line := internalError("index out of range\ngoroutine", []byte("stack"))
	for _, want := range []string{"lince: internal error: index out of range goroutine", reportURL, "lince-crash-"} {
		if !strings.Contains(line, want) {
			t.Errorf("%q is not in %q", want, line)
		}
	}
	if strings.Contains(line, "\n") {
		t.Errorf("more than one line: %q", line)
	}
}

func TestMagnitude(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 61706: "61.7 k", 852370: "852 k", 26787842: "26.8 M", 999999: "1 M", 4e9: "4 G"} {
		if got := magnitude(n); got != want {
			t.Errorf("magnitude(%d) = %q, expected %q", n, got, want)
		}
	}
}

func TestBar(t *testing.T) {
	for share, want := range map[float64]string{0: "    ", 1: "████", 0.5: "██  ", 0.53125: "██▏ ", 2: "████", -1: "    "} {
		if got := bar(share, 4); got != want {
			t.Errorf("bar(%g) = %q, expected %q", share, got, want)
		}
	}
}
