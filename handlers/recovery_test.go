package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/internal/apitest"
)

const recoveryAnswer = `{"detail":"If there is an account with this email, a mail with a link to choose a new password is on its way"}`

func TestRecoveryTellsNobodyWhoIsThere(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL())
	signUp(t, s, "ada", "ada@example.com")
	for _, email := range []string{"ada@example.com", "ADA@example.com", "nobody@example.com", "alice@example.com"} {
		got := post(s, "/password-recovery", "email", email)
		expect(t, email, got, http.StatusAccepted, recoveryAnswer)
	}
	queueEmpty(t, s)
	if box.Count("ADA@example.com") != 0 || box.Count("nobody@example.com") != 0 || box.Count("alice@example.com") != 1 {
		t.Error("mails went astray")
	}
	box.WaitFor("ada@example.com", resetMail)
	box.WaitFor("ada@example.com", resetMail) // for the other case
	for text, want := range map[string]string{
		`{}`: "email missing", `{"email":null}`: "email string_type", `{"email":""}`: "email string_too_short",
		`{"email":"ada"}`: "email value_error", `{"email":["ada@example.com"]}`: "email string_type", ``: "body missing",
	} {
		if got := s.JSON(http.MethodPost, "/password-recovery", "", text); faults(s, got) != want {
			t.Errorf("%s: %d %s", text, got.Status, got.Body)
		}
	}
}

func TestRecoveryOfAnAddressInAnotherSpelling(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL())
	signUp(t, s, "ada", "ada@bücher.example")
	for _, typed := range []string{"ada@bücher.example", "Ada@BÜCHER.example", "ada@XN--bcher-kva.example", "ada@b\u00adücher.example"} {
		expect(t, typed, post(s, "/password-recovery", "email", typed), http.StatusAccepted, recoveryAnswer)
		box.WaitFor("ada@xn--bcher-kva.example", resetMail)
	}
	expect(t, "the fifth", post(s, "/password-recovery", "email", "ada@bücher。example"), http.StatusAccepted, "")
	expect(t, "one too many", post(s, "/password-recovery", "email", "ada@bu\u0308cher.example"), http.StatusTooManyRequests, tooMany)
}

func TestRecoveryTokens(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL(), "--rate-limit=off")
	signUpVerified(t, s, box, "evelinde", "eva@example.com")
	token := recovery(t, s, box, "eva@example.com")
	if s.DatabaseContains(token) || strings.Contains(s.Log.String(), token) {
		t.Error("the token is in the database or in the log")
	}
	reset := func(token, password string) apitest.Response {
		return post(s, "/reset-password", "token", token, "new_password", password)
	}
	for _, bad := range []string{"x", token + "A", token[1:], "\x00", strings.ToUpper(token)} {
		expect(t, bad, reset(bad, otherPassword), http.StatusBadRequest, badToken)
	}
	expect(t, "at another place", post(s, "/verify-email", "token", token), http.StatusBadRequest, badToken)
	for text, want := range map[string]string{
		`{}`:                               "token missing, new_password missing",
		`{"token":1,"new_password":[]}`:    "token string_type, new_password string_type",
		`{"token":"","new_password":"sh"}`: "token string_too_short, new_password string_too_short",
		body("token", token, "new_password", "evelinde"):        "new_password value_error",
		body("token", token, "new_password", "EVA@example.com"): "new_password value_error",
		body("token", token, "new_password", "iloveyou"):        "new_password value_error",
	} {
		if got := s.JSON(http.MethodPost, "/reset-password", "", text); faults(s, got) != want {
			t.Errorf("%s: %d %s, want %s", text, got.Status, faults(s, got), want)
		}
	}
	answers := atOnce(16, func(int) apitest.Response { return reset(token, otherPassword) })
	if answers["204"] != 1 || answers["400"+badToken] != 15 {
		t.Errorf("%v", answers)
	}
	s.LogIn("evelinde", otherPassword)
}

