//go:build linux

package deploy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/models"
)

// front is an nginx with the example's configuration.
type front struct {
	t      *testing.T
	url    string // without the prefix
	folder string // where its logs are
}

// newFront chooses an address that nobody else listens on.
func newFront(t *testing.T) *front {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.77:0") // an address of its own, lest another takes the port in between
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return &front{t: t, url: "http://" + listener.Addr().String(), folder: t.TempDir()}
}

// nginxConf is what /etc/nginx/nginx.conf is to the example; unprivileged.
const nginxConf = `
daemon off;
worker_processes 2;
pid nginx.pid;
error_log error.log;
events {}
http {
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  include latchkey.conf;
}
`

// start runs nginx in front of two addresses until the test ends.
func (f *front) start(first, second string) {
	f.t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/nginx") // often not on the PATH of who is not root
	}
	apitest.Need(f.t, "nginx", err == nil)
	f.write("nginx.conf", nginxConf)
	f.write("latchkey.conf", replace(f.t, read(f.t, "nginx.conf"),
		"listen 80;", "listen "+strings.TrimPrefix(f.url, "http://")+";",
		"server 127.0.0.1:8001", "server "+first, "server 127.0.0.1:8002", "server "+second,
		"/var/log/nginx/", ""))

	nginx := exec.Command(program, "-p", f.folder, "-c", "nginx.conf", "-e", "error.log")
	var output apitest.Buffer
	nginx.Stdout, nginx.Stderr = &output, &output
	f.unprivileged(nginx)
	if err := nginx.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		_ = nginx.Process.Signal(syscall.SIGTERM)
		if err := nginx.Wait(); err != nil || f.t.Failed() {
			f.t.Logf("nginx: %v\n%s\n%s", err, output.String(), f.logs())
		}
	})
	apitest.Eventually(f.t, "an nginx that listens", func() bool {
		conn, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

func (f *front) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.folder, name), []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

// unprivileged has root run the command as nobody.
func (f *front) unprivileged(cmd *exec.Cmd) {
	f.t.Helper()
	if os.Getuid() != 0 {
		return
	}
	const nobody = 65534
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if err := os.Chown(f.folder, nobody, nobody); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(f.folder), 0o755); err != nil {
		f.t.Fatal(err)
	}
}

// logs is all that nginx has logged.
func (f *front) logs() string {
	f.t.Helper()
	files, err := filepath.Glob(filepath.Join(f.folder, "*.log"))
	if err != nil || len(files) < 3 {
		f.t.Errorf("its logs: %q, %v", files, err)
	}
	var all strings.Builder
	for _, file := range files {
		all.WriteString(read(f.t, file))
	}
	return all.String()
}

// client asks nginx from an address of its own.
type client struct {
	*front
	http *http.Client
}

func (f *front) from(address string) client {
	transport := &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}).DialContext}
	f.t.Cleanup(transport.CloseIdleConnections)
	return client{f, &http.Client{
		Timeout: 30 * time.Second, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// send sends a request; the headers alternate between names and values.
func (c client) send(method, path, body string, headers ...string) apitest.Response {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Error(err)
		return apitest.Response{}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Error(err)
	}
	return apitest.Response{Status: resp.StatusCode, Header: resp.Header, Body: string(answer)}
}

func (c client) get(path string, headers ...string) apitest.Response {
	c.t.Helper()
	return c.send(http.MethodGet, path, "", headers...)
}

// want gets the path, which has to be there.
func (c client) want(path string) apitest.Response {
	c.t.Helper()
	resp := c.get(path)
	if resp.Status != http.StatusOK {
		c.t.Errorf("%s: %d %s", path, resp.Status, resp.Body)
	}
	return resp
}

func (c client) me(token string) int {
	c.t.Helper()
	return c.get("/auth/users/me", "Authorization", "Bearer "+token).Status
}

func (c client) form(path string, form url.Values, headers ...string) apitest.Response {
	c.t.Helper()
	return c.send(http.MethodPost, path, form.Encode(), append(headers, "Content-Type", "application/x-www-form-urlencoded")...)
}

// logIn logs johndoe in.
func (c client) logIn(headers ...string) (session models.TokenAnswer) {
	c.t.Helper()
	resp := c.form("/auth/token", url.Values{"username": {"johndoe"}, "password": {"secret"}}, headers...)
	if resp.Status != http.StatusOK {
		c.t.Fatalf("the login: %d %s", resp.Status, resp.Body)
	}
	decode(c.t, resp, &session)
	return session
}

func decode(t *testing.T, resp apitest.Response, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(resp.Body), into); err != nil {
		t.Fatalf("%v in %d %s", err, resp.Status, resp.Body)
	}
}

