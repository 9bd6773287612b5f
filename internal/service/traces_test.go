package service_test

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"latchkey/internal/apitest"
)

// collector takes spans as an OpenTelemetry collector does.
type collector struct {
	*httptest.Server

	mu       sync.Mutex
	requests []*http.Request
	received []byte // of all requests
	spans    []*tracepb.Span
	resource string
	refuse   int
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.requests = append(c.requests, r)
		if c.refuse > 0 {
			c.refuse--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if err := c.take(r); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(c.Close)
	for _, name := range []string{"ENDPOINT", "TRACES_ENDPOINT", "HEADERS", "COMPRESSION", "PROTOCOL", "TIMEOUT"} {
		t.Setenv("OTEL_EXPORTER_OTLP_"+name, "")
	}
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
	return c
}

func (c *collector) take(r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err == nil && r.Header.Get("Content-Encoding") == "gzip" {
		var unpacked *gzip.Reader
		if unpacked, err = gzip.NewReader(bytes.NewReader(body)); err == nil {
			body, err = io.ReadAll(unpacked)
		}
	}
	if err != nil {
		return err
	}
	c.received = append(c.received, body...)
	var data tracepb.TracesData
	if err := proto.Unmarshal(body, &data); err != nil {
		return err
	}
	for _, resource := range data.GetResourceSpans() {
		c.resource = resource.GetResource().String()
		for _, scope := range resource.GetScopeSpans() {
			c.spans = append(c.spans, scope.GetSpans()...)
		}
	}
	return nil
}

// named are the spans of that name.
func (c *collector) named(name string) (found []*tracepb.Span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, span := range c.spans {
		if span.GetName() == name {
			found = append(found, span)
		}
	}
	return found
}

func (c *collector) one(t *testing.T, name string) *tracepb.Span {
	t.Helper()
	found := c.named(name)
	if len(found) != 1 {
		t.Fatalf("%d spans named %q", len(found), name)
	}
	return found[0]
}

// attribute is one of a span's, as text.
func attribute(span *tracepb.Span, key string) string {
	for _, a := range span.GetAttributes() {
		if a.GetKey() == key {
			return strings.TrimSpace(a.GetValue().String())
		}
	}
	return ""
}

func TestTraces(t *testing.T) {
	t.Run("sqlite", testTraces)
	t.Run("postgres", testTraces)
}

func testTraces(t *testing.T) {
	c := newCollector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "X-Key=a%20b, X-Other=c")
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
	s := apitest.Start(t)
	const traceID, parentID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	login := s.Send(http.MethodPost, "/token?secret=in-the-query", "username=johndoe&password=secret",
		"Content-Type", "application/x-www-form-urlencoded", "traceparent", "00-"+traceID+"-"+parentID+"-01")
	session := s.Session("johndoe", "secret")
	s.Form("/token", "username", "typed-by-mistake", "password", "typed-password")
	s.Get("/users/johndoe", session.AccessToken)
	s.Get("/nowhere/typed-path", session.AccessToken)
	s.Send("HOSTILE", "/users/me", "", "traceparent", "nonsense")
	s.Refresh(session.RefreshToken)
	s.Stop()

	var root *tracepb.Span
	for _, span := range c.named("POST /token") {
		if hex.EncodeToString(span.GetTraceId()) == traceID {
			root = span
		}
	}
	if login.Status != http.StatusOK || root == nil || hex.EncodeToString(root.GetParentSpanId()) != parentID {
		t.Fatalf("the login's span is %v", root)
	}
	for key, want := range map[string]string{"http.route": "/token", "http.request.method": "POST", "http.response.status_code": "200"} {
		if got := attribute(root, key); !strings.Contains(got, want) {
			t.Errorf("%s is %q", key, got)
		}
	}
	names := map[string]int{}
	for _, span := range c.spans {
		if bytes.Equal(span.GetTraceId(), root.GetTraceId()) {
			names[span.GetName()]++
		}
		if len(span.GetParentSpanId()) == 0 && span.GetKind() != tracepb.Span_SPAN_KIND_SERVER {
			t.Errorf("%s belongs to no request", span.GetName())
		}
	}
	for _, name := range []string{"wait to hash the password", "hash the password", "SELECT", "TRANSACTION", "INSERT"} {
		if names[name] == 0 {
			t.Errorf("the login has no span %q: %v", name, names)
		}
	}
	if got := attribute(c.one(t, "GET /users/:username"), "http.route"); !strings.Contains(got, ":username") {
		t.Error(got)
	}
	if got := attribute(c.one(t, "_OTHER"), "http.response.status_code"); !strings.Contains(got, "405") {
		t.Error(got)
	}
	c.one(t, "GET")
	wantNoSecrets(t, c.received, "secret=", "in-the-query", "johndoe", "typed", "hunter", session.AccessToken, session.RefreshToken,
		"$argon2", "127.0.0.1", "HOSTILE", "Go-http-client", "example.com")
	if r := c.requests[0]; r.URL.Path != "/v1/traces" || r.Header.Get("X-Key") != "a b" || r.Header.Get("X-Other") != "c" ||
		r.Header.Get("Content-Type") != "application/x-protobuf" {
		t.Errorf("%s %v", r.URL, r.Header)
	}
	for _, word := range []string{"latchkey", "deployment.environment.name"} {
		if !strings.Contains(c.resource, word) {
			t.Errorf("%s lacks %s", c.resource, word)
		}
	}
}

