package store

import (
	"context"
	"database/sql"
	"strings"

	"golang.org/x/text/unicode/norm"

	"latchkey/internal/rules"
	"latchkey/models"
)

const userColumns = `id, username, email, email_verified_at IS NOT NULL, pending_email, full_name, disabled, scopes, created_at`

const accountColumns = userColumns + `, hashed_password, password_changed_at`

// byName finds users by folded names: that of the program, and, for users that
// somebody at a database shell added, that of the database.
const byName = `COALESCE(folded_username, lower(username)) IN ($1, $2)`

// folded are the names under which a user of that name may be kept.
func folded(username string) (program, database string) {
	return rules.FoldUsername(username), rules.LowerASCII(username)
}

// CreateUser adds a user. A username or email that is taken, in any case of
// its letters, is KindConflict.
func (s *Store) CreateUser(ctx context.Context, u models.NewUser, t models.Trail) (models.User, error) {
	var user models.User
	err := s.inTx(ctx, func(tx *transaction) (err error) {
		if user, err = s.insertUser(ctx, tx, u); err != nil {
			return err
		}
		return s.leaveTrail(ctx, tx, t.About(user))
	})
	return user, err
}

func (s *Store) insertUser(ctx context.Context, tx *transaction, u models.NewUser) (models.User, error) {
	if u.Scopes == nil {
		u.Scopes = models.DefaultScopes()
	}
	now := s.now()
	verifiedAt := sql.NullTime{Time: now, Valid: u.EmailVerified && u.Email != nil}
	return scanUser(tx.QueryRowContext(ctx, `
		INSERT INTO users (username, folded_username, email, email_verified_at, full_name, hashed_password, disabled,
			scopes, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING `+userColumns,
		u.Username, rules.FoldUsername(u.Username), u.Email, verifiedAt, u.FullName, u.HashedPassword, u.Disabled,
		strings.Join(u.Scopes, " "), now))
}

// Account is the user of that id, KindNotFound if there is none.
func (s *Store) Account(ctx context.Context, id string) (models.Account, error) {
	return scanAccount(s.queryRow(ctx,
		`SELECT `+accountColumns+` FROM users WHERE id = $1`, id))
}

// AccountByUsername is the user of that name, in any case of its letters,
// KindNotFound if there is none. Where somebody at a database shell has added
// a name that folds to another's, the one that the program folds comes first.
func (s *Store) AccountByUsername(ctx context.Context, username string) (models.Account, error) {
	program, database := folded(username)
	return scanAccount(s.queryRow(ctx, `
		SELECT `+accountColumns+` FROM users WHERE `+byName+`
		ORDER BY COALESCE(folded_username, lower(username)) = $1 DESC LIMIT 1`, program, database))
}

// AccountByEmail is the user of that email, in any case of its letters,
// verified or not; KindNotFound if there is none.
func (s *Store) AccountByEmail(ctx context.Context, email string) (models.Account, error) {
	return scanAccount(s.queryRow(ctx,
		`SELECT `+accountColumns+` FROM users WHERE lower(email) = $1`, rules.FoldEmail(email)))
}

// AccountByLogin is the user who logs in with that name: their username, or
// their email if it is verified. KindNotFound if there is none.
func (s *Store) AccountByLogin(ctx context.Context, name string) (models.Account, error) {
	program, database := folded(name)
	return scanAccount(s.queryRow(ctx, `
		SELECT `+accountColumns+` FROM users WHERE id = (
			SELECT id FROM (
				SELECT id, 1 AS rank FROM users WHERE COALESCE(folded_username, lower(username)) = $1
				UNION ALL SELECT id, 2 FROM users WHERE COALESCE(folded_username, lower(username)) = $2
				UNION ALL SELECT id, 3 FROM users WHERE lower(email) = $2 AND email_verified_at IS NOT NULL
			) AS found ORDER BY rank LIMIT 1)`, program, database))
}

// Users is a page of the users, in the order of their folded names. It searches
// in all of them, from the first that is asked for on. Full names are searched
// for as lower() makes them, which beyond ASCII depends on the engine.
func (s *Store) Users(ctx context.Context, q models.UserQuery) (models.UserPage, error) {
	type row struct {
		models.User
		folded string
	}
	scan := func(from scanner) (r row, err error) {
		r.User, err = scanUser(from, &r.folded)
		return r, err
	}
	search := norm.NFC.String(q.Search) // as full names are kept
	order := `COALESCE(folded_username, lower(username))`
	if search != "" { // the name decides alone, but this has SQLite search in an index that has all three
		order += `, lower(email), lower(full_name)`
	}
	rows, err := queryAll(ctx, s, scan, `
		SELECT `+userColumns+`, COALESCE(folded_username, lower(username)) FROM users
		WHERE COALESCE(folded_username, lower(username)) > $1 AND ($2 = '' OR
			COALESCE(folded_username, lower(username)) LIKE $3 ESCAPE '\'
			OR lower(email) LIKE $4 ESCAPE '\'
			OR lower(full_name) LIKE $4 ESCAPE '\' OR lower(full_name) LIKE $5 ESCAPE '\')
		ORDER BY `+order+` LIMIT $6`,
		q.After, q.Search, containing(rules.FoldUsername(q.Search)),
		containing(rules.LowerASCII(search)), containing(strings.ToLower(search)), q.Limit+1)
	if err != nil {
		return models.UserPage{}, err
	}
	page := models.NewPageByName(rows, q.Limit, func(r row) string { return r.folded })
	users := make([]models.User, len(page.Data))
	for i, r := range page.Data {
		users[i] = r.User
	}
	return models.UserPage{Data: users, Next: page.Next}, nil
}

// containing is a LIKE pattern of what contains the text.
func containing(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}

// RenewHash replaces one hash of a password by a stronger one of the same
// password. It does nothing if the password was changed in the meantime.
func (s *Store) RenewHash(ctx context.Context, id, from, to string) error {
	_, err := s.exec(ctx,
		`UPDATE users SET hashed_password = $1 WHERE id = $2 AND hashed_password = $3`, to, id, from)
	return check(err, "User")
}

// scanUser reads the columns of a user, and whatever follows them into more.
func scanUser(row scanner, more ...any) (models.User, error) {
	var u models.User
	var scopes string
	err := row.Scan(append([]any{
		&u.ID, &u.Username, &u.Email, &u.EmailVerified, &u.PendingEmail, &u.FullName, &u.Disabled, &scopes, &u.CreatedAt,
	}, more...)...)
	u.Scopes, u.CreatedAt = splitScopes(scopes), u.CreatedAt.UTC()
	return u, check(err, "User")
}

func scanAccount(row scanner) (a models.Account, err error) {
	a.User, err = scanUser(row, &a.HashedPassword, &a.PasswordChangedAt)
	return a, err
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