// twoBehindNginx are two instances with the settings that the example tells
// of, behind an nginx, and a client at an address that nginx does not have.
func twoBehindNginx(t *testing.T) (client, [2]*apitest.Server) {
	t.Helper()
	f := newFront(t)
	flags := []string{
		"--database-url=" + apitest.NewPostgres(t), "--key-file=" + filepath.Join(t.TempDir(), "latchkey.key.pem"),
		"--public-url=" + replace(t, setting(t, "LATCHKEY_PUBLIC_URL"), "http://example.com", f.url),
		"--trusted-proxies=" + setting(t, "LATCHKEY_TRUSTED_PROXIES"),
	}
	both := [2]*apitest.Server{apitest.Start(t, flags...), apitest.Start(t, flags...)}
	f.start(strings.TrimPrefix(both[0].URL, "http://"), strings.TrimPrefix(both[1].URL, "http://"))
	return f.from("127.0.0.2"), both
}

// setting is what the example's comment says that it be.
func setting(t *testing.T, name string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^# +` + name + `=(\S+)$`).FindStringSubmatch(read(t, "nginx.conf"))
	if found == nil {
		t.Fatalf("the example has no %s", name)
	}
	return found[1]
}

// TestNginxPrefix finds everything below the prefix.
func TestNginxPrefix(t *testing.T) {
	c, _ := twoBehindNginx(t)
	for _, page := range []string{"/auth/docs", "/auth/docs/", "/auth/reset-password?token=x", "/auth/verify-email?token=x"} {
		base, err := url.Parse(page)
		if err != nil {
			t.Fatal(err)
		}
		links := regexp.MustCompile(`(?:href|src|data-document)="([^"]+)"`).FindAllStringSubmatch(c.want(page).Body, -1)
		if len(links) == 0 && strings.Contains(page, "docs") {
			t.Errorf("%s has no links", page)
		}
		for _, link := range links {
			ref, err := base.Parse(link[1])
			if err != nil {
				t.Fatal(err)
			}
			if ref.Scheme != "data" && ref.Scheme != "mailto" {
				c.want(ref.String())
			}
		}
	}
	if doc := c.want("/auth/openapi.json").Body; !strings.Contains(doc, `"openapi": "3.1`) {
		t.Errorf("the document is %.100s", doc)
	}
	if resp := c.get("/auth"); resp.Status != http.StatusMovedPermanently || resp.Header.Get("Location") != c.url+"/auth/" {
		t.Errorf("without a slash: %d to %s", resp.Status, resp.Header.Get("Location"))
	}
	for _, path := range []string{"/auth/", "/auth/metrics", "/users/me", "/"} {
		if resp := c.get(path); resp.Status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, resp.Status, resp.Body)
		}
	}

	var metadata models.ServerMetadata
	decode(t, c.want("/.well-known/oauth-authorization-server/auth"), &metadata)
	if metadata.Issuer != c.url+"/auth" {
		t.Errorf("the issuer is %s", metadata.Issuer)
	}
	if below := c.want("/auth/.well-known/oauth-authorization-server").Body; !strings.Contains(below, metadata.Issuer) {
		t.Errorf("below the prefix there is %s", below)
	}
	c.want(strings.TrimPrefix(metadata.JWKSURI, c.url))
	resp := c.form(strings.TrimPrefix(metadata.TokenEndpoint, c.url), url.Values{"username": {"johndoe"}, "password": {"secret"}})
	if resp.Status != http.StatusOK {
		t.Errorf("the login at the token endpoint: %d %s", resp.Status, resp.Body)
	}
}

// TestNginxInstances logs in through nginx, and both instances know of it and
// of the logout.
func TestNginxInstances(t *testing.T) {
	c, both := twoBehindNginx(t)
	session := c.logIn()
	for i := range 8 {
		id := fmt.Sprint("from-the-client-", i)
		resp := c.get("/auth/users/me", "Authorization", "Bearer "+session.AccessToken, "X-Request-Id", id)
		if resp.Status != http.StatusOK || resp.Header.Get("X-Request-Id") != id {
			t.Errorf("%d %s, id %s", resp.Status, resp.Body, resp.Header.Get("X-Request-Id"))
		}
	}
	for i, s := range both {
		if !strings.Contains(s.Log.String(), "from-the-client-") {
			t.Errorf("nothing of it went to instance %d", i)
		}
	}
	apitest.Eventually(t, "nginx's line with the request's id", func() bool { return strings.Contains(c.logs(), "id from-the-client-7\n") })

	if resp := c.form("/auth/token/revoke", url.Values{"token": {session.RefreshToken}}); resp.Status != http.StatusOK {
		t.Fatalf("%d %s", resp.Status, resp.Body)
	}
	end := time.Now().Add(time.Second)
	for i, s := range both {
		for status := http.StatusOK; status != http.StatusUnauthorized; {
			asked := time.Now()
			if status = s.Get("/users/me", session.AccessToken).Status; status != http.StatusUnauthorized && asked.After(end) {
				t.Fatalf("instance %d answers %d to a token that was revoked a second before it was asked", i, status)
			}
		}
	}
	for range 4 {
		if status := c.me(session.AccessToken); status != http.StatusUnauthorized {
			t.Errorf("nginx answers %d to a revoked token", status)
		}
	}
}

