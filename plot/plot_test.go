package plot

import (
	"flag"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/lince-ml/lince/tensor"
)

var keep = flag.String("keep", "", "folder to write the pictures to, for looking at them")

func save(t *testing.T, name string, m image.Image) {
	t.Helper()
	dir := *keep
	if dir == "" {
		dir = t.TempDir()
	}
	path := filepath.Join(dir, name)
	if err := WritePNG(path, m); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Fatalf("%s: %v, %v", path, info, err)
	}
}

// coloured counts the pixels of the colour c.
func coloured(m image.Image, c color.RGBA) int {
	n := 0
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			if color.RGBAModel.Convert(m.At(x, y)) == c {
				n++
			}
		}
	}
	return n
}

func TestCurves(t *testing.T) {
	epochs := []int{1, 2, 3, 4, 5, 6}
	m, err := Curves(
		Panel{"Loss (cross-entropy)", "", []Curve{
			{"training", epochs, []float64{0.61, 0.2, 0.11, 0.08, 0.05, 0.04}},
			{"validation", epochs, []float64{0.3, 0.15, math.NaN(), 0.08, 0.07, 0.071}}}},
		Panel{"Accuracy (%)", "", []Curve{
			{"training", epochs, []float64{81, 94, 96, 97.5, 98.7, 99}},
			{"validation", epochs, []float64{91, 95, 97, 98.1, 98.4, 98.42}}}})
	if err != nil {
		t.Fatal(err)
	}
	if coloured(m, blue) < 100 || coloured(m, orange) < 100 {
		t.Error("a curve is missing")
	}
	save(t, "curves.png", m)
}

// TestLegend draws losses that part: the legend is where there is more room.
func TestLegend(t *testing.T) {
	epochs := []int{1, 2, 3}
	for _, c := range []struct {
		training, validation []float64
		top                  bool
	}{
		{[]float64{3, 2, 1}, []float64{3, 2, 1.5}, true},
		{[]float64{0.5, 0.7, 0.9}, []float64{0.5, 0.6, 0.8}, false},
		{[]float64{1.5, 0.5, 0}, []float64{1.5, 2.3, 1.9}, true},
	} {
		p, err := panel(Panel{"Loss", "", []Curve{{"training", epochs, c.training}, {"validation", epochs, c.validation}}})
		if err != nil {
			t.Fatal(err)
		}
		if p.Legend.Top != c.top {
			t.Errorf("training %v, validation %v: legend at the top: %t", c.training, c.validation, p.Legend.Top)
		}
	}
	for _, tick := range ticks(0)(-0.1, 2) {
		if tick.Label == "-0" {
			t.Error("a tick of -0")
		}
	}
}

func TestCurvesOfOneEpoch(t *testing.T) {
	m, err := Curves(Panel{"Loss", "nats", []Curve{{"training", []int{1}, []float64{0.3}}, {"none", nil, nil}}})
	if err != nil {
		t.Fatal(err)
	}
	save(t, "one.png", m)
}

func TestConfusion(t *testing.T) {
	digits := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
	pets := []string{"Abyssinian", "Bengal", "Birman", "Samoyed"}
	for name, classes := range map[string][]string{"digits.png": digits, "pets.png": pets} {
		r := rand.New(rand.NewPCG(1, 2))
		counts := make([][]int, len(classes))
		for i := range counts {
			counts[i] = make([]int, len(classes))
			for j := range counts[i] {
				counts[i][j] = max(0, r.IntN(10)-5)
			}
			counts[i][i] = 970 + r.IntN(60)
		}
		m, err := Confusion("Confusion matrix, 10,000 test images", counts, classes)
		if err != nil {
			t.Fatal(err)
		}
		save(t, name, m)
	}
}

func TestConfusionWantsSquare(t *testing.T) {
	if _, err := Confusion("", [][]int{{1}}, []string{"a", "b"}); err == nil {
		t.Error("no error for 1 row and 2 classes")
	}
}

func TestGrid(t *testing.T) {
	var cells []Cell
	for i := range 11 {
		im := image.NewGray(image.Rect(0, 0, 28+i*20, 28))
		for p := range im.Pix {
			im.Pix[p] = uint8(p * i)
		}
		cells = append(cells, Cell{im, "dandelion", []string{"sunflower  99.9 %", "drawings/very/long/path/of/a/file/digit.png"}, Mark(i % 3)})
	}
	save(t, "grid.png", Grid("Most confidently wrong", cells, 0))
}

func TestGridOfOne(t *testing.T) {
	m := Grid("", []Cell{{Image: image.NewGray(image.Rect(0, 0, 300, 200)), Title: "7"}}, 0)
	if got := m.Bounds().Dx(); got != tile+2*gap {
		t.Errorf("width %d, expected one tile and its margins", got)
	}
}

func TestFairColumns(t *testing.T) {
	for n, want := range map[int]int{1: 1, 2: 2, 3: 3, 10: 5, 12: 6, 24: 8, 25: 7, 100: 8} {
		if got := fairColumns(n); got != want {
			t.Errorf("%d cells: %d columns, expected %d", n, got, want)
		}
	}
}

func TestFilters(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, shape := range map[string]tensor.Shape{
		"filters1.png": tensor.ShapeOf(6, 1, 5, 5), "filters3.png": tensor.ShapeOf(8, 3, 3, 3), "filters2.png": tensor.ShapeOf(3, 2, 3, 3),
	} {
		w := tensor.New(tensor.F32, shape)
		for i := range w.F32() {
			w.F32()[i] = float32(r.NormFloat64())
		}
		m, err := Filters("First layer", w)
		if err != nil {
			t.Fatal(err)
		}
		save(t, name, m)
	}
}

func TestFiltersOfZeros(t *testing.T) {
	if _, err := Filters("", tensor.New(tensor.F32, tensor.ShapeOf(1, 1, 3, 3))); err != nil {
		t.Error(err)
	}
	if _, err := Filters("", tensor.New(tensor.F32, tensor.ShapeOf(3, 3))); err == nil {
		t.Error("no error for a matrix")
	}
}
