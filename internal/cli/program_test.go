package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is the path of the built binary. It is built once, where needed.
func program(t *testing.T) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var built = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "latchkey-*") // outlives the test that builds it
	if err != nil {
		return "", err
	}
	removeAtEnd = append(removeAtEnd, folder)
	path := filepath.Join(folder, "latchkey")
	if out, err := exec.Command("go", "build", "-o", path, "latchkey").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
})

// process is a running binary that serves.
type process struct {
	*exec.Cmd
	url  string
	errs *bytes.Buffer // to be read after Wait
}

// startProgram runs the binary in a folder until the test ends.
func startProgram(t *testing.T, folder string, flags ...string) process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program(t), append([]string{"--addr=127.0.0.1:0"}, flags...)...)
	p := process{Cmd: cmd, errs: new(bytes.Buffer)}
	cmd.Dir, cmd.Stderr = folder, p.errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	banner := readBanner(out)
	url := docsURL.FindStringSubmatch(banner)
	if url == nil {
		t.Fatalf("no address in %q: %v\n%s", banner, cmd.Wait(), p.errs)
	}
	p.url = url[1]
	return p
}

func (p process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// deadline is longer than anything here takes.
const deadline = 20 * time.Second

// halfALogin sends the head of a login and returns once the service asks for
// its body.
func (p process) halfALogin(t *testing.T, body string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(deadline)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
		"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(body))
	r := bufio.NewReader(conn)
	for _, want := range []string{"HTTP/1.1 100 Continue\r\n", "\r\n"} {
		if line, err := r.ReadString('\n'); err != nil || line != want {
			t.Fatalf("%q, %v", line, err)
		}
	}
	return conn, r
}

func (p process) address() string { return strings.TrimPrefix(p.url, "http://") }

// waitRefused waits until new connections are refused.
func (p process) waitRefused(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(deadline); time.Now().Before(end); {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.address())
		if err != nil {
			return
		}
		_ = conn.Close()
	}
	t.Fatal("new connections are still taken")
}

func TestProgramFinishesALogin(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			p := startProgram(t, t.TempDir())
			const body = "username=johndoe&password=secret"
			conn, r := p.halfALogin(t, body)
			p.signal(t, signal)
			p.waitRefused(t)
			fmt.Fprint(conn, body)
			resp, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			answer, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != http.StatusOK || !bytes.Contains(answer, []byte("access_token")) {
				t.Errorf("%d %s, %v", resp.StatusCode, answer, err)
			}
			if err := p.Wait(); err != nil {
				t.Errorf("%v\n%s", err, p.errs)
			}
			wantJSONLines(t, p.errs.String(), "stopping", "request")
		})
	}
}

// wantJSONLines fails the test where a line is no JSON or a message is missing.
func wantJSONLines(t *testing.T, log string, messages ...string) {
	t.Helper()
	seen := map[string]bool{}
	for line := range strings.Lines(log) {
		var entry struct{ Msg, Level string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Level == "" {
			t.Errorf("a line of the log is %q", line)
		}
		seen[entry.Msg] = true
	}
	for _, message := range messages {
		if !seen[message] {
			t.Errorf("%q is missing in\n%s", message, log)
		}
	}
}

func TestProgramEndsAtTheSecondSignal(t *testing.T) {
	p := startProgram(t, t.TempDir(), "--demo=off")
	p.halfALogin(t, "a body that never comes")
	p.signal(t, syscall.SIGTERM)
	p.waitRefused(t)
	ended := make(chan error, 1)
	go func() { ended <- p.Wait() }()
	exit, ok := errors.AsType[*exec.ExitError](p.signalUntil(t, ended))
	if !ok || exit.Sys() != syscall.WaitStatus(syscall.SIGTERM) {
		t.Errorf("%v", exit)
	}
}

// signalUntil goes on sending SIGTERM until the process has ended: the service
// stops to listen a moment before it stops to catch signals.
func (p process) signalUntil(t *testing.T, ended <-chan error) error {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-again.C:
			_ = p.Process.Signal(syscall.SIGTERM)
		}
	}
}

func TestProgramKeepsItsData(t *testing.T) {
	folder := t.TempDir()
	keySet := func(p process) string {
		t.Helper()
		resp, err := http.Get(p.url + "/.well-known/jwks.json")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	var keys []string
	for range 2 {
		p := startProgram(t, folder)
		keys = append(keys, keySet(p))
		if status := logIn(t, p.url, "johndoe", "secret"); status != http.StatusOK {
			t.Errorf("status %d", status)
		}
		p.signal(t, syscall.SIGTERM)
		if err := p.Wait(); err != nil {
			t.Errorf("%v\n%s", err, p.errs)
		}
	}
	if keys[0] != keys[1] || !strings.Contains(keys[0], `"kid"`) {
		t.Errorf("%q", keys)
	}
}

func TestProgramExitCodes(t *testing.T) {
	for want, args := range [][]string{{"migrate"}, {"user", "show", "nobody"}, {"bogus"}} {
		cmd := exec.CommandContext(t.Context(), program(t), args...)
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != want {
			t.Errorf("latchkey %q: %v, want %d\n%s", args, err, want, out)
		}
	}
}

func TestProgramsMigrateAtOnce(t *testing.T) {
	folder, path := t.TempDir(), program(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			cmd := exec.CommandContext(t.Context(), path, "migrate")
			cmd.Dir = folder
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	all.Wait()
}
