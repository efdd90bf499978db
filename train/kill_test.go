package train

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// TestMain lets tests train in a process of its own, which they can kill.
func TestMain(m *testing.M) {
	if dir := os.Getenv("LINCE_TEST_RUN"); dir != "" {
		if err := trainIn(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// trainingProcess returns a process that begins a run in dir, or goes on with it.
func trainingProcess(dir string, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), "LINCE_TEST_RUN="+dir), env...)
	return cmd
}

// killedConfig has all that a checkpoint must hold, and saves after each step.
func killedConfig() Config {
	c := testConfig()
	c.Batch, c.Accumulate, c.EMA, c.Schedule, c.Freeze, c.UnfreezeAt, c.SaveEvery = 8, 2, "0.9:every=2", "plateau:patience=0,threshold=0.2", "0", 2, "1"
	c.Epochs = 6
	return c
}

func trainIn(dir string) error {
	if limit := os.Getenv("LINCE_TEST_LIMIT"); limit != "" {
		n, _ := strconv.ParseUint(limit, 10, 64)
		if err := limitFiles(n); err != nil {
			return err
		}
	}
	r, err := Resume(dir, testData())
	if _, missing := os.Stat(filepath.Join(dir, ConfigFile)); missing != nil {
		r, err = Start(dir, killedConfig(), testData())
	}
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = r.Train(context.Background(), Hooks{})
	return err
}

// TestKilledAtAnyTime kills trainings with SIGKILL at random moments, as often as they survive, and compares what they end with. LINCE_PROOF_KILL says for how
// long, such as 3m (make proof-kill); by default it is one training.
func TestKilledAtAnyTime(t *testing.T) {
	r := start(t, killedConfig())
	want := finish(t, r, Hooks{})
	metrics := len(want.History)
	end := time.Now()
	if d, err := time.ParseDuration(os.Getenv("LINCE_PROOF_KILL")); err == nil {
		end = end.Add(d)
	}
	kills, trainings := 0, 0
	for trainings == 0 || time.Now().Before(end) {
		dir := filepath.Join(t.TempDir(), "run")
		for {
			cmd := trainingProcess(dir)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- cmd.Wait() }()
			select {
			case err := <-done:
				if err != nil {
					t.Fatalf("after %d kills: %v", kills, err)
				}
			case <-time.After(time.Duration(rand.ExpFloat64() * (1 + float64(kills)/50) * float64(60*time.Millisecond))): // later and later: a slow machine must get on, too
				cmd.Process.Kill()
				<-done
				kills++
			}
			if _, err := os.Stat(filepath.Join(dir, ResultFile)); err == nil {
				break
			}
		}
		trainings++
		got := decodeResult(t, &Run{dir: dir})
		if got.ParamsSHA256 != want.Result.ParamsSHA256 || got.LastParamsSHA256 != want.Result.LastParamsSHA256 || got.Epochs != metrics {
			t.Fatalf("after %d kills: %+v, uninterrupted %+v", kills, got, want.Result)
		}
	}
	t.Logf("%d kills in %d trainings", kills, trainings)
}
