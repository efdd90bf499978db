package lince_test

import (
	"context"
	"fmt"
	"log"

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
