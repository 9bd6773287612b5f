package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"latchkey/internal/apitest"
	"latchkey/models"
)

// setScopes says what a user holds, behind the service's back.
func setScopes(s *apitest.Server, username string, scopes ...string) {
	s.Exec(`UPDATE users SET scopes = $1 WHERE username = $2`, strings.Join(scopes, " "), username)
}

func TestAdministrationNeedsItsScopes(t *testing.T) {
	s := apitest.Start(t)
	signUp(t, s, "ada", "")
	for _, tc := range []struct {
		scope                string
		reads, writes, audit bool
	}{
		{"items:read", false, false, false},
		{models.ScopeUsersRead, true, false, false},
		{models.ScopeUsersWrite, false, true, false},
		{models.ScopeAuditRead, false, false, true},
	} {
		token := s.LogIn("johndoe", "secret", tc.scope)
		for _, r := range []struct {
			method, path, body string
			may                bool
		}{
			{http.MethodGet, "/users/", "", tc.reads},
			{http.MethodGet, "/users/ada", "", tc.reads},
			{http.MethodPatch, "/users/ada", `{}`, tc.writes},
			{http.MethodPatch, "/users/nobody", `{}`, tc.writes},
			{http.MethodDelete, "/users/nobody", "", tc.writes},
			{http.MethodGet, "/audit/", "", tc.audit},
		} {
			got := s.JSON(r.method, r.path, token, r.body)
			if !r.may {
				expect(t, tc.scope+" "+r.method+" "+r.path, got, http.StatusForbidden, noPermission)
			} else if got.Status != http.StatusOK && got.Body != userNotFound {
				t.Errorf("%s: %s %s: %d %s", tc.scope, r.method, r.path, got.Status, got.Body)
			}
			expect(t, r.path, s.JSON(r.method, r.path, "", r.body), http.StatusUnauthorized, notAuthenticated)
		}
	}
}

// names are the users of a page.
func names(s *apitest.Server, got apitest.Response) string {
	if got.Status != http.StatusOK {
		return got.Body
	}
	var all []string
	for _, u := range apitest.Decode[models.UserPage](s, got).Data {
		all = append(all, u.Username)
	}
	return strings.Join(all, " ")
}

