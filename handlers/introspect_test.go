package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/models"
)

// introspect asks about a token, with the bearer's.
func introspect(s *apitest.Server, bearer, token string) apitest.Response {
	return s.Send(http.MethodPost, "/token/introspect", "token="+token,
		"Content-Type", form, "Authorization", "Bearer "+bearer)
}

func TestIntrospect(t *testing.T) {
	s := apitest.Start(t)
	asking := s.LogIn("johndoe", "secret", "tokens:introspect")
	pair := s.Session("johndoe", "secret", "items:read")
	user := apitest.Decode[models.User](s, s.Get("/users/me", asking))

	got := apitest.Decode[models.Introspection](s, introspect(s, asking, pair.AccessToken))
	if !got.Active || got.Scope != "items:read" || got.Username != "johndoe" || got.Subject != user.ID || got.ClientID != "anonymous" ||
		got.TokenType != "bearer" || got.ExpiresAt-got.IssuedAt != 1800 || got.Issuer != s.URL || got.Audience != s.URL || got.ID == "" {
		t.Errorf("access token: %+v", got)
	}
	got = apitest.Decode[models.Introspection](s, introspect(s, asking, pair.RefreshToken))
	if !got.Active || got.Scope != "items:read" || got.Username != "johndoe" || got.TokenType != "" {
		t.Errorf("refresh token: %+v", got)
	}
}

func TestIntrospectTellsNothingOfABadToken(t *testing.T) {
	s := apitest.Start(t)
	asking := s.LogIn("johndoe", "secret")
	used := s.Session("johndoe", "secret")
	s.Refresh(used.RefreshToken)
	revoked := s.Session("johndoe", "secret")
	s.Form("/token/revoke", "token", revoked.RefreshToken)
	disabled := s.Session("alice", "secret2")
	for name, token := range map[string]string{
		"garbage": "x", "forged": "a.b.c", "used refresh token": used.RefreshToken,
		"revoked refresh token": revoked.RefreshToken, "revoked session": revoked.AccessToken,
		"a disabled user's": disabled.AccessToken, "a disabled user's refresh token": disabled.RefreshToken,
	} {
		if got := introspect(s, asking, token); got.Status != http.StatusOK || got.Body != `{"active":false}` {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	expired := s.LogIn("johndoe", "secret")
	s.Clock.Advance(31 * time.Minute)
	if got := introspect(s, s.LogIn("johndoe", "secret"), expired); got.Body != `{"active":false}` {
		t.Errorf("expired: %s", got.Body)
	}
}

func TestIntrospectIsNotForEverybody(t *testing.T) {
	s := apitest.Start(t)
	token := s.LogIn("johndoe", "secret", "items:read")
	alice := s.LogIn("alice", "secret2")
	refused := func(name string, status int, want, challenge string, headers ...string) exchange {
		return exchange{
			name: name, path: "/token/introspect", headers: append(headers, "Content-Type", form), body: "token=" + token,
			status: status, want: want, header: map[string]string{"WWW-Authenticate": challenge},
		}
	}
	run(t, s, []exchange{
		refused("nobody", 401, oauthError("invalid_client", "Not authenticated"), "Bearer"),
		refused("an empty client", 401, oauthError("invalid_client", "Not authenticated"), "Bearer", "Authorization", "Basic Og=="),
		refused("a bad token", 401, oauthError("invalid_token", "Invalid authentication credentials"), invalid, "Authorization", "Bearer x"),
		refused("without the scope", 403, oauthError("insufficient_scope", "Not enough permissions"),
			`Bearer error="insufficient_scope", scope="tokens:introspect"`, "Authorization", "Bearer "+token),
		refused("a disabled user", 400, oauthError("invalid_request", "Inactive user"), "", "Authorization", "Bearer "+alice),
		refused("an unknown client", 401, oauthError("invalid_client", "Client authentication failed"), "Basic", "Authorization", "Basic d2ViOngg"),
	})
}
