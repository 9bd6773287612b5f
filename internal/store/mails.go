package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"latchkey/models"
)

// EnqueueMail puts a mail into the queue.
func (s *Store) EnqueueMail(ctx context.Context, m models.NewMail) error {
	return s.inTx(ctx, func(tx *transaction) error { return s.insertMail(ctx, tx, m) })
}

func (s *Store) insertMail(ctx context.Context, tx *transaction, m models.NewMail) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO mails (id, kind, recipient, user_id, due_at, created_at, address, user_agent)
		VALUES ($1, $2, $3, NULLIF($4, ''), $5, $5, $6, $7)`,
		id.String(), string(m.Kind), m.To, m.UserID, s.now(), m.Origin.Address, storable(m.Origin.UserAgent))
	return check(err, "User")
}

// isDue is a condition on the time. What nobody has taken yet is due, and so is
// what nobody would have put off until then: the clock was set back.
const isDue = `(due_at <= $1 OR attempts = 0 OR due_at > $2)`

// longestPause is more than any time for which a mail is put off.
const longestPause = 2 * time.Hour

// ClaimMail takes the mail that has been due longest, for that long: then
// another may take it. It is KindNotFound if none is due.
func (s *Store) ClaimMail(ctx context.Context, lease time.Duration) (models.Mail, error) {
	now := s.now()
	due, err := s.mailIsDue(ctx, now)
	if err != nil {
		return models.Mail{}, err
	}
	if !due { // as nearly always: that needs no writing
		return models.Mail{}, models.NotFound("Mail not found")
	}
	var m models.Mail
	err = s.inTx(ctx, func(tx *transaction) (err error) {
		m, err = scanMail(tx.QueryRowContext(ctx, `
			UPDATE mails SET due_at = $3, attempts = attempts + 1
			WHERE `+isDue+` AND id = (SELECT id FROM mails WHERE `+isDue+` ORDER BY due_at, id LIMIT 1`+s.dialect.skipTaken+`)
			RETURNING id, kind, recipient, COALESCE(user_id, ''), attempts, created_at, address, user_agent`,
			now, now.Add(longestPause), now.Add(lease)))
		return err
	})
	return m, err
}

func (s *Store) mailIsDue(ctx context.Context, now time.Time) (due bool, err error) {
	err = s.queryRow(ctx, `SELECT EXISTS (SELECT id FROM mails WHERE `+isDue+`)`, now, now.Add(longestPause)).Scan(&due)
	return due, check(err, "")
}

func scanMail(row scanner) (models.Mail, error) {
	var m models.Mail
	err := row.Scan(&m.ID, &m.Kind, &m.To, &m.UserID, &m.Attempt, &m.CreatedAt, &m.Origin.Address, &m.Origin.UserAgent)
	m.CreatedAt = m.CreatedAt.UTC()
	return m, check(err, "Mail")
}

// KeepMail extends the claim on a mail. It is KindNotFound if the mail is
// another's by now.
func (s *Store) KeepMail(ctx context.Context, m models.Mail, lease time.Duration) error {
	result, err := s.exec(ctx, `UPDATE mails SET due_at = $1 WHERE id = $2 AND attempts = $3`,
		s.now().Add(lease), m.ID, m.Attempt)
	return notFoundWhenNone(result, err, "Mail")
}

// RetryMail gives a claimed mail back, to be tried again after that time.
func (s *Store) RetryMail(ctx context.Context, m models.Mail, after time.Duration) error {
	return s.KeepMail(ctx, m, after)
}

// RemoveMail takes a mail out that was sent, or never will be.
func (s *Store) RemoveMail(ctx context.Context, m models.Mail) error {
	_, err := s.exec(ctx, `DELETE FROM mails WHERE id = $1 AND attempts = $2`, m.ID, m.Attempt)
	return check(err, "Mail")
}

// CreateMailToken keeps what the token in a mail's link stands for, and leaves
// the trail. It is KindNotFound if the user is gone.
func (s *Store) CreateMailToken(ctx context.Context, token models.MailToken, t models.Trail) error {
	return s.inTx(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO mail_tokens (hash, user_id, purpose, email, expires_at) VALUES ($1, $2, $3, $4, $5)`,
			token.Hash, token.UserID, string(token.Purpose), token.Email, token.ExpiresAt)
		if err != nil {
			return check(err, "User")
		}
		return s.leaveTrail(ctx, tx, t)
	})
}

// AccountByMailToken is the account that a token of that hash was mailed to;
// KindNotFound if there is none that has not expired.
func (s *Store) AccountByMailToken(ctx context.Context, hash string, purpose models.MailKind) (models.Account, error) {
	return scanAccount(s.queryRow(ctx, `
		SELECT `+accountColumns+` FROM users WHERE id = (
			SELECT user_id FROM mail_tokens WHERE hash = $1 AND purpose = $2 AND expires_at > $3)`,
		hash, string(purpose), s.now()))
}

// useMailToken takes a token out: it works once.
func (s *Store) useMailToken(ctx context.Context, tx *transaction, hash string, purpose models.MailKind) (userID, email string, err error) {
	err = tx.QueryRowContext(ctx, `
		DELETE FROM mail_tokens WHERE hash = $1 AND purpose = $2 AND expires_at > $3 RETURNING user_id, email`,
		hash, string(purpose), s.now()).Scan(&userID, &email)
	return userID, email, check(err, "Token")
}
