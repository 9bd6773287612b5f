package handlers_test

import (
	"net/http"
	"testing"

	"latchkey/internal/apitest"
	"latchkey/models"
)

func TestProfileChangesLeaveWhatIsAbsent(t *testing.T) {
	s := apitest.Start(t)
	signUp(t, s, "ada", "ada@example.com")
	token := s.LogIn("ada", goodPassword)
	patch := func(text string) (apitest.Response, models.User) {
		got := s.JSON(http.MethodPatch, "/users/me", token, text)
		if got.Status != http.StatusOK {
			return got, models.User{}
		}
		return got, apitest.Decode[models.User](s, got)
	}
	if _, user := patch(`{"full_name":"Ada"}`); *user.FullName != "Ada" || *user.Email != "ada@example.com" {
		t.Errorf("%+v", user)
	}
	if _, user := patch(`{}`); *user.FullName != "Ada" || *user.Email != "ada@example.com" {
		t.Errorf("%+v", user)
	}
	for _, none := range []string{`{"full_name":null}`, `{"full_name":""}`} {
		patch(`{"full_name":"Ada"}`)
		if _, user := patch(none); user.FullName != nil || me(s, token).FullName != nil {
			t.Errorf("%s: %+v", none, user)
		}
	}
	for text, want := range map[string]string{
		`{"full_name":1,"email":true}`:         "email string_type, full_name string_type",
		`{"email":"","full_name":"\u202e"}`:    "email string_too_short, full_name value_error",
		`{"full_name":"\u200b"}`:               "full_name value_error",
		`{"email":"ada@example.com\u0000"}`:    "email value_error",
		`{"email":"johndoe@example.com "}`:     "email value_error",
		`{"email":["a@example.com"]}`:          "email string_type",
		`[{"email":"a@example.com"}]`:          "body model_attributes_type",
		`{"email":"a@example.com"`:             "body json_invalid",
		`{"full_name":"` + "\xff" + `"}`:       "body json_invalid",
		``:                                     "body missing",
		`{"email":"a@example.com\nBcc: b@c.d"`: "body json_invalid",
	} {
		if got, _ := patch(text); faults(s, got) != want {
			t.Errorf("%s: %d %s, want %s", text, got.Status, faults(s, got), want)
		}
	}
	for _, taken := range []string{"johndoe@example.com", "JohnDoe@Example.com"} {
		got, _ := patch(body("email", taken))
		expect(t, taken, got, http.StatusConflict, emailTaken)
	}
	expect(t, "nobody", s.JSON(http.MethodPatch, "/users/me", "", `{}`), http.StatusUnauthorized, notAuthenticated)
}

func TestAnotherAddressHasToBeVerified(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL())
	signUp(t, s, "ada", "ada@example.com")
	token := s.LogIn("ada", goodPassword)
	move := func(to any) models.User {
		t.Helper()
		got := s.JSON(http.MethodPatch, "/users/me", token, body("email", to))
		if got.Status != http.StatusOK {
			t.Fatal(got.Status, got.Body)
		}
		return apitest.Decode[models.User](s, got)
	}
	verify := func(mail apitest.Mail, status int, want string) {
		t.Helper()
		expect(t, "verify "+mail.To, post(s, "/verify-email", "token", mail.Token), status, want)
	}
	first := box.WaitFor("ada@example.com", confirmMail)

	move("ada@example.com") // sends it again
	again := box.WaitFor("ada@example.com", confirmMail)
	if again.Token == first.Token || again.MessageID == first.MessageID {
		t.Error("the same mail was sent twice")
	}
	move("ada@example.net")
	verify(first, http.StatusNoContent, "") // meant for the present address, which it proves
	if user := me(s, token); *user.Email != "ada@example.com" || !user.EmailVerified || user.PendingEmail == nil {
		t.Errorf("%+v", user)
	}
	net := box.WaitFor("ada@example.net", confirmMail)
	move("ada@example.org")
	verify(net, http.StatusBadRequest, badToken)
	org := box.WaitFor("ada@example.org", confirmMail)
	if user := move("ADA@example.com"); user.PendingEmail != nil || !user.EmailVerified { // calls it off
		t.Errorf("%+v", user)
	}
	verify(org, http.StatusBadRequest, badToken)
	move("ada@example.org")
	org = box.WaitFor("ada@example.org", confirmMail)
	verify(org, http.StatusNoContent, "")
	if user := me(s, token); *user.Email != "ada@example.org" || user.PendingEmail != nil {
		t.Errorf("%+v", user)
	}
	verify(again, http.StatusBadRequest, badToken) // of the address that was
	if user := move(nil); user.Email != nil || user.EmailVerified {
		t.Errorf("%+v", user)
	}
	expect(t, "login by it", login(s, "ada@example.org", goodPassword), http.StatusBadRequest, wrongLogin)
	box.WaitFor("ada@example.org", changeMail)
	queueEmpty(t, s)
}

