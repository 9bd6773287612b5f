package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"latchkey/models"
)

// retryAfter is when a client may ask again while the database is away.
const retryAfter = 5 * time.Second

// fault is what went wrong, in terms of both engines.
type fault int

const (
	unknownFault fault = iota // the database is away, locked, full, …
	taken                     // a unique index has such a row
	orphaned                  // the row that it would belong to is not there
	unstorable                // PostgreSQL takes no NUL, nothing but UTF-8, and no long keys
	raced                     // it may go well when it is tried again
)

func faultOf(err error) (f fault, column string) {
	if f, column = sqliteFault(err); f == unknownFault {
		f, column = postgresFault(err)
	}
	return f, column
}

// check turns a driver's error into one of the domain; what names the thing
// that was looked for. A context's error stays as it is.
func check(err error, what string) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return models.NotFound(what + " not found")
	}
	switch f, column := faultOf(err); f {
	case taken:
		return models.Conflict("The " + column + " is taken")
	case orphaned: // the owner was deleted in the meantime
		return models.NotFound("User not found")
	case unstorable:
		e := models.BadRequest(models.OAuthInvalidRequest, "There is text in the request that cannot be stored")
		e.Cause = err
		return e
	case unknownFault, raced:
	}
	return models.Unavailable("The database is not available", retryAfter, err)
}

// isFault reports whether that went wrong, also where check was there before.
func isFault(err error, f fault) bool {
	is, _ := faultOf(err)
	return err != nil && is == f
}
