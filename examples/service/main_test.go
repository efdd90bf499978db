package main

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/lince-ml/lince"
)

func TestHandler(t *testing.T) {
	m, err := lince.Open("../../testdata/digits.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for path, want := range map[string]string{
		"../../testdata/seven.png": `[{"Label":"7","Index":7,`,
		"main.go":                  "not an image of a known format",
	} {
		body, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer body.Close()
		answer := httptest.NewRecorder()
		handler(m).ServeHTTP(answer, httptest.NewRequest("POST", "/", body))
		if !strings.HasPrefix(answer.Body.String(), want) {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
}
