package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/mnist"
)

// TestMain lets tests run the program itself, in a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("LINCE_TEST_MAIN") != "" {
		main()
	}
	code := m.Run()
	os.RemoveAll(scratch())
	os.Exit(code)
}

// scratch is a folder for what several tests use.
var scratch = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "lince-test-")
	if err != nil {
		panic(err)
	}
	return dir
})

// command runs a command line in this process.
func command(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(args, &out, &err)
	return code, out.String(), err.String()
}

// mustRun runs a command line that must succeed, and returns what it prints.
func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	code, out, err := command(args...)
	if code != 0 {
		t.Fatalf("lince %s: exit code %d: %s", strings.Join(args, " "), code, err)
	}
	return out
}

// mustFail runs a command line that must fail with one line on standard error that contains each of words.
func mustFail(t *testing.T, code int, words []string, args ...string) {
	t.Helper()
	got, _, err := command(args...)
	line := "lince " + strings.Join(args, " ")
	if got != code {
		t.Errorf("%s: exit code %d, expected %d: %s", line, got, code, err)
	}
	if !strings.HasPrefix(err, "lince: ") || strings.Count(err, "\n") != 1 {
		t.Errorf("%s: expected one line that begins with lince:, got\n%s", line, err)
	}
	for _, w := range words {
		if !strings.Contains(err, w) {
			t.Errorf("%s: %q is not in %q", line, w, err)
		}
	}
}

// digits returns the DATA argument of a small part of MNIST as IDX files.
var digits = sync.OnceValue(func() string {
	learn, test, err := mnist.Open()
	if err != nil {
		panic(err)
	}
	dir := filepath.Join(scratch(), "digits")
	writeDigits(dir, "train", learn, 640)
	writeDigits(dir, "t10k", test, 100)
	return "digits:" + dir
})

// writeDigits writes the first n samples as IDX files.
func writeDigits(dir, name string, d data.Dataset, n int) {
	images := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 3}, uint32(n))
	images = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(images, 28), 28)
	labels := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 1}, uint32(n))
	for i := range n {
		s, err := d.Sample(i)
		if err != nil {
			panic(err)
		}
		images, labels = append(images, s.Image.Pix...), append(labels, byte(s.Label))
	}
	write(filepath.Join(dir, name+"-images-idx3-ubyte"), images)
	write(filepath.Join(dir, name+"-labels-idx1-ubyte"), labels)
}

// write writes a file and the folders on the way.
func write(path string, content []byte) string {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		panic(err)
	}
	if err := os.WriteFile(path, content, 0o666); err != nil {
		panic(err)
	}
	return path
}

// trained returns the folder of a short run on digits.
var trained = sync.OnceValue(func() string {
	dir := filepath.Join(scratch(), "trained")
	if code, _, err := command("train", digits(), "--epochs", "2", "--out", dir); code != 0 {
		panic(fmt.Sprintf("train: exit code %d: %s", code, err))
	}
	return dir
})
