//go:build linux

package faults_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"latchkey/internal/apitest"
)

// The service runs in the test here, for the machine's clock is not the test's to set.

// TestClockJumpsForward is over for access tokens, and not for sessions.
func TestClockJumpsForward(t *testing.T) {
	t.Parallel()
	for _, jump := range []time.Duration{time.Hour, 24 * time.Hour} {
		s := apitest.Start(t)
		session := s.Session("johndoe", "secret")
		wantMe(t, s, session.AccessToken, http.StatusOK)
		s.Clock.Advance(jump)
		wantMe(t, s, session.AccessToken, http.StatusUnauthorized)
		next := s.Refresh(session.RefreshToken)
		wantMe(t, s, next.AccessToken, http.StatusOK)
		s.Clock.Advance(-jump) // as it was put right
		s.Restart()            // which sweeps
		wantMe(t, s, session.AccessToken, http.StatusOK)
		wantMe(t, s, next.AccessToken, http.StatusUnauthorized) // not yet
		wantMe(t, s, s.Refresh(next.RefreshToken).AccessToken, http.StatusOK)
	}
}

func wantMe(t *testing.T, s *apitest.Server, token string, status int) {
	t.Helper()
	if got := s.Get("/users/me", token); got.Status != status {
		t.Errorf("%d %s, want %d", got.Status, got.Body, status)
	}
}

// TestClockJumpsBack leaves sessions alive, and limits no longer than they can be.
func TestClockJumpsBack(t *testing.T) {
	t.Parallel()
	for _, jump := range []time.Duration{time.Hour, 24 * time.Hour} {
		s := apitest.Start(t)
		session := s.Session("johndoe", "secret")
		wantMe(t, s, session.AccessToken, http.StatusOK)
		s.Clock.Advance(-jump)
		s.Restart()
		wantMe(t, s, session.AccessToken, http.StatusUnauthorized) // it is not yet valid: clients refresh, as at any 401
		wantMe(t, s, s.Refresh(session.RefreshToken).AccessToken, http.StatusOK)
		wantMe(t, s, s.LogIn("johndoe", "secret"), http.StatusOK)
	}
}

// TestClockJumpsBackAfterARefresh gives the old refresh token no time of grace
// but that which it had.
func TestClockJumpsBackAfterARefresh(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", testClockJumpsBackAfterARefresh)
	t.Run("postgres", testClockJumpsBackAfterARefresh)
}

func testClockJumpsBackAfterARefresh(t *testing.T) {
	s := apitest.Start(t)
	session := s.Session("johndoe", "secret")
	next := s.Refresh(session.RefreshToken)
	s.Clock.Advance(-time.Hour)
	resp := s.Form("/token", "grant_type", "refresh_token", "refresh_token", session.RefreshToken)
	if resp.Status != http.StatusBadRequest {
		t.Errorf("used an hour before it was: %d %s", resp.Status, resp.Body)
	}
	resp = s.Form("/token", "grant_type", "refresh_token", "refresh_token", next.RefreshToken)
	if resp.Status != http.StatusBadRequest {
		t.Errorf("the session of a token that was reused: %d %s", resp.Status, resp.Body)
	}
}

// TestClockJumpsWhileTheDatabaseIsAway has nothing believed for longer for it.
func TestClockJumpsWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	for _, jump := range []time.Duration{-24 * time.Hour, -900 * time.Millisecond, 900 * time.Millisecond, time.Hour} {
		flags := apitest.NewDatabase(t)
		path := strings.TrimPrefix(databaseOf(flags), "sqlite:")
		s := apitest.Start(t, flags...)
		token := s.LogIn("johndoe", "secret")
		wantMe(t, s, token, http.StatusOK)
		if err := os.Rename(path, path+".away"); err != nil {
			t.Fatal(err)
		}
		away := time.Now()
		s.Clock.Advance(jump)
		eventually(t, "nothing is believed any more", func() bool {
			sent := time.Now()
			if s.Get("/users/me", token).Status != http.StatusOK {
				return true
			}
			// A look that was under way may have found it there, and the next is a quarter of a second later.
			if age := sent.Sub(away); age > 2*believed {
				t.Errorf("%s: believed after %s", jump, age)
			}
			return false
		})
		if err := os.Rename(path+".away", path); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it serves again", func() bool { return s.Get("/readyz", "").Status == http.StatusOK })
	}
}

// TestClockJumpsBackAndMailsAreSent has one wait that nobody has taken yet, and
// one that is to be tried again.
func TestClockJumpsBackAndMailsAreSent(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", testClockJumpsBackAndMailsAreSent)
	t.Run("postgres", testClockJumpsBackAndMailsAreSent)
}

func testClockJumpsBackAndMailsAreSent(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL())
	box.Refuse(1)
	if resp := s.JSON(http.MethodPost, "/password-recovery", "", `{"email": "johndoe@example.com"}`); resp.Status != http.StatusAccepted {
		t.Fatal(resp.Status, resp.Body)
	}
	apitest.Eventually(t, "it was refused for now", func() bool { return box.Refused() == 1 })
	s.Stop()
	s.Exec(`UPDATE mails SET due_at = $1`, s.Clock.Now().UTC().Format("2006-01-02 15:04:05-07:00"))
	s.Exec(`INSERT INTO mails (id, kind, recipient, due_at, created_at, address, user_agent)
		SELECT 'another', kind, 'alice@example.com', due_at, created_at, address, user_agent FROM mails`)
	s.Clock.Advance(-24 * time.Hour)
	s.Restart()
	box.Wait("johndoe@example.com")
	box.Wait("alice@example.com")
}
