package store

import (
	"context"
	"strings"

	"latchkey/models"
)

const userColumns = `id, username, email, full_name, disabled, scopes, created_at`

const accountColumns = userColumns + `, hashed_password, password_changed_at`

// CreateUser adds a user. A username or email that is taken, in any case of
// its letters, is KindConflict.
func (s *Store) CreateUser(ctx context.Context, u models.NewUser) (models.User, error) {
	var id string
	err := s.inTx(ctx, func(tx *transaction) (err error) {
		id, err = s.insertUser(ctx, tx, u)
		return err
	})
	if err != nil {
		return models.User{}, err
	}
	account, err := s.Account(ctx, id)
	return account.User, err
}

func (s *Store) insertUser(ctx context.Context, tx *transaction, u models.NewUser) (id string, err error) {
	if u.Scopes == nil {
		u.Scopes = models.DefaultScopes()
	}
	now := s.now()
	err = tx.QueryRowContext(ctx, `
		INSERT INTO users (username, email, full_name, hashed_password, disabled, scopes, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id`,
		u.Username, u.Email, u.FullName, u.HashedPassword, u.Disabled, strings.Join(u.Scopes, " "), now,
	).Scan(&id)
	return id, check(err, "User")
}

// Account is the user of that id, KindNotFound if there is none.
func (s *Store) Account(ctx context.Context, id string) (models.Account, error) {
	return scanAccount(s.queryRow(ctx,
		`SELECT `+accountColumns+` FROM users WHERE id = $1`, id))
}

// AccountByUsername is the user of that name, in any case of its letters,
// KindNotFound if there is none.
func (s *Store) AccountByUsername(ctx context.Context, username string) (models.Account, error) {
	return scanAccount(s.queryRow(ctx,
		`SELECT `+accountColumns+` FROM users WHERE lower(username) = lower($1)`, username))
}

// Users are all users in the order of their names.
func (s *Store) Users(ctx context.Context) ([]models.User, error) {
	return queryAll(ctx, s, scanUser, `SELECT `+userColumns+` FROM users ORDER BY lower(username)`)
}

// SetDisabled disables or enables the user of that name.
func (s *Store) SetDisabled(ctx context.Context, username string, disabled bool) error {
	result, err := s.exec(ctx,
		`UPDATE users SET disabled = $1, updated_at = $2 WHERE lower(username) = lower($3)`,
		disabled, s.now(), username)
	return notFoundWhenNone(result, err, "User")
}

// SetScopes says what the user of that name may be granted. Tokens that
// grant more open no more than this from now on.
func (s *Store) SetScopes(ctx context.Context, username string, scopes []string) error {
	result, err := s.exec(ctx,
		`UPDATE users SET scopes = $1, updated_at = $2 WHERE lower(username) = lower($3)`,
		strings.Join(scopes, " "), s.now(), username)
	return notFoundWhenNone(result, err, "User")
}

// SetPassword changes the hash of the user of that name and ends all of the
// user's sessions.
func (s *Store) SetPassword(ctx context.Context, username, hash string) error {
	return s.inTx(ctx, func(tx *transaction) error {
		var id string
		err := tx.QueryRowContext(ctx, `
			UPDATE users SET hashed_password = $1, password_changed_at = $2, updated_at = $2
			WHERE lower(username) = lower($3) RETURNING id`, hash, s.now(), username).Scan(&id)
		if err != nil {
			return check(err, "User")
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1`, id)
		return check(err, "")
	})
}

// RenewHash replaces one hash of a password by a stronger one of the same
// password. It does nothing if the password was changed in the meantime.
func (s *Store) RenewHash(ctx context.Context, id, from, to string) error {
	_, err := s.exec(ctx,
		`UPDATE users SET hashed_password = $1 WHERE id = $2 AND hashed_password = $3`, to, id, from)
	return check(err, "User")
}

// DeleteUser removes the user of that name and all that is the user's.
func (s *Store) DeleteUser(ctx context.Context, username string) error {
	result, err := s.exec(ctx, `DELETE FROM users WHERE lower(username) = lower($1)`, username)
	return notFoundWhenNone(result, err, "User")
}

func scanUser(row scanner) (models.User, error) {
	var u models.User
	var scopes string
	err := row.Scan(&u.ID, &u.Username, &u.Email, &u.FullName, &u.Disabled, &scopes, &u.CreatedAt)
	u.Scopes, u.CreatedAt = splitScopes(scopes), u.CreatedAt.UTC()
	return u, check(err, "User")
}

func scanAccount(row scanner) (models.Account, error) {
	var a models.Account
	var scopes string
	err := row.Scan(&a.ID, &a.Username, &a.Email, &a.FullName, &a.Disabled, &scopes, &a.CreatedAt,
		&a.HashedPassword, &a.PasswordChangedAt)
	a.Scopes, a.CreatedAt = splitScopes(scopes), a.CreatedAt.UTC()
	return a, check(err, "User")
}

// splitScopes is never nil: in JSON a user without scopes has [].
func splitScopes(scopes string) []string {
	return append([]string{}, models.SplitScope(scopes)...)
}

// HasUsers reports whether there is any user.
func (s *Store) HasUsers(ctx context.Context) (bool, error) {
	var some bool
	err := s.queryRow(ctx, `SELECT EXISTS (SELECT id FROM users)`).Scan(&some)
	return some, check(err, "")
}
