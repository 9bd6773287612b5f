package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"latchkey/internal/apitest"
	"latchkey/models"
)

// faults are the fields of a 422, each with its type.
func faults(s *apitest.Server, got apitest.Response) string {
	if got.Status != http.StatusUnprocessableEntity {
		return got.Body
	}
	var all []string
	for _, f := range apitest.Decode[models.ValidationErrorAnswer](s, got).Detail {
		name, _ := f.Loc[len(f.Loc)-1].(string)
		all = append(all, name+" "+f.Type)
	}
	return strings.Join(all, ", ")
}

func TestSignUpListsEveryFaultInTheOrderOfTheForm(t *testing.T) {
	s := apitest.Start(t)
	for _, tc := range []struct{ name, body, want string }{
		{"nothing", ``, "body missing"},
		{"no object", `[]`, "body model_attributes_type"},
		{"no members", `{}`, "username missing, password missing"},
		{
			"types", `{"username":1,"password":true,"email":[],"full_name":{}}`,
			"username string_type, password string_type, email string_type, full_name string_type",
		},
		{"null", `{"username":null,"password":null,"email":null,"full_name":null}`, "username string_type, password string_type"},
		{"empty", `{"username":"","password":"","email":"","full_name":""}`, "username string_too_short, password string_too_short"},
		{"one that is missing after one that is wrong", `{"username":"a b","email":"nobody"}`, "username value_error, password missing, email value_error"},
		{
			"one of each", body("username", strings.Repeat("a", 65), "password", "short", "email", 1, "full_name", "\u202e"),
			"username string_too_long, password string_too_short, email string_type, full_name value_error",
		},
		{"a common password", body("username", "eve", "password", "Passw0rd123"), "password value_error"},
		{"the username", body("username", "evelinde", "password", "EVELINDE"), "password value_error"},
		{"the username and digits", body("username", "evelinde", "password", "evelinde1"), "password value_error"},
		{"the email", body("username", "eve", "password", "eva@example.com", "email", "eva@example.com"), "password value_error"},
		{"too long a password", body("username", "eve", "password", strings.Repeat("ab", 513)), "password string_too_long"},
		{"seven characters of many bytes", body("username", "eve", "password", "пароль1"), "password string_too_short"},
		{"NUL", `{"username":"e\u0000ve","password":"correct\u0000horse","email":"e\u0000@example.com","full_name":"\u0000"}`, "username value_error, email value_error, full_name value_error"},
		{"too long an email", body("username", "eve", "password", goodPassword, "email", strings.Repeat("a", 64)+"@"+strings.Repeat(strings.Repeat("b", 60)+".", 4)+"com"), "email string_too_long"},
	} {
		got := s.JSON(http.MethodPost, "/users/", "", tc.body)
		if got.Status != http.StatusUnprocessableEntity || faults(s, got) != tc.want {
			t.Errorf("%s: %d %s, want %s", tc.name, got.Status, faults(s, got), tc.want)
		}
	}
	if n := s.Int(`SELECT count(*) FROM users`); n != 2 {
		t.Errorf("%d users", n)
	}
}

func TestSignUpTakesAnyOtherPassword(t *testing.T) {
	s := apitest.Start(t)
	for i, password := range []string{
		"eight ch", "\x00\x01\x02\x03\x04\x05\x06\x07", "пароль 12", strings.Repeat("日本", 170), "  spaces  ", "🔑🔒🗝🔐🔓🛡🚪🧱",
	} {
		name := "user" + string(rune('a'+i))
		expect(t, password, post(s, "/users/", "username", name, "password", password), http.StatusCreated, "")
		s.LogIn(name, password)
	}
	expect(t, "composed", post(s, "/users/", "username", "nfc", "password", "café au lait"), http.StatusCreated, "")
	s.LogIn("nfc", "cafe\u0301 au lait")
}

func TestSignUpAssignsNothingElse(t *testing.T) {
	s := apitest.Start(t)
	more := []any{
		"username", "eve", "password", goodPassword, "email", "eve@example.com",
		"scopes",
		[]string{"users:write"},
		"disabled", true, "id", "1", "email_verified", true, "email_verified_at", "2020-01-01T00:00:00Z",
		"created_at", "2020-01-01T00:00:00Z", "hashed_password", "$argon2id$", "pending_email", "x@example.com", "Username", "mallory",
	}
	got := post(s, "/users/", more...)
	user := apitest.Decode[models.User](s, got)
	check := func(what string, user models.User) {
		t.Helper()
		if user.Username != "eve" || strings.Join(user.Scopes, " ") != "items:read items:write" || user.Disabled || len(user.ID) != 32 ||
			user.EmailVerified || user.CreatedAt.Year() == 2020 || user.PendingEmail != nil {
			t.Errorf("%s: %+v", what, user)
		}
	}
	check("sign-up", user)
	token := s.LogIn("eve", goodPassword)
	check("login", me(s, token))
	changed := s.JSON(http.MethodPatch, "/users/me", token, body(append(more[6:], "password", otherPassword, "username", "mallory")...))
	expect(t, "PATCH", changed, http.StatusOK, "")
	check("PATCH", apitest.Decode[models.User](s, changed))
	expect(t, "PATCH of a scope's route", s.JSON(http.MethodPatch, "/users/eve", token, body("scopes", []string{"users:write"})),
		http.StatusForbidden, noPermission)
	s.LogIn("eve", goodPassword)
}

