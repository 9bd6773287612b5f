//go:build linux

package faults_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// folder outlives the test that has the program built.
var folder string

func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", "8") // they mostly wait
	code := m.Run()
	if folder != "" {
		_ = os.RemoveAll(folder)
	}
	os.Exit(code)
}

// built is the path of the program, which is built once. It is built without
// the race detector, whose slowness would hide what happens within moments.
var built = sync.OnceValues(func() (path string, err error) {
	if folder, err = os.MkdirTemp("", "latchkey-faults-*"); err != nil {
		return "", err
	}
	path = filepath.Join(folder, "latchkey")
	if out, err := exec.Command("go", "build", "-o", path, "latchkey").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
})

// ageless is longer than anything here takes on a machine that has much else to do.
const ageless = 60 * time.Second

// eventually waits for something to become true, and says how long it took.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	began := time.Now()
	for !is() {
		if time.Since(began) > ageless {
			t.Fatalf("in %s there was not: %s", ageless, what)
		}
		<-ticker.C
	}
	t.Logf("%s: after %s", what, time.Since(began).Round(time.Millisecond))
}

// pause is for what has to go on for a while.
func pause(d time.Duration) { <-time.NewTimer(d).C }
