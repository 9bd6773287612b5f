package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"latchkey/models"
)

const eventColumns = `id, at, kind, user_id, username, actor_id, actor, session_id, client_id, address, user_agent, detail`

// Record adds an event that comes with no change.
func (s *Store) Record(ctx context.Context, e models.NewEvent) error {
	return s.inTx(ctx, func(tx *transaction) error { return s.insertEvent(ctx, tx, e) })
}

// leaveTrail writes what a change leaves behind.
func (s *Store) leaveTrail(ctx context.Context, tx *transaction, t models.Trail) error {
	var errs []error
	for _, e := range t.Events {
		errs = append(errs, s.insertEvent(ctx, tx, e))
	}
	for _, m := range t.Mails {
		errs = append(errs, s.insertMail(ctx, tx, m))
	}
	return errors.Join(errs...)
}

func (s *Store) insertEvent(ctx context.Context, tx *transaction, e models.NewEvent) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO events (`+eventColumns+`) VALUES ($1, $2, $3, NULLIF($4, ''),
			COALESCE(NULLIF($5, ''), (SELECT username FROM users WHERE id = $4)), NULLIF($6, ''),
			NULLIF($7, ''), NULLIF($8, ''), NULLIF($9, ''), $10, $11, NULLIF($12, ''))`,
		id.String(), s.now(), string(e.Kind), e.UserID, storable(e.Username), e.ActorID, e.Actor,
		e.SessionID, e.Client, e.Origin.Address, storable(e.Origin.UserAgent), storable(e.Detail))
	return check(err, "")
}

// Events is a page of the audit trail, the newest first. A user who is there is
// found by every spelling of the name; of one who is gone, lower() knows the case.
func (s *Store) Events(ctx context.Context, q models.EventQuery) (models.EventPage, error) {
	before := q.After
	if before == "" {
		before = uuid.Max.String()
	}
	where, args := `id < $1`, []any{before, q.Limit + 1}
	if q.Username != "" {
		program, database := folded(q.Username)
		args = append(args, database, program)
		where += fmt.Sprintf(` AND (lower(username) = $%d OR user_id = (
			SELECT id FROM users WHERE COALESCE(folded_username, lower(username)) = $%d))`, len(args)-1, len(args))
	}
	if q.Kind != "" {
		args = append(args, string(q.Kind))
		where += fmt.Sprintf(` AND kind = $%d`, len(args))
	}
	events, err := queryAll(ctx, s, scanEvent,
		`SELECT `+eventColumns+` FROM events WHERE `+where+` ORDER BY id DESC LIMIT $2`, args...)
	if err != nil {
		return models.EventPage{}, err
	}
	return models.NewPage(events, q.Limit, func(e models.Event) string { return e.ID }), nil
}

// LoginAddresses are those from which a user has logged in, or reset the
// password by a mail, as far as the audit trail goes back; a thousand at most.
func (s *Store) LoginAddresses(ctx context.Context, userID string) ([]string, error) {
	scan := func(row scanner) (address string, err error) {
		err = row.Scan(&address)
		return address, check(err, "")
	}
	return queryAll(ctx, s, scan, `
		SELECT DISTINCT address FROM events WHERE user_id = $1 AND kind IN ('login', 'password_reset')
		LIMIT 1000`, userID) // the kinds in the words of the index
}

func scanEvent(row scanner) (models.Event, error) {
	var e models.Event
	err := row.Scan(&e.ID, &e.At, &e.Kind, &e.UserID, &e.Username, &e.ActorID, &e.Actor,
		&e.SessionID, &e.ClientID, &e.Address, &e.UserAgent, &e.Detail)
	e.At = e.At.UTC()
	return e, check(err, "Event")
}
