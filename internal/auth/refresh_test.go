package auth_test

import (
	"context"
	"testing"
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/store"
	"latchkey/models"
)

// loggedOut is a store in which the user logs out just before a refresh token
// is exchanged.
type loggedOut struct {
	*store.Store
	userID string
}

func (l *loggedOut) Rotate(ctx context.Context, from, to string, window time.Duration, t models.Trail) (bool, error) {
	if err := l.EndOtherSessions(ctx, l.userID, "", models.Trail{}); err != nil {
		return false, err
	}
	return l.Store.Rotate(ctx, from, to, window, t)
}

func TestLogoutDuringARefreshIsNoReuse(t *testing.T) {
	l := new(loggedOut)
	h := newHouse(t, options{users: func(s *store.Store) auth.Store { l.Store = s; return l }})
	l.userID = h.addUser(t, "joe", "secret").ID
	pair := h.token(t, login("joe", "secret"))
	e := h.refused(t, models.OAuth2PasswordRequestForm{GrantType: models.GrantRefreshToken, RefreshToken: pair.RefreshToken})
	if e.OAuth != models.OAuthInvalidGrant {
		t.Errorf("%+v", e)
	}
	if h.log.Len() > 0 {
		t.Errorf("the log accuses somebody: %s", h.log)
	}
}
