package handlers_test

import (
	"net/http"
	"testing"

	"latchkey/internal/apitest"
)

// TestTextThatADatabaseMayRefuse is answered, and never by a 5xx: PostgreSQL
// takes no NUL and nothing but UTF-8, which a client can send nevertheless.
func TestTextThatADatabaseMayRefuse(t *testing.T) {
	t.Run("sqlite", testTextThatADatabaseMayRefuse)
	t.Run("postgres", testTextThatADatabaseMayRefuse)
}

func testTextThatADatabaseMayRefuse(t *testing.T) {
	s := apitest.Start(t)
	token := s.LogIn("johndoe", "secret")
	bearer := []string{"Authorization", "Bearer " + token}
	item := apitest.Decode[struct{ ID string }](s, s.JSON(http.MethodPost, "/items/", token, `{"title":"key"}`)).ID
	for _, text := range []string{"\x00", "a\x00b", "\xff", "\xed\xa0\x80"} {
		for _, fields := range [][]string{
			{"username", text, "password", "secret"},
			{"username", "johndoe", "password", text},
			{"username", "johndoe", "password", "secret", "client_id", text},
			{"username", "johndoe", "password", "secret", "client_id", text, "client_secret", text},
			{"username", "johndoe", "password", "secret", "scope", text},
			{"grant_type", "refresh_token", "refresh_token", text},
			{"grant_type", "client_credentials", "client_id", text, "client_secret", text},
			{"grant_type", text, "username", "johndoe", "password", "secret"},
		} {
			if resp := s.Form("/token", fields...); resp.Status >= http.StatusInternalServerError {
				t.Errorf("%q: %d %s", fields, resp.Status, resp.Body)
			}
		}
		for _, path := range []string{"/token/revoke", "/token/introspect"} {
			if resp := s.Form(path, "token", text, "client_id", text); resp.Status >= http.StatusInternalServerError {
				t.Errorf("%s of %q: %d %s", path, text, resp.Status, resp.Body)
			}
		}
	}
	for _, escaped := range []string{"%00", "%ff", "a%00b", "%ed%a0%80"} {
		for _, resp := range []apitest.Response{
			s.Get("/items/"+escaped, token), s.Get("/items/?cursor="+escaped, token), s.Get("/users/me/sessions?cursor="+escaped, token),
			s.Send(http.MethodDelete, "/items/"+escaped, "", bearer...), s.Send(http.MethodDelete, "/users/me/sessions/"+escaped, "", bearer...),
		} {
			if resp.Status >= http.StatusInternalServerError {
				t.Errorf("%q: %d %s", escaped, resp.Status, resp.Body)
			}
		}
	}
	for _, body := range []string{`{"title":"a\u0000b"}`, `{"title":"\ud800"}`, `{"title":"a","description":"\u0000"}`} {
		for _, resp := range []apitest.Response{
			s.JSON(http.MethodPost, "/items/", token, body), s.JSON(http.MethodPatch, "/items/"+item, token, body),
		} {
			if resp.Status >= http.StatusInternalServerError {
				t.Errorf("%s: %d %s", body, resp.Status, resp.Body)
			}
		}
	}
	resp := s.Send(http.MethodPost, "/token", "username=johndoe&password=secret",
		"Content-Type", "application/x-www-form-urlencoded", "User-Agent", "Agent \xff\xfe")
	if resp.Status != http.StatusOK {
		t.Errorf("from a strange client: %d %s", resp.Status, resp.Body)
	}
}
