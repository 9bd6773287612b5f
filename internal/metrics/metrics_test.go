package metrics_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"latchkey/internal/metrics"
)

var routes = []metrics.Route{{Method: http.MethodGet, Path: "/users/me"}, {Method: http.MethodGet, Path: "/users/"}, {Method: http.MethodPost, Path: "/users/"}}

// scrape is what Prometheus gets, without the comments.
func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	body, err := io.ReadAll(w.Result().Body)
	if err != nil || w.Code != 200 {
		t.Fatal(w.Code, err)
	}
	return string(body)
}

func wantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("there is no line %q", line)
		}
	}
}

func TestRequests(t *testing.T) {
	m := metrics.New(routes)
	for range 2 {
		m.Request(http.MethodGet, "/users/me", 200, 3*time.Millisecond)
		m.Request(http.MethodGet, "/users/me/", 200, 3*time.Millisecond) // the same route
	}
	m.Request(http.MethodPost, "/users", 201, time.Second)
	m.Request(http.MethodDelete, "", 404, 0)
	m.Request(http.MethodGet, "/not/one/of/them", 404, 0)
	m.Request("hostile", "/users/me", 405, 0)
	m.Request(http.MethodGet, "/users/me", 1<<20, 0)
	m.Request(http.MethodGet, "/users/me", -1, 0)
	wantLines(t, scrape(t, m),
		`latchkey_http_requests_total{method="GET",route="/users/me",status="200"} 4`,
		`latchkey_http_requests_total{method="POST",route="/users/",status="201"} 1`,
		`latchkey_http_requests_total{method="DELETE",route="unmatched",status="404"} 1`,
		`latchkey_http_requests_total{method="GET",route="unmatched",status="404"} 1`,
		`latchkey_http_requests_total{method="other",route="unmatched",status="405"} 1`,
		`latchkey_http_requests_total{method="GET",route="/users/me",status="599"} 1`,
		`latchkey_http_requests_total{method="GET",route="/users/me",status="0"} 1`,
		`latchkey_http_request_duration_seconds_bucket{method="GET",route="/users/me",le="0.0025"} 2`,
		`latchkey_http_request_duration_seconds_bucket{method="GET",route="/users/me",le="0.005"} 6`,
	)
}

func TestHash(t *testing.T) {
	m := metrics.New(nil)
	busy := errors.New("busy")
	begun, ended := m.Hash(busy)
	begun()
	ended(nil)
	_, ended = m.Hash(busy)
	ended(errors.Join(busy))
	_, ended = m.Hash(busy)
	ended(context.Canceled)
	m.HashQueue(func() (int, int) { return 2, 7 })
	wantLines(t, scrape(t, m),
		`latchkey_hash_wait_seconds_count 1`, `latchkey_hash_duration_seconds_count 1`,
		`latchkey_hash_refused_total{reason="full"} 1`, `latchkey_hash_refused_total{reason="left"} 1`,
		`latchkey_hash_running 2`, `latchkey_hash_queue_depth 7`,
	)
}

func TestScrapeDoesNotWaitForTheDatabase(t *testing.T) {
	m := metrics.New(nil)
	m.MailQueue(func(ctx context.Context) (int, time.Duration, error) {
		<-ctx.Done()
		return 0, 0, ctx.Err()
	})
	begin := time.Now()
	text := scrape(t, m)
	if d := time.Since(begin); d > 5*time.Second {
		t.Errorf("it took %s", d)
	}
	wantLines(t, text, `latchkey_database_up 0`)
	if strings.Contains(text, "latchkey_mail_queue_length") {
		t.Error("the queue has a length that nobody knows")
	}
}

// BenchmarkRequest is what counting adds to a request. It allocates nothing.
func BenchmarkRequest(b *testing.B) {
	m := metrics.New(routes)
	for b.Loop() {
		m.Request(http.MethodGet, "/users/me", 200, 3*time.Millisecond)
	}
}

func TestCountingARequestAllocatesNothing(t *testing.T) {
	m := metrics.New(routes)
	if n := testing.AllocsPerRun(100, func() { m.Request(http.MethodGet, "/users/me", 200, time.Millisecond) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
