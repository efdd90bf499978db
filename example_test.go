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

// Say what is where in a picture. The model is a run of lince train --task detect.
func ExampleModel_Detect() {
	m, err := lince.Open("runs/street", lince.Threshold(0.5))
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()

	img, err := data.DecodeFile("street.jpg", 0)
	if err != nil {
		log.Fatal(err)
	}
	found, err := m.Detect(context.Background(), img)
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range found {
		fmt.Printf("%s %.2f at (%.0f, %.0f)\n", d.Label, d.Score, d.Box.X0, d.Box.Y0)
	}
}
