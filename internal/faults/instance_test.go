//go:build linux

package faults_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"latchkey/models"
)

// instance is the program as a process of its own.
type instance struct {
	t      *testing.T
	flags  []string
	log    string // the file that has its log
	url    string
	client *http.Client
	cmd    *exec.Cmd
}

// launch starts the program with these flags until the test ends. Its tokens
// hold at every instance with the same keys.
func launch(t *testing.T, flags ...string) *instance {
	t.Helper()
	return launchWithLog(t, filepath.Join(t.TempDir(), "log"), flags...)
}

func launchWithLog(t *testing.T, log string, flags ...string) *instance {
	t.Helper()
	i := &instance{t: t, flags: flags, log: log, client: &http.Client{
		Timeout:   25 * time.Second, // less than the server takes to write: who gets no answer at all finds out here
		Transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}}
	t.Cleanup(func() {
		i.kill()
		if t.Failed() {
			t.Logf("the end of the log:\n%s", i.logged(4000))
		}
	})
	i.start()
	return i
}

var address = regexp.MustCompile(`127\.0\.0\.1:[0-9]+`)

// command is the program with the instance's flags.
func (i *instance) command() *exec.Cmd {
	i.t.Helper()
	path, err := built()
	if err != nil {
		i.t.Fatal(err)
	}
	return exec.Command(path, append([]string{"--addr=127.0.0.1:0", "--public-url=http://127.0.0.1:8000"}, i.flags...)...)
}

// fail runs it where it cannot start, and returns what it says.
func (i *instance) fail() (said string, code int) {
	i.t.Helper()
	cmd := i.command()
	out := new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		i.t.Fatal(err)
	}
	lost := time.AfterFunc(ageless, func() { _ = cmd.Process.Kill() })
	defer lost.Stop()
	_ = cmd.Wait()
	return out.String(), cmd.ProcessState.ExitCode()
}

// start starts it, again after kill or stop, at another address.
func (i *instance) start() {
	i.t.Helper()
	log, err := os.OpenFile(i.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		i.t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	i.cmd = i.command()
	i.cmd.Stderr = log
	out, err := i.cmd.StdoutPipe()
	if err != nil {
		i.t.Fatal(err)
	}
	if err := i.cmd.Start(); err != nil {
		i.t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = i.cmd.Wait()
		i.t.Fatalf("it did not start: %v\n%s", err, i.logged(4000))
	}
	i.url = "http://" + address.FindString(line)
	go func() { _, _ = io.Copy(io.Discard, out) }()
}

// kill is kill -9. It may be called twice.
func (i *instance) kill() {
	i.client.CloseIdleConnections()
	if i.cmd != nil && i.cmd.ProcessState == nil {
		_ = i.cmd.Process.Kill()
		_ = i.cmd.Wait()
	}
}

// stop asks it to stop.
func (i *instance) stop() {
	i.t.Helper()
	i.client.CloseIdleConnections()
	_ = i.cmd.Process.Signal(syscall.SIGTERM)
	if err := i.cmd.Wait(); err != nil {
		i.t.Error("stop:", err)
	}
}

// logged is the end of the log.
func (i *instance) logged(most int) string {
	text, _ := os.ReadFile(i.log)
	return string(text[max(0, len(text)-most):])
}

// answer is an answer that was read whole.
type answer struct {
	status int
	header http.Header
	body   string
	sent   time.Time // when the request began
}

// try sends a request: a body that starts with a brace is JSON, any other a
// form. The error says that there was no whole answer.
func (i *instance) try(method, path, token, body string) (answer, error) {
	req, err := http.NewRequest(method, i.url+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	switch {
	case strings.HasPrefix(body, "{"):
		req.Header.Set("Content-Type", "application/json")
	case body != "":
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	sent := time.Now()
	resp, err := i.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text := new(bytes.Buffer)
	_, err = text.ReadFrom(resp.Body)
	return answer{resp.StatusCode, resp.Header, text.String(), sent}, err
}

// send is for where there has to be an answer.
func (i *instance) send(method, path, token, body string) answer {
	i.t.Helper()
	a, err := i.try(method, path, token, body)
	if err != nil {
		i.t.Errorf("%s %s: %v", method, path, err)
	}
	return a
}

func (i *instance) get(path, token string) answer {
	i.t.Helper()
	return i.send(http.MethodGet, path, token, "")
}

func (i *instance) post(path, token, body string) answer {
	i.t.Helper()
	return i.send(http.MethodPost, path, token, body)
}

// form is the body of a form whose fields alternate between names and values.
func form(fields ...string) string {
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	return values.Encode()
}

func login(username, password string) string {
	return form("username", username, "password", password)
}

func refresh(token string) string {
	return form("grant_type", "refresh_token", "refresh_token", token)
}

// logIn is what the login of that user answers.
func (i *instance) logIn(username, password string) models.TokenAnswer {
	i.t.Helper()
	return decode[models.TokenAnswer](i.t, i.post("/token", "", login(username, password)), http.StatusOK)
}

// decode reads the JSON of an answer that has to have that status.
func decode[T any](t *testing.T, a answer, status int) (v T) {
	t.Helper()
	if a.status != status {
		t.Fatalf("%d %s, want %d", a.status, a.body, status)
	}
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return v
}

// wantStatus fails the test where it is another.
func wantStatus(t *testing.T, what string, a answer, status int) {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: %d %s, want %d", what, a.status, a.body, status)
	}
}

// wantUnavailable is what clients get while the database is away: they can read
// it, and know when to come again.
func wantUnavailable(t *testing.T, what string, a answer) {
	t.Helper()
	after, err := strconv.Atoi(a.header.Get("Retry-After"))
	var body struct{ Detail string }
	if a.status != http.StatusServiceUnavailable || err != nil || after < 1 || after > 60 ||
		json.Unmarshal([]byte(a.body), &body) != nil || body.Detail == "" {
		t.Errorf("%s: %d %s, Retry-After %q", what, a.status, a.body, a.header.Get("Retry-After"))
	}
}
