package plot

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/task/classify"
)

// guessed is a dataset of n grey images, and a file of predictions for it that are better than chance.
type guessed struct {
	n       int
	classes []string
	several bool
}

func (d guessed) Len() int          { return d.n }
func (d guessed) Classes() []string { return d.classes }
func (d guessed) Name(i int) string { return fmt.Sprintf("guessed#%d", i) }
func (d guessed) Sample(i int) (data.Sample, error) {
	s := data.Sample{Image: data.NewImage(1, 8, 8), Label: i * i % len(d.classes)}
	for p := range s.Image.Pix {
		s.Image.Pix[p] = uint8(i * p)
	}
	if d.several {
		s.Labels = make([]float32, len(d.classes))
		s.Labels[s.Label], s.Labels[i%len(d.classes)], s.Label = 1, 1, -1
	}
	return s, nil
}

func (d guessed) report(t *testing.T) *classify.Report {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("image,label,predicted")
	if d.several {
		b.Reset()
		b.WriteString("image,label:" + strings.Join(d.classes, ",label:"))
	}
	b.WriteString(",p:" + strings.Join(d.classes, ",p:") + "\n")
	for i := range d.n {
		s, _ := d.Sample(i)
		fmt.Fprint(&b, d.Name(i))
		if d.several {
			for _, v := range s.Labels {
				fmt.Fprintf(&b, ",%v", v)
			}
		} else {
			fmt.Fprintf(&b, ",%s,%s", d.classes[s.Label], d.classes[s.Label])
		}
		p, sum := make([]float64, len(d.classes)), 0.0
		for c := range p {
			p[c] = math.Exp(r.NormFloat64())
			if c == s.Label || d.several && s.Labels[c] == 1 {
				p[c] *= 20
			}
			sum += p[c]
		}
		for _, v := range p {
			if d.several {
				v, sum = v/(v+5), 1
			}
			fmt.Fprintf(&b, ",%.6f", v/sum)
		}
		b.WriteString("\n")
	}
	path := filepath.Join(t.TempDir(), "p.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	p, err := classify.ReadPredictions(path)
	if err != nil {
		t.Fatal(err)
	}
	return p.Report
}

func named(prefix string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("%s %d", prefix, i)
	}
	return list
}

// TestReport draws for few classes, for many, and for several labels per image.
func TestReport(t *testing.T) {
	for name, c := range map[string]struct {
		data guessed
		want []string
	}{
		"few":     {guessed{300, named("class", 4), false}, []string{"areas.png", "confusion.png", "mistakes.png", "reliability.png"}},
		"many":    {guessed{3000, named("a longer name of a class", 120), false}, []string{"areas.png", "confusion.png", "mistakes.png", "reliability.png"}},
		"several": {guessed{300, named("label", 5), true}, []string{"areas.png", "mistakes.png"}},
	} {
		dir := *keep
		if dir == "" {
			dir = t.TempDir()
		}
		dir = filepath.Join(dir, name)
		if err := Report(dir, c.data.report(t), c.data, c.data.classes); err != nil {
			t.Fatal(err)
		}
		files, err := os.ReadDir(dir)
		var got []string
		for _, f := range files {
			got = append(got, f.Name())
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, error %v, want %v", name, got, err, c.want)
		}
	}
}

// TestConfusionOfThousand must not take a picture that nobody can open.
func TestConfusionOfThousand(t *testing.T) {
	counts := make([][]int, 1000)
	for i := range counts {
		counts[i] = make([]int, 1000)
		counts[i][i], counts[i][(i*7)%1000] = 40, 10
	}
	m, err := Confusion("A thousand classes", counts, named("class", 1000))
	if err != nil || m.Bounds().Dx() > 2600 || m.Bounds().Dy() > 2600 {
		t.Fatalf("%v, error %v", m.Bounds(), err)
	}
	save(t, "thousand.png", m)
}

// TestHeat must get lighter all the way, or the order of the colours is lost in grey.
func TestHeat(t *testing.T) {
	last := -1.0
	for i := range 101 {
		c := Heat(float64(i) / 100)
		luma := 0.2126*float64(c.R) + 0.7152*float64(c.G) + 0.0722*float64(c.B)
		if luma <= last {
			t.Errorf("%d %%: luma %.1f, before %.1f", i, luma, last)
		}
		last = luma
	}
	if Heat(-1) != Heat(0) || Heat(2) != Heat(1) || Heat(math.NaN()) != Heat(0) {
		t.Error("shares outside of 0 to 1")
	}
}

func TestExplanations(t *testing.T) {
	d := guessed{2, named("class", 2), false}
	s, _ := d.Sample(1)
	values := []float32{0, 0.1, 0.2, 0.9}
	m := Explanations("Title", "evidence", []Explanation{{Picture(s.Image), "class 1  90 %", "file.png", values, 2, 2}, {Picture(s.Image), "nothing", "", make([]float32, 4), 2, 2}})
	if coloured(m, Heat(1)) < 1000 || coloured(m, Heat(0)) < 1000 {
		t.Error("the heat map is missing")
	}
	save(t, "explanations.png", m)
	maps := [][]float32{{0, 0, 0, 0}, values, {5, 4, 3, 2}}
	if f := FeatureMaps("Maps", Picture(s.Image), maps, 2, 2, 2); coloured(f, Heat(1)) < 1000 {
		t.Error("a feature map is missing")
	}
}