func TestAnAddressGoesToWhoeverVerifiesItFirst(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL())
	signUp(t, s, "ada", "")
	signUp(t, s, "eve", "")
	const email = "both@example.com"
	for _, name := range []string{"ada", "eve"} {
		got := s.JSON(http.MethodPatch, "/users/me", s.LogIn(name, goodPassword), body("email", email))
		expect(t, name, got, http.StatusOK, "")
	}
	one, other := box.WaitFor(email, confirmMail), box.WaitFor(email, confirmMail)
	expect(t, "first", post(s, "/verify-email", "token", one.Token), http.StatusNoContent, "")
	expect(t, "second", post(s, "/verify-email", "token", other.Token), http.StatusConflict, emailTaken)
	expect(t, "third", post(s, "/users/", "username", "joe", "password", goodPassword, "email", email), http.StatusConflict, emailTaken)
}

func TestVerificationTokens(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL())
	signUp(t, s, "ada", "ada@example.com")
	mail := box.WaitFor("ada@example.com", confirmMail)
	if s.DatabaseContains(mail.Token) {
		t.Error("the token is in the database")
	}
	for _, token := range []string{"x", mail.Token + "A", mail.Token[1:], "\x00", " " + mail.Token} {
		expect(t, token, post(s, "/verify-email", "token", token), http.StatusBadRequest, badToken)
	}
	for text, want := range map[string]string{
		`{}`: "token missing", `{"token":""}`: "token string_too_short", `{"token":1}`: "token string_type", `{"token":null}`: "token string_type",
	} {
		if got := s.JSON(http.MethodPost, "/verify-email", "", text); faults(s, got) != want {
			t.Errorf("%s: %d %s", text, got.Status, got.Body)
		}
	}
	expect(t, "at another place", post(s, "/reset-password", "token", mail.Token, "new_password", otherPassword), http.StatusBadRequest, badToken)
	answers := atOnce(16, func(int) apitest.Response { return post(s, "/verify-email", "token", mail.Token) })
	if answers["204"] != 1 || answers["400"+badToken] != 15 {
		t.Errorf("%v", answers)
	}

	signUp(t, s, "eve", "eve@example.com")
	mail = box.WaitFor("eve@example.com", confirmMail)
	s.Clock.Advance(24 * 3600e9)
	expect(t, "after a day", post(s, "/verify-email", "token", mail.Token), http.StatusBadRequest, badToken)
	if me(s, s.LogIn("eve", goodPassword)).EmailVerified {
		t.Error("it verified the address")
	}
}

// Whoever has the address can recover the account, so a token that grants
// less than its user holds must not change it.
func TestANarrowTokenCannotChangeTheAddress(t *testing.T) {
	s := apitest.Start(t)
	signUp(t, s, "ada", "ada@example.com")
	narrow, whole := s.LogIn("ada", goodPassword, models.ScopeItemsRead), s.LogIn("ada", goodPassword)
	for _, members := range []string{`{"email":"thief@example.com"}`, `{"email":null}`} {
		got := s.JSON(http.MethodPatch, "/users/me", narrow, members)
		expect(t, members, got, http.StatusForbidden, noPermission)
		const challenge = `Bearer error="insufficient_scope", scope="items:read items:write"`
		if got.Header.Get("WWW-Authenticate") != challenge {
			t.Errorf("%s: the challenge is %q", members, got.Header.Get("WWW-Authenticate"))
		}
	}
	expect(t, "the name", s.JSON(http.MethodPatch, "/users/me", narrow, `{"full_name":"Ada"}`), http.StatusOK, "")
	if user := me(s, whole); user.Email == nil || *user.Email != "ada@example.com" || user.PendingEmail != nil {
		t.Errorf("%+v", user)
	}
	expect(t, "with all", s.JSON(http.MethodPatch, "/users/me", whole, `{"email":"ada@example.org"}`), http.StatusOK, "")
}
