package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"latchkey/internal/apitest"
	"latchkey/models"
)

// TestTheLifeOfAnAccount is all of it in one piece, as a person goes through it.
func TestTheLifeOfAnAccount(t *testing.T) {
	t.Run("sqlite", testTheLifeOfAnAccount)
	t.Run("postgres", testTheLifeOfAnAccount)
}

func testTheLifeOfAnAccount(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL(), "--mail-from=door@example.com")
	ada := begin(t, s, box)
	changeAddress(t, s, box)
	change(t, s, box)
	replace(t, s, box)
	leave(t, s, ada)
	queueEmpty(t, s)
	for to, n := range map[string]int{"Ada@example.com": 2, "ada@example.org": 4} {
		if box.Count(to) != n {
			t.Errorf("%d mails to %s", box.Count(to), to)
		}
	}
}

// begin signs up, proves the address and logs in by it.
func begin(t *testing.T, s *apitest.Server, box *apitest.Mailbox) models.User {
	t.Helper()
	got := post(s, "/users/", "username", "Ada", "password", goodPassword, "email", "Ada@EXAMPLE.com", "full_name", " Ada  Lovelace ")
	user := apitest.Decode[models.User](s, got)
	if got.Status != http.StatusCreated || user.Username != "Ada" || *user.Email != "Ada@example.com" || user.EmailVerified || user.Disabled ||
		strings.Join(user.Scopes, " ") != "items:read items:write" || strings.Contains(got.Body, "argon2") {
		t.Fatal(got.Status, got.Body)
	}
	expect(t, "login by an address that is not verified", login(s, "ada@example.com", goodPassword), http.StatusBadRequest, wrongLogin)
	token := s.LogIn("ADA", goodPassword)
	if name := me(s, token).FullName; name == nil || *name != "Ada  Lovelace" {
		t.Errorf("full name %v", name)
	}
	mail := box.Wait("Ada@example.com")
	if mail.From != "door@example.com" || !strings.HasPrefix(mail.Link, s.URL+"/verify-email?token=") || mail.MessageID == "" ||
		!strings.Contains(mail.HTML, mail.Token) || len(mail.Token) != 43 {
		t.Errorf("%+v", mail)
	}
	expect(t, "verify", post(s, "/verify-email", "token", mail.Token), http.StatusNoContent, "")
	if !me(s, token).EmailVerified {
		t.Error("the address does not count at the next request")
	}
	expect(t, "verify again", post(s, "/verify-email", "token", mail.Token), http.StatusBadRequest, badToken)
	s.LogIn("aDa@Example.COM", goodPassword)
	return user
}

// changeAddress moves to another address.
func changeAddress(t *testing.T, s *apitest.Server, box *apitest.Mailbox) {
	t.Helper()
	token := s.LogIn("ada", goodPassword)
	got := s.JSON(http.MethodPatch, "/users/me", token, body("email", "ada@example.org", "full_name", "Ada King"))
	user := apitest.Decode[models.User](s, got)
	if got.Status != http.StatusOK || *user.Email != "Ada@example.com" || !user.EmailVerified || user.PendingEmail == nil ||
		*user.PendingEmail != "ada@example.org" || *user.FullName != "Ada King" {
		t.Fatal(got.Status, got.Body)
	}
	told := box.WaitFor("Ada@example.com", changeMail)
	if !strings.Contains(told.Text, "ada@example.org") || told.Link != "" {
		t.Errorf("%+v", told)
	}
	mail := box.WaitFor("ada@example.org", confirmMail)
	s.LogIn("ada@example.com", goodPassword)
	expect(t, "login by the new address too early", login(s, "ada@example.org", goodPassword), http.StatusBadRequest, wrongLogin)
	expect(t, "verify", post(s, "/verify-email", "token", mail.Token), http.StatusNoContent, "")
	if user := me(s, token); *user.Email != "ada@example.org" || user.PendingEmail != nil || !user.EmailVerified {
		t.Errorf("%+v", user)
	}
	s.LogIn("ada@example.org", goodPassword)
	expect(t, "login by the old address", login(s, "ada@example.com", goodPassword), http.StatusBadRequest, wrongLogin)
}

