package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"latchkey/internal/cli"
)

// serving is a service that runs in this process.
type serving struct {
	url    string
	banner string
	stop   func() result // ends it; what it printed in the end
}

// serve runs the service on the shell's database until stop is called.
func (s shell) serve(t *testing.T, flags ...string) serving {
	t.Helper()
	t.Setenv("LATCHKEY_DATABASE_URL", s.url())
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var errs bytes.Buffer
	code := make(chan int, 1)
	streams := cli.Streams{In: file(t, ""), Out: in, Err: &errs}
	go func() {
		code <- cli.Run(ctx, append([]string{"--addr=127.0.0.1:0"}, flags...), streams)
		_ = in.Close()
	}()
	banner := readBanner(out)
	stop := func() result {
		cancel()
		rest, _ := io.ReadAll(out)
		return result{<-code, banner + string(rest), errs.String()}
	}
	url := docsURL.FindStringSubmatch(banner)
	if url == nil {
		t.Fatalf("no address: %+v", stop())
	}
	return serving{url[1], banner, stop}
}

var docsURL = regexp.MustCompile(`(http://\S+)/docs`)

// readBanner reads up to the empty line that ends it.
func readBanner(r io.Reader) string {
	var banner strings.Builder
	empty := 0
	for lines := bufio.NewScanner(r); empty < 2 && lines.Scan(); {
		banner.WriteString(lines.Text() + "\n")
		if lines.Text() == "" {
			empty++
		}
	}
	return banner.String()
}

// logIn is the status of a login.
func logIn(t *testing.T, at, username, password string) int {
	t.Helper()
	resp, err := http.PostForm(at+"/token", url.Values{"username": {username}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

func wantWords(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q is missing in\n%s", word, text)
		}
	}
}

func TestServe(t *testing.T) {
	s := newShell(t)
	keys := filepath.Join(filepath.Dir(s.database), "latchkey.key.pem")
	for _, name := range []string{"ADDR", "PUBLIC_URL", "DEMO", "KEY_FILE", "ACCESS_TOKEN_TTL", "STRICT_FORM", "CORS_ORIGINS", "LOG_LEVEL"} {
		t.Setenv("LATCHKEY_"+name, "") // as good as absent
	}
	for _, flags := range [][]string{nil, {"--log-level=debug"}} { // the second time on what the first has made
		running := s.serve(t, flags...)
		wantWords(t, running.banner, running.url+"/docs", "johndoe / secret, alice / secret2 (disabled)", s.database, keys)
		if status := logIn(t, running.url, "johndoe", "secret"); status != http.StatusOK {
			t.Errorf("status %d", status)
		}
		r := running.stop()
		if r.code != 0 {
			t.Errorf("exit code %d\n%s", r.code, r.err)
		}
		wantWords(t, r.err, `"msg":"request"`, `"msg":"stopping"`)
		if strings.Contains(r.err, "secret") {
			t.Errorf("the log shows the password:\n%s", r.err)
		}
	}
}

func TestBannerNamesTheAccounts(t *testing.T) {
	s := newShell(t)
	steps := []struct {
		before []string // a command
		flags  []string
		want   string
	}{
		{nil, []string{"--demo=off"}, "none yet: latchkey user add NAME"},
		{[]string{"user", "add", "joe"}, nil, "latchkey user list"},
		{nil, []string{"--demo=on"}, "johndoe / secret, alice / secret2 (disabled)"},
		{[]string{"user", "enable", "alice"}, []string{"--demo=on"}, "johndoe / secret, alice / secret2\n"},
		{[]string{"user", "password", "johndoe"}, []string{"--demo=on"}, "Accounts  alice / secret2\n"},
		{[]string{"user", "password", "alice"}, []string{"--demo=on"}, "latchkey user list"},
	}
	for _, step := range steps {
		if step.before != nil {
			s.must(t, "better", step.before...)
		}
		running := s.serve(t, step.flags...)
		wantWords(t, running.banner, step.want)
		if strings.Contains(running.banner, "better") {
			t.Errorf("the banner shows a password:\n%s", running.banner)
		}
		if r := running.stop(); r.code != 0 {
			t.Errorf("%+v", r)
		}
	}
}

func TestServeFails(t *testing.T) {
	s := newShell(t)
	running := s.serve(t)
	args := []string{"--addr=" + strings.TrimPrefix(running.url, "http://")}
	wantFailure(t, args, s.run(t, "", args...), 1, "address already in use", "--addr")
	if r := running.stop(); r.code != 0 {
		t.Errorf("%+v", r)
	}
	args = []string{"--addr=0.0.0.0:0"}
	wantFailure(t, args, s.run(t, "", args...), 1, "refusing", "johndoe", "alice", "latchkey user password")
}

func TestStopBeforeTheStart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	t.Setenv("LATCHKEY_DATABASE_URL", "sqlite:"+newShell(t).database)
	code := cli.Run(ctx, []string{"--addr=127.0.0.1:0"}, cli.Streams{In: file(t, ""), Out: &out, Err: &errs})
	if code != 0 || out.Len() > 0 || errs.Len() > 0 {
		t.Errorf("exit code %d, %s, %s", code, out.String(), errs.String())
	}
}

func TestLog(t *testing.T) {
	tests := []struct{ flag, want string }{
		{"--log-level=info", `"msg":"stopping"`}, // this is no terminal
		{"--log-format=json", `"msg":"stopping"`},
		{"--log-format=text", "msg=stopping"},
		{"--log-level=warn", ""},
	}
	for _, tt := range tests {
		r := newShell(t).serve(t, "--demo=off", tt.flag).stop()
		if !strings.Contains(r.err, tt.want) || tt.want == "" && r.err != "" {
			t.Errorf("%s: the log has %q", tt.flag, r.err)
		}
	}
}
