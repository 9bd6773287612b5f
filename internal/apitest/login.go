package apitest

import (
	"encoding/json"
	"net/http"
	"strings"

	"latchkey/models"
)

// LogIn is an access token of that user's, with these scopes or all the user has.
func (s *Server) LogIn(username, password string, scope ...string) string {
	s.t.Helper()
	return s.Session(username, password, scope...).AccessToken
}

// Session is what the login of that user answers.
func (s *Server) Session(username, password string, scope ...string) models.TokenAnswer {
	s.t.Helper()
	return s.tokens("username", username, "password", password, "scope", strings.Join(scope, " "))
}

// Refresh is what the exchange of that refresh token answers.
func (s *Server) Refresh(refreshToken string) models.TokenAnswer {
	s.t.Helper()
	return s.tokens("grant_type", "refresh_token", "refresh_token", refreshToken)
}

func (s *Server) tokens(fields ...string) models.TokenAnswer {
	s.t.Helper()
	resp := s.Form("/token", fields...)
	if resp.Status != http.StatusOK {
		s.t.Fatalf("POST /token: %d %s", resp.Status, resp.Body)
	}
	return Decode[models.TokenAnswer](s, resp)
}

// Decode reads an answer's JSON.
func Decode[T any](s *Server, r Response) T {
	s.t.Helper()
	var v T
	if err := json.Unmarshal([]byte(r.Body), &v); err != nil {
		s.t.Fatalf("%v in %s", err, r.Body)
	}
	return v
}
