package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/models"
)

// told is an event in a line, without ids and times.
func told(e models.Event) string {
	or := func(text *string) string {
		if text == nil {
			return "-"
		}
		return *text
	}
	return strings.Join([]string{string(e.Kind), or(e.Username), or(e.Actor), e.Address, e.UserAgent, or(e.Detail)}, "|")
}

// trail are all events of that query, the oldest first.
func trail(s *apitest.Server, token, query string) []models.Event {
	var all []models.Event
	for next := ""; ; {
		page := apitest.Decode[models.EventPage](s, s.Get("/audit/?limit=7&cursor="+next+query, token))
		for _, e := range page.Data {
			all = append([]models.Event{e}, all...)
		}
		if page.Next == nil {
			return all
		}
		next = *page.Next
	}
}

const (
	adasAddress  = "203.0.113.7"
	joesAddress  = "198.51.100.4"
	unknownTyped = "hunter2-typed-as-a-name"
)

// TestTheAuditTrail does all that it tells of.
func TestTheAuditTrail(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL(), "--trusted-proxies=127.0.0.1")
	as := func(address, token, method, path, text string) apitest.Response {
		t.Helper()
		headers := append(from(address), "User-Agent", "tests/1", "Content-Type", "application/json")
		if strings.HasPrefix(path, "/token") {
			headers[len(headers)-1] = form
		}
		if token != "" {
			headers = append(headers, "Authorization", "Bearer "+token)
		}
		return s.Send(method, path, text, headers...)
	}
	ada := func(token, method, path, text string) apitest.Response {
		t.Helper()
		return as(adasAddress, token, method, path, text)
	}
	session := func(address, username, password string) models.TokenAnswer {
		t.Helper()
		password = strings.ReplaceAll(password, " ", "+")
		return apitest.Decode[models.TokenAnswer](s, as(address, "", http.MethodPost, "/token", "username="+username+"&password="+password))
	}
	secrets := []string{goodPassword, otherPassword, unknownTyped}

	ada("", http.MethodPost, "/users/", body("username", "Ada", "password", goodPassword, "email", "ada@example.com"))
	verify := box.WaitFor("ada@example.com", confirmMail).Token
	ada("", http.MethodPost, "/verify-email", body("token", verify))
	ada("", http.MethodPost, "/token", "username="+unknownTyped+"&password=x")
	ada("", http.MethodPost, "/token", "username=ada&password=x")
	first, second := session(adasAddress, "ada", goodPassword), session(adasAddress, "ada@example.com", goodPassword)
	ada("", http.MethodPost, "/token", "grant_type=refresh_token&refresh_token="+second.RefreshToken)
	s.Clock.Advance(11 * time.Second)
	ada("", http.MethodPost, "/token", "grant_type=refresh_token&refresh_token="+second.RefreshToken)
	ada("", http.MethodPost, "/token/revoke", "token="+session(adasAddress, "ada", goodPassword).AccessToken)
	ada(first.AccessToken, http.MethodDelete, "/users/me/sessions", "")
	ada(session(adasAddress, "ada", goodPassword).AccessToken, http.MethodPatch, "/users/me", body("full_name", "Ada King", "email", "ada@example.org"))
	ada(first.AccessToken, http.MethodPut, "/users/me/password", body("current_password", "y", "new_password", otherPassword))
	ada(first.AccessToken, http.MethodPut, "/users/me/password", body("current_password", goodPassword, "new_password", otherPassword))
	ada("", http.MethodPost, "/password-recovery", body("email", "ADA@example.com"))
	ada("", http.MethodPost, "/password-recovery", body("email", unknownTyped+"@example.com"))
	reset := box.WaitFor("ada@example.com", resetMail).Token
	ada("", http.MethodPost, "/reset-password", body("token", reset, "new_password", goodPassword))

	joe := session(joesAddress, "johndoe", "secret").AccessToken
	ada(session(adasAddress, "ada", goodPassword).AccessToken, http.MethodDelete, "/users/me", body("password", "z"))
	for _, text := range []string{
		`{}`, `{"disabled":true}`, `{"disabled":false}`, `{"scopes":["items:read"]}`, `{"full_name":"A"}`, `{"email":"ada@example.net"}`,
		`{"disabled":false,"scopes":["items:read"],"full_name":"A","email":"ada@example.net"}`, // changes nothing
	} {
		as(joesAddress, joe, http.MethodPatch, "/users/ADA", text)
	}
	as(joesAddress, joe, http.MethodDelete, "/users/ada", "")
	queueEmpty(t, s)

	const at, joes = adasAddress + "|tests/1|", "|Ada|johndoe|" + joesAddress + "|tests/1|"
	const both = at + "items:read items:write"
	want := []string{
		"user_registered|Ada|-|" + at + "-",
		"email_verified|Ada|-|" + at + "-",
		"login_refused|-|-|" + at + "-",
		"login_refused|Ada|-|" + at + "-",
		"login|Ada|Ada|" + both,
		"login|Ada|Ada|" + both,
		"token_refreshed|Ada|-|" + at + "-",
		"refresh_token_reused|Ada|-|" + at + "-",
		"login|Ada|Ada|" + both,
		"token_revoked|Ada|-|" + at + "-",
		"other_sessions_ended|Ada|Ada|" + at + "-",
		"login|Ada|Ada|" + both,
		"user_changed|Ada|Ada|" + at + "full_name",
		"email_change_requested|Ada|Ada|" + at + "-",
		"password_refused|Ada|Ada|" + at + "-",
		"password_changed|Ada|Ada|" + at + "-",
		"recovery_mail_sent|Ada|-|" + at + "-",
		"password_reset|Ada|-|" + at + "-",
		"login|johndoe|johndoe|" + joesAddress + "|tests/1|" + all,
		"login|Ada|Ada|" + both,
		"password_refused|Ada|Ada|" + at + "-",
		"user_disabled" + joes + "-",
		"user_enabled" + joes + "-",
		"scopes_changed" + joes + "items:read",
		"user_changed" + joes + "full_name",
		"user_changed" + joes + "email",
		"user_deleted" + joes + "-",
	}
	events := trail(s, joe, "")
	got := make([]string, len(events))
	for i, e := range events {
		got[i] = told(e)
		if e.Username != nil && e.UserID == nil || e.Actor != nil && e.ActorID == nil {
			t.Errorf("an event with a name and no id: %+v", e)
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the trail is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	whole := s.Get("/audit/?limit=100", joe).Body
	for _, secret := range append(secrets, verify, reset, first.AccessToken, first.RefreshToken, second.RefreshToken, "argon2") {
		if strings.Contains(whole, secret) {
			t.Errorf("the trail has %q in it", secret)
		}
	}
	if s.DatabaseContains(unknownTyped+"\"") || s.Int(`SELECT count(*) FROM events WHERE username LIKE 'hunter2%' OR detail LIKE '%hunter2%'`) != 0 {
		t.Error("what was typed as a name is kept")
	}
}

func TestAuditQueries(t *testing.T) {
	s := apitest.Start(t)
	signUp(t, s, "Çelik", "")
	joe, celik := s.LogIn("johndoe", "secret"), s.LogIn("çelik", goodPassword)
	login(s, "ÇELIK", "wrong")
	expect(t, "no scope", s.Get("/audit/", celik), http.StatusForbidden, noPermission)
	for query, want := range map[string]int{
		"": 4, "&username=JOHNdoe": 1, "&username=%C3%A7elik": 3, "&username=C%CC%A7ELIK": 3, "&username=nobody": 0, "&username=%25": 0,
		"&event=login": 2, "&event=login_refused": 1, "&event=login&username=%C3%87elik": 1, "&event=password_reset": 0,
	} {
		if got := trail(s, joe, query); len(got) != want {
			t.Errorf("%q: %d events, want %d", query, len(got), want)
		}
	}
	for query, want := range map[string]string{
		"limit=0": "limit greater_than_equal", "limit=101": "limit less_than_equal", "cursor=x": "cursor value_error",
		"cursor=bm8gY3Vyc29y": "cursor value_error", "username=%00": "username value_error", "event=%ff&limit=x": "limit int_parsing, event value_error",
	} {
		if got := s.Get("/audit/?"+query, joe); faults(s, got) != want {
			t.Errorf("%s: %d %s", query, got.Status, got.Body)
		}
	}
	s.JSON(http.MethodDelete, "/users/%C3%87elik", joe, "")
	if n := len(trail(s, joe, "&username=%C3%87elik")); n != 4 {
		t.Errorf("%d events of a user who is gone", n)
	}
}

// The sweep at the start removes what is older than the retention.
func TestTheAuditTrailForgets(t *testing.T) {
	s := apitest.Start(t, "--audit-retention=24h")
	s.LogIn("johndoe", "secret")
	s.Clock.Advance(23 * time.Hour)
	login(s, "johndoe", "wrong")
	s.Clock.Advance(61 * time.Minute)
	s.Restart()
	apitest.Eventually(t, "a sweep", func() bool { return s.Int(`SELECT count(*) FROM events WHERE kind = 'login'`) == 0 })
	if n := s.Int(`SELECT count(*) FROM events`); n != 1 {
		t.Errorf("%d events are left", n)
	}
}

// That guessing was stopped is told once each time, not with each refusal.
func TestTheAuditTrailTellsOfLimits(t *testing.T) {
	s := apitest.Start(t)
	s.Clock.Freeze()
	exhaust(t, s, "alice")
	exhaust(t, s, "nobody")
	if n := s.Int(`SELECT count(*) FROM events WHERE kind = 'login_limited' AND username = 'alice'`); n != 1 {
		t.Errorf("%d events", n)
	}
	if n := s.Int(`SELECT count(*) FROM events WHERE kind = 'login_limited' AND username IS NULL`); n != 1 {
		t.Errorf("%d events of nobody", n)
	}
	joe := s.LogIn("johndoe", "secret")
	for _, e := range trail(s, joe, "&event=login_limited") {
		if e.Actor != nil || e.Address != "127.0.0.1" {
			t.Errorf("%+v", e)
		}
	}
}