func TestUsersAreListedAndFound(t *testing.T) {
	s := apitest.Start(t)
	for _, sent := range []string{
		body("username", "Bob", "password", goodPassword, "full_name", "Robert 100% Müller"),
		body("username", "bea_x", "password", goodPassword, "email", "Bea@bücher.example"),
		body("username", "Çelik", "password", goodPassword, "full_name", "Özgür Çelik"),
		body("username", "carl", "password", goodPassword, "full_name", `back\slash`),
	} {
		expect(t, sent, s.JSON(http.MethodPost, "/users/", "", sent), http.StatusCreated, "")
	}
	token := s.LogIn("johndoe", "secret")
	const everybody = "alice bea_x Bob carl johndoe Çelik"
	for search, want := range map[string]string{
		"": everybody, "e": "alice bea_x Bob johndoe Çelik", "BEA": "bea_x", "ob": "Bob", "Robert 100": "Bob",
		"%": "Bob", "_": "bea_x", `\`: "carl", "é": "", "zzz": "", "'": "", "*": "", "?": "",
		"ÇELIK": "Çelik", "c\u0327elik": "Çelik", "ＢＯＢ": "Bob", "Özgür": "Çelik", "müll": "Bob", "MÜLL": "Bob",
		"bea@": "bea_x", "xn--bcher": "bea_x", "example.com": "alice johndoe", "JOHN DOE": "johndoe", "n d": "johndoe",
	} {
		got := s.Get("/users/?search="+url.QueryEscape(search), token)
		if names(s, got) != want {
			t.Errorf("%q finds %q, want %q", search, names(s, got), want)
		}
	}
	for _, limit := range []string{"1", "2", "6", "100"} {
		var walked []string
		for next := ""; ; {
			page := s.Get("/users/?limit="+limit+"&cursor="+next, token)
			walked = append(walked, names(s, page))
			cursor := apitest.Decode[models.UserPage](s, page).Next
			if cursor == nil {
				break
			}
			next = *cursor
		}
		if got := strings.Join(walked, " "); got != everybody {
			t.Errorf("by %s: %s", limit, got)
		}
	}
	for query, want := range map[string]string{
		"limit=0": "limit greater_than_equal", "limit=101": "limit less_than_equal", "limit=x": "limit int_parsing", "limit=": "limit int_parsing",
		"cursor=!!!": "cursor value_error", "cursor=AA": "cursor value_error", "cursor=_w": "cursor value_error", "cursor=YR": "cursor value_error",
		"search=%00": "search value_error", "search=%ff&limit=0": "limit greater_than_equal, search value_error",
	} {
		if got := s.Get("/users/?"+query, token); faults(s, got) != want {
			t.Errorf("%s: %d %s", query, got.Status, got.Body)
		}
	}
}

func TestUsersAreShownByAnySpellingOfTheirName(t *testing.T) {
	s := apitest.Start(t)
	token := s.LogIn("johndoe", "secret")
	signUp(t, s, "Müller+1", "")
	for _, path := range []string{"M%C3%BCller+1", "m%C3%9CLLER%2b1", "mu%CC%88ller%2B1", "%EF%BC%ADüller+1/"} {
		if got := s.Get("/users/"+path, token); got.Status != http.StatusOK || apitest.Decode[models.User](s, got).Username != "Müller+1" {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
	for _, path := range []string{"nobody", "%00", "%FF", "ME", "m%C3%BCller%201", "%20", "'", "johndoe%40example.com"} {
		for _, method := range []string{http.MethodGet, http.MethodPatch, http.MethodDelete} {
			got := s.JSON(method, "/users/"+path, token, `{}`)
			if got.Status != http.StatusNotFound || got.Body != userNotFound && got.Body != `{"detail":"Not Found"}` {
				t.Errorf("%s %s: %d %s", method, path, got.Status, got.Body)
			}
		}
	}
}

func TestNobodyGivesWhatTheyDoNotHold(t *testing.T) {
	s := apitest.Start(t)
	signUp(t, s, "eve", "eve@example.com")
	signUp(t, s, "ada", "ada@example.com")
	setScopes(s, "eve", "items:read", "users:read", "users:write")
	token := s.LogIn("eve", goodPassword)
	patch := func(token, username, text string) apitest.Response {
		return s.JSON(http.MethodPatch, "/users/"+username, token, text)
	}
	const cannotGive, cannotMail = `{"detail":"You cannot give what you do not hold: `, `{"detail":"You cannot change the email of somebody who holds what you do not: `
	for _, tc := range []struct {
		username, body string
		status         int
		want           string
	}{
		{"ada", body("scopes", []string{"audit:read"}), http.StatusForbidden, cannotGive + `audit:read"}`},
		{"eve", body("scopes", []string{"users:write", "audit:read", "tokens:introspect"}), http.StatusForbidden, cannotGive + `audit:read tokens:introspect"}`},
		{"ADA", body("email", "eve+ada@example.com"), http.StatusForbidden, cannotMail + `items:write"}`},
		{"johndoe", body("email", "eve+joe@example.com"), http.StatusForbidden, ""},
		{"johndoe", body("email", nil), http.StatusForbidden, ""},
		{"alice", body("disabled", false, "email", "eve+alice@example.com"), http.StatusForbidden, ""},
		{"johndoe", body("email", "JohnDoe@example.com", "full_name", "Joe"), http.StatusOK, ""}, // it is the same
		{"ada", body("scopes", []string{"items:write", "users:write", "users:write"}), http.StatusOK, ""},
		{"ada", body("scopes", []string{}), http.StatusOK, ""},
		{"ada", body("scopes", []string{"items:write"}), http.StatusForbidden, cannotGive + `items:write"}`}, // it was ada's before
		{"ada", body("email", "Ada@example.org"), http.StatusOK, ""},
		{"ada", body("email", "eve@example.com"), http.StatusConflict, emailTaken},
		{"ada", body("scopes", []string{"root", "items:read", ""}), http.StatusUnprocessableEntity, ""},
		{"ada", `{"scopes":null,"disabled":null,"email":1,"full_name":[]}`, http.StatusUnprocessableEntity, ""},
	} {
		expect(t, tc.username+" "+tc.body, patch(token, tc.username, tc.body), tc.status, tc.want)
	}
	got := patch(token, "ada", `{"scopes":null,"disabled":null,"email":1,"full_name":[]}`)
	if want := "disabled bool_type, scopes list_type, full_name string_type, email string_type"; faults(s, got) != want {
		t.Errorf("%s, want %s", faults(s, got), want)
	}
	narrow := s.LogIn("eve", goodPassword, "users:write")
	expect(t, "what the token does not grant", patch(narrow, "ada", body("scopes", []string{"users:read"})), http.StatusForbidden,
		cannotGive+`users:read"}`)
	user := apitest.Decode[models.User](s, s.Get("/users/ada", token))
	if *user.Email != "Ada@example.org" || user.EmailVerified || len(user.Scopes) != 0 {
		t.Errorf("%+v", user)
	}
	if joe := me(s, s.LogIn("johndoe", "secret")); *joe.Email != "johndoe@example.com" || !joe.EmailVerified || *joe.FullName != "Joe" {
		t.Errorf("%+v", joe)
	}
}

func TestAdministrationAssignsNothingElse(t *testing.T) {
	s := apitest.Start(t)
	before := signUp(t, s, "ada", "ada@example.com")
	got := s.JSON(http.MethodPatch, "/users/ada", s.LogIn("johndoe", "secret"), body("username", "eve", "id", "1", "email_verified", true,
		"created_at", "2020-01-01T00:00:00Z", "hashed_password", "x", "password", otherPassword, "pending_email", "x@example.com"))
	expect(t, "PATCH", got, http.StatusOK, s.Get("/users/me", s.LogIn("ada", goodPassword)).Body)
	if after := apitest.Decode[models.User](s, got); after.ID != before.ID || after.EmailVerified || after.PendingEmail != nil {
		t.Errorf("%+v", after)
	}
}
