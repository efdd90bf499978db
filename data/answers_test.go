package data

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/tensor"
)

// numbered are images of one pixel, which is their place, with a box as wide.
type numbered int

func (n numbered) Len() int          { return int(n) }
func (n numbered) Classes() []string { return []string{"a"} }
func (n numbered) Name(i int) string { return "number" }
func (n numbered) Sample(i int) (Sample, error) {
	return Sample{Image: Image{1, 1, 1, []uint8{uint8(i)}}, Label: 0, Boxes: []Box{{X1: float32(i + 1)}}}, nil
}

// TestAnswers encodes the width of the box, and sees the pixels.
func TestAnswers(t *testing.T) {
	l := Loader{
		Data: numbered(5), Batch: 2, Workers: 2,
		Answers: func() []*tensor.Tensor { return []*tensor.Tensor{tensor.New(tensor.F32, tensor.ShapeOf(2, 2))} },
		Encode: func(s Sample, i int, answers []*tensor.Tensor) error {
			answers[0].F32()[2*i], answers[0].F32()[2*i+1] = s.Boxes[0].X1, float32(s.Image.Pix[0])
			return nil
		},
	}
	var got []float32
	for b, err := range l.Batches(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, b.Answers[0].F32()...)
	}
	if want := []float32{1, 0, 2, 1, 3, 2, 4, 3, 5, 4, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("answers %v, want %v", got, want)
	}
	l.Encode = func(Sample, int, []*tensor.Tensor) error { return errors.New("not one box") }
	for _, err := range l.Batches(t.Context(), 0, 0) {
		if err == nil || !strings.Contains(err.Error(), "number: not one box") {
			t.Errorf("error %v", err)
		}
	}
}