// TestNginxAddress believes nginx, and not what a client claims.
func TestNginxAddress(t *testing.T) {
	c, _ := twoBehindNginx(t)
	authorization := "Bearer " + c.logIn("X-Forwarded-For", "203.0.113.9, 127.0.0.1").AccessToken
	for _, path := range []string{"/auth/users/me/sessions", "/auth/audit/?username=johndoe"} {
		var page struct {
			Data []struct{ Address string }
		}
		decode(t, c.get(path, "Authorization", authorization), &page)
		if len(page.Data) == 0 || page.Data[0].Address != "127.0.0.2" {
			t.Errorf("%s: %+v", path, page.Data)
		}
	}
	guess := func(c client, claimed string) int {
		return c.form("/auth/token", url.Values{"username": {"alice"}, "password": {"wrong"}}, "X-Forwarded-For", claimed).Status
	}
	status := 0
	for i := 0; i < 50 && status != http.StatusTooManyRequests; i++ {
		status = guess(c, fmt.Sprint("203.0.113.", i))
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("after 50 guesses, each with another X-Forwarded-For: %d", status)
	}
	if status := guess(c.from("127.0.0.3"), "127.0.0.2"); status != http.StatusBadRequest {
		t.Errorf("another address is kept out too, with %d", status)
	}
}

// TestNginxStop goes on without an error while one instance stops and comes
// back, and says so in JSON where both are gone. No log has a query.
func TestNginxStop(t *testing.T) {
	c, both := twoBehindNginx(t)
	token := c.logIn().AccessToken
	for i, s := range both {
		var clients sync.WaitGroup
		stopped, asked := make(chan struct{}), atomic.Int32{}
		for range 4 {
			clients.Go(func() {
				for over := false; !over; {
					select {
					case <-stopped:
						over = true // once more
					default:
					}
					if status := c.me(token); status != http.StatusOK {
						t.Errorf("%d while instance %d stops", status, i)
						return
					}
					asked.Add(1)
				}
			})
		}
		apitest.Eventually(t, "some requests", func() bool { return asked.Load() > 50 || t.Failed() })
		s.Stop()
		close(stopped)
		clients.Wait()
		for range 4 {
			token = c.logIn().AccessToken
			c.want("/auth/reset-password?token=open-sesame")
		}
		s.Restart()
		apitest.Eventually(t, "requests at the restarted instance", func() bool {
			before := len(s.Log.String())
			return c.me(token) == http.StatusOK && len(s.Log.String()) > before
		})
	}

	for _, s := range both {
		s.Stop()
	}
	for _, resp := range []apitest.Response{
		c.get("/auth/reset-password?token=open-sesame"), c.get("/.well-known/oauth-authorization-server/auth"),
		c.form("/auth/token", url.Values{"username": {"johndoe"}, "password": {"secret"}}),
	} {
		var answer map[string]string
		decode(t, resp, &answer)
		if resp.Status != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" || answer["detail"] == "" ||
			answer["error_description"] != answer["detail"] || resp.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%d %v %s", resp.Status, resp.Header, resp.Body)
		}
	}
	apitest.Eventually(t, "nginx's line with the last status", func() bool { return strings.Contains(c.logs(), " /auth/token 503 ") })
	if logs := c.logs(); strings.Contains(logs, "sesame") {
		t.Errorf("a token is in nginx's logs:\n%s", logs)
	}
}

// TestNginxBody leaves it to the service to refuse a body.
func TestNginxBody(t *testing.T) {
	c, _ := twoBehindNginx(t)
	authorization := "Bearer " + c.logIn().AccessToken
	big := `{"title":"` + strings.Repeat("x", 1<<20) + `"}`
	var answer models.ErrorAnswer
	resp := c.send(http.MethodPost, "/auth/items/", big, "Authorization", authorization, "Content-Type", "application/json")
	decode(t, resp, &answer)
	if resp.Status != http.StatusRequestEntityTooLarge || answer.Detail == "" {
		t.Errorf("%d %s", resp.Status, resp.Body)
	}
}

// TestNginxRepeats has instances die over requests: only what may be done
// twice is done twice.
func TestNginxRepeats(t *testing.T) {
	for method, times := range map[string]int{
		http.MethodGet: 2, http.MethodHead: 2, http.MethodPost: 1, http.MethodPatch: 1,
	} {
		t.Run(method, func(t *testing.T) {
			var mu sync.Mutex
			var got bytes.Buffer
			dying := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				fmt.Fprintln(&got, r.Method, r.URL)
				if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
					_ = conn.Close()
				}
			})
			one, two := httptest.NewServer(dying), httptest.NewServer(dying)
			defer one.Close()
			defer two.Close()
			f := newFront(t)
			f.start(one.Listener.Addr().String(), two.Listener.Addr().String())
			if resp := f.from("127.0.0.2").send(method, "/auth/items/1?a=b", ""); resp.Status != http.StatusServiceUnavailable {
				t.Errorf("%d %s", resp.Status, resp.Body)
			}
			mu.Lock()
			defer mu.Unlock()
			if want := strings.Repeat(method+" /items/1?a=b\n", times); got.String() != want {
				t.Errorf("the instances got\n%s", got.String())
			}
		})
	}
}
