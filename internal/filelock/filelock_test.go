package filelock

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// TestMain lets the tests start a process that holds a lock until it is killed.
func TestMain(m *testing.M) {
	path := os.Getenv("LINCE_TEST_LOCK")
	if path == "" {
		os.Exit(m.Run())
	}
	l, err := Acquire(path)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("locked")
	os.Stdin.Read(make([]byte, 1)) // forever
	l.Release()
}

// TestProcesses locks in another process, which is killed, and then here.
func TestProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LINCE_TEST_LOCK="+path)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "locked\n" {
		t.Fatalf("%q, %v", line, err)
	}
	var held *Held
	if _, err := Acquire(path); !errors.As(err, &held) || held.Who() != fmt.Sprintf("process %d", cmd.Process.Pid) {
		t.Fatalf("error %v", err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	l, err := Acquire(path)
	if err != nil {
		t.Fatalf("after its process was killed: %v", err)
	}
	l.Release()
	if _, err := os.Stat(path); err == nil {
		t.Error("the file is still there")
	}
}

// TestOne has many ask again and again: never two at a time get it, though each removes the file.
func TestOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var holders atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 500 {
				l, err := Acquire(path)
				if errors.As(err, new(*Held)) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if holders.Add(1) != 1 {
					t.Error("two have the lock")
				}
				holders.Add(-1)
				l.Release()
			}
		})
	}
	wg.Wait()
}

// TestWho names a process as well as it can.
func TestWho(t *testing.T) {
	for content, want := range map[string]string{
		"": "another process", "nonsense": "another process", "12 elsewhere\n": "process 12 on elsewhere", "12": "process 12",
	} {
		path := filepath.Join(t.TempDir(), "lock")
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := holder(f).Who(); got != want {
			t.Errorf("%q: %s, want %s", content, got, want)
		}
		f.Close()
	}
	if _, err := Acquire(filepath.Join(t.TempDir(), "none", "lock")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}
