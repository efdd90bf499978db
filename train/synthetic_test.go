package train

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
)

// blobs are small noisy images whose class is the quarter that is bright.
type blobs struct{ n, size, seed int }

var quarters = []string{"top left", "top right", "bottom left", "bottom right"}

func (b blobs) Len() int                 { return b.n }
func (b blobs) Classes() []string        { return quarters }
func (b blobs) Name(i int) string        { return fmt.Sprintf("blob#%d", i) }
func (b blobs) Label(i int) (int, error) { return i % 4, nil }
func (b blobs) Sample(i int) (data.Sample, error) {
	r := rand.New(rand.NewPCG(uint64(b.seed), uint64(i)))
	im := data.NewImage(1, b.size, b.size)
	label := i % 4
	for p := range im.Pix {
		x, y := p%b.size, p/b.size
		im.Pix[p] = uint8(r.IntN(100))
		if 2*x/b.size == label%2 && 2*y/b.size == label/2 {
			im.Pix[p] += 60
		}
	}
	return data.Sample{Image: im, Label: label}, nil
}

func init() {
	// A network that has everything: convolution, batch normalisation, dropout.
	models.Register(models.Spec{
		Name: "test", Channels: 1, Height: 8, Width: 8, Classes: 4,
		Build: func(a models.Args) (nn.Layer, error) {
			return nn.Seq(nn.Conv(4, 3, nn.Stride(2)), nn.BatchNorm(), nn.Relu, nn.Flatten, nn.Dropout(0.2), nn.Dense(a.Classes)), nil
		},
	})
	// One without state beside its parameters.
	models.Register(models.Spec{
		Name: "linear", Channels: 1, Height: 8, Width: 8, Classes: 4,
		Build: func(a models.Args) (nn.Layer, error) { return nn.Seq(nn.Flatten, nn.Dense(a.Classes)), nil },
	})
}

func testData() Data { return Data{Train: blobs{200, 8, 1}, Test: blobs{70, 8, 2}} }

func testConfig() Config {
	return Config{
		Data: "blobs", Model: "test", Epochs: 3, Batch: 16, Optim: "adamw", Rate: 0.02, Schedule: "cosine:warmup=0.1",
		Smoothing: 0.05, ClipNorm: 5, Augment: Augment{Translate: 0.1}, Validation: 0.2, Seed: 7, Threads: 1, Workers: 1,
	}
}

// start begins a run in a new folder.
func start(t *testing.T, c Config) *Run {
	t.Helper()
	r, err := Start(filepath.Join(t.TempDir(), "run"), c, testData())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// finish trains to the end.
func finish(t *testing.T, r *Run, h Hooks) *Outcome {
	t.Helper()
	o, err := r.Train(context.Background(), h)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// resume opens a run again.
func resume(t *testing.T, dir string) *Run {
	t.Helper()
	r, err := Resume(dir, testData())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// copyFolder returns a copy of dir as it is now: what a killed process would leave.
func copyFolder(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}
