package models

import (
	"errors"
	"time"
)

// Kind says what went wrong in the terms of the domain. The zero value is an
// error nobody foresaw. internal/respond gives each its HTTP status.
type Kind int

// The kinds of error, from the unforeseen to a dependency that is away.
const (
	KindInternal Kind = iota
	KindBadRequest
	KindInvalid // a body, query or path that does not validate; see Error.Fields
	KindUnauthenticated
	KindForbidden
	KindNotFound
	KindMethodNotAllowed
	KindConflict
	KindTooLarge
	KindTooManyRequests
	KindUnavailable
)

// Error codes of RFC 6749 §5.2, and the two of §4.1.2.1 that say the fault is
// the server's.
const (
	OAuthInvalidRequest         = "invalid_request"
	OAuthInvalidClient          = "invalid_client"
	OAuthInvalidGrant           = "invalid_grant"
	OAuthUnauthorizedClient     = "unauthorized_client"
	OAuthUnsupportedGrantType   = "unsupported_grant_type"
	OAuthInvalidScope           = "invalid_scope"
	OAuthServerError            = "server_error"
	OAuthTemporarilyUnavailable = "temporarily_unavailable"
)

// Error codes of RFC 6750 §3.1.
const (
	OAuthInvalidToken      = "invalid_token"
	OAuthInsufficientScope = "insufficient_scope"
)

// Error is the one error that crosses the rooms. Everything but Cause may be
// sent to the client; Cause is logged and never sent.
type Error struct {
	Kind   Kind
	Detail string // a sentence for a person, without internals
	OAuth  string // the RFC 6749 §5.2 code, on OAuth endpoints
	Fields []FieldError
	// Challenge is the WWW-Authenticate header (RFC 9110 §11.6.1), where there is one.
	Challenge string
	// RetryAfter, rounded up to whole seconds, becomes the Retry-After header.
	RetryAfter time.Duration
	Cause      error
}

// FieldError is one fault of a body, query or path, in FastAPI's shape.
type FieldError struct {
	// Type is Pydantic's name of the fault, such as missing or string_too_long.
	Type string `json:"type" validate:"required" example:"missing"`
	// Loc leads to the fault: body, query or path, then names and indexes.
	Loc []any `json:"loc" validate:"required" swaggertype:"array,string" example:"body,title"`
	// Msg says what is wrong, for a person.
	Msg string `json:"msg" validate:"required" example:"Field required"`
}

// Error implements error, for logs: it has the cause, so it is not for clients.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Detail + ": " + e.Cause.Error()
	}
	return e.Detail
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

// KindOf is the kind of the first Error in err's chain, else KindInternal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return KindInternal
}

// NotFound says that there is no such thing, or none that the caller may see.
func NotFound(detail string) *Error {
	return &Error{Kind: KindNotFound, Detail: detail}
}

// Conflict says that the change collides with what is there.
func Conflict(detail string) *Error {
	return &Error{Kind: KindConflict, Detail: detail}
}

// Invalid carries every fault of an input that does not validate.
func Invalid(fields ...FieldError) *Error {
	return &Error{Kind: KindInvalid, Detail: "Unprocessable Content", Fields: fields}
}

// BadRequest refuses a request to an OAuth endpoint with a code of RFC 6749 §5.2.
func BadRequest(code, detail string) *Error {
	return &Error{Kind: KindBadRequest, OAuth: code, Detail: detail}
}

// Unavailable says that something the service needs is away, and when asking
// again may help.
func Unavailable(detail string, retryAfter time.Duration, cause error) *Error {
	return &Error{
		Kind: KindUnavailable, Detail: detail, OAuth: OAuthTemporarilyUnavailable,
		RetryAfter: retryAfter, Cause: cause,
	}
}

// TooManyRequests refuses what was tried too often, until it may be tried again
// (RFC 6585 §4).
func TooManyRequests(retryAfter time.Duration) *Error {
	return &Error{
		Kind: KindTooManyRequests, OAuth: OAuthTemporarilyUnavailable,
		Detail: "Too many attempts, try again later", RetryAfter: retryAfter,
	}
}

// TooLarge refuses a body over the limit.
func TooLarge() *Error {
	return &Error{Kind: KindTooLarge, OAuth: OAuthInvalidRequest, Detail: "Request body too large"}
}
