package store

import (
	"context"
	"strings"

	"latchkey/models"
)

// ChangePassword changes the hash of a user's password and ends the user's
// sessions, but for one if that is named. A change of the address that is
// pending is called off: a thief may have begun it. It is KindNotFound if the
// user is gone, or the hash is not From any more.
func (s *Store) ChangePassword(ctx context.Context, userID string, n models.NewPassword, t models.Trail) error {
	return s.inTx(ctx, func(tx *transaction) error {
		result, err := tx.ExecContext(ctx, `
			UPDATE users SET hashed_password = $1, password_changed_at = $2, updated_at = $2, pending_email = NULL
			WHERE id = $3 AND hashed_password = $4`, n.To, s.now(), userID, n.From)
		if err := notFoundWhenNone(result, err, "User"); err != nil {
			return err
		}
		if err := endRecovery(ctx, tx, userID); err != nil {
			return err
		}
		if err := deleteSessions(ctx, tx, userID, n.KeepSession); err != nil {
			return err
		}
		return s.leaveTrail(ctx, tx, t)
	})
}

// endRecovery makes links in mails that were sent before worthless.
func endRecovery(ctx context.Context, tx *transaction, userID string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM mail_tokens WHERE user_id = $1 AND purpose = $2`,
		userID, string(models.MailResetPassword))
	return check(err, "")
}

// ResetPassword changes the hash of the password of the user whom a token of
// that hash was sent to, once, and ends all of the user's sessions and a change
// of the address. It is KindNotFound if there is no such token, or the user has
// another address by now. That the token arrived verifies the address.
func (s *Store) ResetPassword(ctx context.Context, tokenHash, hash string, t models.Trail) error {
	return s.inTx(ctx, func(tx *transaction) error {
		userID, email, err := s.useMailToken(ctx, tx, tokenHash, models.MailResetPassword)
		if err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `
			UPDATE users SET hashed_password = $1, password_changed_at = $2, updated_at = $2, pending_email = NULL,
				email_verified_at = COALESCE(email_verified_at, $2)
			WHERE id = $3 AND email = $4`, hash, s.now(), userID, email)
		if err := notFoundWhenNone(result, err, "User"); err != nil {
			return err
		}
		if err := endRecovery(ctx, tx, userID); err != nil {
			return err
		}
		if err := deleteSessions(ctx, tx, userID, ""); err != nil {
			return err
		}
		return s.leaveTrail(ctx, tx, t)
	})
}

// VerifyEmail makes the address that a token of that hash was sent to its
// user's, verified, once. It is KindNotFound if there is no such token or the
// user wants another address by now, and KindConflict if it is another user's.
func (s *Store) VerifyEmail(ctx context.Context, tokenHash string, t models.Trail) error {
	return s.inTx(ctx, func(tx *transaction) error {
		userID, email, err := s.useMailToken(ctx, tx, tokenHash, models.MailVerifyEmail)
		if err != nil {
			return err
		}
		user, err := scanUser(tx.QueryRowContext(ctx, `
			UPDATE users SET email = $1, email_verified_at = $2, updated_at = $2,
				pending_email = CASE WHEN pending_email = $1 THEN NULL ELSE pending_email END
			WHERE id = $3 AND (email = $1 OR pending_email = $1) RETURNING `+userColumns, email, s.now(), userID))
		if err != nil {
			return err
		}
		return s.leaveTrail(ctx, tx, t.About(user))
	})
}

// ChangeUser asks change what becomes of a user, and does it, in one
// transaction: nobody else can change the user in between. What change returns
// as the user is written, but for what identifies the user. With keepAdmin it
// is KindConflict if that leaves nobody who can administer the others.
func (s *Store) ChangeUser(ctx context.Context, username string, keepAdmin bool,
	change func(models.User) (models.User, models.Trail, error),
) (models.User, error) {
	var after models.User
	err := s.inTx(ctx, func(tx *transaction) error {
		before, err := s.lockUser(ctx, tx, username)
		if err != nil {
			return err
		}
		wanted, trail, err := change(before)
		if err != nil {
			return err
		}
		if after, err = s.updateUser(ctx, tx, before.ID, wanted); err != nil {
			return err
		}
		if keepAdmin && before.Administrator() && !after.Administrator() {
			if err := keepAdministrator(ctx, tx); err != nil {
				return err
			}
		}
		return s.leaveTrail(ctx, tx, trail.About(after))
	})
	return after, err
}

// lockUser reads a user whom nobody else can change until the transaction ends.
func (s *Store) lockUser(ctx context.Context, tx *transaction, username string) (models.User, error) {
	program, database := folded(username)
	return scanUser(tx.QueryRowContext(ctx, `
		UPDATE users SET updated_at = $3 WHERE id = (
			SELECT id FROM users WHERE `+byName+`
			ORDER BY COALESCE(folded_username, lower(username)) = $1 DESC LIMIT 1)
		RETURNING `+userColumns, program, database, s.now()))
}

// updateUser writes what may change of a user.
func (s *Store) updateUser(ctx context.Context, tx *transaction, id string, wanted models.User) (models.User, error) {
	return scanUser(tx.QueryRowContext(ctx, `
		UPDATE users SET email = $1, pending_email = $2, full_name = $3, disabled = $4, scopes = $5,
			email_verified_at = CASE WHEN $6 THEN COALESCE(email_verified_at, $7) END
		WHERE id = $8 RETURNING `+userColumns,
		wanted.Email, wanted.PendingEmail, wanted.FullName, wanted.Disabled, strings.Join(wanted.Scopes, " "),
		wanted.EmailVerified, s.now(), id))
}

// DeleteUser removes the user of that id and all that is the user's, but for
// the audit trail. With keepAdmin it is KindConflict if that leaves nobody who
// can administer the others.
func (s *Store) DeleteUser(ctx context.Context, id string, keepAdmin bool, t models.Trail) error {
	return s.inTx(ctx, func(tx *transaction) error {
		gone, err := scanUser(tx.QueryRowContext(ctx, `DELETE FROM users WHERE id = $1 RETURNING `+userColumns, id))
		if err != nil {
			return err
		}
		if keepAdmin && gone.Administrator() {
			if err := keepAdministrator(ctx, tx); err != nil {
				return err
			}
		}
		return s.leaveTrail(ctx, tx, t.About(gone))
	})
}

const hasAdministrator = `SELECT EXISTS (
	SELECT id FROM users WHERE NOT disabled AND ' ' || scopes || ' ' LIKE '% users:write %')`

// keepAdministrator is KindConflict if nobody is left who can administer the
// others. Those who remove administrators do so one after the other: hence the
// update, which changes nothing.
func keepAdministrator(ctx context.Context, tx *transaction) error {
	if _, err := tx.ExecContext(ctx, `UPDATE installation SET id = id`); err != nil {
		return check(err, "")
	}
	var some bool
	if err := tx.QueryRowContext(ctx, hasAdministrator).Scan(&some); err != nil {
		return check(err, "")
	}
	if !some {
		return models.Conflict("This is the last administrator")
	}
	return nil
}

// HasAdministrator reports whether anybody can administer the users.
func (s *Store) HasAdministrator(ctx context.Context) (bool, error) {
	var some bool
	err := s.queryRow(ctx, hasAdministrator).Scan(&some)
	return some, check(err, "")
}
