package middleware_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"latchkey/middleware"
)

func done(c *gin.Context) { c.Status(http.StatusNoContent) }

func TestSecureHeaders(t *testing.T) {
	reply{status: 204, header: http.Header{
		"X-Content-Type-Options": {"nosniff"},
		"X-Frame-Options":        {"DENY"},
		"Referrer-Policy":        {"no-referrer"},
		"Content-Security-Policy": {
			"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		},
	}}.check(t, ask(app(middleware.SecureHeaders(), done)))
}

func TestRequestID(t *testing.T) {
	const header = middleware.RequestIDHeader
	longest := strings.Repeat("a", 64)
	tests := []struct {
		name string
		sent []string
		want string // empty: one of our own
	}{
		{"none", nil, ""},
		{"empty", []string{""}, ""},
		{"plain", []string{"req-1_A.b"}, "req-1_A.b"},
		{"UUID", []string{"019a84af-5607-7d02-99d1-f4b44f7858ea"}, "019a84af-5607-7d02-99d1-f4b44f7858ea"},
		{"longest", []string{longest}, longest},
		{"too long", []string{longest + "a"}, ""},
		{"space", []string{"a b"}, ""},
		{"tab", []string{"a\tb"}, ""},
		{"line break", []string{"a\r\nSet-Cookie: x=y"}, ""},
		{"NUL", []string{"a\x00"}, ""},
		{"escape", []string{"\x1b[31m"}, ""},
		{"quote", []string{`a"b`}, ""},
		{"markup", []string{"<script>"}, ""},
		{"equals", []string{"level=error"}, ""},
		{"path", []string{"../x"}, ""},
		{"tilde", []string{"~a"}, ""},
		{"plus", []string{"a+b"}, ""},
		{"percent", []string{"%00"}, ""},
		{"template", []string{"${jndi:x}"}, ""},
		{"not ASCII", []string{"é"}, ""},
		{"not UTF-8", []string{"\xff"}, ""},
		{"the first of two", []string{"one", "two"}, "one"},
		{"two, the first hostile", []string{"o ne", "two"}, ""},
	}
	ours := regexp.MustCompile(`^[a-z0-9]{8,13}$`)
	seen := map[string]bool{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var headers []string
			for _, id := range tt.sent {
				headers = append(headers, header, id)
			}
			ids := ask(app(middleware.RequestID(), done), headers...).header[header]
			if len(ids) != 1 {
				t.Fatalf("the answer has the ids %q", ids)
			}
			switch id := ids[0]; {
			case tt.want != "" && id != tt.want, tt.want == "" && !ours.MatchString(id):
				t.Errorf("the answer has the id %q", id)
			case seen[id]:
				t.Errorf("the id %q is there twice", id)
			default:
				seen[id] = true
			}
		})
	}
}
