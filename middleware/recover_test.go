package middleware_test

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/gin-gonic/gin"

	"latchkey/middleware"
)

// served is what a client got of an answer, and what was logged.
type served struct {
	status int
	header http.Header
	body   string
	err    error // of reading the answer
	lines  []map[string]any
	server string // what net/http logged itself
}

// serve asks a real server whose handler is behind AccessLog and Recover.
func serve(t *testing.T, handlers ...gin.HandlerFunc) (s served) {
	t.Helper()
	logger, lines := newLog()
	var serverLog bytes.Buffer
	chain := []gin.HandlerFunc{middleware.RequestID(), middleware.AccessLog(logger), middleware.Recover(logger)}
	server := httptest.NewUnstartedServer(app(append(chain, handlers...)...))
	server.Config.ErrorLog = log.New(&serverLog, "", 0)
	server.Start()
	defer func() {
		server.Close()
		s.lines, s.server = logged(t, lines), serverLog.String()
	}()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/route/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(middleware.RequestIDHeader, "req-1")
	resp, err := server.Client().Do(r)
	if err != nil {
		return served{err: err}
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	_, err = body.ReadFrom(resp.Body)
	return served{status: resp.StatusCode, header: resp.Header, body: body.String(), err: err}
}

func panicking(value any) gin.HandlerFunc { return func(*gin.Context) { panic(value) } }

func writing(text string, flush bool) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.String(http.StatusOK, text)
		if flush {
			c.Writer.Flush()
		}
	}
}

// silent is an error that is nobody's.
type silent struct{}

func (*silent) Error() string { panic("no text") }

func TestRecover(t *testing.T) {
	announce := func(c *gin.Context) {
		c.Header("Content-Type", "text/html")
		c.Header("Content-Length", "5000")
		c.Status(http.StatusAccepted)
	}
	tests := []struct {
		name     string
		handlers []gin.HandlerFunc
		logged   string
	}{
		{"text", []gin.HandlerFunc{panicking("no such luck")}, "no such luck"},
		{"error", []gin.HandlerFunc{panicking(errAway)}, "dial 10.0.0.5: refused"},
		{"of the runtime", []gin.HandlerFunc{func(c *gin.Context) { _ = c.Params[len(c.Params)] }}, "runtime error: index out of range [1] with length 1"},
		{"nil", []gin.HandlerFunc{panicking(nil)}, "panic called with nil argument"},
		{"what cannot be logged", []gin.HandlerFunc{panicking(func() {})}, "!ERROR:json: unsupported type: func()"},
		{"a panicking error", []gin.HandlerFunc{panicking(&silent{})}, "!PANIC: no text"},
		{"after headers were set", []gin.HandlerFunc{announce, panicking("no such luck")}, "no such luck"},
		{"a broken connection to something else", []gin.HandlerFunc{panicking(fmt.Errorf("query: %w", syscall.ECONNRESET))}, "query: connection reset by peer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := serve(t, tt.handlers...)
			if got.err != nil || got.status != 500 || got.body != `{"detail":"Internal Server Error"}` ||
				got.header.Get("Content-Type") != "application/json; charset=utf-8" {
				t.Errorf("answer %d %v %s, %v", got.status, got.header, got.body, got.err)
			}
			if len(got.lines) != 2 || got.server != "" {
				t.Fatalf("logged %v and %s", got.lines, got.server)
			}
			checkPanicLine(t, got.lines[0], tt.logged)
			checkRequestLine(t, got.lines[1], 500, "panic")
		})
	}
}

func checkPanicLine(t *testing.T, line map[string]any, value string) {
	t.Helper()
	if line["level"] != "ERROR" || line["msg"] != "panic" || line["panic"] != value ||
		line["request_id"] != "req-1" || line["route"] != "/route/:secret" {
		t.Errorf("panic line %v", line)
	}
	if stack := fmt.Sprint(line["stack"]); !strings.Contains(stack, "middleware/recover_test.go:") || !strings.Contains(stack, "panic(") {
		t.Errorf("the stack does not lead here: %s", stack)
	}
}

func checkRequestLine(t *testing.T, line map[string]any, status float64, err string) {
	t.Helper()
	if line["msg"] != "request" || line["status"] != status || line["error"] != err || line["request_id"] != "req-1" {
		t.Errorf("request line %v", line)
	}
}

// An answer that was begun must not reach the client as if it were whole.
func TestRecoverBreaksOff(t *testing.T) {
	const abort = "net/http: abort Handler"
	tests := []struct {
		name     string
		handlers []gin.HandlerFunc
		body     string // what the client gets of it
		panics   string // empty: no line
		logged   string
	}{
		{"text, begun", []gin.HandlerFunc{writing("half", false), panicking("no such luck")}, "", "no such luck", "panic"},
		{"text, partly sent", []gin.HandlerFunc{writing("half", true), panicking("no such luck")}, "half", "no such luck", "panic"},
		{"text, much of it sent", []gin.HandlerFunc{writing(strings.Repeat("x", 4096), true), panicking("no such luck")}, strings.Repeat("x", 4096), "no such luck", "panic"},
		{"status, sent", []gin.HandlerFunc{func(c *gin.Context) { c.Status(202); c.Writer.WriteHeaderNow() }, panicking("no such luck")}, "", "no such luck", "panic"},
		{"abort", []gin.HandlerFunc{panicking(http.ErrAbortHandler)}, "", "", abort},
		{"abort, begun", []gin.HandlerFunc{writing("half", false), panicking(http.ErrAbortHandler)}, "", "", abort},
		{"abort, partly sent", []gin.HandlerFunc{writing("half", true), panicking(http.ErrAbortHandler)}, "half", "", abort},
		{"abort, wrapped", []gin.HandlerFunc{panicking(fmt.Errorf("copy: %w", http.ErrAbortHandler))}, "", "", abort},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := serve(t, tt.handlers...)
			if got.err == nil || got.body != tt.body {
				t.Errorf("answer %d %q, %v", got.status, got.body, got.err)
			}
			if got.server != "" {
				t.Errorf("net/http logged %s", got.server)
			}
			if tt.panics != "" && len(got.lines) == 2 {
				checkPanicLine(t, got.lines[0], tt.panics)
				got.lines = got.lines[1:]
			}
			if len(got.lines) != 1 {
				t.Fatalf("logged %v", got.lines)
			}
			if status, ok := got.lines[0]["status"].(float64); ok {
				checkRequestLine(t, got.lines[0], status, tt.logged)
			}
		})
	}
}

func TestRecoverLeavesTheRestAlone(t *testing.T) {
	for name, handlers := range map[string][]gin.HandlerFunc{
		"well":   {writing("whole", false)},
		"failed": {failing(errors.New("x")), panicking("must not run")},
	} {
		got := serve(t, handlers...)
		if got.err != nil || len(got.lines) != 1 || got.lines[0]["msg"] != "request" {
			t.Errorf("%s: %d %s, %v, logged %v", name, got.status, got.body, got.err, got.lines)
		}
	}
}
