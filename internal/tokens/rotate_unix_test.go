//go:build !windows

package tokens_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"latchkey/internal/tokens"
)

func wantOwner(t *testing.T, path string, uid, gid uint32) {
	t.Helper()
	stat, ok := must1(os.Stat(path)).Sys().(*syscall.Stat_t)
	if !ok || stat.Uid != uid || stat.Gid != gid {
		t.Errorf("it belongs to %d:%d, want %d:%d", stat.Uid, stat.Gid, uid, gid)
	}
}

// TestRotateAsRoot: the service's own file stays the service's.
func TestRotateAsRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	path := keyFile(t)
	must(os.Chown(path, 1234, 4321))
	rotate(t, path, start)
	wantOwner(t, path, 1234, 4321)
	wantOnly(t, path)
}

// rotateFile makes a test binary rotate that file until it is killed.
const rotateFile = "LATCHKEY_TEST_ROTATE"

func TestMain(m *testing.M) {
	path := os.Getenv(rotateFile)
	if path == "" {
		os.Exit(m.Run())
	}
	for {
		set, _, err := tokens.RotateKeyFile(path, tokens.Rotation{TTL: testTTL, Now: time.Now})
		must(err)
		fmt.Println(set.JWKS().Keys[0].KeyID)
	}
}

// TestRotateKilled kills processes while they rotate: the file can be read,
// no key that was announced is missing, and the next rotation goes well.
func TestRotateKilled(t *testing.T) {
	path := keyFile(t)
	var announced []string
	for n := range 25 {
		announced = append(announced, rotateAndKill(t, path, 1+n%7)...)
		set := must1(tokens.ReadKeyFile(path))
		for _, id := range announced {
			if !slices.Contains(idsOf(set), id) {
				t.Fatalf("%s was lost", id)
			}
		}
	}
	must(os.WriteFile(path+".new", []byte("half a k"), 0o600)) // in case no process died with the file half written
	rotate(t, path, time.Now())
	wantOnly(t, path)
}

// rotateAndKill kills a process when it has announced that many keys.
func rotateAndKill(t *testing.T, path string, keys int) (announced []string) {
	t.Helper()
	program := exec.CommandContext(t.Context(), must1(os.Executable()))
	program.Env = append(os.Environ(), rotateFile+"="+path)
	stdout := must1(program.StdoutPipe())
	must(program.Start())
	lines := bufio.NewScanner(stdout)
	for len(announced) < keys && lines.Scan() {
		announced = append(announced, lines.Text())
	}
	must(program.Process.Kill())
	for lines.Scan() {
		if len(lines.Text()) == len(announced[0]) {
			announced = append(announced, lines.Text())
		}
	}
	if err := program.Wait(); err == nil || program.ProcessState.Exited() {
		t.Fatalf("it ended by itself: %v", err)
	}
	return announced
}
