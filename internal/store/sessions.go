package store

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"latchkey/models"
)

// CreateSession begins a session with its first refresh token, if the hash of
// the user's password still is the one it was verified by; else the user is
// KindNotFound.
func (s *Store) CreateSession(ctx context.Context, n models.NewSession) (id string, err error) {
	newID, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	now := s.now()
	err = s.inTx(ctx, func(tx *transaction) error {
		result, err := tx.ExecContext(ctx, `
			INSERT INTO sessions (id, user_id, client_id, scopes, user_agent, address, created_at, last_used_at, expires_at)
			SELECT $1, id, $3, $4, $5, $6, $7, $7, $8 FROM users WHERE id = $2 AND hashed_password = $9`+s.dialect.keepUnchanged,
			newID.String(), n.UserID, n.ClientID, strings.Join(n.Scopes, " "),
			storable(n.Origin.UserAgent), n.Origin.Address, now, n.ExpiresAt, n.HashedPassword)
		if err := notFoundWhenNone(result, err, "User"); err != nil {
			return err
		}
		if err := insertRefreshToken(ctx, tx, newID.String(), n.RefreshHash); err != nil {
			return err
		}
		return s.insertEvent(ctx, tx, models.NewEvent{
			Kind: models.EventLogin, UserID: n.UserID, Username: n.Username, ActorID: n.UserID, Actor: n.Username,
			SessionID: newID.String(), Client: n.ClientID, Origin: n.Origin, Detail: strings.Join(n.Scopes, " "),
		})
	})
	return newID.String(), err
}

func insertRefreshToken(ctx context.Context, tx *transaction, sessionID, hash string) error {
	_, err := tx.ExecContext(ctx,
		`INSERT INTO refresh_tokens (hash, session_id) VALUES ($1, $2)`, hash, sessionID)
	return check(err, "Session")
}

// RefreshGrant is what the refresh token of that hash stands for, used or
// not; KindNotFound if there is none, or its session has expired.
func (s *Store) RefreshGrant(ctx context.Context, hash string) (models.RefreshGrant, error) {
	var g models.RefreshGrant
	var userID, scopes string
	err := s.queryRow(ctx, `
		SELECT s.id, s.client_id, s.scopes, s.expires_at, s.user_id, t.used_at IS NOT NULL
		FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
		WHERE t.hash = $1 AND s.expires_at > $2`, hash, s.now(),
	).Scan(&g.SessionID, &g.ClientID, &scopes, &g.ExpiresAt, &userID, &g.Used)
	if err != nil {
		return models.RefreshGrant{}, check(err, "Session")
	}
	g.Scopes = splitScopes(scopes)
	g.Account, err = s.Account(ctx, userID)
	return g, err
}

// Rotate exchanges a refresh token for its successor, both given as hashes.
// One that was used before is exchanged again if that was within the window;
// else rotated is false: it is reused, or its session is gone. With a window
// of zero exactly one of many callers rotates it, whatever their clocks say. A
// clock that was set back does not make the window longer.
//
// The session comes first, as it does for whoever ends it: two who take the
// same rows in another order would wait for each other.
func (s *Store) Rotate(ctx context.Context, from, to string, window time.Duration, t models.Trail) (rotated bool, err error) {
	now := s.now()
	err = s.inTx(ctx, func(tx *transaction) error {
		var sessionID string
		err := tx.QueryRowContext(ctx, `
			UPDATE sessions SET last_used_at = $1
			WHERE id = (SELECT session_id FROM refresh_tokens WHERE hash = $2) RETURNING id`, now, from).Scan(&sessionID)
		if err != nil {
			return check(err, "Session")
		}
		result, err := tx.ExecContext(ctx, `
			UPDATE refresh_tokens SET used_at = COALESCE(used_at, $1)
			WHERE hash = $2 AND (used_at IS NULL OR $3 AND used_at > $4 AND used_at < $5)`,
			now, from, window > 0, now.Add(-window), now.Add(window))
		if err := notFoundWhenNone(result, err, "Refresh token"); err != nil {
			return err
		}
		if err := insertRefreshToken(ctx, tx, sessionID, to); err != nil {
			return err
		}
		return s.leaveTrail(ctx, tx, t)
	})
	if models.KindOf(err) == models.KindNotFound {
		return false, nil
	}
	return err == nil, err
}

