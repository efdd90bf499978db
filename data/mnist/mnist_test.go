package mnist

import (
	"math"
	"testing"

	"github.com/lince-ml/lince/data"
)

func open(t testing.TB) (train, test data.Dataset) {
	t.Helper()
	train, test, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	return train, test
}

func sample(t *testing.T, d data.Dataset, i int) data.Sample {
	t.Helper()
	s, err := d.Sample(i)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContent(t *testing.T) {
	train, test := open(t)
	for _, c := range []struct {
		data.Dataset
		n      int
		labels []int
		name   string
	}{
		{train, 60000, []int{5, 0, 4, 1, 9}, "mnist/train#3"},
		{test, 10000, []int{7, 2, 1, 0, 4}, "mnist/test#3"},
	} {
		if c.Len() != c.n || len(c.Classes()) != 10 || c.Classes()[9] != "9" || c.Name(3) != c.name {
			t.Errorf("%s: %d samples of classes %v", c.Name(3), c.Len(), c.Classes())
		}
		for i, want := range c.labels {
			s := sample(t, c, i)
			if s.Label != want || s.Image.C != 1 || s.Image.H != 28 || s.Image.W != 28 || len(s.Image.Pix) != 784 {
				t.Errorf("%s: %dx%dx%d labelled %d, want %d", c.Name(i), s.Image.C, s.Image.H, s.Image.W, s.Label, want)
			}
		}
	}
}

// TestStatistics compares with the mean and deviation of the training images that everyone normalises by.
func TestStatistics(t *testing.T) {
	train, _ := open(t)
	var sum, squares float64
	for i := range train.Len() {
		for _, p := range [784]uint8(sample(t, train, i).Image.Pix) { // an array, which -race does not watch
			x := float64(p) / 255
			sum += x
			squares += x * x
		}
	}
	n := float64(train.Len() * 784)
	mean, std := sum/n, math.Sqrt(squares/n-sum*sum/n/n)
	if math.Abs(mean-0.1307) > 5e-5 || math.Abs(std-0.3081) > 5e-5 {
		t.Errorf("mean %.5f, standard deviation %.5f; want 0.1307, 0.3081", mean, std)
	}
}

func BenchmarkUnpack(b *testing.B) {
	for b.Loop() {
		if _, err := unpack("mnist/train", trainImages, trainLabels); err != nil {
			b.Fatal(err)
		}
	}
}