func TestWhatEndsARecoveryToken(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL(), "--rate-limit=off")
	signUpVerified(t, s, box, "ada", "ada@example.com")
	email := "ada@example.com"
	do := func(method, path, text string) {
		t.Helper()
		if got := s.JSON(method, path, s.LogIn("ada", goodPassword), text); got.Status >= 300 {
			t.Fatal(got.Status, got.Body)
		}
	}
	for _, tc := range []struct {
		name string
		end  func()
	}{
		{"an hour", func() { s.Clock.Advance(time.Hour) }},
		{"another password", func() {
			do(http.MethodPut, "/users/me/password", body("current_password", goodPassword, "new_password", otherPassword))
			s.Exec(`UPDATE users SET hashed_password = (SELECT hashed_password FROM users WHERE username = 'spare') WHERE username = 'ada'`)
		}},
		{"another address", func() {
			do(http.MethodPatch, "/users/me", body("email", "ada@example.org"))
			expect(t, "verify", post(s, "/verify-email", "token", box.WaitFor("ada@example.org", confirmMail).Token), http.StatusNoContent, "")
			email = "ada@example.org"
		}},
		{"another reset", func() {
			expect(t, "reset", post(s, "/reset-password", "token", recovery(t, s, box, email), "new_password", goodPassword), http.StatusNoContent, "")
		}},
		{"another address, by a database shell", func() {
			s.Exec(`UPDATE users SET email = 'ada@example.net' WHERE username = 'ada'`)
			email = "ada@example.net"
		}},
		{"no address", func() { do(http.MethodPatch, "/users/me", `{"email":null}`) }},
	} {
		if tc.name == "another password" {
			signUp(t, s, "spare", "")
		}
		token := recovery(t, s, box, email)
		tc.end()
		expect(t, tc.name, post(s, "/reset-password", "token", token, "new_password", otherPassword), http.StatusBadRequest, badToken)
	}
	signUp(t, s, "eve", "eve@example.com")
	token := recovery(t, s, box, "eve@example.com")
	expect(t, "delete", s.JSON(http.MethodDelete, "/users/me", s.LogIn("eve", goodPassword), body("password", goodPassword)), http.StatusNoContent, "")
	expect(t, "no user", post(s, "/reset-password", "token", token, "new_password", otherPassword), http.StatusBadRequest, badToken)
}

// A mail that was asked for is sent after a restart, and once.
func TestARestartLosesNoMailAndSendsNoneTwice(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL())
	box.Refuse(-1)
	signUp(t, s, "ada", "ada@example.com")
	expect(t, "recover", post(s, "/password-recovery", "email", "ada@example.com"), http.StatusAccepted, "")
	expect(t, "nobody", post(s, "/password-recovery", "email", "nobody@example.com"), http.StatusAccepted, "")
	apitest.Eventually(t, "two mails that were refused", func() bool { return box.Refused() >= 2 })
	s.Stop()
	if n := s.Int(`SELECT count(*) FROM mails WHERE recipient = 'ada@example.com'`); n != 2 || box.Count("ada@example.com") != 0 {
		t.Errorf("%d mails wait, %d arrived", n, box.Count("ada@example.com"))
	}
	box.Refuse(0)
	s.Clock.Advance(5 * time.Second)
	s.Restart()
	verify, reset := box.WaitFor("ada@example.com", confirmMail), box.WaitFor("ada@example.com", resetMail)
	queueEmpty(t, s)
	s.Clock.Advance(time.Minute)
	s.Restart()
	expect(t, "verify", post(s, "/verify-email", "token", verify.Token), http.StatusNoContent, "")
	reset.Token = recovery(t, s, box, "ada@example.com")
	expect(t, "reset", post(s, "/reset-password", "token", reset.Token, "new_password", otherPassword), http.StatusNoContent, "")
	box.WaitFor("ada@example.com", changedMail)
	if n := box.Count("ada@example.com"); n != 4 {
		t.Errorf("%d mails arrived", n)
	}
	for _, token := range []string{verify.Token, reset.Token} {
		if s.DatabaseContains(token) || strings.Contains(s.Log.String(), token) {
			t.Error("a token is in the database or in the log")
		}
	}
}

// Without a mail server all of it can be tried with what is in the log.
func TestMailsGoToTheLogWithoutAServer(t *testing.T) {
	s := apitest.Start(t, "--app-url=https://app.example.com/")
	signUp(t, s, "ada", "ada@example.com")
	const link = "https://app.example.com/verify-email?token="
	apitest.Eventually(t, "the link in the log", func() bool { return strings.Contains(s.Log.String(), link) })
	_, after, _ := strings.Cut(s.Log.String(), link)
	expect(t, "verify", post(s, "/verify-email", "token", after[:43]), http.StatusNoContent, "")
}
