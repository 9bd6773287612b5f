package handlers_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/models"
)

const deadRefreshToken = `{"detail":"The refresh token is invalid","error":"invalid_grant","error_description":"The refresh token is invalid"}`

// refresh sends the exchange and does not mind the answer.
func refresh(s *apitest.Server, token string, more ...string) apitest.Response {
	return s.Form("/token", append([]string{"grant_type", "refresh_token", "refresh_token", token}, more...)...)
}

func TestRefreshRotates(t *testing.T) {
	t.Run("sqlite", testRefreshRotates)
	t.Run("postgres", testRefreshRotates)
}

func testRefreshRotates(t *testing.T) {
	s := apitest.Start(t)
	first := s.Session("johndoe", "secret", "items:read")
	second := s.Refresh(first.RefreshToken)
	if second.RefreshToken == first.RefreshToken || second.AccessToken == first.AccessToken || second.Scope != "items:read" {
		t.Errorf("%+v", second)
	}
	for _, token := range []string{first.AccessToken, second.AccessToken} {
		if got := s.Get("/users/me", token); got.Status != http.StatusOK {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	}
	if third := s.Refresh(second.RefreshToken); third.RefreshToken == second.RefreshToken {
		t.Error("the second exchange did not rotate")
	}
}

func TestRefreshWithinTheReuseWindowIsARetry(t *testing.T) {
	t.Run("sqlite", testRefreshWithinTheReuseWindowIsARetry)
	t.Run("postgres", testRefreshWithinTheReuseWindowIsARetry)
}

func testRefreshWithinTheReuseWindowIsARetry(t *testing.T) {
	s := apitest.Start(t)
	first := s.Session("johndoe", "secret")
	lost := s.Refresh(first.RefreshToken)
	s.Clock.Advance(9 * time.Second)
	retried := s.Refresh(first.RefreshToken)
	for name, pair := range map[string]models.TokenAnswer{"the lost answer": lost, "the retried one": retried} {
		if got := s.Get("/users/me", pair.AccessToken); got.Status != http.StatusOK {
			t.Errorf("%s: access %d", name, got.Status)
		}
		if got := refresh(s, pair.RefreshToken); got.Status != http.StatusOK {
			t.Errorf("%s: refresh %d %s", name, got.Status, got.Body)
		}
	}
}

func TestRefreshTokenReuseEndsTheSession(t *testing.T) {
	t.Run("sqlite", testRefreshTokenReuseEndsTheSession)
	t.Run("postgres", testRefreshTokenReuseEndsTheSession)
}

func testRefreshTokenReuseEndsTheSession(t *testing.T) {
	for _, window := range []time.Duration{0, 10 * time.Second} {
		t.Run(window.String(), func(t *testing.T) {
			s := apitest.Start(t, "--refresh-reuse-window="+window.String())
			other := s.Session("johndoe", "secret")
			first := s.Session("johndoe", "secret")
			second := s.Refresh(first.RefreshToken)
			s.Clock.Advance(window)
			if got := refresh(s, first.RefreshToken); got.Status != http.StatusBadRequest || got.Body != deadRefreshToken {
				t.Errorf("reuse: %d %s", got.Status, got.Body)
			}
			if got := refresh(s, second.RefreshToken); got.Status != http.StatusBadRequest || got.Body != deadRefreshToken {
				t.Errorf("its successor: %d %s", got.Status, got.Body)
			}
			if got := s.Get("/users/me", second.AccessToken); got.Status != http.StatusUnauthorized {
				t.Errorf("its access token: %d %s", got.Status, got.Body)
			}
			if got := s.Get("/users/me", other.AccessToken); got.Status != http.StatusOK {
				t.Errorf("another session: %d %s", got.Status, got.Body)
			}
			if !strings.Contains(s.Log.String(), `"event":"refresh_token_reuse"`) {
				t.Error("the reuse is not in the log")
			}
		})
	}
}

func TestRefreshOfManyAtOnce(t *testing.T) {
	t.Run("sqlite", testRefreshOfManyAtOnce)
	t.Run("postgres", testRefreshOfManyAtOnce)
}

func testRefreshOfManyAtOnce(t *testing.T) {
	for _, tc := range []struct {
		window string
		least  int32
		most   int32
	}{{"0s", 1, 1}, {"10s", 16, 16}} {
		t.Run(tc.window, func(t *testing.T) {
			s := apitest.Start(t, "--refresh-reuse-window="+tc.window)
			token := s.Session("johndoe", "secret").RefreshToken
			var won atomic.Int32
			var together sync.WaitGroup
			for range 16 {
				together.Go(func() {
					if got := refresh(s, token); got.Status == http.StatusOK {
						won.Add(1)
					} else if got.Body != deadRefreshToken {
						t.Errorf("%d %s", got.Status, got.Body)
					}
				})
			}
			together.Wait()
			if n := won.Load(); n < tc.least || n > tc.most {
				t.Errorf("%d of 16 won", n)
			}
		})
	}
}

func TestRefreshScopes(t *testing.T) {
	t.Run("sqlite", testRefreshScopes)
	t.Run("postgres", testRefreshScopes)
}

func testRefreshScopes(t *testing.T) {
	s := apitest.Start(t)
	token := s.Session("johndoe", "secret", "items:read", "items:write").RefreshToken
	narrowed := apitest.Decode[models.TokenAnswer](s, refresh(s, token, "scope", "items:read"))
	if narrowed.Scope != "items:read" {
		t.Errorf("narrowed to %q", narrowed.Scope)
	}
	widened := refresh(s, narrowed.RefreshToken, "scope", "items:read tokens:introspect")
	if widened.Status != http.StatusBadRequest || !strings.Contains(widened.Body, `"invalid_scope"`) {
		t.Errorf("widened: %d %s", widened.Status, widened.Body)
	}
	if again := s.Refresh(narrowed.RefreshToken); again.Scope != "items:read items:write" {
		t.Errorf("the refusal used the token up, or narrowing lasts: %q", again.Scope)
	}
	s.Exec(`UPDATE users SET scopes = 'items:write' WHERE username = 'johndoe'`)
	if left := s.Refresh(narrowed.RefreshToken); left.Scope != "items:write" {
		t.Errorf("a scope that was taken away: %q", left.Scope)
	}
}

func TestSessionEndsHoweverMuchItIsUsed(t *testing.T) {
	t.Run("sqlite", testSessionEndsHoweverMuchItIsUsed)
	t.Run("postgres", testSessionEndsHoweverMuchItIsUsed)
}

func testSessionEndsHoweverMuchItIsUsed(t *testing.T) {
	s := apitest.Start(t, "--refresh-token-ttl=2h", "--access-token-ttl=30m")
	pair := s.Session("johndoe", "secret")
	for range 3 {
		s.Clock.Advance(35 * time.Minute)
		pair = s.Refresh(pair.RefreshToken)
	}
	if pair.ExpiresIn > 15*60 {
		t.Errorf("an access token outlives its session: %d s", pair.ExpiresIn)
	}
	s.Clock.Advance(15*time.Minute - 500*time.Millisecond)
	if got := refresh(s, pair.RefreshToken); got.Body != deadRefreshToken {
		t.Errorf("in its last second: %d %s", got.Status, got.Body)
	}
	s.Clock.Advance(500 * time.Millisecond)
	if got := refresh(s, pair.RefreshToken); got.Status != http.StatusBadRequest || got.Body != deadRefreshToken {
		t.Errorf("after two hours: %d %s", got.Status, got.Body)
	}
	if got := s.Get("/users/me", pair.AccessToken); got.Status != http.StatusUnauthorized {
		t.Errorf("after two hours: %d %s", got.Status, got.Body)
	}
}

func TestRefreshTokensAreKeptAsHashesOnly(t *testing.T) {
	t.Run("sqlite", testRefreshTokensAreKeptAsHashesOnly)
	t.Run("postgres", testRefreshTokensAreKeptAsHashesOnly)
}

func testRefreshTokensAreKeptAsHashesOnly(t *testing.T) {
	s := apitest.Start(t)
	pair := s.Session("johndoe", "secret")
	next := s.Refresh(pair.RefreshToken)
	for _, secret := range []string{pair.RefreshToken, next.RefreshToken, next.AccessToken} {
		if s.DatabaseContains(secret) || strings.Contains(s.Log.String(), secret) {
			t.Error("a token is in the database or in the log")
		}
	}
}