func wantNoSecrets(t *testing.T, received []byte, words ...string) {
	t.Helper()
	if len(received) == 0 {
		t.Error("nothing was received")
	}
	for _, word := range words {
		if bytes.Contains(received, []byte(word)) {
			t.Errorf("the spans have %q", word)
		}
	}
}

func TestNoTracesUnlessAskedFor(t *testing.T) {
	tests := map[string]map[string]string{
		"no endpoint": {},
		"disabled":    {"OTEL_SDK_DISABLED": "true"},
		"no exporter": {"OTEL_TRACES_EXPORTER": "none"},
	}
	for name, variables := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCollector(t)
			if len(variables) > 0 {
				t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
			}
			for key, value := range variables {
				t.Setenv(key, value)
			}
			s := apitest.Start(t)
			s.Session("johndoe", "secret")
			s.Stop()
			if len(c.requests) != 0 {
				t.Errorf("%d requests to the collector", len(c.requests))
			}
		})
	}
}

// A collector that is away is told of once, and keeps nobody waiting.
func TestCollectorAway(t *testing.T) {
	c := newCollector(t)
	c.refuse = 1
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", c.URL+"/elsewhere")
	s := apitest.Start(t)
	s.Session("johndoe", "secret")
	apitest.Eventually(t, "the second try", func() bool { return len(c.named("POST /token")) == 1 })
	if path := c.requests[0].URL.Path; path != "/elsewhere" {
		t.Error(path)
	}
	c.CloseClientConnections()
	c.Close()
	begin := time.Now()
	s.Session("johndoe", "secret")
	s.Stop()
	if d := time.Since(begin); d > 10*time.Second {
		t.Errorf("the service took %s to stop", d)
	}
}

func TestTraceSettingsThatAreWrong(t *testing.T) {
	for name, value := range map[string]string{
		"ENDPOINT": "collector:hunter2", "TRACES_ENDPOINT": "ftp://joe:hunter2@collector", "HEADERS": "hunter2", "TIMEOUT": "10s",
		"PROTOCOL": "grpc", "CERTIFICATE": "/nonexistent.pem", "CLIENT_CERTIFICATE": "/nonexistent.pem",
	} {
		t.Run(name, func(t *testing.T) {
			newCollector(t)
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
			t.Setenv("OTEL_EXPORTER_OTLP_"+name, value)
			s, err := start(t, newDatabase(t), new(apitest.Buffer))
			wantError(t, s, err, "OTEL_EXPORTER_OTLP_", strings.TrimPrefix(name, "TRACES_"))
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v shows a secret", err)
			}
		})
	}
}
