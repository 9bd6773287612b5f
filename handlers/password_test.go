package handlers_test

import (
	"net/http"
	"testing"

	"latchkey/internal/apitest"
)

func TestPasswordChangeRefusals(t *testing.T) {
	s := apitest.Start(t, "--rate-limit=off")
	signUp(t, s, "evelinde", "eva@example.com")
	token := s.LogIn("evelinde", goodPassword)
	for text, want := range map[string]string{
		`{}`: "current_password missing, new_password missing",
		`{"current_password":1,"new_password":null}`:                           "current_password string_type, new_password string_type",
		body("current_password", "", "new_password", "short"):                  "current_password string_too_short, new_password string_too_short",
		body("new_password", "evelinde1"):                                      "current_password missing, new_password value_error",
		body("current_password", "x", "new_password", "EvaLinde"):              wrongPassword,
		body("current_password", "x", "new_password", "Eva@Example.com"):       "new_password value_error",
		body("current_password", goodPassword, "new_password", "password123"):  "new_password value_error",
		body("current_password", otherPassword, "new_password", otherPassword): wrongPassword,
	} {
		got := s.JSON(http.MethodPut, "/users/me/password", token, text)
		if faults(s, got) != want {
			t.Errorf("%s: %d %s, want %s", text, got.Status, faults(s, got), want)
		}
	}
	for text, want := range map[string]string{
		`{}`: "password missing", `{"password":1}`: "password string_type", `{"password":""}`: "password string_too_short", ``: "body missing",
	} {
		if got := s.JSON(http.MethodDelete, "/users/me", token, text); faults(s, got) != want {
			t.Errorf("%s: %d %s, want %s", text, got.Status, faults(s, got), want)
		}
	}
	expect(t, "nobody", s.JSON(http.MethodPut, "/users/me/password", "", `{}`), http.StatusUnauthorized, notAuthenticated)
	expect(t, "nobody", s.JSON(http.MethodDelete, "/users/me", "", `{}`), http.StatusUnauthorized, notAuthenticated)
	s.LogIn("evelinde", goodPassword)
}

func TestOfPasswordChangesAtOnceOneWins(t *testing.T) {
	s := apitest.Start(t, "--rate-limit=off")
	signUp(t, s, "ada", "")
	sessions := []string{s.LogIn("ada", goodPassword), s.LogIn("ada", goodPassword)}
	passwords := []string{"the first new one", "the other new one"}
	won := make([]bool, 2)
	answers := atOnce(2, func(i int) apitest.Response {
		got := s.JSON(http.MethodPut, "/users/me/password", sessions[i], body("current_password", goodPassword, "new_password", passwords[i]))
		won[i] = got.Status == http.StatusNoContent
		return got
	})
	if answers["204"] != 1 || won[0] == won[1] {
		t.Fatal(answers)
	}
	for i := range 2 {
		status := map[bool]int{true: http.StatusOK, false: http.StatusBadRequest}[won[i]]
		expect(t, passwords[i], login(s, "ada", passwords[i]), status, "")
		status = map[bool]int{true: http.StatusOK, false: http.StatusUnauthorized}[won[i]]
		expect(t, "its session", s.Get("/users/me", sessions[i]), status, "")
	}
}

func TestOfDeletionsAtOnceOneWins(t *testing.T) {
	s := apitest.Start(t, "--rate-limit=off")
	signUp(t, s, "ada", "")
	token := s.LogIn("ada", goodPassword)
	answers := atOnce(6, func(int) apitest.Response {
		return s.JSON(http.MethodDelete, "/users/me", token, body("password", goodPassword))
	})
	// The others find that their user is gone, some before and some after their password was checked.
	if answers["204"] != 1 || answers["401"+badCredentials]+answers["400"+wrongPassword] != 5 {
		t.Error(answers)
	}
}

// Whoever changes the address of somebody else's account shall not have it once
// its owner does what the mail to the old address says.
func TestAnotherPasswordCallsOffAnotherAddress(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL())
	signUpVerified(t, s, box, "ada", "ada@example.com")
	for _, tc := range []struct {
		name, from, to string
		replace        func(from, to string) apitest.Response
	}{
		{"change", goodPassword, otherPassword, func(from, to string) apitest.Response {
			return s.JSON(http.MethodPut, "/users/me/password", s.LogIn("ada", from), body("current_password", from, "new_password", to))
		}},
		{"reset", otherPassword, goodPassword, func(_, to string) apitest.Response {
			return post(s, "/reset-password", "token", recovery(t, s, box, "ada@example.com"), "new_password", to)
		}},
	} {
		thief := s.LogIn("ada", tc.from)
		expect(t, "the thief", s.JSON(http.MethodPatch, "/users/me", thief, body("email", "thief@example.com")), http.StatusOK, "")
		mail := box.WaitFor("thief@example.com", confirmMail)
		expect(t, tc.name, tc.replace(tc.from, tc.to), http.StatusNoContent, "")
		expect(t, tc.name, s.Get("/users/me", thief), http.StatusUnauthorized, badCredentials)
		expect(t, tc.name, post(s, "/verify-email", "token", mail.Token), http.StatusBadRequest, badToken)
		if user := me(s, s.LogIn("ada", tc.to)); *user.Email != "ada@example.com" || !user.EmailVerified || user.PendingEmail != nil {
			t.Errorf("%s: %+v", tc.name, user)
		}
	}
}