func TestSignUpNamesAreUniqueHoweverTheyAreSpelled(t *testing.T) {
	s := apitest.Start(t, "--rate-limit=off")
	for _, tc := range []struct{ first, second string }{
		{"Müller", "MU\u0308LLER"}, // in NFD
		{"ada", "ＡＤＡ"},             // fullwidth
		{"kim", "\u212aim"},        // the Kelvin sign
		{"grün", "GRÜN"},
	} {
		expect(t, tc.first, post(s, "/users/", "username", tc.first, "password", goodPassword), http.StatusCreated, "")
		expect(t, tc.second, post(s, "/users/", "username", tc.second, "password", goodPassword), http.StatusConflict, usernameTaken)
		if got := me(s, s.LogIn(tc.second, goodPassword)).Username; got != tc.first {
			t.Errorf("%q logs in as %q", tc.second, got)
		}
	}
	for _, name := range []string{
		"me", "ME", "ｍｅ", ".", "..", "a/b", "a%2Fb", "a b", "ada\u00a0", "ad\u200ba", "ad\u00ada", "\u202eada", "ad\u200da", "ada\n", "a\u0308\u200c",
		"ada@example.com", "<ada>", "ada\u2028", "\u0301ada", "\ufeffada", "ada\u3164", "",
	} {
		if got := post(s, "/users/", "username", name, "password", goodPassword); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d %s", name, got.Status, got.Body)
		}
	}
	// As RFC 8265 has it, the dotless ı is another letter than i, and the final sigma than σ.
	for _, other := range []string{"ıstanbul", "istanbul", "Ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ"} {
		expect(t, other, post(s, "/users/", "username", other, "password", goodPassword), http.StatusCreated, "")
	}
}

func TestSignUpEmailsAreUniqueHoweverTheyAreSpelled(t *testing.T) {
	s := apitest.Start(t)
	signUp(t, s, "ada", "Ada@bücher.example")
	for _, same := range []string{
		"ada@BÜCHER.example", "ADA@xn--bcher-kva.EXAMPLE", "ada@bu\u0308cher.example", "ada@ｂücher.example", "ada@bücher。example", "ada@b\u00adücher.example",
	} {
		expect(t, same, post(s, "/users/", "username", "eve", "password", goodPassword, "email", same), http.StatusConflict, emailTaken)
	}
	for _, none := range []string{
		"ada", "@example.com", "ada@", "a b@example.com", "Ada <ada@example.com>", "ada@exa mple.com", "ada@example..com", "ada@-example.com",
		"ada@example.com\r\nBcc: eve@example.com", "ad\u212a@example.com", "ada@example.com ", "\u200bada@example.com", "ada@[127.0.0.1]", "ada@127.0.0.1",
		`"ada"@example.com`, "ada@example.com.", "аda@example.com",
	} {
		expect(t, none, post(s, "/users/", "username", "eve", "password", goodPassword, "email", none), http.StatusUnprocessableEntity, "")
	}
	expect(t, "the username", post(s, "/users/", "username", "ADA", "password", goodPassword), http.StatusConflict, usernameTaken)
	expect(t, "both", post(s, "/users/", "username", "ADA", "password", goodPassword, "email", "ada@bücher.example"), http.StatusConflict, usernameTaken)
}

func TestSignUpOfManyAtOnce(t *testing.T) {
	s := apitest.Start(t)
	for _, tc := range []struct {
		name, taken string
		request     func(i int) apitest.Response
	}{
		{"one username", usernameTaken, func(i int) apitest.Response {
			return post(s, "/users/", "username", []string{"Ada", "aDA"}[i%2], "password", goodPassword)
		}},
		{"one email", emailTaken, func(i int) apitest.Response {
			return post(s, "/users/", "username", "eve"+string(rune('a'+i)), "password", goodPassword, "email", "eve@example.com")
		}},
	} {
		answers := atOnce(20, tc.request)
		if answers["201"] != 1 || answers["409"+tc.taken] != 19 {
			t.Errorf("%s: %v", tc.name, answers)
		}
	}
}

func TestRegistrationCanBeClosed(t *testing.T) {
	s := apitest.Start(t, "--registration=closed")
	const want = `{"detail":"Registration is closed"}`
	expect(t, "a good form", post(s, "/users/", "username", "ada", "password", goodPassword), http.StatusForbidden, want)
	expect(t, "without the slash", post(s, "/users", "username", "ada", "password", goodPassword), http.StatusForbidden, want)
	expect(t, "a bad form", post(s, "/users/", "username", "ada"), http.StatusForbidden, want)
	if n := s.Int(`SELECT count(*) FROM users`); n != 2 {
		t.Errorf("%d users", n)
	}
}
