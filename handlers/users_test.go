package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"latchkey/internal/apitest"
)

func TestCurrentUserStartsAsInTheTutorial(t *testing.T) {
	t.Run("sqlite", testCurrentUserStartsAsInTheTutorial)
	t.Run("postgres", testCurrentUserStartsAsInTheTutorial)
}

func testCurrentUserStartsAsInTheTutorial(t *testing.T) {
	s := apitest.Start(t)
	got := s.Get("/users/me", s.LogIn("johndoe", "secret"))
	const want = `{"username":"johndoe","email":"johndoe@example.com","full_name":"John Doe","disabled":false,`
	if got.Status != http.StatusOK || !strings.HasPrefix(got.Body, want) {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if strings.Contains(got.Body, "$argon2id$") || strings.Contains(got.Body, "password") {
		t.Errorf("the answer tells of the password: %s", got.Body)
	}
}
