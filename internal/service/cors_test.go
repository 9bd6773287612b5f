package service_test

import (
	"net/http"
	"strings"
	"testing"

	"latchkey/internal/apitest"
)

const (
	allowOrigin = "Access-Control-Allow-Origin"
	anApp       = "https://app.example.com"
)

func TestOrigins(t *testing.T) {
	tests := []struct {
		name             string
		flags            []string
		allowed, foreign []string
	}{
		{
			"demo", nil,
			[]string{"http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]:8080", "https://localhost"},
			[]string{anApp, "null", "http://localhost.example.com", "http://192.168.1.1:3000", "http://0.0.0.0:3000", "localhost"},
		},
		{"off", []string{"--demo=off"}, nil, []string{"http://localhost:3000", anApp}},
		{
			"listed",
			[]string{"--cors-origins=" + anApp + ",http://b.test:8080"},
			[]string{anApp, "http://b.test:8080"},
			[]string{
				"http://localhost:3000", "http://app.example.com", anApp + ".evil.com", anApp + ":8443", "http://b.test", "null",
			},
		},
		{"any", []string{"--cors-origins=*"}, []string{anApp, "http://localhost:3000", "null"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := apitest.Start(t, tt.flags...)
			for _, origin := range tt.allowed {
				resp := s.Send(http.MethodGet, "/healthz", "", "Origin", origin)
				got := resp.Header.Get(allowOrigin)
				if resp.Status != http.StatusOK || got != origin && got != "*" {
					t.Errorf("%s: %d, %q", origin, resp.Status, resp.Header)
				}
			}
			for _, origin := range tt.foreign {
				resp := s.Send(http.MethodGet, "/healthz", "", "Origin", origin)
				if resp.Status != http.StatusOK || hasCORS(resp) {
					t.Errorf("%s: %d, %q", origin, resp.Status, resp.Header)
				}
			}
		})
	}
}

func hasCORS(resp apitest.Response) bool {
	for name := range resp.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			return true
		}
	}
	return false
}

func TestPreflight(t *testing.T) {
	s := apitest.Start(t, "--cors-origins="+anApp)
	preflight := func(origin, method, headers string) apitest.Response {
		t.Helper()
		return s.Send(http.MethodOptions, "/items/", "", "Origin", origin,
			"Access-Control-Request-Method", method, "Access-Control-Request-Headers", headers)
	}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		resp := preflight(anApp, method, "authorization,content-type,x-request-id")
		if resp.Status != http.StatusNoContent || resp.Header.Get(allowOrigin) != anApp ||
			!strings.Contains(resp.Header.Get("Access-Control-Allow-Methods"), method) ||
			!strings.Contains(resp.Header.Get("Access-Control-Allow-Headers"), "authorization") ||
			resp.Header.Get("Access-Control-Max-Age") != "600" ||
			resp.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %d, %q", method, resp.Status, resp.Header)
		}
	}
	refused := map[string]apitest.Response{
		"another origin": preflight("https://evil.example.com", "GET", "authorization"),
		"another method": preflight(anApp, "TRACE", "authorization"),
		"another header": preflight(anApp, "GET", "x-other"),
	}
	for what, resp := range refused {
		if resp.Header.Get(allowOrigin) != "" || resp.Header.Get("Access-Control-Allow-Methods") != "" {
			t.Errorf("%s: %d, %q", what, resp.Status, resp.Header)
		}
	}
}

func TestPagesCanReadTheAnswers(t *testing.T) {
	s := apitest.Start(t, "--cors-origins="+anApp)
	for _, path := range []string{"/users/me", "/healthz", "/nowhere"} { // errors as well
		resp := s.Send(http.MethodGet, path, "", "Origin", anApp)
		exposed := strings.ToLower(resp.Header.Get("Access-Control-Expose-Headers"))
		for _, name := range []string{"www-authenticate", "retry-after", "x-request-id"} {
			if !strings.Contains(exposed, name) {
				t.Errorf("%s exposes %q", path, exposed)
			}
		}
		if resp.Header.Get(allowOrigin) != anApp || !strings.Contains(resp.Header.Get("Vary"), "Origin") {
			t.Errorf("%s: %q", path, resp.Header)
		}
	}
	if resp := s.Send(http.MethodGet, "/healthz", ""); resp.Header.Get(allowOrigin) != "" {
		t.Errorf("a request of no page: %q", resp.Header)
	}
}
