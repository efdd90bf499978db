package outline

import (
	_ "embed"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
)

//go:embed testdata/coco.json
var golden []byte

type bitmap struct {
	H, W     int
	Polygons [][]float32
	Rows     []string
	RLE      string
	Area     int
	Box      [4]int // x, y, width, height
}

func goldens(t testing.TB) (polygons, bitmaps []bitmap) {
	t.Helper()
	var all struct{ Polygons, Bitmaps []bitmap }
	if err := json.Unmarshal(golden, &all); err != nil {
		t.Fatal(err)
	}
	return all.Polygons, all.Bitmaps
}

// TestAsCOCO compares polygons and bitmaps with what pycocotools makes of them.
func TestAsCOCO(t *testing.T) {
	polygons, bitmaps := goldens(t)
	for i, c := range polygons {
		c.check(t, i, Raster(&data.Shape{Polygons: c.Polygons}, c.H, c.W))
	}
	for i, c := range bitmaps {
		m := newMask(c.H, c.W)
		for k, r := range strings.Join(c.Rows, "") {
			m.Pix[k] = uint16(r - '0')
		}
		c.check(t, i, m)
	}
}

func (c bitmap) check(t *testing.T, i int, m *data.Mask) {
	t.Helper()
	r := EncodeRLE(m)
	x0, y0, x1, y1 := r.Bounds()
	if r.String() != c.RLE || r.Area() != c.Area || [4]int{x0, y0, x1 - x0, y1 - y0} != c.Box {
		t.Errorf("%d, %d x %d: got %s, area %d, box %d %d %d %d, want %s, %d, %v", i, c.H, c.W, r, r.Area(), x0, y0, x1-x0, y1-y0, c.RLE, c.Area, c.Box)
	}
	back, err := ParseRLE(c.RLE, c.H, c.W)
	if err != nil || !slices.Equal(back.Mask().Pix, m.Pix) {
		t.Errorf("%d: %s becomes another mask, %v", i, c.RLE, err)
	}
}

func noise(seed uint64, h, w int, share float64) *data.Mask {
	r := rand.New(rand.NewPCG(seed, 0))
	m := newMask(h, w)
	for i := range m.Pix {
		if r.Float64() < share {
			m.Pix[i] = 1
		}
	}
	return m
}

// TestPolygons makes polygons of masks with parts and holes, and the same masks of the polygons.
func TestPolygons(t *testing.T) {
	for seed := range uint64(60) {
		m := noise(seed, 1+int(seed)%13, 1+int(seed*7)%17, []float64{0.2, 0.5, 0.8, 0.95, 1}[seed%5])
		p := Polygons(m)
		if got := Raster(&data.Shape{Polygons: p}, m.H, m.W); !slices.Equal(got.Pix, m.Pix) {
			t.Errorf("seed %d: %v becomes %v by %v", seed, m.Pix, got.Pix, p)
		}
		if got := Raster(&data.Shape{Polygons: [][]float32{Join(p)}}, m.H, m.W); !slices.Equal(got.Pix, m.Pix) {
			t.Errorf("seed %d: %v joined becomes %v", seed, m.Pix, got.Pix)
		}
	}
	square := newMask(5, 5)
	for _, i := range []int{6, 7, 11, 12} {
		square.Pix[i] = 3
	}
	if p := Polygons(square); len(p) != 1 || !slices.Equal(p[0], []float32{1, 1, 3, 1, 3, 3, 1, 3}) {
		t.Errorf("a square: %v", p)
	}
}

func TestAreaAndBounds(t *testing.T) {
	p := []float32{1, 1, 4, 1, 4, 3, 1, 3}
	if a := Area(p); a != 6 {
		t.Errorf("area %v, want 6", a)
	}
	if x0, y0, x1, y1 := Bounds([][]float32{p, {0, 2, 1, 2, 1, 9}}); x0 != 0 || y0 != 1 || x1 != 4 || y1 != 9 {
		t.Errorf("bounds %v %v %v %v", x0, y0, x1, y1)
	}
}

func TestCrossing(t *testing.T) {
	if x, y, ok := Crossing([]float32{0, 0, 4, 4, 4, 0, 0, 4}); !ok || x != 2 || y != 2 {
		t.Errorf("a bow tie: %v %v %v", x, y, ok)
	}
	for name, p := range map[string][]float32{
		"a square": {0, 0, 4, 0, 4, 4, 0, 4}, "touching": {0, 0, 4, 0, 2, 2, 4, 4, 0, 4, 2, 2}, "there and back": {0, 0, 4, 0, 0, 0, 0, 4}, "a point": {1, 1}, "nothing": nil,
		"a hole": {0, 0, 9, 0, 9, 9, 0, 9, 0, 0, 3, 3, 3, 6, 6, 6, 6, 3, 3, 3, 0, 0},
	} {
		if _, _, ok := Crossing(p); ok {
			t.Errorf("%s crosses itself", name)
		}
	}
}

// TestFarAway has corners that no image has: the time does not depend on how far away they are.
func TestFarAway(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	all := Raster(&data.Shape{Polygons: [][]float32{{-1e30, -1e30, 1e30, -1e30, 1e30, 1e30, -1e30, 1e30}}}, 3, 4)
	if slices.Contains(all.Pix, 0) {
		t.Errorf("%v, want ones", all.Pix)
	}
	Raster(&data.Shape{Polygons: [][]float32{{inf, nan, -inf, 3, nan, nan}, nil, {1}}}, 3, 4)
	if m := Raster(&data.Shape{Mask: all}, 2, 5); !slices.Equal(m.Pix, []uint16{1, 1, 1, 1, 0, 1, 1, 1, 1, 0}) {
		t.Errorf("a mask of another size: %v", m.Pix)
	}
}

// FuzzRaster draws any polygon; it must come to an end, and Crossing too.
func FuzzRaster(f *testing.F) {
	f.Add(float32(0.5), float32(1), float32(9), float32(2.5), float32(-3), float32(40))
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g float32) {
		p := []float32{a, b, c, d, e, g, b, c}
		m := Raster(&data.Shape{Polygons: [][]float32{p}}, 9, 7)
		if got := Raster(&data.Shape{Polygons: Polygons(m)}, 9, 7); !slices.Equal(got.Pix, m.Pix) {
			t.Errorf("%v becomes %v", m.Pix, got.Pix)
		}
		Crossing(p)
	})
}

func BenchmarkRaster(b *testing.B) {
	p := make([]float32, 0, 80)
	for i := range 40 {
		sin, cos := math.Sincos(float64(i) * math.Pi / 20)
		p = append(p, float32(320+100*cos), float32(240+100*sin))
	}
	s := &data.Shape{Polygons: [][]float32{p}}
	b.ReportAllocs()
	for b.Loop() {
		Raster(s, 480, 640)
	}
}
