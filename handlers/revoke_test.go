package handlers_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/apitest"
)

func TestRevokeAnAccessToken(t *testing.T) {
	t.Run("sqlite", testRevokeAnAccessToken)
	t.Run("postgres", testRevokeAnAccessToken)
}

func testRevokeAnAccessToken(t *testing.T) {
	s := apitest.Start(t)
	pair := s.Session("johndoe", "secret")
	sibling := s.Refresh(pair.RefreshToken)
	s.Get("/users/me", pair.AccessToken) // so that it is remembered
	for range 2 {
		if got := s.Form("/token/revoke", "token", pair.AccessToken, "token_type_hint", "access_token"); got.Status != http.StatusOK || got.Body != "" {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
	}
	if got := s.Get("/users/me", pair.AccessToken); got.Status != http.StatusUnauthorized || got.Body != badCredentials {
		t.Errorf("the token: %d %s", got.Status, got.Body)
	}
	if got := s.Get("/users/me", sibling.AccessToken); got.Status != http.StatusOK {
		t.Errorf("another token of its session: %d %s", got.Status, got.Body)
	}
}

func TestRevokeARefreshToken(t *testing.T) {
	t.Run("sqlite", testRevokeARefreshToken)
	t.Run("postgres", testRevokeARefreshToken)
}

func testRevokeARefreshToken(t *testing.T) {
	s := apitest.Start(t)
	pair := s.Session("johndoe", "secret")
	next := s.Refresh(pair.RefreshToken)
	s.Get("/users/me", next.AccessToken)
	if got := s.Form("/token/revoke", "token", next.RefreshToken, "token_type_hint", "a wrong hint"); got.Status != http.StatusOK {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	for _, token := range []string{pair.AccessToken, next.AccessToken} {
		if got := s.Get("/users/me", token); got.Status != http.StatusUnauthorized {
			t.Errorf("an access token of its session: %d %s", got.Status, got.Body)
		}
	}
	if got := refresh(s, next.RefreshToken); got.Body != deadRefreshToken {
		t.Errorf("the token: %d %s", got.Status, got.Body)
	}
}

func TestRevokeWhatIsNoToken(t *testing.T) {
	t.Run("sqlite", testRevokeWhatIsNoToken)
	t.Run("postgres", testRevokeWhatIsNoToken)
}

func testRevokeWhatIsNoToken(t *testing.T) {
	s := apitest.Start(t)
	for _, token := range []string{"x", "a.b.c", "johndoe", "\x00"} {
		if got := s.Form("/token/revoke", "token", token); got.Status != http.StatusOK {
			t.Errorf("%q: %d %s", token, got.Status, got.Body)
		}
	}
	run(t, s, []exchange{
		{
			name: "nothing", path: "/token/revoke", headers: []string{"Content-Type", form}, status: 400,
			want: oauthError("invalid_request", "The parameter token is missing"), header: noStore,
		},
		{
			name: "in the query", path: "/token/revoke?token=x", headers: []string{"Content-Type", form}, status: 400,
			want: oauthError("invalid_request", "The parameter token belongs in the body, not in the URL"),
		},
	})
}

// TestRevokedTokenIsRefusedWhileManyUseIt lets 32 connections use a token
// while it is revoked: no request that begins after that may get through.
func TestRevokedTokenIsRefusedWhileManyUseIt(t *testing.T) {
	t.Run("sqlite", testRevokedTokenIsRefusedWhileManyUseIt)
	t.Run("postgres", testRevokedTokenIsRefusedWhileManyUseIt)
}

func testRevokedTokenIsRefusedWhileManyUseIt(t *testing.T) {
	s := apitest.Start(t)
	token := s.LogIn("johndoe", "secret")
	var revoked, done atomic.Bool
	var served atomic.Int64
	var users sync.WaitGroup
	for range 32 {
		users.Go(func() {
			for !done.Load() {
				after := revoked.Load()
				got := s.Get("/users/me", token)
				served.Add(1)
				if after && got.Status != http.StatusUnauthorized {
					t.Errorf("after the revocation: %d", got.Status)
				}
			}
		})
	}
	waitFor(t, func() bool { return served.Load() > 1000 })
	if got := s.Form("/token/revoke", "token", token); got.Status != http.StatusOK {
		t.Error(got.Status, got.Body)
	}
	revoked.Store(true)
	until := served.Load() + 1000
	waitFor(t, func() bool { return served.Load() > until })
	done.Store(true)
	users.Wait()
}

// waitFor waits until it is so.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); !so(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("it did not come to be")
		}
	}
}

// TestChangesBehindTheServicesBackCountSoon has another process take rights
// away from a token that is remembered.
func TestChangesBehindTheServicesBackCountSoon(t *testing.T) {
	t.Run("sqlite", testChangesBehindTheServicesBackCountSoon)
	t.Run("postgres", testChangesBehindTheServicesBackCountSoon)
}

func testChangesBehindTheServicesBackCountSoon(t *testing.T) {
	for _, tc := range []struct {
		statement string
		status    int
	}{
		{`UPDATE users SET disabled = TRUE WHERE username = 'johndoe'`, http.StatusBadRequest},
		{`UPDATE users SET scopes = '' WHERE username = 'johndoe'`, http.StatusForbidden},
		{`DELETE FROM sessions`, http.StatusUnauthorized},
		{`DELETE FROM users WHERE username = 'johndoe'`, http.StatusUnauthorized},
	} {
		s := apitest.Start(t)
		token := s.LogIn("johndoe", "secret")
		if got := s.Get("/items/", token); got.Status != http.StatusOK {
			t.Fatal(got.Status, got.Body)
		}
		s.Exec(tc.statement)
		changed := time.Now()
		waitFor(t, func() bool { return s.Get("/items/", token).Status == tc.status })
		if took := time.Since(changed); took > time.Second {
			t.Errorf("%s: counted after %s", tc.statement, took)
		}
	}
}
