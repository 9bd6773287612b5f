package middleware_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"latchkey/internal/respond"
	"latchkey/middleware"
	"latchkey/models"
)

// newLog is a log, and where its lines are, in JSON.
func newLog() (*slog.Logger, *bytes.Buffer) {
	var lines bytes.Buffer
	return slog.New(slog.NewJSONHandler(&lines, nil)), &lines
}

// logged are the lines of a log.
func logged(t *testing.T, lines *bytes.Buffer) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(lines.String()) {
		var members map[string]any
		if err := json.Unmarshal([]byte(line), &members); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		all = append(all, members)
	}
	return all
}

// named is a user with a name for the log.
type named struct{ keeper }

func (n named) Subject() string { return "id of " + n.name }

func findNamed(ctx context.Context, token string) (named, []string, error) {
	k, scopes, err := find(ctx, token)
	return named{k}, scopes, err
}

func failing(err error) gin.HandlerFunc {
	return func(c *gin.Context) { respond.Error(c, err) }
}

func TestAccessLog(t *testing.T) {
	tests := []struct {
		name     string
		handlers []gin.HandlerFunc
		want     map[string]any
	}{
		{"well", []gin.HandlerFunc{done}, map[string]any{"status": 204.0}},
		{"named user", []gin.HandlerFunc{middleware.CurrentUser(findNamed), done}, map[string]any{"status": 204.0, "user": "id of ada"}},
		{"named, optional user", []gin.HandlerFunc{middleware.OptionalUser(findNamed), done}, map[string]any{"status": 204.0, "user": "id of ada"}},
		{"unnamed user", []gin.HandlerFunc{middleware.CurrentUser(find), done}, map[string]any{"status": 204.0}},
		{
			"user without the scope",
			[]gin.HandlerFunc{middleware.CurrentUser(findNamed), middleware.RequireScopes("fly")},
			map[string]any{"status": 403.0, "user": "id of ada", "error": "Not enough permissions"},
		},
		{"refused", []gin.HandlerFunc{failing(models.NotFound("No such key"))}, map[string]any{"status": 404.0, "error": "No such key"}},
		{
			"refused with a cause",
			[]gin.HandlerFunc{failing(middleware.InvalidToken("The token is old", errAway))},
			map[string]any{"status": 401.0, "error": "Invalid authentication credentials: dial 10.0.0.5: refused"},
		},
		{"unknown error", []gin.HandlerFunc{failing(errAway)}, map[string]any{"status": 500.0, "error": "dial 10.0.0.5: refused", "level": "ERROR"}},
		{
			"unavailable",
			[]gin.HandlerFunc{failing(models.Unavailable("Try again", 1, errAway))},
			map[string]any{"status": 503.0, "error": "Try again: dial 10.0.0.5: refused", "level": "ERROR"},
		},
		{"the last error", []gin.HandlerFunc{failing(errors.New("first")), failing(errAway)}, map[string]any{"status": 500.0, "error": "first", "level": "ERROR"}},
		{"bare 500", []gin.HandlerFunc{func(c *gin.Context) { c.Status(http.StatusInternalServerError) }}, map[string]any{"status": 500.0, "level": "ERROR"}},
		{"499", []gin.HandlerFunc{func(c *gin.Context) { c.Status(respond.StatusClientClosedRequest) }}, map[string]any{"status": 499.0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log, buffer := newLog()
			handlers := append([]gin.HandlerFunc{middleware.RequestID(), middleware.AccessLog(log)}, tt.handlers...)
			ask(app(handlers...), "Authorization", "Bearer ada", middleware.RequestIDHeader, "req-1")
			lines := logged(t, buffer)
			if len(lines) != 1 {
				t.Fatalf("%d lines: %v", len(lines), lines)
			}
			line := lines[0]
			if d, ok := line["duration"].(float64); !ok || d <= 0 {
				t.Errorf("duration %v", line["duration"])
			}
			delete(line, "duration")
			delete(line, "time")
			want := map[string]any{
				"level": "INFO", "msg": "request", "request_id": "req-1", "method": "GET", "route": "/route/:secret", "address": "192.0.2.1",
			}
			maps.Copy(want, tt.want)
			if !maps.Equal(line, want) {
				t.Errorf("the line has\n%v\nwant\n%v", line, want)
			}
		})
	}
}

func TestAccessLogOfAnUnknownPath(t *testing.T) {
	log, buffer := newLog()
	engine := gin.New()
	engine.Use(middleware.AccessLog(log))
	engine.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/hunter2", nil))
	if lines := logged(t, buffer); len(lines) != 1 || lines[0]["route"] != "" || lines[0]["status"] != 404.0 {
		t.Errorf("lines %v", lines)
	}
}

const planted = "hunter2"

