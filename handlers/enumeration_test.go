package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"latchkey/internal/apitest"
)

// sameAnswer compares all that a client sees, but for what differs by itself.
func sameAnswer(t *testing.T, what string, a, b apitest.Response) {
	t.Helper()
	for _, name := range []string{"Date", "X-Request-Id"} {
		a.Header.Del(name)
		b.Header.Del(name)
	}
	if a.Status != b.Status || a.Body != b.Body || len(a.Header) != len(b.Header) {
		t.Errorf("%s: %d %s %v beside %d %s %v", what, a.Status, a.Body, a.Header, b.Status, b.Body, b.Header)
	}
	for name := range a.Header {
		if strings.Join(a.Header[name], "\n") != strings.Join(b.Header[name], "\n") {
			t.Errorf("%s: %s: %q beside %q", what, name, a.Header[name], b.Header[name])
		}
	}
}

func TestNoAnswerTellsWhoIsThere(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL())
	s.Clock.Freeze()
	signUp(t, s, "ada", "ada@example.com")
	signUpVerified(t, s, box, "eve", "eve@example.com")
	s.Exec(`UPDATE users SET disabled = TRUE WHERE username = 'eve'`)
	for range 7 { // also when it is limited
		nobody := login(s, "nobody", "a wrong guess")
		for _, name := range []string{"ada", "eve", "ada@example.com", "eve@example.com"} {
			sameAnswer(t, name, login(s, name, "a wrong guess"), nobody)
		}
		unknown := post(s, "/password-recovery", "email", "nobody@example.com")
		for _, email := range []string{"ada@example.com", "eve@example.com"} {
			sameAnswer(t, email, post(s, "/password-recovery", "email", email), unknown)
		}
	}
	for _, path := range []string{"/users/ada", "/users/nobody"} {
		expect(t, path, s.Get(path, s.LogIn("alice", "secret2")), http.StatusBadRequest, `{"detail":"Inactive user"}`)
	}
}

func TestAccountRoutesAnswerWithAndWithoutASlash(t *testing.T) {
	s := apitest.Start(t)
	token := s.LogIn("johndoe", "secret")
	for _, r := range []struct {
		method, path string
		status       int
	}{
		{http.MethodPost, "/users", http.StatusUnprocessableEntity},
		{http.MethodPatch, "/users/me", http.StatusUnprocessableEntity},
		{http.MethodDelete, "/users/me", http.StatusUnprocessableEntity},
		{http.MethodPut, "/users/me/password", http.StatusUnprocessableEntity},
		{http.MethodPost, "/verify-email", http.StatusUnprocessableEntity},
		{http.MethodPost, "/password-recovery", http.StatusUnprocessableEntity},
		{http.MethodPost, "/reset-password", http.StatusUnprocessableEntity},
		{http.MethodGet, "/users", http.StatusOK},
		{http.MethodGet, "/users/alice", http.StatusOK},
		{http.MethodPatch, "/users/alice", http.StatusUnprocessableEntity},
		{http.MethodGet, "/audit", http.StatusOK},
	} {
		for _, path := range []string{r.path, r.path + "/"} {
			expect(t, r.method+" "+path, s.JSON(r.method, path, token, ""), r.status, "")
		}
	}
	large := strings.Repeat("a", 1<<20)
	for _, path := range []string{"/users/", "/verify-email", "/password-recovery", "/reset-password"} {
		expect(t, path, post(s, path, "email", large), http.StatusRequestEntityTooLarge, `{"detail":"Request body too large"}`)
		expect(t, path, s.Send(http.MethodPost, path, "username=a&email=b", "Content-Type", form), http.StatusUnprocessableEntity, "")
	}
}
