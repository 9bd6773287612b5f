package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"latchkey/internal/apitest"
)

func TestTheLastAdministratorStays(t *testing.T) {
	s := apitest.Start(t)
	s.Exec(`UPDATE users SET scopes = 'users:writer xusers:write' WHERE username = 'alice'`) // no administrator, though it looks so
	s.Exec(`UPDATE users SET disabled = FALSE WHERE username = 'alice'`)
	token := s.LogIn("johndoe", "secret")
	for _, tc := range []struct{ method, path, body string }{
		{http.MethodPatch, "/users/johndoe", `{"disabled":true}`},
		{http.MethodPatch, "/users/JOHNDOE", `{"scopes":["users:read"]}`},
		{http.MethodPatch, "/users/johndoe", `{"scopes":[]}`},
		{http.MethodDelete, "/users/johndoe", ``},
		{http.MethodDelete, "/users/me", `{"password":"secret"}`},
	} {
		expect(t, tc.method+tc.body, s.JSON(tc.method, tc.path, token, tc.body), http.StatusConflict, lastAdmin)
	}
	expect(t, "something else", s.JSON(http.MethodPatch, "/users/johndoe", token, `{"disabled":false,"full_name":"Joe"}`), http.StatusOK, "")
	expect(t, "another", s.JSON(http.MethodPatch, "/users/alice", token, `{"scopes":["users:write"]}`), http.StatusOK, "")
	expect(t, "johndoe", s.JSON(http.MethodDelete, "/users/me", token, `{"password":"secret"}`), http.StatusNoContent, "")
	expect(t, "alice", s.JSON(http.MethodDelete, "/users/alice", s.LogIn("alice", "secret2"), ``), http.StatusConflict, lastAdmin)
}

func TestAdministratorsWhoRemoveEachOtherLeaveOne(t *testing.T) {
	s := apitest.Start(t, "--rate-limit=off")
	for round := range 6 {
		username := "eve" + string(rune('a'+round))
		signUp(t, s, username, "")
		setScopes(s, "johndoe", strings.Fields(all)...)
		s.Exec(`UPDATE users SET disabled = FALSE WHERE username = 'johndoe'`)
		s.Exec(`UPDATE users SET disabled = TRUE WHERE username <> 'johndoe'`)
		s.Exec(`UPDATE users SET disabled = FALSE, scopes = 'users:write' WHERE username = $1`, username)
		tokens := []string{s.LogIn("johndoe", "secret"), s.LogIn(username, goodPassword)}
		targets := []string{username, "johndoe"}
		answers := atOnce(2, func(i int) apitest.Response {
			switch round % 3 {
			case 0:
				return s.JSON(http.MethodPatch, "/users/"+targets[i], tokens[i], `{"disabled":true}`)
			case 1:
				return s.JSON(http.MethodPatch, "/users/"+targets[i], tokens[i], `{"scopes":[]}`)
			default:
				return s.JSON(http.MethodPatch, "/users/"+targets[1-i], tokens[i], `{"scopes":[]}`) // each themselves
			}
		})
		if answers["200"] != 1 {
			t.Errorf("round %d: %v", round, answers)
		}
		if n := s.Int(`SELECT count(*) FROM users WHERE NOT disabled AND ' ' || scopes || ' ' LIKE '% users:write %'`); n != 1 {
			t.Errorf("round %d: %d administrators are left", round, n)
		}
	}
}

func TestAdministratorsWhoDeleteEachOtherLeaveOne(t *testing.T) {
	s := apitest.Start(t, "--rate-limit=off")
	signUp(t, s, "eve", "")
	signUp(t, s, "ada", "")
	for _, name := range []string{"eve", "ada", "johndoe"} {
		setScopes(s, name, "users:write")
	}
	tokens := []string{s.LogIn("eve", goodPassword), s.LogIn("ada", goodPassword), s.LogIn("johndoe", "secret")}
	targets := []string{"ada", "johndoe", "eve"}
	answers := atOnce(3, func(i int) apitest.Response { return s.JSON(http.MethodDelete, "/users/"+targets[i], tokens[i], "") })
	if n := s.Int(`SELECT count(*) FROM users WHERE NOT disabled`); n == 0 || answers["204"]+n != 3 {
		t.Errorf("%d are left: %v", n, answers)
	}
}

func TestAdministrationCountsAtTheNextRequest(t *testing.T) {
	s := apitest.Start(t)
	signUp(t, s, "ada", "")
	admin, session := s.LogIn("johndoe", "secret"), s.Session("ada", goodPassword)
	token := session.AccessToken
	patch := func(text string) {
		t.Helper()
		expect(t, text, s.JSON(http.MethodPatch, "/users/Ada", admin, text), http.StatusOK, "")
	}
	items := func(status int, want string) {
		t.Helper()
		expect(t, "items", s.Get("/items/", token), status, want)
	}
	items(http.StatusOK, "")
	patch(`{"scopes":["items:write"]}`)
	items(http.StatusForbidden, noPermission)
	patch(`{"scopes":["items:write","items:read"]}`)
	items(http.StatusOK, "")
	patch(`{"disabled":true}`)
	items(http.StatusBadRequest, `{"detail":"Inactive user"}`)
	patch(`{"disabled":false}`)
	items(http.StatusOK, "")
	patch(`{"full_name":"Ada King"}`)
	if user := me(s, token); user.FullName == nil || *user.FullName != "Ada King" {
		t.Errorf("%+v", user)
	}
	expect(t, "DELETE", s.JSON(http.MethodDelete, "/users/ada", admin, ""), http.StatusNoContent, "")
	items(http.StatusUnauthorized, badCredentials)
	expect(t, "refresh", refresh(s, session.RefreshToken), http.StatusBadRequest, deadRefreshToken)
	expect(t, "DELETE", s.JSON(http.MethodDelete, "/users/ada", admin, ""), http.StatusNotFound, userNotFound)

	setScopes(s, "johndoe", "users:read") // an administrator loses it in the same way
	expect(t, "the administrator", s.JSON(http.MethodPatch, "/users/alice", s.LogIn("johndoe", "secret"), `{}`), http.StatusForbidden, noPermission)
}

func TestAnAdministratorGivesAnotherAddress(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL())
	signUpVerified(t, s, box, "ada", "ada@example.com")
	token := recovery(t, s, box, "ada@example.com")
	admin := s.LogIn("johndoe", "secret")
	expect(t, "PATCH", s.JSON(http.MethodPatch, "/users/ada", admin, body("email", "ada@example.org")), http.StatusOK, "")
	told := box.WaitFor("ada@example.com", changeMail)
	if !strings.Contains(told.Text, "ada@example.org") {
		t.Errorf("the old address is not told the new one:\n%s", told.Text)
	}
	expect(t, "reset", post(s, "/reset-password", "token", token, "new_password", otherPassword), http.StatusBadRequest, badToken)
	expect(t, "login by it", login(s, "ada@example.org", goodPassword), http.StatusBadRequest, wrongLogin)
	expect(t, "verify", post(s, "/verify-email", "token", box.WaitFor("ada@example.org", confirmMail).Token), http.StatusNoContent, "")
	s.LogIn("ada@example.org", goodPassword)
	expect(t, "PATCH", s.JSON(http.MethodPatch, "/users/ada", admin, `{"email":null}`), http.StatusOK, "")
	if told := box.WaitFor("ada@example.org", changeMail); !strings.Contains(told.Text, "no address at all") {
		t.Error(told.Text)
	}
}
