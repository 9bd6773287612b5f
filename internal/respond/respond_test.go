package respond_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/internal/respond"
	"latchkey/models"
)

const secret = "hunter2 at 10.0.0.5"

var errSecret = errors.New(secret)

const (
	bare500  = `{"detail":"Internal Server Error"}`
	oauth500 = `{"detail":"Internal Server Error","error":"server_error","error_description":"Internal Server Error"}`
)

func ofKind(kind models.Kind, oauth string) error {
	return &models.Error{Kind: kind, OAuth: oauth, Detail: "Sorry", Cause: errSecret}
}

func oauthSorry(code string) string {
	return `{"detail":"Sorry","error":"` + code + `","error_description":"Sorry"}`
}

func TestErrorAnswers(t *testing.T) {
	const sorry = `{"detail":"Sorry"}`
	field := models.FieldError{Type: "missing", Loc: []any{"body", "tags", 0}, Msg: "Field required"}
	tests := []struct {
		name        string
		err         error
		status      int
		body, oauth string
	}{
		{"bad request", ofKind(models.KindBadRequest, "invalid_grant"), 400, sorry, oauthSorry("invalid_grant")},
		{"no OAuth code", ofKind(models.KindBadRequest, ""), 400, sorry, oauthSorry("invalid_request")},
		{"unauthenticated", ofKind(models.KindUnauthenticated, "invalid_client"), 401, sorry, oauthSorry("invalid_client")},
		{"forbidden", ofKind(models.KindForbidden, ""), 403, sorry, oauthSorry("invalid_request")},
		{"not found", ofKind(models.KindNotFound, ""), 404, sorry, oauthSorry("invalid_request")},
		{"method not allowed", ofKind(models.KindMethodNotAllowed, ""), 405, sorry, oauthSorry("invalid_request")},
		{"conflict", ofKind(models.KindConflict, ""), 409, sorry, oauthSorry("invalid_request")},
		{"too large", ofKind(models.KindTooLarge, "invalid_request"), 413, sorry, oauthSorry("invalid_request")},
		{"unavailable", ofKind(models.KindUnavailable, "temporarily_unavailable"), 503, sorry, oauthSorry("temporarily_unavailable")},
		{"unavailable, no OAuth code", ofKind(models.KindUnavailable, ""), 503, sorry, oauthSorry("server_error")},
		{
			"invalid", models.Invalid(field), 422, `{"detail":[{"type":"missing","loc":["body","tags",0],"msg":"Field required"}]}`,
			`{"detail":"Unprocessable Content","error":"invalid_request","error_description":"Unprocessable Content"}`,
		},
		{"wrapped", fmt.Errorf("%s: %w", secret, ofKind(models.KindConflict, "")), 409, sorry, oauthSorry("invalid_request")},
		{"joined", errors.Join(errSecret, ofKind(models.KindConflict, "")), 409, sorry, oauthSorry("invalid_request")},
		{"internal", ofKind(models.KindInternal, "invalid_grant"), 500, bare500, oauth500},
		{"of a kind without a status", ofKind(models.KindUnavailable+1, "invalid_grant"), 500, bare500, oauth500},
		{"unknown", errSecret, 500, bare500, oauth500},
		{"unknown and wrapped", fmt.Errorf("query: %w", errSecret), 500, bare500, oauth500},
	}
	for _, tt := range tests {
		for shape, write := range writers {
			t.Run(tt.name+", "+shape, func(t *testing.T) {
				c, w := newContext(httptest.NewRequest(http.MethodGet, "/", nil))
				write(c, tt.err)
				want := map[string]string{"plain": tt.body, "oauth": tt.oauth}[shape]
				if w.Code != tt.status || w.Body.String() != want {
					t.Errorf("answer %d %s\nwant %d %s", w.Code, w.Body, tt.status, want)
				}
				if got := w.Header().Get("Content-Type"); got != "application/json; charset=utf-8" {
					t.Errorf("Content-Type: %s", got)
				}
				if !c.IsAborted() {
					t.Error("the handlers that follow would run")
				}
				if last := c.Errors.Last(); last == nil || !errors.Is(last.Err, tt.err) {
					t.Errorf("the access log gets %v, want %v", last, tt.err)
				}
			})
		}
	}
}

var writers = map[string]func(*gin.Context, error){"plain": respond.Error, "oauth": respond.OAuthError}

func TestErrorHeaders(t *testing.T) {
	after := func(d time.Duration) error { return models.Unavailable("Sorry", d, nil) }
	tests := []struct {
		name                  string
		err                   error
		challenge, retryAfter string
	}{
		{"challenge", models.NotAuthenticated(), "Bearer", ""},
		{"wrapped challenge", fmt.Errorf("x: %w", models.NotAuthenticated()), "Bearer", ""},
		{"neither", models.NotFound("Sorry"), "", ""},
		{"no wait", after(0), "", ""},
		{"a nanosecond", after(1), "", "1"},
		{"a second", after(time.Second), "", "1"},
		{"a little more", after(time.Second + 1), "", "2"},
		{"a minute less a little", after(time.Minute - 1), "", "60"},
		{"negative", after(-time.Second), "", ""},
		{"internal", &models.Error{Challenge: "Basic", RetryAfter: time.Second}, "", ""},
	}
	for _, tt := range tests {
		for shape, write := range writers {
			t.Run(tt.name+", "+shape, func(t *testing.T) {
				c, w := newContext(httptest.NewRequest(http.MethodGet, "/", nil))
				write(c, tt.err)
				if got := w.Header().Get("WWW-Authenticate"); got != tt.challenge {
					t.Errorf("WWW-Authenticate: %q, want %q", got, tt.challenge)
				}
				if got := w.Header().Get("Retry-After"); got != tt.retryAfter {
					t.Errorf("Retry-After: %q, want %q", got, tt.retryAfter)
				}
			})
		}
	}
}

// A handler may fail after it announced what it was about to send.
func TestErrorTakesBackWhatWasSaidOfTheBody(t *testing.T) {
	for shape, write := range writers {
		t.Run(shape, func(t *testing.T) {
			c, w := newContext(httptest.NewRequest(http.MethodGet, "/", nil))
			c.Header("Content-Type", "text/html")
			c.Header("Content-Length", "5000")
			c.Header("Content-Encoding", "gzip")
			c.Header("X-Request-Id", "kept")
			write(c, errSecret)
			h := w.Header()
			if h.Get("Content-Type") != "application/json; charset=utf-8" || h.Get("Content-Length") != "" ||
				h.Get("Content-Encoding") != "" || h.Get("X-Request-Id") != "kept" {
				t.Errorf("headers %v", h)
			}
		})
	}
}

// A body that was cut off looks as if its client had left, and the client may
// still listen.
func TestErrorForACutBody(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c, w := newContext(httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil))
	respond.OAuthError(c, models.BadRequest(models.OAuthInvalidRequest, "The form cannot be read"))
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "The form cannot be read") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestErrorForAClientThatIsGone(t *testing.T) {
	for shape, write := range writers {
		for _, err := range []error{models.Unavailable("Sorry", time.Second, nil), errSecret, context.Canceled} {
			t.Run(shape+", "+err.Error(), func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				c, w := newContext(httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
				write(c, err)
				if w.Code != respond.StatusClientClosedRequest || !c.IsAborted() {
					t.Errorf("%d, aborted %t", w.Code, c.IsAborted())
				}
				if last := c.Errors.Last(); last == nil || !errors.Is(last.Err, err) {
					t.Errorf("the access log gets %v, want %v", last, err)
				}
			})
		}
	}
}
