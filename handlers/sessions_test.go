package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/apitest"
	"latchkey/models"
)

func TestSessionsOfTheCaller(t *testing.T) {
	t.Run("sqlite", testSessionsOfTheCaller)
	t.Run("postgres", testSessionsOfTheCaller)
}

func testSessionsOfTheCaller(t *testing.T) {
	s := apitest.Start(t)
	phone := s.Do(loginFrom(t, s, "Phone/1.0"))
	laptop := s.Session("johndoe", "secret")
	page := apitest.Decode[models.SessionPage](s, s.Get("/users/me/sessions", laptop.AccessToken))
	if len(page.Data) != 2 || page.Next != nil {
		t.Fatalf("%+v", page)
	}
	newest, oldest := page.Data[0], page.Data[1]
	if !newest.Current || oldest.Current || oldest.UserAgent != "Phone/1.0" || oldest.Address != "127.0.0.1" ||
		oldest.ClientID != "anonymous" || !oldest.ExpiresAt.After(oldest.CreatedAt) || oldest.LastUsedAt != oldest.CreatedAt {
		t.Errorf("newest %+v\noldest %+v", newest, oldest)
	}

	gone := apitest.Decode[models.TokenAnswer](s, phone)
	s.Get("/users/me", gone.AccessToken) // so that it is remembered
	auth := []string{"Authorization", "Bearer " + laptop.AccessToken}
	if got := s.Send(http.MethodDelete, "/users/me/sessions/"+oldest.ID, "", auth...); got.Status != http.StatusNoContent {
		t.Errorf("end it: %d %s", got.Status, got.Body)
	}
	if got := s.Get("/users/me", gone.AccessToken); got.Status != http.StatusUnauthorized {
		t.Errorf("its access token: %d %s", got.Status, got.Body)
	}
	if got := refresh(s, gone.RefreshToken); got.Body != deadRefreshToken {
		t.Errorf("its refresh token: %d %s", got.Status, got.Body)
	}
	if got := s.Send(http.MethodDelete, "/users/me/sessions/"+oldest.ID, "", auth...); got.Status != http.StatusNotFound || got.Body != `{"detail":"Session not found"}` {
		t.Errorf("end it again: %d %s", got.Status, got.Body)
	}
}

func TestSessionsInPages(t *testing.T) {
	t.Run("sqlite", testSessionsInPages)
	t.Run("postgres", testSessionsInPages)
}

func testSessionsInPages(t *testing.T) {
	s := apitest.Start(t)
	mine := s.LogIn("johndoe", "secret")
	for range 2 {
		s.LogIn("johndoe", "secret")
	}
	all := apitest.Decode[models.SessionPage](s, s.Get("/users/me/sessions", mine)).Data
	first := apitest.Decode[models.SessionPage](s, s.Get("/users/me/sessions?limit=2", mine))
	if len(all) != 3 || !slices.Equal(first.Data, all[:2]) || first.Next == nil {
		t.Fatalf("first %+v\nof %+v", first, all)
	}
	rest := apitest.Decode[models.SessionPage](s, s.Get("/users/me/sessions?limit=2&cursor="+*first.Next, mine))
	if !slices.Equal(rest.Data, all[2:]) || rest.Next != nil || !rest.Data[0].Current {
		t.Errorf("rest %+v\nof %+v", rest, all)
	}
	got := s.Get("/users/me/sessions?limit=0&cursor=zz", mine)
	const want = `{"detail":[{"type":"greater_than_equal","loc":["query","limit"],"msg":"Input should be greater than or equal to 1"},` +
		`{"type":"value_error","loc":["query","cursor"],"msg":"Value error, not a cursor of this list"}]}`
	if got.Status != http.StatusUnprocessableEntity || got.Body != want {
		t.Errorf("%d %s\nwant %s", got.Status, got.Body, want)
	}
}

func loginFrom(t *testing.T, s *apitest.Server, agent string) *http.Request {
	t.Helper()
	req := tokenRequest(t, s, "", "username", "johndoe", "password", "secret")
	req.Header.Set("User-Agent", agent)
	return req
}

func TestSessionsOfOthersStayTheirs(t *testing.T) {
	t.Run("sqlite", testSessionsOfOthersStayTheirs)
	t.Run("postgres", testSessionsOfOthersStayTheirs)
}

func testSessionsOfOthersStayTheirs(t *testing.T) {
	s := apitest.Start(t)
	his := s.Session("johndoe", "secret")
	id := apitest.Decode[models.SessionPage](s, s.Get("/users/me/sessions", his.AccessToken)).Data[0].ID
	s.Exec(`UPDATE users SET disabled = FALSE WHERE username = 'alice'`)
	alice := s.LogIn("alice", "secret2")
	if got := s.Send(http.MethodDelete, "/users/me/sessions/"+id, "", "Authorization", "Bearer "+alice); got.Status != http.StatusNotFound {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if got := s.Get("/users/me/sessions", alice); strings.Contains(got.Body, id) {
		t.Errorf("her list has his session: %s", got.Body)
	}
	if got := s.Get("/users/me", his.AccessToken); got.Status != http.StatusOK {
		t.Errorf("his session: %d", got.Status)
	}
}

func TestEndAllOtherSessions(t *testing.T) {
	t.Run("sqlite", testEndAllOtherSessions)
	t.Run("postgres", testEndAllOtherSessions)
}

func testEndAllOtherSessions(t *testing.T) {
	s := apitest.Start(t)
	others := []string{s.LogIn("johndoe", "secret"), s.LogIn("johndoe", "secret")}
	mine := s.LogIn("johndoe", "secret")
	for _, token := range append(others, mine) { // so that all are remembered
		s.Get("/users/me", token)
	}
	if got := s.Send(http.MethodDelete, "/users/me/sessions", "", "Authorization", "Bearer "+mine); got.Status != http.StatusNoContent {
		t.Fatal(got.Status, got.Body)
	}
	for _, token := range others {
		if got := s.Get("/users/me", token); got.Status != http.StatusUnauthorized {
			t.Errorf("another session: %d", got.Status)
		}
	}
	if got := s.Get("/users/me", mine); got.Status != http.StatusOK {
		t.Errorf("this session: %d", got.Status)
	}
}