// Sessions is a page of the user's sessions that have not expired, the newest first.
func (s *Store) Sessions(ctx context.Context, userID string, q models.PageQuery) (models.SessionPage, error) {
	before := q.After
	if before == "" {
		before = uuid.Max.String()
	}
	sessions, err := queryAll(ctx, s, scanSession, `
		SELECT id, created_at, last_used_at, expires_at, user_agent, address, client_id
		FROM sessions WHERE user_id = $1 AND expires_at > $2 AND id < $3
		ORDER BY id DESC LIMIT $4`, userID, s.now(), before, q.Limit+1)
	if err != nil {
		return models.SessionPage{}, err
	}
	return models.NewPage(sessions, q.Limit, func(v models.Session) string { return v.ID }), nil
}

func scanSession(row scanner) (models.Session, error) {
	var v models.Session
	err := row.Scan(&v.ID, &v.CreatedAt, &v.LastUsedAt, &v.ExpiresAt, &v.UserAgent, &v.Address, &v.ClientID)
	v.CreatedAt, v.LastUsedAt, v.ExpiresAt = v.CreatedAt.UTC(), v.LastUsedAt.UTC(), v.ExpiresAt.UTC()
	return v, check(err, "Session")
}

// EndSession ends that session of the user's. One of somebody else's is
// KindNotFound, as one that is not there.
func (s *Store) EndSession(ctx context.Context, userID, id string, t models.Trail) error {
	return s.inTx(ctx, func(tx *transaction) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE id = $1 AND user_id = $2`, id, userID)
		if err := notFoundWhenNone(result, err, "Session"); err != nil {
			return err
		}
		return s.leaveTrail(ctx, tx, t)
	})
}

// EndOtherSessions ends all sessions of the user's but that one.
func (s *Store) EndOtherSessions(ctx context.Context, userID, id string, t models.Trail) error {
	return s.inTx(ctx, func(tx *transaction) error {
		if err := deleteSessions(ctx, tx, userID, id); err != nil {
			return err
		}
		return s.leaveTrail(ctx, tx, t)
	})
}

// deleteSessions ends all sessions of the user's but that one, which may be none.
func deleteSessions(ctx context.Context, tx *transaction, userID, except string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id <> $2`, userID, except)
	return check(err, "")
}

// RevokeToken ends an access token, by its jti, before it expires. It does
// nothing more for one that was revoked already.
func (s *Store) RevokeToken(ctx context.Context, id string, expires time.Time, t models.Trail) error {
	return s.inTx(ctx, func(tx *transaction) error {
		result, err := tx.ExecContext(ctx,
			`INSERT INTO revoked_tokens (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, id, expires)
		err = notFoundWhenNone(result, err, "Token")
		if models.KindOf(err) == models.KindNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		return s.leaveTrail(ctx, tx, t)
	})
}

// Caller is the user whom an access token of that session stands for, given
// the token's jti; KindNotFound if the session is over or the token revoked.
func (s *Store) Caller(ctx context.Context, sessionID, tokenID string) (models.User, error) {
	return scanUser(s.queryRow(ctx, `
		SELECT `+userColumns+` FROM users
		WHERE id = (SELECT user_id FROM sessions WHERE id = $1 AND expires_at > $2)
		AND NOT EXISTS (SELECT id FROM revoked_tokens WHERE id = $3)`,
		sessionID, s.now(), tokenID))
}

// TokenRevoked reports whether the access token of that jti was revoked.
func (s *Store) TokenRevoked(ctx context.Context, id string) (bool, error) {
	var revoked bool
	err := s.queryRow(ctx, `SELECT EXISTS (SELECT id FROM revoked_tokens WHERE id = $1)`, id).Scan(&revoked)
	return revoked, check(err, "")
}
