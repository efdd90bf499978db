package weights

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// startLength is how much of a file is looked at to know what it is.
const startLength = 1024

// looks are contents that people take for weights, by the first bytes in lower case.
var looks = []struct{ start, what string }{
	{"<!doctype html", htmlPage},
	{"<html", htmlPage},
	{"<?xml", "an XML text, perhaps the error message of a server"},
	{"version https://git-lfs.github.com/", "a pointer of Git LFS, not the file itself: git lfs pull fetches it"},
	{"{", "a JSON text"},
	{"\x1f\x8b", "compressed by gzip: unpack it first"},
	{"bzh", "compressed by bzip2: unpack it first"},
	{"\xfd7zxz", "compressed by xz: unpack it first"},
	{"\x28\xb5\x2f\xfd", "compressed by zstd: unpack it first"},
	{"gguf", "a GGUF file of llama.cpp"},
	{"\x89png", "an image"},
	{"\xff\xd8\xff", "an image"},
	{"gif8", "an image"},
	{"%pdf", "a PDF document"},
}

const htmlPage = "an HTML page: was the download redirected to a page that asks for something?"

// describe says what a file looks like that begins with start.
func describe(start []byte) string {
	if len(start) == 0 {
		return "the file is empty"
	}
	begin := bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\ufeff")), " \t\r\n")
	for _, l := range looks {
		if hasPrefixFold(begin, l.start) {
			return "this is " + l.what
		}
	}
	switch {
	case bytes.HasPrefix(start[min(4, len(start)):], []byte("TFL3")):
		return "this is a TensorFlow Lite model"
	case bytes.HasPrefix(start[min(257, len(start)):], []byte("ustar")):
		return "this is a tar archive: unpack it first"
	case len(start) > 2 && start[0] == 8 && start[1] < 32 && start[2] == 0x12: // protocol buffers: field 1 small, then field 2
		return "this looks like an ONNX model or another file of protocol buffers: predict, eval, explain and inspect take ONNX models, called .onnx, but no training begins with one"
	case isText(start):
		return fmt.Sprintf("this is text that begins with %q", firstWords(start))
	}
	return fmt.Sprintf("this is of no kind known here: it begins with the bytes % x", start[:min(8, len(start))])
}

// hasPrefixFold reports whether b begins with prefix, whose letters are lower case, in any case.
func hasPrefixFold(b []byte, prefix string) bool {
	if len(b) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if c := b[i]; c != prefix[i] && ('A' > c || c > 'Z' || c|0x20 != prefix[i]) {
			return false
		}
	}
	return true
}

// isText reports whether start is printable. At its full length, its last character may be cut.
func isText(start []byte) bool {
	for cut := 0; len(start) >= startLength-cut && cut < utf8.UTFMax && !utf8.Valid(start); cut++ {
		start = start[:len(start)-1]
	}
	return utf8.Valid(start) && !bytes.ContainsFunc(start, func(r rune) bool { return !unicode.IsPrint(r) && !unicode.IsSpace(r) })
}

func firstWords(start []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(start)), "\n")
	runes := []rune(line)
	return string(runes[:min(40, len(runes))])
}
