package handlers_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"latchkey/handlers"
	"latchkey/internal/apitest"
)

// TestWhatIsKnownOfPeopleIsNotCached asks every route, with a token and
// without: what may tell of somebody, errors too, is for no cache to keep.
func TestWhatIsKnownOfPeopleIsNotCached(t *testing.T) {
	s := apitest.Start(t)
	tokens := []string{"", s.LogIn("johndoe", "secret")}
	fill := strings.NewReplacer(":username", "alice", ":id", "019a84af-5607-7d02-99d1-f4b44f7858ea")
	for _, r := range handlers.Routes() {
		if !r.Access.Bearer && r.Method == http.MethodGet {
			continue
		}
		for _, token := range tokens {
			for _, body := range []string{"", "{", strings.Repeat(" ", 2<<20)} {
				got := s.JSON(r.Method, fill.Replace(r.Path), token, body)
				if got.Header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s %s: %d with Cache-Control %q", r.Method, r.Path, got.Status, got.Header.Get("Cache-Control"))
				}
			}
		}
	}
}

// TestNoAnswerRunsAnything asks every route for the policy that a browser holds
// it to: pages have one of their own, and nothing else may run or be framed.
func TestNoAnswerRunsAnything(t *testing.T) {
	s := apitest.Start(t)
	policies := map[string]string{"/docs": "script-src 'self'", "/verify-email": "script-src 'sha256-", "/reset-password": "script-src 'sha256-"}
	for _, path := range []string{
		"/docs", "/verify-email", "/reset-password", "/docs/swagger-ui-bundle.js", "/docs/latchkey.svg", "/openapi.json",
		"/users/me", "/users/", "/healthz", "/.well-known/jwks.json", "/nope", "/token",
	} {
		policy := s.Get(path, "").Header.Values("Content-Security-Policy")
		if len(policy) != 1 || !strings.HasPrefix(policy[0], "default-src 'none'; ") {
			t.Errorf("%s: %q", path, policy)
			continue
		}
		for _, part := range []string{"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy[0], part) {
				t.Errorf("%s: %s lacks %s", path, policy[0], part)
			}
		}
		want := policies[path]
		if runs := strings.Contains(policy[0], "script-src"); runs != (want != "") || !strings.Contains(policy[0], want) {
			t.Errorf("%s: %s", path, policy[0])
		}
	}
}

// TestPasswordFieldsAreForManagers holds each password field of our pages to
// what browsers and password managers go by, and looks for what hinders pasting.
func TestPasswordFieldsAreForManagers(t *testing.T) {
	s := apitest.Start(t)
	field := regexp.MustCompile(`<input [^>]*type="password"[^>]*>`)
	for path, count := range map[string]int{"/verify-email": 0, "/reset-password": 1, "/docs": 0} {
		page := s.Get(path, "").Body
		fields := field.FindAllString(page, -1)
		if len(fields) != count {
			t.Errorf("%s has the password fields %q", path, fields)
		}
		for _, found := range fields {
			if !strings.Contains(found, `autocomplete="new-password"`) || strings.Contains(found, "maxlength") {
				t.Errorf("%s: %s", path, found)
			}
		}
		if hindrance := regexp.MustCompile(`(?i)paste|beforeinput|autocomplete="off"`).FindString(page); hindrance != "" {
			t.Errorf("%s has %s", path, hindrance)
		}
	}
}

func TestAPasswordDoesNotExpire(t *testing.T) {
	s := apitest.Start(t)
	signUp(t, s, "ada", "")
	s.Clock.Advance(10 * 365 * 24 * time.Hour)
	s.Restart()
	s.LogIn("ada", goodPassword)
}