// talkative users say more than their name, and none of it is for the log.
type talkative struct {
	Password string
	named
}

func (u talkative) String() string   { return u.Password }
func (u talkative) GoString() string { return u.Password }

// misnamed has a Subject, but not the one that counts.
type misnamed struct{ Password string }

func (m misnamed) Subject() any { return m.Password }

func TestNoSecretIsLogged(t *testing.T) {
	lookup := func(_ context.Context, token string) (talkative, []string, error) {
		if token != planted {
			return talkative{}, nil, middleware.InvalidToken("The token is unknown", nil)
		}
		return talkative{Password: planted}, []string{planted}, nil
	}
	lookupMisnamed := func(context.Context, string) (misnamed, []string, error) { return misnamed{planted}, nil, nil }
	readForm := func(c *gin.Context) {
		_, err := respond.OAuthForm[models.OAuth2PasswordRequestForm](c)
		respond.OAuthError(c, err)
	}
	readJSON := func(c *gin.Context) {
		_, err := respond.JSON[models.NewItem](c)
		respond.Error(c, err)
	}
	chains := map[string][]gin.HandlerFunc{
		"user":          {middleware.CurrentUser(lookup), done},
		"misnamed user": {middleware.CurrentUser(lookupMisnamed), done},
		"scope":         {middleware.CurrentUser(lookup), middleware.RequireScopes("fly")},
		"form":          {readForm},
		"JSON":          {readJSON},
		"too large":     {middleware.MaxBody(4, respond.Error), done},
		"panic": {middleware.CurrentUser(lookup), func(c *gin.Context) {
			user, _ := middleware.User[talkative](c)
			_ = any(user).(models.User) //nolint:errcheck // it is here to panic
		}},
	}
	for name, chain := range chains {
		for _, token := range []string{planted, planted + "!", "x" + planted} {
			t.Run(fmt.Sprint(name, " ", token), func(t *testing.T) {
				log, buffer := newLog()
				h := app(append([]gin.HandlerFunc{middleware.RequestID(), middleware.AccessLog(log), middleware.Recover(log)}, chain...)...)
				for contentType, body := range bodies {
					r := httptest.NewRequest(http.MethodPost, "/route/"+planted+"?password="+planted+"&x=%zz", strings.NewReader(body))
					if name == "form" {
						r.URL.RawQuery = "x=" + planted
					}
					r.Header.Set("Content-Type", contentType)
					r.Header.Set("Authorization", "Bearer "+token)
					for _, header := range []string{"Cookie", "Referer", "User-Agent", "X-Forwarded-For", "X-Real-Ip", "X-Api-Key"} {
						r.Header.Set(header, planted)
					}
					r.Header.Set(middleware.RequestIDHeader, "id "+planted)
					h.ServeHTTP(httptest.NewRecorder(), r)
				}
				if text := buffer.String(); strings.Contains(text, planted) || !strings.Contains(text, `"msg":"request"`) {
					t.Errorf("the log has %s", text)
				}
			})
		}
	}
}

// bodies have the secret where a parser might quote it; by content type.
var bodies = map[string]string{
	"application/x-www-form-urlencoded":                   "username=john&password=" + planted + "&" + planted + "=%zz",
	"application/x-www-form-urlencoded; charset=utf-8":    "password=" + planted + "&password=" + planted,
	"multipart/form-data; boundary=B":                     "--B\r\n" + planted + "\r\n\r\n--B--",
	"multipart/form-data; boundary=B; x=" + planted:       "--B\r\nContent-Disposition: form-data; name=" + planted + "; filename=" + planted + "\r\n\r\nx\r\n--B--",
	"multipart/form-data; boundary=" + planted + "; x":    "",
	"application/json":                                    `{"title":7,"` + planted + `":1,"description":["` + planted + `"]}`,
	"application/json; charset=" + planted:                `{"title":"` + planted + `"`,
	"application/merge-patch+json; " + planted + "=x; y=": planted,
}

// What a body's sender says wrongly at its very end is read by net/http, whose
// error quotes it.
func TestNoSecretOfABrokenTrailerIsLogged(t *testing.T) {
	log, buffer := newLog()
	readJSON := func(c *gin.Context) {
		_, err := respond.JSON[models.NewItem](c)
		respond.Error(c, err)
	}
	server := httptest.NewServer(app(middleware.AccessLog(log), readJSON))
	got := connect(t, server).send("POST /route/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + planted + "\r\n\r\n").answer()
	server.Close()
	if lines := logged(t, buffer); got.status != 422 || len(lines) != 1 || strings.Contains(got.body+fmt.Sprint(lines), planted) {
		t.Errorf("%d %s, and the log has %v", got.status, got.body, lines)
	}
}
