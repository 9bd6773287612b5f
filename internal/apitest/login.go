package apitest

import (
	"encoding/json"
	"net/http"

	"latchkey/models"
)

// LogIn is a token of that user's, with these scopes or all the user has.
func (s *Server) LogIn(username, password string, scope ...string) string {
	s.t.Helper()
	fields := []string{"username", username, "password", password}
	for _, sc := range scope {
		fields = append(fields, "scope", sc)
	}
	resp := s.Form("/token", fields...)
	if resp.Status != http.StatusOK {
		s.t.Fatalf("log in as %s: %d %s", username, resp.Status, resp.Body)
	}
	return Decode[models.TokenAnswer](s, resp).AccessToken
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
