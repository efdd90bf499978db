package lince_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/lince-ml/lince"
	"github.com/lince-ml/lince/data"
)

// Say what a picture shows. The model is a file that lince train has written.
func Example() {
	m, err := lince.Open("testdata/digits.safetensors")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()

	img, err := data.DecodeFile("testdata/seven.png", 0) // or whatever image.Image you have
	if err != nil {
		log.Fatal(err)
	}
	top, err := m.Classify(context.Background(), img)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("it is a", top[0].Label)
	// Output: it is a 7
}

// Answer HTTP requests: POST a picture, get its label as JSON. One model serves all requests.
func ExampleModel_Classify_service() {
	m, err := lince.Open("testdata/digits.safetensors")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		img, err := data.Decode(http.MaxBytesReader(w, r.Body, 10<<20), 0)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		top, err := m.Classify(r.Context(), img)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		json.NewEncoder(w).Encode(top[0].Label)
	})
	// In a program: http.ListenAndServe(":8080", handler). Here is what it answers:
	for _, body := range []string{"testdata/seven.png", "testdata/digits.safetensors"} {
		file, err := os.ReadFile(body)
		if err != nil {
			log.Fatal(err)
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest("POST", "/", strings.NewReader(string(file))))
		fmt.Print(answer.Code, " ", answer.Body)
	}
	// Output:
	// 200 "7"
	// 400 not an image of a known format (PNG, JPEG, GIF, BMP, WebP, PGM, PPM)
}
