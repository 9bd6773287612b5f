// Package apitest runs the whole service for tests: its real router on a
// free loopback port, a real SQLite file in a temporary folder or a real
// PostgreSQL database. Every answer is held against the OpenAPI document.
package apitest

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/gin-gonic/gin"

	"latchkey/internal/auth"
	"latchkey/internal/config"
	"latchkey/internal/service"
)

// Server is a running service.
type Server struct {
	URL string
	// MetricsURL is where --metrics-addr has the metrics, if it was given.
	MetricsURL string
	Clock      *Clock
	Log        *Buffer // what the service logged, as JSON lines

	t        testing.TB
	flags    []string
	database config.Database
	client   *http.Client
	stop     func() // nil while it is stopped
}

// Clock is the service's: the real time, moved.
type Clock struct {
	offset atomic.Int64
	frozen atomic.Pointer[time.Time]
}

// Now is the service's time.
func (c *Clock) Now() time.Time {
	now := time.Now()
	if frozen := c.frozen.Load(); frozen != nil {
		now = *frozen
	}
	return now.Add(time.Duration(c.offset.Load()))
}

// Freeze stops the service's time, but for Advance: for what waits for seconds,
// on a machine that may be slow.
func (c *Clock) Freeze() {
	now := time.Now()
	c.frozen.Store(&now)
}

// Advance moves the service's time by d from now on.
func (c *Clock) Advance(d time.Duration) { c.offset.Add(int64(d)) }

// Buffer is a bytes.Buffer for several writers.
type Buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// String is what was written.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// Start runs a service with the demo accounts until the test ends. The flags
// are those of the command line.
func Start(tb testing.TB, flags ...string) *Server {
	tb.Helper()
	gin.SetMode(gin.TestMode)
	s := &Server{t: tb, Clock: &Clock{}, Log: &Buffer{}, flags: flags}
	if !slices.ContainsFunc(flags, func(flag string) bool { return strings.HasPrefix(flag, "--database-url=") }) {
		s.flags = append(NewDatabase(tb), flags...)
	}
	s.client = newClient(tb)
	s.run("127.0.0.1:0")
	tb.Cleanup(s.Stop)
	return s
}

// Stop ends the service, as the program does when it is told to.
func (s *Server) Stop() {
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
}

// Restart runs the service again, after Stop or instead of it, at the same
// address and on the same database.
func (s *Server) Restart() {
	s.t.Helper()
	s.Stop()
	s.run(strings.TrimPrefix(s.URL, "http://"))
}

func (s *Server) run(addr string) {
	s.t.Helper()
	settings := Settings(s.t, append([]string{"--addr=" + addr}, s.flags...)...)
	s.database = settings.Database
	log := slog.New(slog.NewJSONHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	running, err := service.Start(s.t.Context(), settings, log, s.Clock.Now)
	if err != nil {
		s.t.Fatal("start the service:", err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	done := make(chan error, 1)
	go func() { done <- running.Serve(ctx) }()
	s.URL = "http://" + running.Addr().String()
	if addr := running.MetricsAddr(); addr != nil {
		s.MetricsURL = "http://" + addr.String()
	}
	s.stop = func() {
		s.client.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			s.t.Error("stop the service:", err)
		}
	}
}

// Settings are what the command line makes of the flags.
func Settings(tb testing.TB, flags ...string) config.Serve {
	tb.Helper()
	var settings config.Serve
	parser, err := kong.New(&settings)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := parser.Parse(flags); err != nil {
		tb.Fatal(err)
	}
	if err := settings.Check(); err != nil {
		tb.Fatal(err)
	}
	return settings
}

// newClient follows no redirect and checks every answer.
func newClient(tb testing.TB) *http.Client {
	tb.Helper()
	return &http.Client{
		Timeout:       30 * time.Second,
		Transport:     checked{tb, &http.Transport{MaxIdleConnsPerHost: 64}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Response is an answer that was read whole.
type Response struct {
	Status int
	Header http.Header
	Body   string
}

// Send sends a request. The headers alternate between names and values; a
// name may be given more than once.
func (s *Server) Send(method, path, body string, headers ...string) Response {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	return s.Do(req)
}

// Do sends a request that the test made itself.
func (s *Server) Do(req *http.Request) Response {
	s.t.Helper()
	resp, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return Response{resp.StatusCode, resp.Header, string(body)}
}

// Get asks for a path, with the token if there is one.
func (s *Server) Get(path, token string) Response {
	s.t.Helper()
	return s.Send(http.MethodGet, path, "", bearer(token)...)
}

// JSON sends a JSON body, with the token if there is one.
func (s *Server) JSON(method, path, token, body string) Response {
	s.t.Helper()
	return s.Send(method, path, body, append(bearer(token), "Content-Type", "application/json")...)
}

// Form posts a form whose fields alternate between names and values.
func (s *Server) Form(path string, fields ...string) Response {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return s.Send(http.MethodPost, path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

func bearer(token string) []string {
	if token == "" {
		return nil
	}
	return []string{"Authorization", "Bearer " + token}
}

// RegisterClient registers an OAuth client and returns its secret.
func (s *Server) RegisterClient(id string, scopes ...string) (secret string) {
	s.t.Helper()
	client, secret, err := auth.NewClient(id, scopes)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Exec(`INSERT INTO clients (id, hashed_secret, scopes, created_at) VALUES ($1, $2, $3, $4)`,
		client.ID, client.HashedSecret, strings.Join(scopes, " "), s.Clock.Now().UTC().Format("2006-01-02 15:04:05-07:00"))
	return secret
}
