package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"latchkey/models"
)

// retryAfter is when a client may ask again while the database is away.
const retryAfter = 5 * time.Second

// check turns a driver's error into one of the domain; what names the thing
// that was looked for. A context's error stays as it is.
func check(err error, what string) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return models.NotFound(what + " not found")
	}
	e, _ := errors.AsType[*sqlite.Error](err)
	switch {
	case e == nil:
	case e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE:
		return models.Conflict("The " + takenColumn(e) + " is taken")
	case e.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: // the owner was deleted in the meantime
		return models.NotFound("User not found")
	}
	return models.Unavailable("The database is not available", retryAfter, err)
}

// takenColumn is the column of users whose index refused a duplicate. The
// indexes are on expressions, so SQLite names them and not the column.
func takenColumn(e *sqlite.Error) string {
	if strings.Contains(e.Error(), "users_email") {
		return "email"
	}
	return "username"
}