// change changes the password.
func change(t *testing.T, s *apitest.Server, box *apitest.Mailbox) {
	t.Helper()
	here, there := s.Session("ada", goodPassword), s.Session("ada", goodPassword)
	s.Get("/users/me", there.AccessToken) // it is remembered
	expect(t, "change", s.JSON(http.MethodPut, "/users/me/password", here.AccessToken,
		body("current_password", goodPassword, "new_password", otherPassword)), http.StatusNoContent, "")
	expect(t, "here", s.Get("/users/me", here.AccessToken), http.StatusOK, "")
	expect(t, "there", s.Get("/users/me", there.AccessToken), http.StatusUnauthorized, badCredentials)
	expect(t, "there", refresh(s, there.RefreshToken), http.StatusBadRequest, deadRefreshToken)
	s.Refresh(here.RefreshToken)
	expect(t, "the old password", login(s, "ada", goodPassword), http.StatusBadRequest, wrongLogin)
	box.WaitFor("ada@example.org", changedMail)
}

// replace recovers the password, back to the first one.
func replace(t *testing.T, s *apitest.Server, box *apitest.Mailbox) {
	t.Helper()
	session := s.Session("ada", otherPassword)
	s.Get("/users/me", session.AccessToken)
	expect(t, "recover", post(s, "/password-recovery", "email", "ADA@Example.org"), http.StatusAccepted, "")
	mail := box.WaitFor("ada@example.org", resetMail)
	if !strings.HasPrefix(mail.Link, s.URL+"/reset-password?token=") {
		t.Errorf("%+v", mail)
	}
	reset := func() apitest.Response {
		return post(s, "/reset-password", "token", mail.Token, "new_password", goodPassword)
	}
	expect(t, "reset", reset(), http.StatusNoContent, "")
	expect(t, "the session", s.Get("/users/me", session.AccessToken), http.StatusUnauthorized, badCredentials)
	expect(t, "the session", refresh(s, session.RefreshToken), http.StatusBadRequest, deadRefreshToken)
	expect(t, "reset again", reset(), http.StatusBadRequest, badToken)
	expect(t, "the old password", login(s, "ada", otherPassword), http.StatusBadRequest, wrongLogin)
	box.WaitFor("ada@example.org", changedMail)
}

// leave deletes the account, and has the name taken by another.
func leave(t *testing.T, s *apitest.Server, ada models.User) {
	t.Helper()
	session := s.Session("ada", goodPassword)
	expect(t, "an item", s.JSON(http.MethodPost, "/items/", session.AccessToken, body("title", "keys")), http.StatusCreated, "")
	deletion := func(password string) apitest.Response {
		return s.JSON(http.MethodDelete, "/users/me", session.AccessToken, body("password", password))
	}
	expect(t, "a wrong password", deletion(otherPassword), http.StatusBadRequest, wrongPassword)
	expect(t, "the right one", deletion(goodPassword), http.StatusNoContent, "")
	for _, path := range []string{"/users/me", "/users/me/sessions", "/items/"} {
		expect(t, path, s.Get(path, session.AccessToken), http.StatusUnauthorized, badCredentials)
	}
	expect(t, "refresh", refresh(s, session.RefreshToken), http.StatusBadRequest, deadRefreshToken)
	expect(t, "login", login(s, "ada", goodPassword), http.StatusBadRequest, wrongLogin)
	if n := s.Int(`SELECT (SELECT count(*) FROM items) + (SELECT count(*) FROM sessions) + (SELECT count(*) FROM mail_tokens)`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	if again := signUp(t, s, "aDA", ""); again.ID == ada.ID {
		t.Error("the next owner of the name has the same id")
	}
	expect(t, "the former owner's token", s.Get("/users/me", session.AccessToken), http.StatusUnauthorized, badCredentials)
}
